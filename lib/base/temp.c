/* temp.c - what is to be removed, and what others left. */
#include "base/temp.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/stop.h"

enum { TRIES = 100, MOST = 64 };

/* ---- our own ------------------------------------------------------------*/

/* Changed with signals blocked. */
static struct {
    char *path;
    pid_t pid;      /* a forked child leaves its parent's files alone */
} mine[MOST];
static int nmine;

static void
remove_mine(void)
{
    while (nmine > 0)
        if (mine[--nmine].pid == getpid())
            unlink(mine[nmine].path);
}

/* All that may fail, before the file is there. */
static char *
ready(const char *path)
{
    static bool registered;

    if (nmine == MOST)
        die(RC_DATA, "more than %d files open for writing", MOST);
    if (!registered)
        stop_cleanup(remove_mine);
    registered = true;
    return xstrdup(path);
}

static void
note(char *path)
{
    mine[nmine].path = path;
    mine[nmine].pid = getpid();
    nmine++;
}

void
temp_forget(const char *path)
{
    for (int i = nmine - 1; i >= 0; i--) {
        if (strcmp(mine[i].path, path))
            continue;
        stop_mask();
        free(mine[i].path);
        mine[i] = mine[--nmine];
        stop_unmask();
        return;
    }
}

void
temp_remove(const char *path)
{
    unlink(path);
    temp_forget(path);
}

/* Is what is open the file that has this name? */
static bool
stands_at(int fd, const char *path)
{
    struct stat a, b;

    return !fstat(fd, &a) && !lstat(path, &b) && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* A file of this name, made if need be by open(2)'s `flags`, that is ours
 * until the program's end; else -1 with errno (EWOULDBLOCK: another's).  A
 * temporary (O_EXCL) does without a lock where there are none. */
static int
take(const char *path, int flags)
{
    char *copy = ready(path);
    int fd, err;
    bool ours = false;

    stop_mask();
    fd = open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
              0666);
    err = errno;
    if (fd >= 0) {
        struct stat st;

        if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size)
            err = EEXIST;
        else if (flock(fd, LOCK_EX | LOCK_NB) &&
                 (errno == EWOULDBLOCK || !(flags & O_EXCL)))
            err = errno;
        else if (!stands_at(fd, path))
            err = ESTALE;        /* just removed by who held it before */
        else
            ours = true;
    }
    if (ours)
        note(copy);
    else if (fd >= 0 && (flags & O_EXCL))
        unlink(path);            /* made here, and of no use */
    stop_unmask();
    if (ours)
        return fd;
    if (fd >= 0)
        close(fd);
    free(copy);
    errno = err;
    return -1;
}

int
temp_open(const char *name, char **part)
{
    temp_sweep(name);
    for (int i = 0; i < TRIES; i++) {
        int fd;

        *part = i == 0 ? xasprintf("%s.part.%ld", name, (long)getpid())
                : xasprintf("%s.part.%ld.%d", name, (long)getpid(), i);
        fd = take(*part, O_WRONLY | O_EXCL);
        if (fd >= 0)
            return fd;
        free(*part);
        *part = NULL;
        /* EWOULDBLOCK, ESTALE: taken for a leftover before it was locked */
        if (errno != EEXIST && errno != EWOULDBLOCK && errno != ESTALE &&
                errno != EINTR)
            break;
    }
    return -1;
}

int
temp_lock(const char *path)
{
    for (;;) {
        int fd = take(path, O_RDWR);

        if (fd >= 0)
            return fd;
        if (errno == EEXIST)
            die_at(path, 0, "in the way of a lock of that name");
        if (errno == EWOULDBLOCK)
            return -1;
        if (errno != ESTALE && errno != EINTR)
            die_at(path, 0, "cannot lock:");
    }
}
/* ---- those of others ----------------------------------------------------*/

/* What looks like a temporary in the folders asked about; each is read once,
 * since a sweep writes thousands of files into one. */
static struct folder {
    char *path;
    char **part;
    int n;
} *folders;
static int nfolders;

/* NAME.part.PID or NAME.part.PID.N: the length of NAME, else 0. */
static size_t
name_length(const char *file)
{
    const char *digits = "0123456789", *end = NULL, *s = file;

    while ((s = strstr(s, ".part.")))
        end = s++;
    if (!end || end == file)
        return 0;
    s = end + 6;
    if (!strspn(s, digits))
        return 0;
    s += strspn(s, digits);
    if (*s == '.' && strspn(s + 1, digits))
        s += 1 + strspn(s + 1, digits);
    return *s ? 0 : (size_t)(end - file);
}

static struct folder *
look_into(char *path)
{
    struct folder *f;
    struct dirent *e;
    DIR *d;

    for (int i = 0; i < nfolders; i++)
        if (!strcmp(folders[i].path, path)) {
            free(path);
            return &folders[i];
        }
    folders = xrealloc(folders, (size_t)nfolders + 1, sizeof *folders);
    f = &folders[nfolders++];
    *f = (struct folder){ .path = path };
    d = opendir(path);
    while (d && (e = readdir(d))) {
        if (!name_length(e->d_name))
            continue;
        f->part = xrealloc(f->part, (size_t)f->n + 1, sizeof *f->part);
        f->part[f->n++] = xstrdup(e->d_name);
    }
    if (d)
        closedir(d);
    return f;
}

static void
remove_if_left(const char *path)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
            !flock(fd, LOCK_EX | LOCK_NB) && stands_at(fd, path))
        unlink(path);
    close(fd);
}

void
temp_sweep(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *base = slash ? slash + 1 : name;
    size_t n = strlen(base);
    struct folder *f = look_into(slash ?
        xasprintf("%.*s", (int)(slash - name) + 1, name) : xstrdup("./"));

    for (int i = 0; i < f->n; i++) {
        char *path;

        if (name_length(f->part[i]) != n || memcmp(f->part[i], base, n))
            continue;
        path = xasprintf("%s%s", f->path, f->part[i]);
        remove_if_left(path);
        free(path);
    }
}

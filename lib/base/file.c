/* file.c - files that appear whole or not at all. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/stop.h"
#include "base/temp.h"

enum { CHUNK = 1 << 20 };

struct outfile {
    char *path;      /* the name wanted, links followed; NULL: written as is */
    char *part;      /* the name it has until then */
    char *shown;     /* for messages */
    FILE *stream;
    int fd;
    int err;         /* errno of the first write that failed */
    bool gone;       /* the pipe's reader has gone */
};

/* Write all of it; the first failure is kept, since stdio loses its errno.
 * A pipe whose reader stalls is left when a signal comes; a temporary is not:
 * it may be what is saved then. */
static ssize_t
put_bytes(void *cookie, const char *s, size_t n)
{
    struct outfile *f = cookie;
    size_t done = 0;

    while (done < n && !f->err && !f->gone) {
        ssize_t k = write(f->fd, s + done, n - done);

        if (k >= 0)
            done += (size_t)k;
        else if (errno == EPIPE)
            f->gone = true;
        else if (errno != EINTR)
            f->err = errno;
        else if (!f->part)
            stop_look();
    }
    return (ssize_t)(f->gone ? n : done);
}

/* /dev/stdout and /dev/fd/3 name what is already open, even if that is a
 * regular file: a rename would tear the name off it. */
bool
file_in_place(const char *path)
{
    struct stat st;

    if (strncmp(path, "/dev/std", 8) == 0 ||
        strncmp(path, "/dev/fd/", 8) == 0 || strncmp(path, "/proc/", 6) == 0)
        return true;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

/* Opening a FIFO waits for its other side. */
static int
open_waiting(const char *path, int flags)
{
    int fd;

    while ((fd = open(path, flags | O_CLOEXEC)) < 0 && errno == EINTR)
        stop_look();
    return fd;
}

static int
open_in_place(const char *path)
{
    int fd = open_waiting(path, O_WRONLY | O_APPEND);

    if (fd < 0)
        die_at(path, 0, "cannot write:");
    return fd;
}

/* The name behind a symbolic link, so that the link survives, also one that
 * leads to nothing yet. */
static char *
follow_links(const char *path)
{
    char *real = realpath(path, NULL), to[PATH_MAX], *next, *folder;
    ssize_t n;

    if (real)
        return real;
    if (errno != ENOENT)
        die_at(path, 0, "cannot write:");
    n = readlink(path, to, sizeof to - 1);
    if (n < 0)
        return xstrdup(path);
    to[n] = 0;
    folder = xstrdup(path);
    next = *to == '/' ? xstrdup(to) : xasprintf("%s/%s", dirname(folder), to);
    real = follow_links(next);          /* a circle has another errno */
    free(folder);
    free(next);
    return real;
}

static void
open_part(struct outfile *f)
{
    f->path = follow_links(f->shown);
    f->fd = temp_open(f->path, &f->part);
    if (f->fd < 0)
        die_at(f->shown, 0, "cannot write:");
}

struct outfile *
outfile_open(const char *path)
{
    cookie_io_functions_t io = { .write = put_bytes };
    struct outfile *f = xcalloc(1, sizeof *f);

    f->shown = xstrdup(strcmp(path, "-") == 0 ? "<stdout>" : path);
    if (strcmp(path, "-") == 0) {
        fflush(stdout);
        f->fd = STDOUT_FILENO;
    } else if (!*path) {
        die(RC_DATA, "cannot write: a file's name is empty");
    } else if (file_in_place(path)) {
        f->fd = open_in_place(path);
    } else {
        open_part(f);
    }
    f->stream = fopencookie(f, "w", io);
    if (!f->stream)
        die_at(f->shown, 0, "cannot write:");
    setvbuf(f->stream, NULL, _IOFBF, 1 << 16);
    return f;
}

FILE *
outfile_stream(struct outfile *f)
{
    return f->stream;
}

int
outfile_fd(struct outfile *f)
{
    return f->fd;
}

bool
outfile_gone(const struct outfile *f)
{
    return f->gone;
}

static void
release(struct outfile *f)
{
    free(f->path);
    free(f->part);
    free(f->shown);
    free(f);
}

/* A rename is on disk when its folder is; some file systems cannot. */
static void
sync_folder(const char *path)
{
    char *copy = xstrdup(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
    free(copy);
}

static int
sync_file(int fd)
{
    int rc;

    while ((rc = fsync(fd)) && errno == EINTR)
        ;
    return rc;
}

/* A device or FIFO that has come there meanwhile stays. */
static int
put_in_place(const struct outfile *f)
{
    struct stat st;

    if (!lstat(f->path, &st) && !S_ISREG(st.st_mode)) {
        errno = EEXIST;
        return -1;
    }
    return rename(f->part, f->path);
}

/* The name is given while the temporary is locked: without its lock it would
 * look left over. */
void
outfile_commit(struct outfile *f)
{
    bool bad = fclose(f->stream) != 0;

    if (f->gone) {
        bad = false;
    } else if (f->err) {
        errno = f->err;
        bad = true;
    } else if (f->part) {
        bad = bad || sync_file(f->fd) || put_in_place(f);
    }
    if (!bad && f->part)
        temp_forget(f->part);
    if (!bad && f->fd != STDOUT_FILENO && close(f->fd) && errno != EINTR &&
            !f->gone)
        bad = true;
    if (bad)
        die_at(f->shown, 0, "cannot write:");
    if (f->part)
        sync_folder(f->path);
    release(f);
}

void
outfile_discard(struct outfile *f)
{
    f->gone = true;       /* what is still in the buffer goes nowhere */
    fclose(f->stream);
    if (f->part)
        temp_remove(f->part);
    if (f->fd != STDOUT_FILENO)
        close(f->fd);
    release(f);
}

/* Read to the end or to max + 1 bytes. */
static char *
read_all(int fd, const char *name, size_t max, size_t *size)
{
    char *buf = NULL;
    size_t n = 0, cap = 0;

    for (;;) {
        ssize_t k;

        if (n + 1 >= cap) {
            cap = cap ? cap * 2 : CHUNK;
            cap = cap < max ? cap : max + 2;      /* one too many, and the 0 */
            buf = xrealloc(buf, cap, 1);
        }
        k = read(fd, buf + n, cap - 1 - n);
        if (k < 0 && errno == EINTR) {
            stop_look();
            continue;
        }
        if (k < 0)
            die_at(name, 0, "cannot read:");
        if (k == 0)
            break;
        n += (size_t)k;
        if (n > max)
            die_at(name, 0, "longer than the %zu bytes allowed here", max);
    }
    buf[n] = 0;
    *size = n;
    return buf;
}

int
file_open(const char *path)
{
    int fd;

    if (strcmp(path, "-") == 0)
        return STDIN_FILENO;
    fd = open_waiting(path, O_RDONLY);
    if (fd < 0)
        die_at(path, 0, "cannot open:");
    return fd;
}

char *
file_read(const char *path, size_t max, size_t *size)
{
    bool std = strcmp(path, "-") == 0;
    const char *name = std ? "<stdin>" : path;
    int fd = file_open(path);
    char *buf = read_all(fd, name, max, size);

    if (!std)
        close(fd);
    return buf;
}

void
make_folders(const char *path)
{
    char *copy = xstrdup(path);
    struct stat st;

    for (char *p = copy + 1; *copy; p++) {
        char c = *p;

        if (c && c != '/')
            continue;
        *p = 0;
        if (mkdir(copy, 0777) && errno != EEXIST)
            die_at(copy, 0, "cannot make the folder:");
        *p = c;
        if (!c)
            break;
    }
    if (*copy && (stat(copy, &st) || !S_ISDIR(st.st_mode)))
        die_at(copy, 0, "in the way of a folder of that name");
    free(copy);
}

/* file.c - files that appear whole or not at all. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/stop.h"

enum { TRIES = 100, CHUNK = 1 << 20 };

struct outfile {
    char *path;      /* the name wanted, links followed; NULL: written as is */
    char *part;      /* the name it has until then */
    char *shown;     /* for messages */
    FILE *stream;
    int fd;
    int err;         /* errno of the first write that failed */
    bool gone;       /* the pipe's reader has gone */
};

/* Write all of it; the first failure is kept, since stdio loses its errno,
 * and an interrupted call goes on. */
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
    }
    return (ssize_t)(f->gone ? n : done);
}

static void
remove_part(void *arg)
{
    const struct outfile *f = arg;

    unlink(f->part);
}

/* /dev/stdout and /dev/fd/3 name what is already open, even if that is a
 * regular file: a rename would tear the name off it. */
static bool
written_in_place(const char *path)
{
    struct stat st;

    if (strncmp(path, "/dev/std", 8) == 0 ||
        strncmp(path, "/dev/fd/", 8) == 0 || strncmp(path, "/proc/", 6) == 0)
        return true;
    return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

static int
open_in_place(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

    if (fd < 0)
        die_at(path, 0, "cannot write:");
    return fd;
}

/* The name behind a symbolic link, so that the link survives. */
static char *
follow_links(const char *path)
{
    char *real = realpath(path, NULL);

    return real ? real : xstrdup(path);
}

static void
open_part(struct outfile *f)
{
    f->path = follow_links(f->shown);
    for (int i = 0; i < TRIES; i++) {
        f->part = i == 0
            ? xasprintf("%s.part.%ld", f->path, (long)getpid())
            : xasprintf("%s.part.%ld.%d", f->path, (long)getpid(), i);
        f->fd = open(f->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (f->fd >= 0 || errno != EEXIST)
            break;
        free(f->part);
        f->part = NULL;
    }
    if (f->fd < 0)
        die_at(f->shown, 0, "cannot write:");
    at_exit_run(remove_part, f);
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
    } else if (written_in_place(path)) {
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
    if (f->part)
        at_exit_drop(remove_part, f);
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
        bad = bad || fsync(f->fd);
    }
    if (!bad && f->fd != STDOUT_FILENO && close(f->fd) && !f->gone)
        bad = true;
    if (bad)
        die_at(f->shown, 0, "cannot write:");
    if (f->part) {
        if (rename(f->part, f->path))
            die_at(f->shown, 0, "cannot write:");
        sync_folder(f->path);
    }
    release(f);
}

void
outfile_discard(struct outfile *f)
{
    f->gone = true;       /* what is still in the buffer goes nowhere */
    fclose(f->stream);
    if (f->fd != STDOUT_FILENO)
        close(f->fd);
    if (f->part)
        unlink(f->part);
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
            buf = xrealloc(buf, cap, 1);
        }
        k = read(fd, buf + n, cap - 1 - n);
        if (k < 0 && errno == EINTR) {
            if (stop_asked())
                stop_leave();
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

char *
file_read(const char *path, size_t max, size_t *size)
{
    bool std = strcmp(path, "-") == 0;
    const char *name = std ? "<stdin>" : path;
    int fd = std ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    char *buf;

    if (fd < 0)
        die_at(name, 0, "cannot open:");
    buf = read_all(fd, name, max, size);
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

int
file_lock(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);

    if (fd < 0)
        die_at(path, 0, "cannot open:");
    while (flock(fd, LOCK_EX | LOCK_NB)) {
        if (errno == EWOULDBLOCK) {
            close(fd);
            return -1;
        }
        if (errno != EINTR)
            die_at(path, 0, "cannot lock:");
    }
    return fd;
}

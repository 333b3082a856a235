/* log.c - preloaded: every write, fsync, rename and unlink of a program, a
 * line each in the file that POWER_LOG names, before it is made. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int
log_fd(void)
{
    static int fd = -1;
    const char *path = getenv("POWER_LOG");

    if (fd < 0 && path)
        fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    return fd;
}

static void
note(const char *what, const char *a, const char *b)
{
    char line[3 * PATH_MAX];
    int n = snprintf(line, sizeof line, "%s %s%s%s\n", what, a, *b ? " " : "",
                     b);

    if (log_fd() >= 0 && syscall(SYS_write, log_fd(), line, n) != n)
        _exit(99);
}

static void
note_fd(const char *what, int fd)
{
    char link[64], path[PATH_MAX] = "";
    ssize_t n;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    n = readlink(link, path, sizeof path - 1);
    if (n > 0 && *path == '/')
        note(what, path, "");
}

ssize_t
write(int fd, const void *buf, size_t n)
{
    note_fd("write", fd);
    return syscall(SYS_write, fd, buf, n);
}

int
fsync(int fd)
{
    note_fd("fsync", fd);
    return (int)syscall(SYS_fsync, fd);
}

int
rename(const char *from, const char *to)
{
    note("rename", from, to);
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
unlink(const char *path)
{
    note("unlink", path, "");
    return (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

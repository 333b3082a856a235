/*
 * child.h - run something that may end the process, and see how it ended.
 *
 *   int status = child_run(fn, arg);
 *   assert_int_equal(status, 1);
 *   assert_one_line(child_err, "cut short");
 */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char child_err[1 << 16];    /* what the last child wrote to stderr */

/* Exit status of a forked child that runs fn(arg); 1000 + signal if killed. */
static inline int
child_run(void (*fn)(void *), void *arg)
{
    int fd[2], status;
    size_t n = 0;
    ssize_t k;
    pid_t pid;

    fflush(NULL);
    if (pipe(fd) || (pid = fork()) < 0)
        return -1;
    if (pid == 0) {
        dup2(fd[1], STDERR_FILENO);
        close(fd[0]);
        close(fd[1]);
        fn(arg);
        _exit(0);
    }
    close(fd[1]);
    while (n < sizeof child_err - 1 &&
           (k = read(fd[0], child_err + n, sizeof child_err - 1 - n)) > 0)
        n += (size_t)k;
    child_err[n] = 0;
    close(fd[0]);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

/* Exactly one line that holds `part`. */
static inline void
assert_one_line(const char *text, const char *part)
{
    const char *end = strchr(text, '\n');

    if (!end || end[1] || !strstr(text, part))
        fail_msg("not one line with \"%s\": %s", part, text);
}

/* fn(arg) must end with `status` and that one line. */
#define assert_dies(fn, arg, status, part) \
    do { \
        assert_int_equal(child_run(fn, arg), status); \
        assert_one_line(child_err, part); \
    } while (0)

#endif

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/json.h"
#include "train/child.h"

struct child {
    pid_t pid;
    int requests;
    char *name;              /* for messages */
    struct batch_reader *reader;
};

extern char **environ;

/* A pipe whose ends are not inherited. */
static void
open_pipe(int fd[2])
{
    if (pipe2(fd, O_CLOEXEC))
        die(RC_DATA, "cannot make a pipe:");
}

struct child *
child_start(const char *command)
{
    struct child *c = xcalloc(1, sizeof *c);
    char *argv[] = { "sh", "-c", (char *)command, NULL };
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t defaults;
    int ask[2], answer[2], err;

    open_pipe(ask);
    open_pipe(answer);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ask[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, answer[1], STDOUT_FILENO);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
                             POSIX_SPAWN_SETSIGDEF);
    err = posix_spawn(&c->pid, "/bin/sh", &files, &attr, argv, environ);
    if (err) {
        errno = err;
        die(RC_DATA, "--source: cannot run '%s':", command);
    }
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    close(ask[0]);
    close(answer[1]);
    c->requests = ask[1];
    c->name = xasprintf("--source '%s'", command);
    c->reader = batch_reader_fd(answer[0], c->name);
    return c;
}

struct batch_reader *
child_reader(struct child *c)
{
    return c->reader;
}

void
child_ask(struct child *c, const char *split, int64_t pass, int64_t first,
          int64_t count, int batch, const json_t *set)
{
    json_t *r = json_pack("{s:s, s:I, s:I, s:I, s:i}", "split", split,
                          "pass", (json_int_t)pass, "first",
                          (json_int_t)first, "count", (json_int_t)count,
                          "batch", batch);
    char *text, *line;
    size_t n, done = 0;

    if (set && json_object_size(set) > 0)
        json_object_set(r, "set", (json_t *)set);
    text = json_text(r, false);
    line = xasprintf("%s\n", text);
    n = strlen(line);
    while (done < n) {
        ssize_t k = write(c->requests, line + done, n - done);

        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            die_at(c->name, 0, "stopped taking requests:");
        done += (size_t)k;
    }
    free(line);
    free(text);
    json_decref(r);
}

void
child_stop(struct child *c)
{
    int status;

    if (!c)
        return;
    close(c->requests);
    batch_reader_close(c->reader);
    while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
        ;
    free(c->name);
    free(c);
}

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "base/json.h"
#include "base/stop.h"
#include "train/child.h"

enum { PATIENCE = 500, GRACE = 200 /* milliseconds */, MOST = 4 };

struct child {
    pid_t pid;
    int requests;
    char *name;              /* for messages */
    struct batch_reader *reader;
};

extern char **environ;

/* Leaders of the groups under way; changed with signals blocked. */
static volatile pid_t group[MOST];

/* Has it ended, after at most so long?  It stays to be waited for, and keeps
 * its number from being given to another. */
static bool
ended(pid_t pid, int milliseconds)
{
    const struct timespec pause = { 0, 2000000 };

    for (int i = 0;; i += 2) {
        siginfo_t info = { .si_pid = 0 };

        if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) ||
                info.si_pid)
            return true;
        if (i >= milliseconds)
            return false;
        nanosleep(&pause, NULL);
    }
}

/* The command, and whatever it has started. */
static void
end_group(pid_t pid)
{
    if (!ended(pid, 0)) {
        kill(-pid, SIGTERM);
        ended(pid, GRACE);
    }
    kill(-pid, SIGKILL);
}

static void
end_groups(void)
{
    for (int i = 0; i < MOST; i++)
        if (group[i])
            end_group(group[i]);
}

/* A place for one more. */
static int
group_place(void)
{
    static bool registered;
    int i = 0;

    if (!registered)
        stop_cleanup(end_groups);
    registered = true;
    while (i < MOST && group[i])
        i++;
    if (i == MOST)
        die(RC_DATA, "internal: more than %d sources", MOST);
    return i;
}

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
    sigset_t defaults, none;
    int ask[2], answer[2], err, place = group_place();

    open_pipe(ask);
    open_pipe(answer);
    if (posix_spawn_file_actions_init(&files) ||
        posix_spawn_file_actions_adddup2(&files, ask[0], STDIN_FILENO) ||
        posix_spawn_file_actions_adddup2(&files, answer[1], STDOUT_FILENO))
        die(RC_DATA, "out of memory for --source");
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    sigaddset(&defaults, SIGXFSZ);
    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigdefault(&attr, &defaults);
    posix_spawnattr_setpgroup(&attr, 0);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
                             POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    stop_mask();
    err = posix_spawn(&c->pid, "/bin/sh", &files, &attr, argv, environ);
    group[place] = err ? 0 : c->pid;
    stop_unmask();
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

static void
send(const struct child *c, const char *line, size_t n)
{
    size_t done = 0;

    while (done < n) {
        ssize_t k = write(c->requests, line + done, n - done);

        if (k < 0 && errno == EINTR) {
            stop_look();
            continue;
        }
        if (k < 0)
            die_at(c->name, 0, "stopped taking requests:");
        done += (size_t)k;
    }
}

void
child_ask(struct child *c, const char *split, int64_t pass, int64_t first,
          int64_t count, int batch, const json_t *set)
{
    char line[256], *text, *more;
    int n = snprintf(line, sizeof line, "{\"split\":\"%s\",\"pass\":%" PRId64
                     ",\"first\":%" PRId64 ",\"count\":%" PRId64
                     ",\"batch\":%d}\n", split, pass, first, count, batch);

    if (!json_object_size(set)) {
        send(c, line, (size_t)n);
        return;
    }
    text = json_text(set, false);
    more = xasprintf("%.*s,\"set\":%s}\n", n - 2, line, text);
    send(c, more, strlen(more));
    free(more);
    free(text);
}

void
child_stop(struct child *c)
{
    if (!c)
        return;
    close(c->requests);
    batch_reader_close(c->reader);
    ended(c->pid, PATIENCE);
    stop_mask();
    end_group(c->pid);
    for (int i = 0; i < MOST; i++)
        if (group[i] == c->pid)
            group[i] = 0;
    stop_unmask();
    while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    free(c->name);
    free(c);
}

/* stop.c - signals that end a program. */
#include "base/stop.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"

enum { CLEANUPS = 8, MOMENT = 50000 /* microseconds */ };

static atomic_int asked;               /* read by threads of the engine */
static volatile sig_atomic_t held;
static void (*volatile cleanup[CLEANUPS])(void);
static volatile sig_atomic_t ncleanup;
static sigset_t stops, before;
static int masked;

void
stop_clean(void)
{
    while (ncleanup > 0)
        cleanup[--ncleanup]();
}

/* The signal comes from the system; the thread is always the first, the
 * others block it. */
static void
take(int sig)
{
    const struct itimerval again = { { 0, MOMENT }, { 0, MOMENT } };
    int err = errno;

    if (!held) {
        stop_clean();
        _exit(128 + sig);
    }
    if (!asked) {
        asked = sig;
        setitimer(ITIMER_REAL, &again, NULL);
    }
    errno = err;
}

/* Only breaks off what waits. */
static void
wake(int sig)
{
    (void)sig;
}

/* A name for each of 0, 1 and 2; opened the wrong way round, so that reading
 * or writing says EBADF as it would without. */
static void
open_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", fd ? O_RDONLY : O_WRONLY);
}

void
stop_init(void)
{
    struct sigaction a = { .sa_handler = take }, old;

    open_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGHUP);
    a.sa_mask = stops;
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    if (!sigaction(SIGHUP, NULL, &old) && old.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &a, NULL);
    a.sa_handler = wake;
    sigaction(SIGALRM, &a, NULL);
    sigaddset(&stops, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &stops, NULL);
    sigdelset(&stops, SIGALRM);
}

void
stop_cleanup(void (*fn)(void))
{
    if (ncleanup == CLEANUPS)
        die(RC_DATA, "internal: more than %d clean-ups", CLEANUPS);
    at_exit_ready();
    cleanup[ncleanup] = fn;
    ncleanup++;
}

void
stop_mask(void)
{
    if (!masked++)
        sigprocmask(SIG_BLOCK, &stops, &before);
}

void
stop_unmask(void)
{
    if (!--masked)
        sigprocmask(SIG_SETMASK, &before, NULL);
}

void
stop_hold(void)
{
    held = true;
}

void
stop_release(void)
{
    stop_look();
    held = false;
    stop_look();          /* it came between the two lines before */
}

int
stop_asked(void)
{
    return asked;
}

/* The signal's status stands even if nobody reads stdout any more. */
void
stop_look(void)
{
    if (asked)
        leave(128 + asked);
}

void
stop_moment(void)
{
    const struct timespec moment = { 0, MOMENT * 1000 };

    if (!asked)
        nanosleep(&moment, NULL);
    stop_look();
}

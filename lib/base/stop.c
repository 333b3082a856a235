/* stop.c - a signal is noted; the program leaves when it is ready. */
#include "base/stop.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "base/die.h"

static volatile sig_atomic_t asked;
static int caught;

static void
note(int sig)
{
    asked = sig;
}

void
stop_catch(void)
{
    struct sigaction a = { .sa_handler = note };

    sigemptyset(&a.sa_mask);
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    caught = 1;
}

int
stop_asked(void)
{
    return asked;
}

int
stop_expected(void)
{
    struct timespec moment = { .tv_nsec = 50000000 };

    if (caught && !asked)
        nanosleep(&moment, NULL);
    return asked;
}

/* The signal's status stands even if nobody reads stdout any more. */
void
stop_leave(void)
{
    leave(128 + asked);
}

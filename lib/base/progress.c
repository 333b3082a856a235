/* progress.c - one line on the terminal, redrawn in place. */
#include "base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"

enum { LONGEST = 200 };

static const char erase[] = "\r\033[J";      /* from the cursor on */

double
wall_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int
can_draw(void)
{
    const char *term = getenv("TERM");

    return isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb");
}

static void
end(void *p)
{
    progress_hide(p);
}

void
progress_init(struct progress *p, const char *what, const char *unit,
              double done, double total)
{
    *p = (struct progress){ .what = what, .unit = unit, .total = total,
                            .first_done = done };
    p->start = wall_seconds();
    p->on = can_draw();
    if (p->on)
        at_exit_run(end, p);
}

static int
put_time(char *to, size_t room, double s)
{
    long t = (long)(s + 0.5);

    if (t >= 3600)
        return snprintf(to, room, ", %ld h %02ld min left", t / 3600,
                        t / 60 % 60);
    if (t >= 60)
        return snprintf(to, room, ", %ld min %02ld s left", t / 60, t % 60);
    return snprintf(to, room, ", %ld s left", t);
}

/* A line that wraps would be two, of which one is erased. */
static int
columns(void)
{
    struct winsize w;

    return !ioctl(STDERR_FILENO, TIOCGWINSZ, &w) && w.ws_col > 1 &&
           w.ws_col <= LONGEST ? w.ws_col - 1 : 79;
}

void
progress_show(struct progress *p, double done, const char *note)
{
    char line[2 * LONGEST], *s = line, *stop = line + sizeof line;
    double now, rate;

    if (!p->on)
        return;
    now = wall_seconds();
    if (now - p->last < 0.1)
        return;
    p->last = now;
    rate = now > p->start ? (done - p->first_done) / (now - p->start) : 0;
    s += snprintf(s, LONGEST / 4, "%s %.0f", p->what, done);
    if (p->total > 0)
        s += snprintf(s, LONGEST / 4, "/%.0f", p->total);
    s += snprintf(s, LONGEST / 4, " %s, %.*f/s", p->unit, rate < 10 ? 2 : 0,
                  rate);
    if (p->total > 0 && rate > 0 && (p->total - done) / rate < 1e9)
        s += put_time(s, LONGEST / 4, (p->total - done) / rate);
    if (note)
        snprintf(s, (size_t)(stop - s), ", %s", note);
    fprintf(stderr, "%s\n%.*s\r\033[A", erase, columns(), line);
    fflush(stderr);
}

void
progress_hide(struct progress *p)
{
    if (!p->on)
        return;
    if (p->last > 0)
        fputs(erase, stderr);
    fflush(stderr);
    p->last = wall_seconds();
}

void
progress_end(struct progress *p)
{
    progress_hide(p);
    if (p->on)
        at_exit_drop(end, p);
    p->on = 0;
}

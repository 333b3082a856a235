/* progress.c - one line on the terminal, redrawn in place. */
#include "base/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

double
wall_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void
progress_init(struct progress *p, const char *what, const char *unit,
              double done, double total)
{
    *p = (struct progress){ .what = what, .unit = unit, .total = total,
                            .first_done = done };
    p->start = wall_seconds();
    p->on = isatty(STDERR_FILENO);
}

static void
print_time(double s)
{
    long t = (long)(s + 0.5);

    if (t >= 3600)
        fprintf(stderr, ", %ld h %02ld min left", t / 3600, t / 60 % 60);
    else if (t >= 60)
        fprintf(stderr, ", %ld min %02ld s left", t / 60, t % 60);
    else
        fprintf(stderr, ", %ld s left", t);
}

void
progress_show(struct progress *p, double done, const char *note)
{
    double now, rate;

    if (!p->on)
        return;
    now = wall_seconds();
    if (now - p->last < 0.1 && done < p->total)
        return;
    p->last = now;
    rate = now > p->start ? (done - p->first_done) / (now - p->start) : 0;
    fprintf(stderr, "\r%s %.0f", p->what, done);
    if (p->total > 0)
        fprintf(stderr, "/%.0f", p->total);
    fprintf(stderr, " %s, %.*f/s", p->unit, rate < 10 ? 2 : 0, rate);
    if (p->total > 0 && rate > 0 && (p->total - done) / rate < 1e9)
        print_time((p->total - done) / rate);
    if (note)
        fprintf(stderr, ", %s", note);
    fputs("\033[K", stderr);
    fflush(stderr);
}

void
progress_end(struct progress *p)
{
    if (p->on && p->last > 0)
        fputs("\r\033[K", stderr);
    p->on = 0;
}

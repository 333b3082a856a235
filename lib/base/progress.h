/*
 * progress.h - one line on a terminal's stderr, redrawn at most ten times a
 * second: what, done/of, rate, time left.  Silent if stderr is no terminal.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

struct progress {
    const char *what, *unit;
    double total;            /* 0: unknown */
    double start, last, first_done;
    int on;
};

void progress_init(struct progress *p, const char *what, const char *unit,
                   double done, double total);
/* `note` (may be NULL) stands at the end of the line: "loss 2.31". */
void progress_show(struct progress *p, double done, const char *note);
void progress_end(struct progress *p);

double wall_seconds(void);   /* monotonic clock */

#endif

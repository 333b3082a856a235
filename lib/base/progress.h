/*
 * progress.h - one line on a terminal's stderr, redrawn at most ten times a
 * second: what, done/of, rate, time left.  Silent if stderr is no terminal, or
 * one that cannot erase a line (TERM=dumb).
 *
 * The line stands below the cursor, which waits at the start of an empty one:
 * what this program or another one of its pipe prints meanwhile starts there
 * and is whole, whenever it comes.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

struct progress {
    const char *what, *unit;
    double total;            /* 0: unknown */
    double start, last, first_done;
    int on;
};

/* The struct stays where it is until progress_end(): it is erased when the
 * program ends before. */
void progress_init(struct progress *p, const char *what, const char *unit,
                   double done, double total);
/* `note` (may be NULL) stands at the end of the line: "loss 2.31". */
void progress_show(struct progress *p, double done, const char *note);
/* Erase it for a moment: before a line for somebody who may print it. */
void progress_hide(struct progress *p);
void progress_end(struct progress *p);

double wall_seconds(void);   /* monotonic clock */

#endif

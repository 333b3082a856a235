/*
 * plateau.h - the steps of a falling curve, and how they match levels that
 * somebody predicted.
 *
 * A stretch is where |d log y / d log t| stays below 0.05: all windows together
 * in which the slope of the regression line is, with a standard error below a
 * third of that.  Windows reach over 22 % of t at least and nine points, and to
 * three times t where there is noise; of each, what is within a sixteenth of an
 * end does not count.  Stretches that follow each other at one
 * height (2 %) are one.
 *
 * A level's band reaches half way, in log y, to its neighbours.  A stretch is a
 * plateau if it lasts for at least a fifth of the time that the curve spends in
 * the band where it lies.  A level is met by the plateau in its band that is
 * nearest to it, if that is within the tolerance; every other plateau is extra.
 * What lies below the last level's band is the end, and no plateau.
 */
#ifndef STATS_PLATEAU_H
#define STATS_PLATEAU_H

#include <stdbool.h>

struct plateau {
    bool found;
    double from, to;     /* t */
    double value;        /* mean height (geometric, over log t) */
};

/*
 * t (n) ascending, y (n): points with t <= 0, y <= 0 or without a number are
 * left out.  level (count): descending, above 0.  met (count): a plateau each,
 * or found = false.  extra: room for 64 more; returns how many there were.
 */
int plateaus_match(const double *t, const double *y, long n,
                   const double *level, int count, double tolerance,
                   struct plateau *met, struct plateau *extra);

/* When y, along t, first passes `value` from below, between points on a line
 * over log t; NaN: never.  The first point may be past it already. */
double passing_time(const double *t, const double *y, long n, double value);

#endif

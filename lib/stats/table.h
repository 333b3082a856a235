/*
 * table.h - records turned into tab-separated text that gnuplot draws as it
 * stands.
 *
 * A series is a block: a line with its name in the first column (gnuplot:
 * title columnheader(1)), its rows, and two empty lines, so that `index i`
 * finds it.  Missing numbers are NaN, which gnuplot leaves out.
 */
#ifndef STATS_TABLE_H
#define STATS_TABLE_H

#include <stdio.h>

#include "stats/records.h"

struct table_options {
    const char *x, *y, *z;      /* paths; z: heat's values */
    const char *series;         /* path that tells series apart, or NULL */
    char **order;               /* names of series (or bars) in the order
                                   wanted, NULL-ended; NULL: by value */
    double smooth;              /* curves: Gaussian, standard deviation in
                                   samples; 0: as they are */
    double width, height;       /* swarm: size of a point, in categories and
                                   in units of y; height 0: 1/60 of the
                                   range */
    int ascii;                  /* heat: drawn with characters */
    const char *label;          /* heat of arrays: path of a record's name */
    char **names;               /* and the names of an array's elements */
};

/* Summaries: x, mean, error; a block a series, x ascending. */
void table_lines(FILE *out, struct records *r, const struct table_options *o);
/* Summaries: name, mean, error; a row a bar. */
void table_bars(FILE *out, struct records *r, const struct table_options *o);
/* Results: y is an array of numbers, x one of the same length or left out
 * (1, 2, 3 ...); a block a record, named by series. */
void table_curves(FILE *out, struct records *r,
                  const struct table_options *o);
/* Results: a block a value of x with place, sideways shift and y of every
 * point (draw at place + shift), then a block "mean" of place, mean, name and
 * size: how many times as large as asked for points may be so that none leaves
 * the room of its value, 1 or less. */
void table_swarm(FILE *out, struct records *r, const struct table_options *o);
/* Summaries: a matrix, rows y and columns x, with names around it.  With one
 * of x and y only, z is an array of numbers: a record is a column (x) or a row
 * (y) of the matrix. */
void table_heat(FILE *out, struct records *r, const struct table_options *o);

/* A number in its canonical form, or NaN, and what stands after it. */
void table_number(FILE *out, double x, const char *after);

/* y smoothed by a Gaussian of the given standard deviation, cut off at four
 * of them and renormalised at the ends; not in place. */
void gauss_smooth(const double *y, long n, double sigma, double *out);

#endif

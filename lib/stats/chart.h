/*
 * chart.h - curves drawn with characters, for a terminal or a log.
 */
#ifndef STATS_CHART_H
#define STATS_CHART_H

#include <stdbool.h>
#include <stdio.h>

struct chart_series {
    const char *name;
    long n;
    double *x, *y;          /* (n), x ascending; what is not finite is a gap */
};

struct chart_style {
    int columns, rows;      /* of characters, all in all and of the area; at
                               least 40 and 4 */
    bool log;               /* y by its logarithm: what is not above 0 is a
                               gap */
    bool letters;           /* a, b, c ... for the series, in place of Braille
                               dots (U+2800 .., 2 x 4 to a character) */
    bool colour;            /* of ANSI terminals, for the dots of several */
};

/* Curves, axes, and a line for each series with its mark, its last value and
 * its least.  Dies if there is nothing to draw. */
void chart_draw(FILE *out, const struct chart_series *s, int n,
                const struct chart_style *style);

#endif

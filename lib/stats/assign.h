/*
 * assign.h - the one-to-one assignment of the greatest total weight (Kuhn
 * 1955, Munkres 1957), by shortest augmenting paths in O(rows^2 columns).
 */
#ifndef STATS_ASSIGN_H
#define STATS_ASSIGN_H

/* w (rows, cols), finite, row-major.  to[row] becomes the row's column, or -1
 * where there are more rows than columns; as many pairs as the shorter side
 * has.  Returns the total weight. */
double assign_most(const double *w, int rows, int cols, int *to);

#endif

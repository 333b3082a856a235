/*
 * regress.h - ordinary least squares on standardised columns.
 *
 * Which settings move a metric, and how much: the columns and the target are
 * shifted and scaled to mean 0 and standard deviation 1 (over the rows that
 * are fitted), so coefficients compare with each other.
 *
 * Letters: N rows, P columns.
 */
#ifndef STATS_REGRESS_H
#define STATS_REGRESS_H

#include <stdint.h>

struct regression {
    double *beta;           /* (P) standardised coefficients, caller's */
    double mse, r2;         /* on the rows fitted, in standardised units */
    double mse_out, r2_out; /* on the rows held out; NaN if there are none */
};

/*
 * Fit y (N) on x (N,P) using rows order[0..fit-1]; the rest of order[] (up to
 * n) is held out.  Rows may stand in order[] more than once (bootstrap).
 * r->beta must hold p numbers.  Householder QR, so nearly dependent columns
 * lose no more digits than they must.  A constant column gets 0.
 * Returns -1 if the columns are linearly dependent or there are too few rows.
 */
int regress(const double *x, const double *y, int p, const uint32_t *order,
            long fit, long n, struct regression *r);

/*
 * Bootstrap over the fitted rows: `rounds` resamples with RNG_STATS draws of
 * `seed`, round r in stream step r.  lo, hi (P): 2.5 % and 97.5 % quantiles of
 * each coefficient; rounds in which columns became dependent are drawn again
 * with the next block of numbers, at most ten times each.  Returns -1 if that
 * did not help.
 */
int regress_bootstrap(const double *x, const double *y, int p,
                      const uint32_t *order, long fit, int rounds,
                      uint64_t seed, double *lo, double *hi);

#endif

/*
 * special.h - how much a number tells of another: a unit's activation and
 * what it might stand for (a cell of a board, a counter, a flag).
 */
#ifndef STATS_SPECIAL_H
#define STATS_SPECIAL_H

#include <stdint.h>

enum { SPECIAL_BINS = 16 };

/* Bin 0..SPECIAL_BINS-1 of each of n numbers: of equal width from the least
 * to the greatest of them (all 0 if they are equal). */
void special_bins(const float *x, long n, int32_t *bin);

/*
 * Mutual information in bits of x[i] in 0..nx-1 and y[i] in 0..ny-1, i < n:
 * the plug-in estimate sum p(x,y) log2 p(x,y) / (p(x) p(y)).  *bias gets
 * Miller's and Madow's estimate of how much too large that is,
 * (Kxy - Kx - Ky + 1) / (2 n ln 2), K being how many values occur.
 */
double mutual_information(const int32_t *x, int nx, const int32_t *y, int ny,
                          long n, double *bias);
/* Entropy in bits, plug-in. */
double entropy_bits(const int32_t *x, int nx, long n);

/* The best way to tell whether y[i] >= cut by whether x[i] is above (or
 * below) a threshold. */
struct threshold {
    double accuracy;     /* balanced: the mean of the share that is right where
                            y >= cut and where y < cut; guessing has 0.5 */
    double at;           /* halfway between two values of x */
    int above;           /* y >= cut is where x is above */
    int cut;
};

/*
 * order[0..n-1] puts x in ascending order (special_order); only the places in
 * it count, so that it may leave some out.  For y with two
 * values the cut is 1; with more, the best of all cuts.  Accuracy 0.5 if y or
 * x never changes.
 */
void special_order(const float *x, long n, uint32_t *order);
void best_threshold(const float *x, const uint32_t *order, const int32_t *y,
                    int ny, long n, struct threshold *best);

/* Spearman's rank correlation (ties: mean ranks); 0 if x or y never changes.
 * `order` as above; y in 0..ny-1. */
double rank_correlation(const float *x, const uint32_t *order,
                        const int32_t *y, int ny, long n);

#endif

/*
 * summary.h - what a handful of numbers say: mean, spread, quantiles, rates.
 *
 * The numbers are sorted first and summed in ascending order, so that the
 * order of the files on a command line cannot change a digit.
 */
#ifndef STATS_SUMMARY_H
#define STATS_SUMMARY_H

struct summary {
    long n;
    double mean;
    double std;        /* sample standard deviation (n - 1); NaN if n < 2 */
    double error;      /* standard error of the mean, std / sqrt(n) */
    double min, median, max;
};

/* Sorts x[0..n-1] in place; n >= 1, all finite. */
void summarise(double *x, long n, struct summary *s);

/* Ascending order, for quantile(). */
void sort_numbers(double *x, long n);

/* Of sorted numbers, by linear interpolation between ranks q (n - 1), as
 * NumPy and R (type 7) do; 0 <= q <= 1. */
double quantile(const double *sorted, long n, double q);

/* Wilson's 95 % interval for a rate of k in n. */
void wilson(long k, long n, double *lo, double *hi);

#endif

/*
 * bootstrap.h - an interval for a mean without assuming a distribution:
 * percentiles of the means of resamples (Efron 1979).
 */
#ifndef STATS_BOOTSTRAP_H
#define STATS_BOOTSTRAP_H

#include <stdint.h>

/* 95 % interval of the mean of sorted x[0..n-1] (summary.h sorts): `rounds`
 * resamples with RNG_STATS draws of `seed`, round r in stream step r. */
void bootstrap_mean(const double *x, long n, int rounds, uint64_t seed,
                    double *lo, double *hi);

#endif

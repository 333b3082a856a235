#include "stats/bootstrap.h"

#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/rng.h"
#include "stats/summary.h"

void
bootstrap_mean(const double *x, long n, int rounds, uint64_t seed, double *lo,
               double *hi)
{
    double *means = xcalloc((size_t)rounds, sizeof *means);

    /* One number says nothing of its spread. */
    if (n < 2) {
        *lo = *hi = NAN;
        free(means);
        return;
    }
    for (int k = 0; k < rounds; k++) {
        struct rng rng;
        double sum = 0;

        rng_init(&rng, seed, RNG_STATS, (uint32_t)k, 0);
        for (long i = 0; i < n; i++)
            sum += x[rng_below(&rng, (uint32_t)n)];
        means[k] = sum / (double)n;
    }
    sort_numbers(means, rounds);
    *lo = quantile(means, rounds, 0.025);
    *hi = quantile(means, rounds, 0.975);
    free(means);
}

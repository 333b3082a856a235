#include "stats/regress.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/rng.h"
#include "stats/summary.h"

/* Mean and standard deviation (divided by n) of a column over chosen rows. */
static void
moments(const double *v, int stride, const uint32_t *order, long n,
        double *mean, double *std)
{
    double sum = 0, squares = 0;

    for (long i = 0; i < n; i++)
        sum += v[(long)order[i] * stride];
    *mean = sum / (double)n;
    for (long i = 0; i < n; i++) {
        double d = v[(long)order[i] * stride] - *mean;

        squares += d * d;
    }
    *std = sqrt(squares / (double)n);
}

/*
 * Solve min |a b - y| by Householder QR; a (N,P) column-major and y (N) are
 * overwritten.  Returns -1 if a column has nothing left of its own.
 */
static int
least_squares(double *a, double *y, long n, int p, double *b)
{
    double *diag = xcalloc((size_t)p + 1, sizeof *diag);
    int bad = 0;

    for (int k = 0; k < p && !bad; k++) {
        double *v = a + (long)k * n, norm = 0, vv;

        for (long i = k; i < n; i++)
            norm += v[i] * v[i];
        norm = sqrt(norm);
        /* Columns have length sqrt(n) when they come in. */
        if (norm < 1e-9 * sqrt((double)n)) {
            bad = 1;
            break;
        }
        if (v[k] > 0)
            norm = -norm;
        diag[k] = norm;
        v[k] -= norm;
        vv = -norm * v[k];      /* half of v'v */
        for (int j = k + 1; j <= p; j++) {
            double *c = j < p ? a + (long)j * n : y, dot = 0;

            for (long i = k; i < n; i++)
                dot += v[i] * c[i];
            for (long i = k; i < n; i++)
                c[i] -= dot / vv * v[i];
        }
    }
    for (int k = p - 1; k >= 0 && !bad; k--) {
        double s = y[k];

        for (int j = k + 1; j < p; j++)
            s -= a[(long)j * n + k] * b[j];
        b[k] = s / diag[k];
    }
    free(diag);
    return bad ? -1 : 0;
}

/* Mean squared error and R^2 of the fit on rows order[0..n-1]. */
static void
judge(const double *x, const double *y, int p, const uint32_t *order, long n,
      const double *mean, const double *std, const double *beta, double *mse,
      double *r2)
{
    double wrong = 0, total = 0, average = 0;

    for (long i = 0; i < n; i++)
        average += (y[order[i]] - mean[p]) / std[p];
    average /= (double)n;
    for (long i = 0; i < n; i++) {
        double t = (y[order[i]] - mean[p]) / std[p], guess = 0;

        for (int j = 0; j < p; j++)
            if (std[j] > 0)
                guess += beta[j] * (x[(long)order[i] * p + j] - mean[j])
                    / std[j];
        wrong += (t - guess) * (t - guess);
        total += (t - average) * (t - average);
    }
    *mse = n ? wrong / (double)n : NAN;
    *r2 = n && total > 0 ? 1 - wrong / total : NAN;
}

int
regress(const double *x, const double *y, int p, const uint32_t *order,
        long fit, long n, struct regression *r)
{
    double *mean = xcalloc((size_t)p + 1, sizeof *mean);
    double *std = xcalloc((size_t)p + 1, sizeof *std);
    double *b = xcalloc((size_t)p + 1, sizeof *b);
    double *a = xcalloc((size_t)fit * (size_t)(p + 1) + 1, sizeof *a);
    double *t = a + fit * p;
    int used = 0, bad = fit < 2 ? -1 : 0;

    for (int j = 0; j < p && !bad; j++) {
        moments(x + j, p, order, fit, &mean[j], &std[j]);
        if (std[j] <= 1e-12 * fabs(mean[j]))
            std[j] = 0;
        if (std[j] == 0)
            continue;
        for (long i = 0; i < fit; i++)
            a[used * fit + i] =
                (x[(long)order[i] * p + j] - mean[j]) / std[j];
        used++;
    }
    if (!bad)
        moments(y, 1, order, fit, &mean[p], &std[p]);
    if (used >= fit || std[p] == 0)
        bad = -1;
    if (!bad) {
        for (long i = 0; i < fit; i++)
            t[i] = (y[order[i]] - mean[p]) / std[p];
        bad = least_squares(a, t, fit, used, b);
    }
    if (!bad) {
        for (int j = 0, k = 0; j < p; j++)
            r->beta[j] = std[j] > 0 ? b[k++] : 0;
        judge(x, y, p, order, fit, mean, std, r->beta, &r->mse, &r->r2);
        judge(x, y, p, order + fit, n - fit, mean, std, r->beta, &r->mse_out,
              &r->r2_out);
    }
    free(mean);
    free(std);
    free(b);
    free(a);
    return bad;
}

int
regress_bootstrap(const double *x, const double *y, int p,
                  const uint32_t *order, long fit, int rounds, uint64_t seed,
                  double *lo, double *hi)
{
    uint32_t *draw = xcalloc((size_t)fit, sizeof *draw);
    double *beta = xcalloc((size_t)p, sizeof *beta);
    double *all = xcalloc((size_t)rounds * (size_t)p, sizeof *all);
    int bad = 0;

    for (int k = 0; k < rounds && !bad; k++) {
        struct regression r = { .beta = beta };
        struct rng rng;
        int tries = 0;

        rng_init(&rng, seed, RNG_STATS, (uint32_t)k, 0);
        do {
            for (long i = 0; i < fit; i++)
                draw[i] = order[rng_below(&rng, (uint32_t)fit)];
            bad = regress(x, y, p, draw, fit, fit, &r);
        } while (bad && ++tries < 10);
        for (int j = 0; j < p; j++)
            all[(long)j * rounds + k] = beta[j];
    }
    for (int j = 0; j < p && !bad; j++) {
        double *column = all + (long)j * rounds;

        sort_numbers(column, rounds);
        lo[j] = quantile(column, rounds, 0.025);
        hi[j] = quantile(column, rounds, 0.975);
    }
    free(draw);
    free(beta);
    free(all);
    return bad;
}

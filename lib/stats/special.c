#include "stats/special.h"

#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/dmath.h"

void
special_bins(const float *x, long n, int32_t *bin)
{
    float lo = INFINITY, hi = -INFINITY;

    for (long i = 0; i < n; i++) {
        lo = fminf(lo, x[i]);
        hi = fmaxf(hi, x[i]);
    }
    for (long i = 0; i < n; i++) {
        double place = hi > lo ? ((double)x[i] - (double)lo) /
                       ((double)hi - (double)lo) * SPECIAL_BINS : 0;

        bin[i] = place < SPECIAL_BINS ? (int32_t)place : SPECIAL_BINS - 1;
    }
}

static double
sum_p_log_p(const long *count, long cells, long n, long *occupied)
{
    double h = 0;

    *occupied = 0;
    for (long i = 0; i < cells; i++) {
        double p = (double)count[i] / (double)n;

        if (!count[i])
            continue;
        ++*occupied;
        h -= p * d_log(p);
    }
    return h;
}

double
mutual_information(const int32_t *x, int nx, const int32_t *y, int ny, long n,
                   double *bias)
{
    const double ln2 = d_log(2);
    long *cx = xcalloc((size_t)nx, sizeof *cx);
    long *cy = xcalloc((size_t)ny, sizeof *cy);
    long *both = xcalloc((size_t)nx * (size_t)ny, sizeof *both), kx, ky, kxy;
    double hx, hy, hxy;

    for (long i = 0; i < n; i++) {
        cx[x[i]]++;
        cy[y[i]]++;
        both[(size_t)x[i] * (size_t)ny + (size_t)y[i]]++;
    }
    hx = sum_p_log_p(cx, nx, n, &kx);
    hy = sum_p_log_p(cy, ny, n, &ky);
    hxy = sum_p_log_p(both, (long)nx * ny, n, &kxy);
    *bias = (double)(kxy - kx - ky + 1) / (2 * (double)n * ln2);
    free(cx);
    free(cy);
    free(both);
    return fmax(0, (hx + hy - hxy) / ln2);
}

double
entropy_bits(const int32_t *x, int nx, long n)
{
    long *count = xcalloc((size_t)nx, sizeof *count), k;
    double h;

    for (long i = 0; i < n; i++)
        count[x[i]]++;
    h = sum_p_log_p(count, nx, n, &k) / d_log(2);
    free(count);
    return h;
}

/* ---- thresholds ---------------------------------------------------------*/

static int
ascending(const void *pa, const void *pb, void *ctx)
{
    const float *x = ctx;
    uint32_t a = *(const uint32_t *)pa, b = *(const uint32_t *)pb;

    if (x[a] != x[b])
        return x[a] < x[b] ? -1 : 1;
    return (a > b) - (a < b);
}

void
special_order(const float *x, long n, uint32_t *order)
{
    for (long i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    qsort_r(order, (size_t)n, sizeof *order, ascending, (void *)x);
}

/* All thresholds for one cut, from below: those seen so far are below. */
static void
try_cut(const float *x, const uint32_t *order, const int32_t *y, int cut,
        long n, struct threshold *best)
{
    long yes = 0, yes_below = 0;

    for (long i = 0; i < n; i++)
        yes += y[order[i]] >= cut;
    if (yes == 0 || yes == n)
        return;
    for (long i = 0; i + 1 < n; i++) {
        uint32_t a = order[i], b = order[i + 1];
        double high, low;

        yes_below += y[a] >= cut;
        if (!(x[a] < x[b]))
            continue;
        low = (double)yes_below / (double)yes;
        high = (double)(i + 1 - yes_below) / (double)(n - yes);
        /* high: `no` rightly below; low: `yes` wrongly below. */
        if (fmax(high - low, low - high) / 2 + 0.5 > best->accuracy) {
            best->accuracy = fmax(high - low, low - high) / 2 + 0.5;
            best->at = ((double)x[a] + (double)x[b]) / 2;
            best->above = high > low;
            best->cut = cut;
        }
    }
}

void
best_threshold(const float *x, const uint32_t *order, const int32_t *y,
               int ny, long n, struct threshold *best)
{
    *best = (struct threshold){ .accuracy = 0.5, .at = NAN, .cut = 1 };
    for (int cut = 1; cut < ny; cut++)
        try_cut(x, order, y, cut, n, best);
}

/* Mean rank, from 0, of each value of y; squares: sum of (rank - mean)^2. */
static double *
value_ranks(const int32_t *y, int ny, long n, double *squares)
{
    double *rank = xcalloc((size_t)ny, sizeof *rank);
    double before = 0, mean = (double)(n - 1) / 2;
    long *count = xcalloc((size_t)ny, sizeof *count);

    for (long i = 0; i < n; i++)
        count[y[i]]++;
    *squares = 0;
    for (int k = 0; k < ny; k++) {
        double c = (double)count[k];

        rank[k] = before + (c - 1) / 2;
        before += c;
        *squares += c * (rank[k] - mean) * (rank[k] - mean);
    }
    free(count);
    return rank;
}

double
rank_correlation(const float *x, const uint32_t *order, const int32_t *y,
                 int ny, long n)
{
    double sy, sx = 0, sxy = 0, mean = (double)(n - 1) / 2;
    double *rank = value_ranks(y, ny, n, &sy);

    for (long i = 0, j; i < n; i = j) {
        double r, d = 0;

        for (j = i; j < n && !(x[order[i]] < x[order[j]]); j++)
            d += rank[y[order[j]]] - mean;
        r = (double)(i + j - 1) / 2 - mean;
        sx += (double)(j - i) * r * r;
        sxy += r * d;
    }
    free(rank);
    return sx > 0 && sy > 0 ? sxy / (sqrt(sx) * sqrt(sy)) : 0;
}

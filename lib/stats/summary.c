#include "stats/summary.h"

#include <math.h>
#include <stdlib.h>

static int
by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

void
sort_numbers(double *x, long n)
{
    qsort(x, (size_t)n, sizeof *x, by_size);
}

double
quantile(const double *sorted, long n, double q)
{
    double place = q * (double)(n - 1);
    long i = (long)place;

    if (i >= n - 1)
        return sorted[n - 1];
    return sorted[i] + (place - (double)i) * (sorted[i + 1] - sorted[i]);
}

void
summarise(double *x, long n, struct summary *s)
{
    double sum = 0, squares = 0;

    sort_numbers(x, n);
    for (long i = 0; i < n; i++)
        sum += x[i];
    s->n = n;
    s->mean = sum / (double)n;
    /* Equal numbers have themselves for a mean, whatever the division
     * rounds to, and so no spread. */
    if (x[0] == x[n - 1])
        s->mean = x[0];
    for (long i = 0; i < n; i++)
        squares += (x[i] - s->mean) * (x[i] - s->mean);
    s->std = n > 1 ? sqrt(squares / (double)(n - 1)) : NAN;
    s->error = s->std / sqrt((double)n);
    s->min = x[0];
    s->max = x[n - 1];
    s->median = quantile(x, n, 0.5);
}

void
wilson(long k, long n, double *lo, double *hi)
{
    const double z = 1.9599639845400545;   /* normal quantile at 0.975 */
    double m = (double)n, p = (double)k / m;
    double centre = p + z * z / (2 * m);
    double half = z * sqrt(p * (1 - p) / m + z * z / (4 * m * m));
    double scale = 1 + z * z / m;

    *lo = k == 0 ? 0 : (centre - half) / scale;
    *hi = k == n ? 1 : (centre + half) / scale;
}

/* tableheat.c - table.h's pictures with an area: swarms and heat maps. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "stats/summary.h"
#include "stats/swarm.h"
#include "stats/table.h"

/* The different values at a path, ascending; borrowed from the records. */
static const json_t **
values(const struct records *r, const char *path, long *n)
{
    const json_t **v = xcalloc((size_t)r->n + 1, sizeof *v);

    *n = 0;
    for (long i = 0; i < r->n; i++) {
        const json_t *x = record_need(&r->at[i], path);
        long k = *n;

        while (k > 0 && value_compare(v[k - 1], x) > 0)
            k--;
        if (k > 0 && value_compare(v[k - 1], x) == 0)
            continue;
        memmove(v + k + 1, v + k, (size_t)(*n - k) * sizeof *v);
        v[k] = x;
        ++*n;
    }
    return v;
}

static double
range(const struct records *r, const char *path)
{
    double lo = INFINITY, hi = -INFINITY;

    for (long i = 0; i < r->n; i++) {
        double y = record_number(&r->at[i], path);

        if (isfinite(y)) {
            lo = fmin(lo, y);
            hi = fmax(hi, y);
        }
    }
    return hi > lo ? hi - lo : 1;
}

/* One category's points; returns their mean. */
static double
swarm(FILE *out, const struct records *r, const struct table_options *o,
      const json_t *value, long at, double height)
{
    double *y = xcalloc((size_t)r->n * 2, sizeof *y), *shift = y + r->n;
    struct summary s = { .mean = NAN };
    char *name = value_text(value);
    long n = 0;

    for (long i = 0; i < r->n; i++) {
        double v = record_number(&r->at[i], o->y);

        if (isfinite(v)
            && value_compare(record_need(&r->at[i], o->x), value) == 0)
            y[n++] = v;
    }
    sort_numbers(y, n);
    swarm_layout(y, n, o->width, height, shift);
    fprintf(out, "%s%s\tshift\t%s\n", at ? "\n\n" : "", name, o->y);
    for (long i = 0; i < n; i++) {
        fprintf(out, "%ld\t", at);
        table_number(out, shift[i], "\t");
        table_number(out, y[i], "\n");
    }
    if (n)
        summarise(y, n, &s);
    free(name);
    free(y);
    return s.mean;
}

void
table_swarm(FILE *out, struct records *r, const struct table_options *o)
{
    long n;
    const json_t **v = values(r, o->x, &n);
    double *mean = xcalloc((size_t)n + 1, sizeof *mean);
    double height = o->height > 0 ? o->height : range(r, o->y) / 60;

    for (long k = 0; k < n; k++)
        mean[k] = swarm(out, r, o, v[k], k, height);
    fprintf(out, "\n\nmean\t%s\tname\n", o->y);
    for (long k = 0; k < n; k++) {
        char *name = value_text(v[k]);

        fprintf(out, "%ld\t", k);
        table_number(out, mean[k], "\t");
        fprintf(out, "%s\n", name);
        free(name);
    }
    free(mean);
    free(v);
}

/* The value at (x, y); NaN if no record has it. */
static double
cell(const struct records *r, const struct table_options *o, const json_t *x,
     const json_t *y)
{
    for (long i = 0; i < r->n; i++) {
        const struct record *at = &r->at[i];
        const json_t *z, *mean;

        if (value_compare(record_need(at, o->x), x)
            || value_compare(record_need(at, o->y), y))
            continue;
        z = record_need(at, o->z);
        mean = json_object_get(z, "mean");
        if (!json_is_object(z))
            return record_number(at, o->z);
        return json_is_number(mean) ? json_number_value(mean) : NAN;
    }
    return NAN;
}

/* Ten shades from the smallest to the largest number, '?' where there is
 * none. */
static void
shades(FILE *out, const double *z, long rows, long cols, const json_t **y)
{
    static const char ramp[] = " .:-=+*#%@";
    double lo = INFINITY, hi = -INFINITY;

    for (long i = 0; i < rows * cols; i++) {
        lo = isfinite(z[i]) ? fmin(lo, z[i]) : lo;
        hi = isfinite(z[i]) ? fmax(hi, z[i]) : hi;
    }
    for (long i = 0; i < rows; i++) {
        char *name = value_text(y[i]);

        fprintf(out, "%10.10s |", name);
        for (long j = 0; j < cols; j++) {
            double v = z[i * cols + j];
            int k = hi > lo ? (int)((v - lo) / (hi - lo) * 9.999) : 0;

            fprintf(out, "%c%c", isfinite(v) ? ramp[k] : '?',
                    isfinite(v) ? ramp[k] : '?');
        }
        fprintf(out, "|\n");
        free(name);
    }
    if (hi >= lo)
        fprintf(out, "%10s  from ' ' = %.4g to '@' = %.4g\n", "", lo, hi);
}

static void
matrix(FILE *out, const double *z, long rows, long cols, const json_t **x,
       const json_t **y)
{
    fprintf(out, "-");
    for (long j = 0; j < cols; j++) {
        char *name = value_text(x[j]);

        fprintf(out, "\t%s", name);
        free(name);
    }
    fprintf(out, "\n");
    for (long i = 0; i < rows; i++) {
        char *name = value_text(y[i]);

        fprintf(out, "%s", name);
        for (long j = 0; j < cols; j++) {
            fprintf(out, "\t");
            table_number(out, z[i * cols + j], "");
        }
        fprintf(out, "\n");
        free(name);
    }
}

void
table_heat(FILE *out, struct records *r, const struct table_options *o)
{
    long cols, rows;
    const json_t **x = values(r, o->x, &cols), **y = values(r, o->y, &rows);
    double *z = xcalloc((size_t)cols * (size_t)rows, sizeof *z);

    for (long i = 0; i < rows; i++)
        for (long j = 0; j < cols; j++)
            z[i * cols + j] = cell(r, o, x[j], y[i]);
    if (o->ascii)
        shades(out, z, rows, cols, y);
    else
        matrix(out, z, rows, cols, x, y);
    free(z);
    free(x);
    free(y);
}

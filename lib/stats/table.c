#include "stats/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/json.h"
#include "base/sort.h"

void
table_number(FILE *out, double x, const char *after)
{
    char buf[40];

    if (isfinite(x))
        json_format_number(x, buf);
    fprintf(out, "%s%s", isfinite(x) ? buf : "NaN", after);
}

/* Mean and error of a summary's metric; NaN: not known, as of one number. */
static double
mean_of(const struct record *r, const char *path, double *error)
{
    const json_t *v = record_need(r, path);
    const json_t *m = json_object_get(v, "mean");
    const json_t *e = json_object_get(v, "error");

    *error = json_is_number(e) ? json_number_value(e) : NAN;
    if (!json_is_object(v))
        return record_number(r, path);
    return json_is_number(m) ? json_number_value(m) : NAN;
}

static char *
name_of(const struct record *r, const char *path)
{
    return value_text(record_need(r, path));
}

/* Where a name stands in the wanted order; those not in it come after. */
static int
place(const char *name, char **order)
{
    int i = 0;

    while (order && order[i] && strcmp(order[i], name))
        i++;
    return i;
}

struct sort {
    const char *first, *second;   /* paths; second may be NULL */
    char **order;
};

static int
compare(const void *pa, const void *pb, void *ctx)
{
    const struct record *a = pa, *b = pb;
    const struct sort *s = ctx;

    if (s->first) {
        const json_t *va = record_need(a, s->first);
        const json_t *vb = record_need(b, s->first);
        char *na = value_text(va), *nb = value_text(vb);
        int c = place(na, s->order) - place(nb, s->order);

        free(na);
        free(nb);
        if (!c)
            c = value_compare(va, vb);
        if (c)
            return c;
    }
    return s->second ? value_compare(record_need(a, s->second),
                                     record_need(b, s->second)) : 0;
}

static void
sort(struct records *r, const char *first, char **order, const char *second)
{
    struct sort s = { first, second, order };

    sort_stable(r->at, (size_t)r->n, sizeof *r->at, compare, &s);
}

/* Is record i the first of its series? */
static int
starts(const struct records *r, long i, const char *path)
{
    return i == 0 || (path && value_compare(record_need(&r->at[i - 1], path),
                                            record_need(&r->at[i], path)));
}

void
table_lines(FILE *out, struct records *r, const struct table_options *o)
{
    sort(r, o->series, o->order, o->x);
    for (long i = 0; i < r->n; i++) {
        const struct record *at = &r->at[i];
        double error, mean = mean_of(at, o->y, &error);

        if (starts(r, i, o->series)) {
            char *name = o->series ? name_of(at, o->series) : xstrdup(o->y);

            fprintf(out, "%s%s\t%s\terror\n", i ? "\n\n" : "", name, o->y);
            free(name);
        }
        table_number(out, record_number(at, o->x), "\t");
        table_number(out, mean, "\t");
        table_number(out, error, "\n");
    }
}

void
table_bars(FILE *out, struct records *r, const struct table_options *o)
{
    sort(r, o->x, o->order, NULL);
    fprintf(out, "%s\t%s\terror\n", o->x, o->y);
    for (long i = 0; i < r->n; i++) {
        double error, mean = mean_of(&r->at[i], o->y, &error);
        char *name = name_of(&r->at[i], o->x);

        if (!starts(r, i, o->x))
            die_at(r->at[i].file, r->at[i].line, "a second bar '%s': use "
                   "--where to choose one", name);
        fprintf(out, "%s\t", name);
        table_number(out, mean, "\t");
        table_number(out, error, "\n");
        free(name);
    }
}

void
gauss_smooth(const double *y, long n, double sigma, double *out)
{
    long reach = (long)(4 * sigma + 0.5);

    for (long i = 0; i < n; i++) {
        double sum = 0, weight = 0;

        for (long k = -reach; k <= reach; k++) {
            double z = (double)k / sigma, w;

            if (i + k < 0 || i + k >= n || !isfinite(y[i + k]))
                continue;
            w = d_exp(-0.5 * z * z);
            sum += w * y[i + k];
            weight += w;
        }
        out[i] = weight > 0 ? sum / weight : NAN;
    }
}

/* An array of numbers (null: NaN) at a path; the caller frees. */
static double *
numbers(const struct record *at, const char *path, long *n)
{
    const json_t *v = record_need(at, path);
    double *x;

    if (!json_is_array(v))
        die_at(at->file, at->line, "'%s' is not an array", path);
    *n = (long)json_array_size(v);
    x = xcalloc((size_t)*n + 1, sizeof *x);
    for (long i = 0; i < *n; i++) {
        const json_t *e = json_array_get(v, (size_t)i);

        if (!json_is_number(e) && !json_is_null(e))
            die_at(at->file, at->line, "'%s' has something else than "
                   "numbers in it", path);
        x[i] = json_is_number(e) ? json_number_value(e) : NAN;
    }
    return x;
}

static void
curve(FILE *out, const struct record *at, const struct table_options *o)
{
    long n, nx;
    double *y = numbers(at, o->y, &n);
    double *x = o->x ? numbers(at, o->x, &nx) : NULL;

    if (x && nx != n)
        die_at(at->file, at->line, "'%s' has %ld numbers, '%s' has %ld",
               o->x, nx, o->y, n);
    if (o->smooth > 0) {
        double *s = xcalloc((size_t)n + 1, sizeof *s);

        gauss_smooth(y, n, o->smooth, s);
        free(y);
        y = s;
    }
    for (long i = 0; i < n; i++) {
        table_number(out, x ? x[i] : (double)(i + 1), "\t");
        table_number(out, y[i], "\n");
    }
    free(x);
    free(y);
}

void
table_curves(FILE *out, struct records *r, const struct table_options *o)
{
    if (o->series)
        sort(r, o->series, o->order, NULL);
    for (long i = 0; i < r->n; i++) {
        const struct record *at = &r->at[i];
        char *name = o->series ? name_of(at, o->series) : xstrdup(at->file);

        fprintf(out, "%s%s\t%s\n", i ? "\n\n" : "", name, o->y);
        curve(out, at, o);
        free(name);
    }
}

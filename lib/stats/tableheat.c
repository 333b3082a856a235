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

/* A value's points, and how far aside they went. */
struct category {
    double *y, *shift;
    long n;
};

static void
find_points(const struct records *r, const struct table_options *o,
            const json_t *value, struct category *c)
{
    c->y = xcalloc((size_t)r->n * 2, sizeof *c->y);
    c->shift = c->y + r->n;
    c->n = 0;
    for (long i = 0; i < r->n; i++) {
        double y = record_number(&r->at[i], o->y);

        if (isfinite(y)
            && value_compare(record_need(&r->at[i], o->x), value) == 0)
            c->y[c->n++] = y;
    }
    sort_numbers(c->y, c->n);
}

/* Lays them all out with points so many times as large as asked for; 0 if
 * some leave the room of their category. */
static int
fits(struct category *c, long n, const struct table_options *o,
     double height, double size)
{
    double most = 0;

    for (long k = 0; k < n; k++) {
        swarm_layout(c[k].y, c[k].n, o->width * size, height * size,
                     c[k].shift);
        for (long i = 0; i < c[k].n; i++)
            most = fmax(most, fabs(c[k].shift[i]));
    }
    return most + o->width * size / 2 <= 0.5;
}

static void
print_points(FILE *out, const struct category *c, const json_t *value,
             long at, const char *y)
{
    char *name = value_text(value);

    fprintf(out, "%s%s\tshift\t%s\n", at ? "\n\n" : "", name, y);
    for (long i = 0; i < c->n; i++) {
        fprintf(out, "%ld\t", at);
        table_number(out, c->shift[i], "\t");
        table_number(out, c->y[i], "\n");
    }
    free(name);
}

void
table_swarm(FILE *out, struct records *r, const struct table_options *o)
{
    long n;
    const json_t **v = values(r, o->x, &n);
    struct category *c = xcalloc((size_t)n + 1, sizeof *c);
    double height = o->height > 0 ? o->height : range(r, o->y) / 60;
    double size = 1;

    for (long k = 0; k < n; k++)
        find_points(r, o, v[k], &c[k]);
    while (!fits(c, n, o, height, size) && size > 0.05)
        size *= 0.9;
    for (long k = 0; k < n; k++)
        print_points(out, &c[k], v[k], k, o->y);
    fprintf(out, "\n\nmean\t%s\tname\tsize\n", o->y);
    for (long k = 0; k < n; k++) {
        struct summary s = { .mean = NAN };
        char *name = value_text(v[k]);

        if (c[k].n)
            summarise(c[k].y, c[k].n, &s);
        fprintf(out, "%ld\t", k);
        table_number(out, s.mean, "\t");
        fprintf(out, "%s\t", name);
        table_number(out, size, "\n");
        free(name);
        free(c[k].y);
    }
    free(c);
    free(v);
}

/* A matrix with the names of its rows and columns. */
struct heat {
    double *z;
    long rows, cols;
    char **row, **col;
};

/* The value at (x, y); NaN if no record has it. */
static double
cell(const struct records *r, const struct table_options *o, const json_t *x,
     const json_t *y)
{
    const struct record *found = NULL;
    const json_t *z, *mean;

    for (long i = 0; i < r->n; i++) {
        const struct record *at = &r->at[i];

        if (value_compare(record_need(at, o->x), x)
            || value_compare(record_need(at, o->y), y))
            continue;
        if (found)
            die_at(at->file, at->line, "a second value at %s %s, %s %s: use "
                   "--where to choose one", o->x, value_text(x), o->y,
                   value_text(y));
        found = at;
    }
    if (!found)
        return NAN;
    z = record_need(found, o->z);
    mean = json_object_get(z, "mean");
    if (!json_is_object(z))
        return record_number(found, o->z);
    return json_is_number(mean) ? json_number_value(mean) : NAN;
}

static void
heat_of_numbers(struct heat *h, const struct records *r,
                const struct table_options *o)
{
    const json_t **x = values(r, o->x, &h->cols);
    const json_t **y = values(r, o->y, &h->rows);

    h->z = xcalloc((size_t)h->cols * (size_t)h->rows, sizeof *h->z);
    h->row = xcalloc((size_t)h->rows, sizeof *h->row);
    h->col = xcalloc((size_t)h->cols, sizeof *h->col);
    for (long i = 0; i < h->rows; i++)
        h->row[i] = value_text(y[i]);
    for (long j = 0; j < h->cols; j++)
        h->col[j] = value_text(x[j]);
    for (long i = 0; i < h->rows; i++)
        for (long j = 0; j < h->cols; j++)
            h->z[i * h->cols + j] = cell(r, o, x[j], y[i]);
    free(x);
    free(y);
}

/* Name i of those given, else its number. */
static char *
element_name(const struct table_options *o, long i)
{
    long n = 0;

    while (o->names && o->names[n] && n < i)
        n++;
    return o->names && o->names[n] ? xstrdup(o->names[n]) :
           xasprintf("%ld", i);
}

/* The array of one record; as many numbers as the first has. */
static void
take_array(const struct record *at, const struct table_options *o, long n,
           double *to, long stride)
{
    const json_t *v = record_need(at, o->z);

    if (!json_is_array(v) || (long)json_array_size(v) != n)
        die_at(at->file, at->line, "'%s' is not an array of %ld numbers as "
               "in the first record", o->z, n);
    for (long k = 0; k < n; k++) {
        const json_t *e = json_array_get(v, (size_t)k);

        if (!json_is_number(e) && !json_is_null(e))
            die_at(at->file, at->line, "'%s' has something else than "
                   "numbers in it", o->z);
        to[k * stride] = json_is_number(e) ? json_number_value(e) : NAN;
    }
}

/* z is an array: a record is a column (--x) or a row (--y) of the matrix, in
 * the order of the values there. */
static void
heat_of_arrays(struct heat *h, struct records *r,
               const struct table_options *o)
{
    const char *along = o->x ? o->x : o->y;
    long n, length;
    const json_t **v = values(r, along, &n);
    char **name = xcalloc((size_t)r->n, sizeof *name), **element;

    if (n < r->n)
        die_at(r->at[0].file, 0, "%ld records but %ld values of '%s': use "
               "--where to choose among them", r->n, n, along);
    length = (long)json_array_size(record_need(&r->at[0], o->z));
    element = xcalloc((size_t)length + 1, sizeof *element);
    h->z = xcalloc((size_t)(n * length) + 1, sizeof *h->z);
    for (long i = 0; i < n; i++) {
        long k = 0;

        while (value_compare(record_need(&r->at[k], along), v[i]))
            k++;
        name[i] = value_text(o->label ? record_need(&r->at[k], o->label) :
                             v[i]);
        take_array(&r->at[k], o, length, h->z + (o->x ? i : i * length),
                   o->x ? n : 1);
    }
    for (long k = 0; k < length; k++)
        element[k] = element_name(o, k);
    h->rows = o->x ? length : n;
    h->cols = o->x ? n : length;
    h->row = o->x ? element : name;
    h->col = o->x ? name : element;
    free(v);
}

/* Names stand in a table's cells: a newline or a tab would break it. */
static void
clean(char **name, long n)
{
    for (long i = 0; i < n; i++) {
        char *p = name[i];

        if (!strcmp(p, "\n") || !strcmp(p, "\t")) {
            name[i] = xstrdup(*p == '\n' ? "\\n" : "\\t");
            free(p);
            continue;
        }
        for (; *p; p++)
            *p = (unsigned char)*p < ' ' ? ' ' : *p;
    }
}

/* Characters of a column: its name and a blank, at least 2. */
static int
column_width(const struct heat *h)
{
    size_t w = 1;

    for (long j = 0; j < h->cols; j++)
        if (strlen(h->col[j]) > w)
            w = strlen(h->col[j]);
    return w < 7 ? (int)w + 1 : 8;
}

static void
shades_of_row(FILE *out, const struct heat *h, long i, double lo, double hi)
{
    static const char ramp[] = " .:-=+*#%@";
    int width = column_width(h);

    fprintf(out, "%10.10s |", h->row[i]);
    for (long j = 0; j < h->cols; j++) {
        double v = h->z[i * h->cols + j];
        int k = hi > lo && isfinite(v) ?
                (int)((v - lo) / (hi - lo) * 9.999) : 0;

        for (int n = 0; n < width; n++)
            putc(isfinite(v) ? ramp[k] : '?', out);
    }
    fprintf(out, "|\n");
}

/* Ten shades from the smallest to the largest number, '?' where there is
 * none; the columns' names below. */
static void
shades(FILE *out, const struct heat *h)
{
    double lo = INFINITY, hi = -INFINITY;
    int width = column_width(h);

    for (long i = 0; i < h->rows * h->cols; i++) {
        lo = isfinite(h->z[i]) ? fmin(lo, h->z[i]) : lo;
        hi = isfinite(h->z[i]) ? fmax(hi, h->z[i]) : hi;
    }
    for (long i = 0; i < h->rows; i++)
        shades_of_row(out, h, i, lo, hi);
    fprintf(out, "%12s", "");
    for (long j = 0; j < h->cols; j++)
        fprintf(out, "%-*.*s", width, width - 1, h->col[j]);
    fprintf(out, "\n");
    if (hi >= lo)
        fprintf(out, "%10s  from ' ' = %.4g to '@' = %.4g\n", "", lo, hi);
}

static void
matrix(FILE *out, const struct heat *h)
{
    fprintf(out, "-");
    for (long j = 0; j < h->cols; j++)
        fprintf(out, "\t%s", h->col[j]);
    fprintf(out, "\n");
    for (long i = 0; i < h->rows; i++) {
        fprintf(out, "%s", h->row[i]);
        for (long j = 0; j < h->cols; j++) {
            fprintf(out, "\t");
            table_number(out, h->z[i * h->cols + j], "");
        }
        fprintf(out, "\n");
    }
}

static void
release(char **name, long n)
{
    for (long i = 0; i < n; i++)
        free(name[i]);
    free(name);
}

void
table_heat(FILE *out, struct records *r, const struct table_options *o)
{
    struct heat h;

    if (o->x && o->y)
        heat_of_numbers(&h, r, o);
    else
        heat_of_arrays(&h, r, o);
    clean(h.row, h.rows);
    clean(h.col, h.cols);
    if (o->ascii)
        shades(out, &h);
    else
        matrix(out, &h);
    release(h.row, h.rows);
    release(h.col, h.cols);
    free(h.z);
}

#include "stats/effects.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/sort.h"
#include "stats/bootstrap.h"
#include "stats/summary.h"

enum { MOST_CELLS = 1 << 22 };

/* A record without its file: which of its keys' values it has, and what came
 * of it. */
struct point {
    long *level;              /* (keys) */
    double y;
};

/* What is found of one pair, or four, of values. */
struct found {
    double *difference;
    long n, room;
};

struct work {
    const struct effects_options *o;
    int nkeys;
    const json_t ***levels;   /* (keys) its different values, ascending */
    long *nlevels;            /* (keys) */
    struct point *at;
    long n;
    int key, other;           /* they may differ; other -1: no second one */
    long rows, columns;       /* levels of the two; 1 column without other */
    double *mean;             /* (rows, columns) of the group under way */
    long *stamp;              /* (rows, columns) the group it is of, from 1 */
    struct found *found;      /* (rows, columns) from this level, or these */
};

static int
compare_values(const void *pa, const void *pb, void *ctx)
{
    (void)ctx;
    return value_compare(*(const json_t *const *)pa,
                         *(const json_t *const *)pb);
}

/* Levels of key k: its values in order, and each point's place there. */
static void
find_levels(struct work *w, int k, const json_t **value)
{
    const json_t **levels = xcalloc((size_t)w->n + 1, sizeof *levels);
    long n = 0;

    for (long i = 0; i < w->n; i++)
        levels[i] = value[i];
    sort_stable(levels, (size_t)w->n, sizeof *levels, compare_values, NULL);
    for (long i = 0; i < w->n; i++)
        if (!n || value_compare(levels[n - 1], levels[i]))
            levels[n++] = levels[i];
    for (long i = 0; i < w->n; i++) {
        long lo = 0, hi = n - 1;

        while (lo < hi) {
            long mid = (lo + hi) / 2;

            if (value_compare(levels[mid], value[i]) < 0)
                lo = mid + 1;
            else
                hi = mid;
        }
        w->at[i].level[k] = lo;
    }
    w->levels[k] = levels;
    w->nlevels[k] = n;
}

static long
cell(const struct work *w, const struct point *p)
{
    return p->level[w->key] * w->columns +
           (w->other < 0 ? 0 : p->level[w->other]);
}

/* By all keys but those that may differ. */
static int
compare(const struct work *w, const struct point *a, const struct point *b)
{
    for (int k = 0; k < w->nkeys; k++)
        if (k != w->key && k != w->other && a->level[k] != b->level[k])
            return a->level[k] < b->level[k] ? -1 : 1;
    return 0;
}

static int
compare_all(const void *pa, const void *pb, void *ctx)
{
    const struct point *a = pa, *b = pb;
    const struct work *w = ctx;
    int c = compare(w, a, b);

    if (!c)
        c = (cell(w, a) > cell(w, b)) - (cell(w, a) < cell(w, b));
    /* Equal settings: sums must not depend on the order of the files. */
    return c ? c : (a->y > b->y) - (a->y < b->y);
}

static void
add(struct found *f, double difference)
{
    if (f->n == f->room) {
        f->room = f->room ? 2 * f->room : 16;
        f->difference =
            xrealloc(f->difference, (size_t)f->room, sizeof *f->difference);
    }
    f->difference[f->n++] = difference;
}

/* Points i .. end-1 agree in all keys but those that may differ: the means of
 * their cells, and then the differences that begin at each. */
static void
one_group(struct work *w, long i, long end, long group)
{
    long first = i;

    while (i < end) {
        long c = cell(w, &w->at[i]), n = 0;
        double sum = 0;

        for (; i < end && cell(w, &w->at[i]) == c; n++)
            sum += w->at[i++].y;
        w->mean[c] = sum / (double)n;
        w->stamp[c] = group;
    }
    for (i = first; i < end; i++) {
        long c = cell(w, &w->at[i]), below = c + w->columns;
        const double *mean = w->mean;

        if ((i > first && cell(w, &w->at[i - 1]) == c) ||
            w->at[i].level[w->key] + 1 == w->rows || w->stamp[below] != group)
            continue;
        if (w->other < 0)
            add(&w->found[c], mean[below] - mean[c]);
        else if (w->at[i].level[w->other] + 1 < w->columns &&
                 w->stamp[c + 1] == group && w->stamp[below + 1] == group)
            add(&w->found[c], (mean[below + 1] - mean[c + 1]) -
                              (mean[below] - mean[c]));
    }
}

static void
set_levels(json_t *v, const char *from, const char *to, const struct work *w,
           int key, long level)
{
    json_object_set(v, from, (json_t *)w->levels[key][level]);
    json_object_set(v, to, (json_t *)w->levels[key][level + 1]);
}

static json_t *
describe(const struct work *w, long row, long column)
{
    const struct found *f = &w->found[row * w->columns + column];
    json_t *v = json_object();
    struct summary s;
    long lower = 0;

    summarise(f->difference, f->n, &s);
    while (lower < f->n && f->difference[lower] < 0)
        lower++;
    json_object_set_new(v, "key", json_string(w->o->keys[w->key]));
    set_levels(v, "from", "to", w, w->key, row);
    if (w->other >= 0) {
        json_object_set_new(v, "with", json_string(w->o->keys[w->other]));
        set_levels(v, "with_from", "with_to", w, w->other, column);
    }
    json_object_set_new(v, "n", json_integer(f->n));
    json_object_set_new(v, "mean", json_number(s.mean));
    json_object_set_new(v, "std", json_number(s.std));
    json_object_set_new(v, "error", json_number(s.error));
    if (w->o->bootstrap) {
        double lo = NAN, hi = NAN;

        if (f->n >= EFFECTS_FEWEST)
            bootstrap_mean(f->difference, f->n, w->o->bootstrap, w->o->seed,
                           &lo, &hi);
        json_object_set_new(v, "lo", json_number(lo));
        json_object_set_new(v, "hi", json_number(hi));
    }
    json_object_set_new(v, "lower",
                        json_number((double)lower / (double)f->n));
    return v;
}

/* All effects of `key`, or all interactions of it with `other`. */
static void
one(struct work *w, int key, int other, json_t *all)
{
    size_t cells;
    long group = 0;

    w->key = key;
    w->other = other;
    w->rows = w->nlevels[key];
    w->columns = other < 0 ? 1 : w->nlevels[other];
    cells = (size_t)limit_product(w->rows, w->columns, MOST_CELLS,
                                  "the number of values of two keys",
                                  "--effects");
    w->mean = xcalloc(cells + 1, sizeof *w->mean);
    w->stamp = xcalloc(cells + 1, sizeof *w->stamp);
    w->found = xcalloc(cells + 1, sizeof *w->found);
    sort_stable(w->at, (size_t)w->n, sizeof *w->at, compare_all, w);
    for (long i = 0, end; i < w->n; i = end) {
        end = i + 1;
        while (end < w->n && !compare(w, &w->at[i], &w->at[end]))
            end++;
        one_group(w, i, end, ++group);
    }
    for (long r = 0; r < w->rows; r++)
        for (long c = 0; c < w->columns; c++)
            if (w->found[r * w->columns + c].n)
                json_array_append_new(all, describe(w, r, c));
    for (size_t c = 0; c < cells; c++)
        free(w->found[c].difference);
    free(w->mean);
    free(w->stamp);
    free(w->found);
}

/* Where the mean is the same: by key and value, and what it is with. */
static int
by_size(const void *pa, const void *pb, void *ctx)
{
    static const char *const names[] = {
        "key", "from", "with", "with_from",
    };
    const json_t *a = *(json_t *const *)pa, *b = *(json_t *const *)pb;
    double x = fabs(json_number_value(json_object_get(a, "mean")));
    double y = fabs(json_number_value(json_object_get(b, "mean")));
    int c = (x < y) - (x > y);

    (void)ctx;
    for (size_t i = 0; !c && i < sizeof names / sizeof *names; i++) {
        const json_t *v = json_object_get(a, names[i]);

        if (v)
            c = value_compare(v, json_object_get(b, names[i]));
    }
    return c;
}

/* Append `all`, sorted, to `out`; frees it. */
static void
append_sorted(json_t *out, json_t *all)
{
    size_t n = json_array_size(all);
    json_t **at = xcalloc(n + 1, sizeof *at);

    for (size_t i = 0; i < n; i++)
        at[i] = json_array_get(all, i);
    sort_stable(at, n, sizeof *at, by_size, NULL);
    for (size_t i = 0; i < n; i++)
        json_array_append(out, at[i]);
    free(at);
    json_decref(all);
}

static void
read_points(struct work *w, const struct records *r)
{
    const json_t **value = xcalloc((size_t)r->n + 1, sizeof *value);
    long *source = xcalloc((size_t)r->n + 1, sizeof *source);

    for (long i = 0; i < r->n; i++) {
        double y = record_number(&r->at[i], w->o->metric);

        for (int k = 0; k < w->nkeys; k++)
            record_need(&r->at[i], w->o->keys[k]);
        if (isnan(y))
            continue;
        source[w->n] = i;
        w->at[w->n].level = xcalloc((size_t)w->nkeys + 1, sizeof(long));
        w->at[w->n++].y = y;
    }
    for (int k = 0; k < w->nkeys; k++) {
        for (long i = 0; i < w->n; i++)
            value[i] = record_need(&r->at[source[i]], w->o->keys[k]);
        find_levels(w, k, value);
    }
    free(value);
    free(source);
}

json_t *
effects(const struct records *r, const struct effects_options *o)
{
    struct work w = { .o = o };
    json_t *out = json_array(), *alone = json_array(), *both = json_array();

    while (o->keys[w.nkeys])
        w.nkeys++;
    w.at = xcalloc((size_t)r->n + 1, sizeof *w.at);
    w.levels = xcalloc((size_t)w.nkeys + 1, sizeof *w.levels);
    w.nlevels = xcalloc((size_t)w.nkeys + 1, sizeof *w.nlevels);
    read_points(&w, r);
    for (int k = 0; k < w.nkeys; k++)
        one(&w, k, -1, alone);
    for (int k = 0; o->interactions && k < w.nkeys; k++)
        for (int m = k + 1; m < w.nkeys; m++)
            one(&w, k, m, both);
    append_sorted(out, alone);
    append_sorted(out, both);
    for (int k = 0; k < w.nkeys; k++)
        free(w.levels[k]);
    for (long i = 0; i < w.n; i++)
        free(w.at[i].level);
    free(w.levels);
    free(w.nlevels);
    free(w.at);
    return out;
}

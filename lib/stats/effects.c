#include "stats/effects.h"

#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/json.h"
#include "stats/bootstrap.h"
#include "stats/summary.h"

/* A record without its file: what its keys are and what came of it. */
struct point {
    const json_t **value;     /* (keys) borrowed */
    double y;
};

struct work {
    char **keys;
    int nkeys, key;           /* `key` is the one that may differ */
    struct point *at;
    long n;
    const json_t **levels;    /* its different values, ascending */
    long nlevels;
    double *difference;       /* (nlevels, n) of level i+1 and level i */
    long *pairs;              /* (nlevels) */
};

/* By all keys but one, then by that one. */
static int
compare(const void *pa, const void *pb, void *ctx)
{
    const struct point *a = pa, *b = pb;
    const struct work *w = ctx;

    for (int k = 0; k < w->nkeys; k++) {
        int c = k == w->key ? 0 : value_compare(a->value[k], b->value[k]);

        if (c)
            return c;
    }
    return 0;
}

static int
compare_all(const void *pa, const void *pb, void *ctx)
{
    const struct point *a = pa, *b = pb;
    const struct work *w = ctx;
    int c = compare(pa, pb, ctx);

    if (!c)
        c = value_compare(a->value[w->key], b->value[w->key]);
    /* Equal settings: sums must not depend on the order of the files. */
    return c ? c : (a->y > b->y) - (a->y < b->y);
}

static int
by_value(const void *pa, const void *pb)
{
    return value_compare(*(const json_t *const *)pa,
                         *(const json_t *const *)pb);
}

static void
find_levels(struct work *w)
{
    long n = 0;

    for (long i = 0; i < w->n; i++)
        w->levels[i] = w->at[i].value[w->key];
    qsort(w->levels, (size_t)w->n, sizeof *w->levels, by_value);
    for (long i = 0; i < w->n; i++)
        if (!n || value_compare(w->levels[n - 1], w->levels[i]))
            w->levels[n++] = w->levels[i];
    w->nlevels = n;
}

/* The mean of the records that start at i and have level l; *i goes on to the
 * first that has not.  NaN if there are none. */
static double
level_mean(const struct work *w, long *i, long end, long l)
{
    double sum = 0;
    long n = 0;

    while (*i < end && !value_compare(w->at[*i].value[w->key],
                                      w->levels[l])) {
        sum += w->at[(*i)++].y;
        n++;
    }
    return n ? sum / (double)n : NAN;
}

/* Records i .. end-1 agree in all keys but one. */
static void
add_pairs(struct work *w, long i, long end)
{
    double before = NAN;

    for (long l = 0; l < w->nlevels; l++) {
        double now = level_mean(w, &i, end, l);

        if (l && !isnan(before) && !isnan(now))
            w->difference[(l - 1) * w->n + w->pairs[l - 1]++] = now - before;
        before = now;
    }
}

static json_t *
describe(const struct work *w, long l, int bootstrap, uint64_t seed)
{
    double *d = w->difference + l * w->n, lo, hi;
    long n = w->pairs[l], lower = 0;
    json_t *v = json_object();
    struct summary s;

    summarise(d, n, &s);
    while (lower < n && d[lower] < 0)
        lower++;
    json_object_set_new(v, "key", json_string(w->keys[w->key]));
    json_object_set(v, "from", (json_t *)w->levels[l]);
    json_object_set(v, "to", (json_t *)w->levels[l + 1]);
    json_object_set_new(v, "n", json_integer(n));
    json_object_set_new(v, "mean", json_number(s.mean));
    json_object_set_new(v, "std", json_number(s.std));
    json_object_set_new(v, "error", json_number(s.error));
    if (bootstrap) {
        bootstrap_mean(d, n, bootstrap, seed, &lo, &hi);
        json_object_set_new(v, "lo", json_number(lo));
        json_object_set_new(v, "hi", json_number(hi));
    }
    json_object_set_new(v, "lower", json_number((double)lower / (double)n));
    return v;
}

static void
one_key(struct work *w, json_t *all, int bootstrap, uint64_t seed)
{
    qsort_r(w->at, (size_t)w->n, sizeof *w->at, compare_all, w);
    find_levels(w);
    w->difference = xcalloc((size_t)(w->nlevels * w->n) + 1,
                            sizeof *w->difference);
    w->pairs = xcalloc((size_t)w->nlevels + 1, sizeof *w->pairs);
    for (long i = 0, end; i < w->n; i = end) {
        end = i + 1;
        while (end < w->n && !compare(&w->at[i], &w->at[end], w))
            end++;
        add_pairs(w, i, end);
    }
    for (long l = 0; l + 1 < w->nlevels; l++)
        if (w->pairs[l])
            json_array_append_new(all, describe(w, l, bootstrap, seed));
    free(w->difference);
    free(w->pairs);
}

static int
by_size(const void *pa, const void *pb)
{
    const json_t *a = *(json_t *const *)pa, *b = *(json_t *const *)pb;
    double x = fabs(json_number_value(json_object_get(a, "mean")));
    double y = fabs(json_number_value(json_object_get(b, "mean")));
    int c;

    if (x != y)
        return x < y ? 1 : -1;
    c = value_compare(json_object_get(a, "key"), json_object_get(b, "key"));
    return c ? c : value_compare(json_object_get(a, "from"),
                                 json_object_get(b, "from"));
}

static json_t *
sorted(json_t *all)
{
    size_t n = json_array_size(all);
    json_t **at = xcalloc(n + 1, sizeof *at), *out = json_array();

    for (size_t i = 0; i < n; i++)
        at[i] = json_array_get(all, i);
    qsort(at, n, sizeof *at, by_size);
    for (size_t i = 0; i < n; i++)
        json_array_append(out, at[i]);
    free(at);
    json_decref(all);
    return out;
}

json_t *
effects(const struct records *r, char **keys, const char *metric, int bootstrap,
        uint64_t seed)
{
    struct work w = { .keys = keys };
    json_t *all = json_array();
    const json_t **value;

    while (keys[w.nkeys])
        w.nkeys++;
    w.at = xcalloc((size_t)r->n + 1, sizeof *w.at);
    w.levels = xcalloc((size_t)r->n + 1, sizeof *w.levels);
    value = xcalloc((size_t)(r->n * w.nkeys) + 1, sizeof *value);
    for (long i = 0; i < r->n; i++) {
        double y = record_number(&r->at[i], metric);
        struct point *p = &w.at[w.n];

        p->value = value + i * w.nkeys;
        p->y = y;
        for (int k = 0; k < w.nkeys; k++)
            p->value[k] = record_need(&r->at[i], keys[k]);
        w.n += !isnan(y);
    }
    for (; w.key < w.nkeys; w.key++)
        one_key(&w, all, bootstrap, seed);
    free(w.at);
    free(w.levels);
    free(value);
    return sorted(all);
}

/* rank.c - group.h's lists that look at all records together: the best ones,
 * and which settings made them so. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/json.h"
#include "base/rng.h"
#include "stats/group.h"
#include "stats/regress.h"

/* What stands in for an id where a record has none: its place. */
static int
compare_ids(const struct record *a, const struct record *b)
{
    const char *x = json_string_value(json_object_get(a->value, "id"));
    const char *y = json_string_value(json_object_get(b->value, "id"));
    int c = x && y ? strcmp(x, y) : 0;

    if (!c)
        c = strcmp(a->file, b->file);
    return c ? c : (a->line > b->line) - (a->line < b->line);
}

struct order {
    const char *metric;
    int sign;              /* -1: largest first */
};

static int
by_metric(const void *pa, const void *pb, void *ctx)
{
    const struct record *a = pa, *b = pb;
    const struct order *o = ctx;
    double x = record_number(a, o->metric), y = record_number(b, o->metric);

    if (isnan(x) || isnan(y))
        return isnan(x) == isnan(y) ? compare_ids(a, b) : isnan(x) ? 1 : -1;
    if (x != y)
        return x < y ? -o->sign : o->sign;
    return compare_ids(a, b);
}

json_t *
group_top(struct records *r, const char *metric, double share, int largest)
{
    struct order o = { metric, largest ? -1 : 1 };
    double want = share * (double)r->n;
    long keep = (long)want;
    json_t *all = json_array();

    /* Round up (432 runs: the best 10 % are 44), but not for a rounding
     * error of the product. */
    if (want - (double)keep > 1e-9)
        keep++;
    qsort_r(r->at, (size_t)r->n, sizeof *r->at, by_metric, &o);
    for (long i = 0; i < keep && i < r->n; i++) {
        const struct record *at = &r->at[i];
        json_t *v = json_object(), *id = json_object_get(at->value, "id");
        json_t *settings = json_object_get(at->value, "settings");

        if (isnan(record_number(at, metric))) {
            json_decref(v);
            break;
        }
        json_object_set_new(v, "rank", json_integer(i + 1));
        json_object_set_new(v, "file", json_words(at->file));
        if (id)
            json_object_set(v, "id", id);
        json_set_at(v, metric, json_deep_copy(record_need(at, metric)));
        if (settings)
            json_object_set(v, "settings", settings);
        json_array_append_new(all, v);
    }
    return all;
}

static int
by_id(const void *pa, const void *pb)
{
    return compare_ids(pa, pb);
}

/* The columns x (N,P) and target y (N) of the records that have a metric;
 * returns N. */
static long
columns(const struct records *r, char **keys, int p, const char *metric,
        int use_log, double *x, double *y)
{
    long n = 0;

    for (long i = 0; i < r->n; i++) {
        const struct record *at = &r->at[i];
        double v = record_number(at, metric);

        if (isnan(v))
            continue;
        if (use_log && v <= 0)
            die_at(at->file, at->line, "the logarithm of '%s' = %g is asked "
                   "for: use --linear", metric, v);
        y[n] = use_log ? d_log(v) : v;
        for (int j = 0; j < p; j++) {
            x[n * p + j] = record_number(at, keys[j]);
            if (isnan(x[n * p + j]))
                die_at(at->file, at->line, "'%s' is null", keys[j]);
        }
        n++;
    }
    return n;
}

static bool
is_constant(const double *y, const uint32_t *order, long n)
{
    for (long i = 1; i < n; i++)
        if (y[order[i]] != y[order[0]])
            return false;
    return n > 1;
}

static json_t *
coefficients(char **keys, int p, const double *beta, const double *lo,
             const double *hi, int bootstrap)
{
    json_t *list = json_array();

    for (int j = 0; j < p; j++) {
        json_t *c = json_object();

        json_object_set_new(c, "key", json_string(keys[j]));
        json_object_set_new(c, "beta", json_number(beta[j]));
        if (bootstrap) {
            json_object_set_new(c, "lo", json_number(lo[j]));
            json_object_set_new(c, "hi", json_number(hi[j]));
        }
        json_array_append_new(list, c);
    }
    return list;
}

json_t *
group_regress(struct records *r, char **keys, const char *metric, int use_log,
              double held, int bootstrap, uint64_t seed)
{
    int p = 0;
    long n, fit;
    double *x, *y, *beta, *lo, *hi;
    uint32_t *order;
    struct regression g;
    struct rng rng;
    json_t *v = json_object();

    while (keys[p])
        p++;
    x = xcalloc((size_t)r->n * (size_t)p + 1, sizeof *x);
    y = xcalloc((size_t)r->n + 1, sizeof *y);
    order = xcalloc((size_t)r->n + 1, sizeof *order);
    beta = xcalloc((size_t)p * 3, sizeof *beta);
    lo = beta + p;
    hi = lo + p;
    g.beta = beta;
    qsort(r->at, (size_t)r->n, sizeof *r->at, by_id);
    n = columns(r, keys, p, metric, use_log, x, y);
    if (!n)
        die(RC_DATA, "no record has a '%s' that is a number", metric);
    /* Step 2^32 - 1: away from the bootstrap's rounds. */
    rng_init(&rng, seed, RNG_STATS, UINT32_MAX, 0);
    for (long i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    rng_shuffle(&rng, order, (uint32_t)n);
    fit = n - (long)(held * (double)n + 0.5);
    if (is_constant(y, order, fit))
        die(RC_DATA, "'%s' is the same in all %ld records: there is nothing "
            "that settings could explain", metric, fit);
    if (regress(x, y, p, order, fit, n, &g))
        die(RC_DATA, "%ld records cannot tell %d keys apart: columns are "
            "constant, dependent, or too many; leave some out", fit, p);
    if (bootstrap && regress_bootstrap(x, y, p, order, fit, bootstrap, seed,
                                       lo, hi))
        die(RC_DATA, "%ld records are too few for a bootstrap of %d keys",
            fit, p);
    json_object_set_new(v, "metric", json_string(metric));
    json_object_set_new(v, "log", json_boolean(use_log));
    json_object_set_new(v, "coefficients",
                        coefficients(keys, p, beta, lo, hi, bootstrap));
    json_object_set_new(v, "n", json_integer(fit));
    json_object_set_new(v, "mse", json_number(g.mse));
    json_object_set_new(v, "r2", json_number(g.r2));
    json_object_set_new(v, "held_n", json_integer(n - fit));
    json_object_set_new(v, "held_mse", json_number(g.mse_out));
    json_object_set_new(v, "held_r2", json_number(g.r2_out));
    free(x);
    free(y);
    free(order);
    free(beta);
    return v;
}

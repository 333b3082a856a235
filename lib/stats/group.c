#include "stats/group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/sort.h"
#include "stats/bootstrap.h"
#include "stats/summary.h"

static int
by_keys(const void *pa, const void *pb, void *keys)
{
    const struct record *a = pa, *b = pb;
    char **k = keys;

    for (; *k; k++) {
        int c = value_compare(record_need(a, *k), record_need(b, *k));

        if (c)
            return c;
    }
    return 0;
}

static json_t *
numbers(const struct record *at, long n, const char *metric,
        const struct group_options *o)
{
    double *x = xcalloc((size_t)n, sizeof *x), lo, hi;
    long have = 0;
    struct summary s;
    json_t *v = json_object();

    for (long i = 0; i < n; i++) {
        double number = record_number(&at[i], metric);

        if (!isnan(number))
            x[have++] = number;
    }
    json_object_set_new(v, "n", json_integer(have));
    if (have < n)
        json_object_set_new(v, "missing", json_integer(n - have));
    if (have) {
        summarise(x, have, &s);
        json_object_set_new(v, "mean", json_number(s.mean));
        json_object_set_new(v, "std", json_number(s.std));
        json_object_set_new(v, "error", json_number(s.error));
        json_object_set_new(v, "min", json_number(s.min));
        json_object_set_new(v, "median", json_number(s.median));
        json_object_set_new(v, "max", json_number(s.max));
    }
    if (have && o->bootstrap) {
        bootstrap_mean(x, have, o->bootstrap, o->seed, &lo, &hi);
        json_object_set_new(v, "lo", json_number(lo));
        json_object_set_new(v, "hi", json_number(hi));
    }
    free(x);
    return v;
}

/* "PATH>=NUMBER" or "PATH<=NUMBER" taken apart; returns +1 or -1. */
static int
parse_rule(const char *rule, char **path, double *bound)
{
    const char *op = strpbrk(rule, "<>");
    char *end;

    if (!op || op == rule || op[1] != '=' || !op[2])
        die(RC_USAGE, "--success: '%s' is not METRIC>=NUMBER or "
            "METRIC<=NUMBER", rule);
    *bound = strtod(op + 2, &end);
    if (*end || json_vanishes(op + 2, strlen(op + 2)))
        die(RC_USAGE, "--success: '%s' is not a number", op + 2);
    *path = xasprintf("%.*s", (int)(op - rule), rule);
    return *op == '>' ? 1 : -1;
}

static json_t *
successes(const struct record *at, long n, const char *rule)
{
    char *path;
    double bound, lo, hi;
    int sign = parse_rule(rule, &path, &bound);
    long k = 0;
    json_t *v = json_object();

    for (long i = 0; i < n; i++)
        if (sign * record_number(&at[i], path) >= sign * bound)
            k++;
    wilson(k, n, &lo, &hi);
    json_object_set_new(v, "rule", json_string(rule));
    json_object_set_new(v, "k", json_integer(k));
    json_object_set_new(v, "n", json_integer(n));
    json_object_set_new(v, "rate", json_number((double)k / (double)n));
    json_object_set_new(v, "lo", json_number(lo));
    json_object_set_new(v, "hi", json_number(hi));
    free(path);
    return v;
}

json_t *
group_summaries(struct records *r, const struct group_options *o)
{
    json_t *all = json_array();

    /* Every record is looked at once, so that a missing key is reported for
     * the first file that lacks it and not for the first compared. */
    for (long i = 0; i < r->n; i++)
        for (char **k = o->by; *k; k++)
            record_need(&r->at[i], *k);
    sort_stable(r->at, (size_t)r->n, sizeof *r->at, by_keys, o->by);
    for (long i = 0, n; i < r->n; i += n) {
        const struct record *at = &r->at[i];
        json_t *v = json_object();

        for (n = 1; i + n < r->n && by_keys(at, at + n, o->by) == 0; n++)
            ;
        for (char **k = o->by; *k; k++)
            json_set_at(v, *k, json_deep_copy(record_need(at, *k)));
        json_object_set_new(v, "n", json_integer(n));
        for (char **m = o->metrics; *m; m++)
            json_set_at(v, *m, numbers(at, n, *m, o));
        if (o->success)
            json_object_set_new(v, "success", successes(at, n, o->success));
        json_array_append_new(all, v);
    }
    return all;
}

/*
 * special.c - which unit tells which cell, line, counter or flag: activations
 * over a text beside what the rules say of each of its places.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/rng.h"
#include "probe/probe.h"
#include "stats/assign.h"
#include "stats/special.h"
#include "task/meaning.h"

enum { MAX_PLACES = 1 << 22, MAX_ROWS = 64 };

struct unit {
    char *vector;          /* "layers.0.h'" */
    int element;
    float *x;              /* (room) */
};

struct special {
    struct tracks tracks;
    int nmeanings, nunits;
    struct meaning *meaning;
    int32_t **value;       /* (nmeanings)(room) */
    float *since;          /* (room): symbols since the unit of text began */
    float *row_since;      /* (rows): at the row's last symbol so far */
    struct unit *unit;
    long n, room;
    const struct batch *batch;     /* the chunk under way, from place n */
};

/* A unit beside a meaning. */
struct pair {
    struct threshold best;
    double within;           /* the accuracy, without the places right after
                                a unit of text has ended */
    double mi, chance;
    double follows;          /* rank correlation */
    double match;            /* what the assignment adds up: `within` of cells
                                and lines, (1 + |follows|) / 2 of counters,
                                the accuracy of flags */
};

struct special *
special_new(const struct legal *l)
{
    struct special *s = xcalloc(1, sizeof *s);

    s->tracks.legal = l;
    s->meaning = meanings_new(l, &s->nmeanings);
    s->value = xcalloc((size_t)s->nmeanings, sizeof *s->value);
    return s;
}

static void
make_room(struct special *s, long more)
{
    if (s->n + more > MAX_PLACES)
        die(RC_DATA, "more than %d places to look at: take fewer", MAX_PLACES);
    if (s->n + more <= s->room)
        return;
    s->room = s->room ? 2 * s->room : 16384;
    while (s->room < s->n + more)
        s->room *= 2;
    for (int i = 0; i < s->nmeanings; i++)
        s->value[i] = xrealloc(s->value[i], (size_t)s->room,
                               sizeof *s->value[i]);
    for (int i = 0; i < s->nunits; i++)
        s->unit[i].x = xrealloc(s->unit[i].x, (size_t)s->room,
                                sizeof *s->unit[i].x);
    s->since = xrealloc(s->since, (size_t)s->room, sizeof *s->since);
}

/* The first of a vector's units; they are made when it is first seen. */
static struct unit *
units_of(struct special *s, const char *layer, const char *name, int n)
{
    char full[256];

    snprintf(full, sizeof full, "%s.%s", layer, name);
    for (int i = 0; i < s->nunits; i++)
        if (!strcmp(s->unit[i].vector, full))
            return &s->unit[i];
    s->unit = xrealloc(s->unit, (size_t)(s->nunits + n), sizeof *s->unit);
    for (int i = 0; i < n; i++)
        s->unit[s->nunits + i] = (struct unit){
            xstrdup(full), i, xcalloc((size_t)s->room, sizeof(float)),
        };
    s->nunits += n;
    return &s->unit[s->nunits - n];
}

/* States after the step are the primed names. */
static void
collect(void *ctx, int t, int b, const char *layer, const char *name,
        const float *v, int n)
{
    struct special *s = ctx;
    long at = s->n + (long)b * s->batch->steps + t;
    struct unit *u;

    if (name[strlen(name) - 1] != '\'')
        return;
    u = units_of(s, layer, name, n);
    for (int i = 0; i < n; i++)
        u[i].x[at] = v[i];
}

static void
follow(struct special *s, const struct batch *b, int r)
{
    const struct legal *l = s->tracks.legal;
    struct legal_state *state = &s->tracks.state[r];
    int32_t *value = xcalloc((size_t)s->nmeanings, sizeof *value);

    for (int t = 0; t < b->steps; t++) {
        long at = s->n + (long)r * b->steps + t;
        int32_t k = b->tokens[(size_t)r * (size_t)b->steps + (size_t)t];

        if (!legal_play(l, state, k))
            die(RC_DATA, "row %d, step %d: symbol %d breaks the task's rules: "
                "begin the text at its first batch", r, t, k);
        meanings_of(l, state, value);
        for (int i = 0; i < s->nmeanings; i++)
            s->value[i][at] = value[i];
        s->row_since[r] = k == legal_end(l) ? 0 : s->row_since[r] + 1;
        s->since[at] = s->row_since[r];
    }
    free(value);
}

void
special_chunk(void *ctx, const struct evaluator *e, const struct batch *b,
              int64_t first)
{
    struct special *s = ctx;
    long places = (long)b->rows * b->steps;

    (void)first;
    if (b->rows > MAX_ROWS)
        die(RC_DATA, "batches of %d rows: %d at most can be looked into",
            b->rows, MAX_ROWS);
    make_room(s, places);
    tracks_begin(&s->tracks, b);
    if (!s->row_since)
        s->row_since = xcalloc((size_t)b->rows, sizeof *s->row_since);
    for (int r = 0; r < b->rows; r++)
        follow(s, b, r);
    s->batch = b;
    e->backend->observe(e->device, collect, s);
    s->n += places;
}

/* ---- what they tell of each other ---------------------------------------*/

static bool
changes(const struct special *s, int meaning)
{
    for (long i = 1; i < s->n; i++)
        if (s->value[meaning][i] != s->value[meaning][0])
            return true;
    return false;
}

/* Keep the places where a unit of text is under way; returns how many. */
static long
keep_within(const struct special *s, uint32_t *order)
{
    long n = 0;

    for (long i = 0; i < s->n; i++)
        if (s->since[order[i]] > 0)
            order[n++] = order[i];
    return n;
}

/* One unit beside all meanings. */
static void
compare(const struct special *s, const float *x, uint32_t number,
        struct pair *out)
{
    uint32_t *order = xcalloc((size_t)s->n, sizeof *order);
    int32_t *bin = xcalloc(2 * (size_t)s->n, sizeof *bin);
    int32_t *mixed = bin + s->n;
    struct rng r;
    long n;

    special_bins(x, s->n, bin);
    rng_init(&r, 1, RNG_STATS, number, 0);
    for (long i = 0; i < s->n; i++)
        order[i] = (uint32_t)i;
    rng_shuffle(&r, order, (uint32_t)s->n);
    for (long i = 0; i < s->n; i++)
        mixed[i] = bin[order[i]];
    special_order(x, s->n, order);
    for (int k = 0; k < s->nmeanings; k++) {
        int ny = s->meaning[k].values;
        double bias;

        best_threshold(x, order, s->value[k], ny, s->n, &out[k].best);
        out[k].mi = mutual_information(bin, SPECIAL_BINS, s->value[k], ny,
                                       s->n, &bias);
        out[k].mi = fmax(0, out[k].mi - bias);
        out[k].follows = rank_correlation(x, order, s->value[k], ny, s->n);
        out[k].match = s->meaning[k].kind == MEANING_COUNTER ?
            0.5 + fabs(out[k].follows) / 2 : out[k].best.accuracy;
        out[k].chance = mutual_information(mixed, SPECIAL_BINS, s->value[k],
                                           ny, s->n, &bias);
    }
    n = keep_within(s, order);
    for (int k = 0; k < s->nmeanings; k++) {
        struct threshold t;

        best_threshold(x, order, s->value[k], s->meaning[k].values, n, &t);
        out[k].within = t.accuracy;
        if (s->meaning[k].kind == MEANING_CELL ||
            s->meaning[k].kind == MEANING_LINE)
            out[k].match = t.accuracy;
    }
    free(order);
    free(bin);
}

static char *
unit_name(const struct special *s, int i)
{
    bool one = true;

    for (int k = 1; k < s->nunits; k++)
        one &= !strcmp(s->unit[k].vector, s->unit[0].vector);
    return one ? xasprintf("%d", s->unit[i].element) :
           xasprintf("%s.%d", s->unit[i].vector, s->unit[i].element);
}

static json_t *
pair_json(const struct special *s, int unit, int meaning,
          const struct pair *p)
{
    const struct meaning *m = &s->meaning[meaning];
    char *name = unit_name(s, unit);
    json_t *o = json_object();

    json_object_set_new(o, "unit", json_string(name));
    json_object_set_new(o, "meaning", json_string(m->name));
    json_object_set_new(o, "accuracy", json_number(p->best.accuracy));
    json_object_set_new(o, "within", json_number(p->within));
    json_object_set_new(o, "threshold", json_number(p->best.at));
    json_object_set_new(o, "above", json_boolean(p->best.above));
    if (m->values > 2)
        json_object_set_new(o, "from", json_integer(p->best.cut));
    json_object_set_new(o, "follows", json_number(p->follows));
    json_object_set_new(o, "bits", json_number(p->mi));
    json_object_set_new(o, "bits_shuffled", json_number(p->chance));
    free(name);
    return o;
}

/* "unit 7 = cell 4 (98 %)" */
static json_t *
match_text(const struct special *s, int unit, int meaning,
           const struct pair *p)
{
    const struct meaning *m = &s->meaning[meaning];
    char *name = unit_name(s, unit);
    json_t *v = m->kind == MEANING_COUNTER ?
        json_sprintf("unit %s = %s (rank correlation %.2f)", name, m->name,
                     p->follows) :
        json_sprintf("unit %s = %s (%.0f %%)", name, m->name,
                     100 * p->match);

    free(name);
    return v;
}

/* Units one to one with the meanings of one kind (kind < 0: all) that change:
 * to[unit] is a meaning or -1.  Returns how many pairs there are. */
static int
match(const struct special *s, const struct pair *pairs, int kind, int *to)
{
    int *which = xcalloc((size_t)s->nmeanings + 1, sizeof *which), n = 0;
    double *w;
    int found = 0;

    for (int k = 0; k < s->nmeanings; k++)
        if ((kind < 0 || (int)s->meaning[k].kind == kind) && changes(s, k))
            which[n++] = k;
    w = xcalloc((size_t)n * (size_t)s->nunits + 1, sizeof *w);
    for (int u = 0; u < s->nunits; u++)
        for (int k = 0; k < n; k++)
            w[u * n + k] = pairs[u * s->nmeanings + which[k]].match;
    if (n)
        assign_most(w, s->nunits, n, to);
    for (int u = 0; u < s->nunits; u++) {
        to[u] = n && to[u] >= 0 ? which[to[u]] : -1;
        found += to[u] >= 0;
    }
    free(w);
    free(which);
    return found;
}

static json_t *
matches_json(const struct special *s, const struct pair *pairs, const int *to)
{
    json_t *a = json_array();

    for (int u = 0; u < s->nunits; u++) {
        const struct pair *p;
        json_t *o;

        if (to[u] < 0)
            continue;
        p = &pairs[u * s->nmeanings + to[u]];
        o = pair_json(s, u, to[u], p);
        json_object_set_new(o, "text", match_text(s, u, to[u], p));
        json_array_append_new(a, o);
    }
    return a;
}

/* The cells with a unit of their own; a unit that only counts symbols is what
 * they are to be compared with. */
static void
add_cells(const struct special *s, const struct pair *pairs,
          const struct pair *counting, json_t *out)
{
    int *to = xcalloc((size_t)s->nunits + 1, sizeof *to);
    int n = match(s, pairs, MEANING_CELL, to), cells = 0, sharp = 0;
    double sum = 0, least = 1, count = 0, within = 0;

    for (int u = 0; u < s->nunits; u++)
        if (to[u] >= 0) {
            const struct pair *p = &pairs[u * s->nmeanings + to[u]];

            sum += p->best.accuracy;
            within += p->within;
            least = fmin(least, p->within);
            sharp += p->within >= 0.95;
        }
    for (int k = 0; k < s->nmeanings; k++)
        if (s->meaning[k].kind == MEANING_CELL) {
            cells++;
            count += counting[k].within;
        }
    if (n) {
        json_t *o = json_object();

        json_object_set_new(o, "cells", json_integer(cells));
        json_object_set_new(o, "matched", json_integer(n));
        json_object_set_new(o, "mean", json_number(sum / n));
        json_object_set_new(o, "within", json_number(within / n));
        json_object_set_new(o, "least", json_number(least));
        json_object_set_new(o, "sharp", json_integer(sharp));
        json_object_set_new(o, "by_counting", json_number(count / cells));
        json_object_set_new(o, "units", matches_json(s, pairs, to));
        json_object_set_new(out, "cells", o);
    }
    free(to);
}

static json_t *
meanings_json(const struct special *s, const struct pair *counting)
{
    json_t *a = json_array();

    for (int k = 0; k < s->nmeanings; k++) {
        json_t *o = json_object();

        json_object_set_new(o, "meaning", json_string(s->meaning[k].name));
        json_object_set_new(o, "kind",
            json_string(meaning_kind_name(s->meaning[k].kind)));
        json_object_set_new(o, "entropy", json_number(
            entropy_bits(s->value[k], s->meaning[k].values, s->n)));
        json_object_set_new(o, "by_counting",
                            json_number(counting[k].best.accuracy));
        json_object_set_new(o, "by_counting_within",
                            json_number(counting[k].within));
        json_array_append_new(a, o);
    }
    return a;
}

static void
release(struct special *s)
{
    for (int i = 0; i < s->nmeanings; i++)
        free(s->value[i]);
    for (int i = 0; i < s->nunits; i++) {
        free(s->unit[i].vector);
        free(s->unit[i].x);
    }
    free(s->value);
    free(s->since);
    free(s->row_since);
    free(s->unit);
    free(s->meaning);
    free(s->tracks.state);
    free(s);
}

json_t *
special_json(struct special *s)
{
    size_t m = (size_t)s->nmeanings;
    struct pair *pairs = xcalloc(((size_t)s->nunits + 1) * m, sizeof *pairs);
    struct pair *counting = pairs + (size_t)s->nunits * m;
    int *to = xcalloc((size_t)s->nunits + 1, sizeof *to);
    json_t *o = json_object(), *list = json_array();

    if (!s->nunits)
        die(RC_DATA, "this net has no states: nothing to look into");
    for (int u = 0; u < s->nunits; u++)
        compare(s, s->unit[u].x, (uint32_t)u, pairs + (size_t)u * m);
    compare(s, s->since, UINT32_MAX, counting);
    json_object_set_new(o, "units", json_integer(s->nunits));
    json_object_set_new(o, "places", json_integer(s->n));
    json_object_set_new(o, "bins", json_integer(SPECIAL_BINS));
    match(s, pairs, -1, to);
    json_object_set_new(o, "assigned", matches_json(s, pairs, to));
    add_cells(s, pairs, counting, o);
    json_object_set_new(o, "meanings", meanings_json(s, counting));
    for (int u = 0; u < s->nunits; u++)
        for (int k = 0; k < s->nmeanings; k++)
            json_array_append_new(list,
                pair_json(s, u, k, &pairs[u * s->nmeanings + k]));
    json_object_set_new(o, "pairs", list);
    free(pairs);
    free(to);
    release(s);
    return o;
}

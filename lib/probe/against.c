/*
 * against.c - net and best predictor on the same places of a text.  Their
 * difference has much less noise than either loss; its error comes from the
 * units of text, which are independent draws.
 */
#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/json.h"
#include "probe/probe.h"
#include "stats/ratio.h"

/* A row's unit under way. */
struct piece {
    double excess;
    long places;
    bool legal;
};

struct against {
    struct tracks tracks;
    struct piece *piece;           /* (rows) */
    long places, legal;            /* legal: the likeliest symbol may come */
    double loss, excess, mass;
    long units_legal;
    struct ratio units;            /* their excess */
    bool lost;                     /* the text does not keep the rules, or
                                      does not begin where a text does */
};

struct against *
against_new(const struct legal *l)
{
    struct against *a = xcalloc(1, sizeof *a);

    a->tracks.legal = l;
    return a;
}

static void
end_unit(struct against *a, struct piece *p)
{
    ratio_add(&a->units, p->excess, (double)p->places);
    a->units_legal += p->legal;
    *p = (struct piece){ .legal = true };
}

/* A place where the rules allow the target. */
static void
add_place(struct against *a, struct piece *p, const uint32_t *weight,
          uint32_t total, const float *probs, double loss, int target)
{
    double best = -d_log((double)weight[target] / (double)total), mass = 0;
    int likeliest = 0, n = legal_symbols(a->tracks.legal);

    for (int k = 0; k < n; k++) {
        mass += weight[k] ? (double)probs[k] : 0;
        if (probs[k] > probs[likeliest])
            likeliest = k;
    }
    a->places++;
    a->loss += best;
    a->excess += loss - best;
    a->mass += mass;
    a->legal += weight[likeliest] > 0;
    p->excess += loss - best;
    p->places++;
    p->legal &= weight[likeliest] > 0;
    if (target == legal_end(a->tracks.legal))
        end_unit(a, p);
}

static void
row(struct against *a, const struct evaluator *e, const struct batch *b,
    int r)
{
    const struct legal *l = a->tracks.legal;
    struct legal_state *s = &a->tracks.state[r];
    int k = e->classes;

    for (int t = 0; t < b->steps; t++) {
        size_t at = (size_t)r * (size_t)b->steps + (size_t)t;
        uint32_t weight[LEGAL_SYMBOLS], total;

        if (!legal_play(l, s, b->tokens[at])) {
            a->lost = true;
            return;
        }
        total = legal_moves(l, s, weight);
        if (b->scored[at] && weight[b->classes[at]])
            add_place(a, &a->piece[r], weight, total,
                      e->probs + at * (size_t)k, e->loss[at],
                      b->classes[at]);
    }
}

void
against_chunk(void *ctx, const struct evaluator *e, const struct batch *b,
              int64_t first)
{
    struct against *a = ctx;

    (void)first;
    if (a->lost)
        return;
    tracks_begin(&a->tracks, b);
    if (!a->piece) {
        a->piece = xcalloc((size_t)b->rows, sizeof *a->piece);
        for (int r = 0; r < b->rows; r++)
            a->piece[r].legal = true;
    }
    for (int r = 0; r < b->rows; r++)
        row(a, e, b, r);
}

json_t *
against_json(struct against *a)
{
    double n = (double)a->places;
    json_t *o = a->lost ? json_null() : json_object();

    json_object_set_new(o, "optimal_loss", json_number(a->loss / n));
    json_object_set_new(o, "excess", json_number(a->excess / n));
    json_object_set_new(o, "excess_error", json_number(ratio_error(&a->units)));
    json_object_set_new(o, "legal_mass", json_number(a->mass / n));
    json_object_set_new(o, "likeliest_legal",
                        json_number((double)a->legal / n));
    json_object_set_new(o, "units", json_integer(a->units.clusters));
    json_object_set_new(o, "units_legal",
                        json_number((double)a->units_legal /
                                    (double)a->units.clusters));
    free(a->tracks.state);
    free(a->piece);
    free(a);
    return o;
}

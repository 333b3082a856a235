/*
 * accumulate.c - which sums the gradients of a net's matrices are, and what is
 * added to them in which order (docs/numerics.md, section 3).
 *
 * The plans of all variants have the same weights, with the same numbers: what
 * is found in one holds for the others.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/die.h"
#include "graph/net_plan.h"

static int
find_accumulator(struct net_plan *p, int layer, const struct plan_weight *w)
{
    int param = p->net->layers[layer].first_param + w->param;
    struct accumulator *a;

    for (int i = p->naccumulators - 1; i >= 0; i--) {
        a = &p->accumulators[i];
        if (a->layer != layer)
            break;
        if (a->param == param && a->row0 == w->row0 && a->rows == w->rows &&
            a->col0 == w->col0 && a->k == w->k)
            return i;
    }
    p->accumulators = xrealloc(p->accumulators, (size_t)p->naccumulators + 1,
                               sizeof *p->accumulators);
    p->accumulators[p->naccumulators] = (struct accumulator){
        .layer = layer, .param = param, .row0 = w->row0, .rows = w->rows,
        .col0 = w->col0, .k = w->k, .tokens = true,
    };
    return p->naccumulators++;
}

static const struct plan_weight *
weight_of(const struct net_plan *p, const struct consumer_group *g, int i)
{
    const struct plan *y = p->layers[g->layer].plan[STEPS_SEVERAL];

    return &y->cases[g->kase].weight[g->consumer[i].weight];
}

/* The group of a consumer: an earlier one with the same argument, if no other
 * adds to the same accumulator (their order counts). */
static struct consumer_group *
find_group(struct net_plan *p, int layer, int kase,
           const struct plan_weight *w, bool sole)
{
    for (int i = p->ngroups - 1; sole && i >= 0; i--) {
        struct consumer_group *g = &p->groups[i];
        const struct plan_weight *x = weight_of(p, g, 0);

        if (g->layer != layer || g->kase != kase)
            break;
        if (g->sole && x->token == w->token && x->k == w->k &&
            x->sign == w->sign && x->arg == w->arg &&
            x->swapped == w->swapped)
            return g;
    }
    p->groups = xrealloc(p->groups, (size_t)p->ngroups + 1,
                         sizeof *p->groups);
    p->groups[p->ngroups] = (struct consumer_group){ layer, kase, sole, 0,
                                                     NULL };
    return &p->groups[p->ngroups++];
}

static void
add_consumer(struct net_plan *p, int layer, int kase, int weight,
             const struct plan_weight *w)
{
    int a = find_accumulator(p, layer, w);
    struct consumer_group *g = find_group(p, layer, kase, w,
                                          p->accumulators[a].consumers == 1);

    g->consumer = xrealloc(g->consumer, (size_t)g->n + 1,
                           sizeof *g->consumer);
    g->consumer[g->n++] = (struct consumer){ a, weight };
}

static void
layer_consumers(struct net_plan *p, int l)
{
    const struct plan *y = p->layers[l].plan[STEPS_SEVERAL];

    for (int c = 0; c < y->ncases; c++)
        for (int i = 0; i < y->cases[c].nweight; i++) {
            const struct plan_weight *w = &y->cases[c].weight[i];
            struct accumulator *a;
            int n = find_accumulator(p, l, w);

            a = &p->accumulators[n];
            a->consumers++;
            a->tokens &= w->token;
        }
    for (int c = 0; c < y->ncases; c++)
        for (int i = 0; i < y->cases[c].nweight; i++)
            add_consumer(p, l, c, i, &y->cases[c].weight[i]);
}

static bool
overlap(const struct accumulator *a, const struct accumulator *b)
{
    return a->param == b->param && a->col0 < b->col0 + b->k &&
           b->col0 < a->col0 + a->k && a->row0 < b->row0 + b->rows &&
           b->row0 < a->row0 + a->rows;
}

/* Which accumulators are the first of their blocks, and which matrices have
 * none but those that cover them whole: else all are added, from +0. */
static void
find_first(struct net_plan *p)
{
    int64_t *set = xcalloc((size_t)p->net->nparams + 1, sizeof *set);

    p->covered = xcalloc((size_t)p->net->nparams + 1, sizeof *p->covered);
    for (int i = 0; i < p->naccumulators; i++) {
        struct accumulator *a = &p->accumulators[i];

        a->first = true;
        for (int k = i - 1; k >= 0 && p->accumulators[k].layer == a->layer;
             k--)
            if (overlap(a, &p->accumulators[k]))
                a->first = false;
        if (a->first)
            set[a->param] += (int64_t)a->rows * a->k;
    }
    for (int i = 0; i < p->net->nparams; i++)
        p->covered[i] = set[i] == (int64_t)p->net->params[i].rows *
                                  p->net->params[i].cols;
    for (int i = 0; i < p->naccumulators; i++)
        if (!p->covered[p->accumulators[i].param])
            p->accumulators[i].first = false;
    free(set);
}

void
net_plan_accumulate(struct net_plan *p)
{
    for (int l = 0; l < p->nlayers; l++)
        layer_consumers(p, l);
    find_first(p);
}

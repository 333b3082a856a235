/* net_plan.c - what the layers of a net are run as, together. */
#include "graph/net_plan.h"

#include <stdlib.h>

#include "base/die.h"
#include "graph/sizes.h"

enum { TOGETHER = 4 * MICROBATCH };

/* The first layer with parameters: nothing below it learns. */
static int
first_learning(const struct net *n)
{
    int l = 0;

    while (l < n->nlayers && !n->layers[l].eq->nparams)
        l++;
    return l;
}

/* Initial values that are learned want the adjoint of the first states, also
 * in windows of one step. */
static bool
learned_start(const struct net *n)
{
    for (int l = 0; l < n->nlayers; l++)
        for (int i = 0; i < n->layers[l].eq->nstates; i++)
            if (n->layers[l].eq->states[i].param >= 0)
                return true;
    return false;
}

static void
plan_layer(struct net_plan *p, int l, int learning)
{
    struct layer_plan *y = &p->layers[l];
    struct plan_options o = {
        .gradient = p->gradient && l >= learning, .observe = p->observe,
        .dinput = l > learning,
    };

    for (int v = 0; v < STEP_VARIANTS; v++) {
        o.carry = v != STEPS_ONE;
        if (v != STEPS_ONE || p->one_step)
            y->plan[v] = plan_new(y->layer->graph, &o);
    }
}

struct net_plan *
net_plan_new(const struct net *n, const struct net_plan_options *o)
{
    struct net_plan *p = xcalloc(1, sizeof *p);
    int learning = first_learning(n), drops = 0;

    p->net = n;
    p->gradient = o->gradient;
    p->observe = o->observe;
    p->one_step = o->gradient && !o->observe && !learned_start(n);
    p->nlayers = n->nlayers;
    p->layers = xcalloc((size_t)n->nlayers + 1, sizeof *p->layers);
    for (int l = 0; l < n->nlayers; l++) {
        const struct equations *eq = n->layers[l].eq;

        p->layers[l].layer = &n->layers[l];
        p->layers[l].drop_site = drops;
        drops += eq->ndrops;
        plan_layer(p, l, learning);
        if (eq->nstates || eq->ncases > 1 || o->observe)
            p->stack = l + 1;
    }
    net_plan_accumulate(p);
    return p;
}

void
net_plan_free(struct net_plan *p)
{
    if (!p)
        return;
    for (int l = 0; l < p->nlayers; l++)
        for (int v = 0; v < STEP_VARIANTS; v++)
            plan_free(p->layers[l].plan[v]);
    for (int i = 0; i < p->ngroups; i++)
        free(p->groups[i].consumer);
    free(p->layers);
    free(p->accumulators);
    free(p->covered);
    free(p->groups);
    free(p);
}

enum step_variant
net_plan_variant(const struct net_plan *p, int steps)
{
    return p->one_step && steps == 1 ? STEPS_ONE : STEPS_SEVERAL;
}

int
net_plan_rows(const struct net_plan *p, int rows, int steps, bool gradient)
{
    int most = steps == 1 ? TOGETHER : MICROBATCH;

    return (p->observe && !gradient) || rows < most ? rows : most;
}

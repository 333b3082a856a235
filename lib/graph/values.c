/*
 * values.c - the pass keep: what every value is.
 *
 * Values with a role (a state's next value, the output, adjoints that leave
 * the step) are the role's; what a later region or a sink reads is kept for
 * every step; what dies inside its run is scratch; the rest is temporary.
 */
#include <stdlib.h>

#include "base/die.h"
#include "graph/plan_build.h"

/* ---- roles --------------------------------------------------------------- */

/* Give value v the role, or copy it into a new value that has it.  A state's
 * adjoint is gone after the step before: what is read later is a copy. */
static void
role(struct build *b, int v, enum value_class class, int index, int region)
{
    struct value *x = &b->val[v];
    struct item *t;
    int w;

    if (x->item >= 0 && x->v.class == V_UNKNOWN && x->v.region < REGIONS &&
        !(class == V_DSTATE && (x->keep || x->v.region != R_BLOOP))) {
        x->v.class = class;
        x->v.index = index;
        return;
    }
    if (x->v.region >= 0 && x->v.region < REGIONS && class != V_DSTATE)
        region = x->v.region;
    w = build_value(b, x->v.size, region);
    b->val[w].v.class = class;
    b->val[w].v.index = index;
    t = build_item(b, I_EW, region, w);
    t->op = OP_MOV;
    t->nargs = 1;
    t->arg[0] = v;
}

static void
forward_roles(struct build *b)
{
    const struct graph_case *c = b->c;
    const struct equations *eq = b->plan->eq;
    const struct value *o;
    int region = b->several ? R_LOOP : eq->nstates ? R_POST : R_PRE;

    for (int i = 0; i < eq->nstates; i++)
        role(b, b->of[c->next[i]], V_NEXT, i, R_LOOP);
    o = &b->val[b->of[c->output]];
    if (o->v.class == V_NEXT && !b->several)
        b->plan->output = o->v.index;
    else
        role(b, b->of[c->output], V_OUTPUT, -1, region);
}

/* +0: where a step does not look at its input, the layer below still has an
 * adjoint. */
static int
nothing(struct build *b)
{
    int v = build_value(b, b->plan->eq->input_size, -1);

    b->val[v].v.class = V_NUMBER;
    return v;
}

static void
backward_roles(struct build *b)
{
    const struct graph_case *c = b->c;
    const struct equations *eq = b->plan->eq;

    b->pc->dstate = xcalloc((size_t)eq->nstates + 1, sizeof(int));
    for (int i = 0; i < eq->nstates; i++) {
        if (c->dstate[i] < 0 || !b->plan->carry)
            continue;
        b->pc->dstate[i] = 1;
        role(b, b->of[c->dstate[i]], V_DSTATE, i, R_BLOOP);
    }
    if (b->plan->dinput)
        role(b, c->dinput >= 0 ? b->of[c->dinput] : nothing(b), V_DINPUT, -1,
             b->several ? R_BLOOP : R_BPRE);
}

/* ---- who is kept --------------------------------------------------------- */

static void
reads(struct build *b, const struct item *t, int v, bool outside)
{
    struct value *x;

    if (v < 0 || b->val[v].v.region < 0)
        return;
    x = &b->val[v];
    if (t->region != x->v.region)
        x->keep = true;
    if (outside)
        x->outside = true;
}

/* Read when the regions have run: a gradient. */
static void
sink(struct build *b, int node)
{
    struct value *x = &b->val[b->of[node]];

    x->keep = x->outside = x->v.sink = true;
}

static void
mark_keep(struct build *b)
{
    const struct graph_case *c = b->c;

    for (int i = 0; i < b->nitem; i++) {
        const struct item *t = &b->item[i];

        if (t->kind != I_EW)
            b->val[t->dst].outside = true;
        reads(b, t, t->init_value, true);
        for (int k = 0; k < t->nargs; k++)
            reads(b, t, t->arg[k], t->kind != I_EW);
        for (int k = 0; k < t->nprod; k++)
            reads(b, t, t->prod[k].value, true);
    }
    for (int i = 0; b->plan->gradient && i < c->nweight; i++) {
        sink(b, c->weight[i].dy);
        if (!c->weight[i].token)
            sink(b, c->weight[i].arg);
    }
    for (int v = c->nforward; b->plan->gradient && v < c->n; v++)
        if (c->node[v].op == OP_REDUCE && b->of[v] >= 0)
            sink(b, c->node[v].in[0]);
    for (int i = 0; b->plan->gradient && i < c->nvector; i++)
        sink(b, c->vector[i].node);
    for (int i = 0; b->plan->observe && i < c->nnamed; i++)
        b->val[b->of[c->named[i].node]].keep = true;
}

void
value_roles(struct build *b)
{
    mark_keep(b);
    forward_roles(b);
    if (b->plan->gradient)
        backward_roles(b);
    mark_keep(b);            /* the copies that roles made read values too */
}

/* ---- the others ---------------------------------------------------------- */

static enum value_class
class_of(const struct value *x)
{
    if (x->v.region >= REGIONS)
        return V_VECTOR;
    if (x->keep)
        return V_KEPT;
    return x->outside || x->v.last != x->v.made ? V_TEMP : V_SCRATCH;
}

void
value_classes(struct build *b)
{
    b->pc->nvalues = b->nval;
    b->pc->value = xcalloc((size_t)b->nval + 1, sizeof *b->pc->value);
    for (int i = 0; i < b->nval; i++) {
        if (b->val[i].v.class == V_UNKNOWN)
            b->val[i].v.class = class_of(&b->val[i]);
        b->pc->value[i] = b->val[i].v;
    }
}

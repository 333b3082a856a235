/* plan.c - a graph's plan: what is wanted, its items (items.c) in order
 * (schedule.c), what its values are (values.c), and the sinks that read them.
 */
#include "graph/plan.h"

#include <stdlib.h>

#include "base/die.h"
#include "graph/plan_build.h"

/* What the plan's sinks read: nothing else needs to be computed. */
static bool *
wanted_nodes(const struct build *b)
{
    const struct graph_case *c = b->c;
    const struct equations *eq = b->plan->eq;
    bool *w = xcalloc((size_t)c->n + 1, sizeof *w);

    for (int i = 0; i < eq->nstates; i++) {
        w[c->next[i]] = true;
        if (b->plan->gradient && b->plan->carry && c->dstate[i] >= 0)
            w[c->dstate[i]] = true;
    }
    w[c->output] = true;
    if (b->plan->gradient) {
        if (c->dinput >= 0 && b->plan->dinput)
            w[c->dinput] = true;
        for (int i = 0; i < c->nweight; i++) {
            w[c->weight[i].dy] = true;
            w[c->weight[i].arg] |= !c->weight[i].token;
        }
        for (int i = 0; i < c->nvector; i++)
            w[c->vector[i].node] = true;
    }
    for (int i = 0; b->plan->observe && i < c->nnamed; i++)
        w[c->named[i].node] = true;
    for (int v = c->n - 1; v >= 0; v--) {
        const struct node *n = &c->node[v];

        for (int i = 0; w[v] && i < n->nin; i++)
            w[n->in[i]] = true;
        for (int i = 0; w[v] && i < n->nprod; i++)
            if (!n->prod[i].token || n->op == OP_TRANSPOSED)
                w[n->prod[i].arg] = true;
    }
    return w;
}

/* Learned vectors: also those that only a state starts from. */
static void
param_values(struct build *b)
{
    const struct equations *eq = b->plan->eq;

    b->pc->param = xcalloc((size_t)eq->nparams + 1, sizeof(int));
    for (int i = 0; i < eq->nparams; i++) {
        b->pc->param[i] = -1;
        if (eq->params[i].matrix)
            continue;
        b->pc->param[i] = build_value(b, eq->params[i].rows, -1);
        b->val[b->pc->param[i]].v.class = V_VECTOR;
        b->val[b->pc->param[i]].v.index = i;
    }
}

static void
case_sinks(struct build *b)
{
    const struct graph_case *c = b->c;
    struct plan_case *pc = b->pc;

    pc->nweight = c->nweight;
    pc->weight = xcalloc((size_t)c->nweight + 1, sizeof *pc->weight);
    for (int i = 0; i < c->nweight; i++) {
        const struct weight_grad *w = &c->weight[i];

        pc->weight[i] = (struct plan_weight){
            .param = w->param, .row0 = w->row0, .col0 = w->col0, .k = w->k,
            .sign = w->sign, .token = w->token, .swapped = w->swapped,
            .rows = c->node[w->dy].size,
            .dy = b->of[w->dy], .arg = w->token ? -1 : b->of[w->arg],
        };
    }
    for (int v = c->nforward; v < c->n; v++)
        pc->nreduce += c->node[v].op == OP_REDUCE && b->of[v] >= 0;
    pc->reduce = xcalloc((size_t)pc->nreduce + 1, sizeof *pc->reduce);
    for (int v = c->nforward, i = 0; v < c->n; v++)
        if (c->node[v].op == OP_REDUCE && b->of[v] >= 0)
            pc->reduce[i++] = (struct plan_reduce){
                b->of[c->node[v].in[0]], b->of[v], c->node[v].size };
    pc->nvector = c->nvector;
    pc->vector = xcalloc((size_t)c->nvector + 1, sizeof *pc->vector);
    for (int i = 0; i < c->nvector; i++)
        pc->vector[i] = (struct plan_vector){
            c->vector[i].param, c->node[c->vector[i].node].size,
            b->of[c->vector[i].node] };
}

static void
case_named(struct build *b)
{
    const struct graph_case *c = b->c;
    struct plan_case *pc = b->pc;

    pc->named = xcalloc((size_t)c->nnamed + 1, sizeof *pc->named);
    for (int i = 0; b->plan->observe && i < c->nnamed; i++) {
        int v = c->named[i].node;

        pc->named[pc->nnamed++] = (struct plan_named){
            c->named[i].name, b->of[v], c->node[v].size };
    }
}

static void
case_plan(struct plan *p, const struct graph *g, int i)
{
    struct build b = { .g = g, .c = &g->cases[i], .plan = p,
                       .pc = &p->cases[i], .several = g->ncases > 1 };
    bool *wanted = wanted_nodes(&b);
    struct schedule *s;

    b.pc->at = b.c->at;
    b.of = xcalloc((size_t)b.c->n + 1, sizeof *b.of);
    param_values(&b);
    build_outlive(&b);
    for (int v = 0; v < b.c->n; v++) {
        b.of[v] = -1;
        if (wanted[v] && (p->gradient || v < b.c->nforward))
            build_node(&b, v);
    }
    value_roles(&b);
    s = schedule_open(&b);
    for (int r = 0; r < REGIONS; r++)
        schedule_region(s, r, &b.pc->region[r]);
    schedule_region(s, R_VEC, &b.pc->vec);
    schedule_region(s, R_BVEC, &b.pc->bvec);
    schedule_close(s);
    value_classes(&b);
    if (p->gradient)
        case_sinks(&b);
    case_named(&b);
    for (int t = 0; t < b.nitem; t++)
        free(b.item[t].prod);
    free(b.item);
    free(b.val);
    free(b.of);
    free(b.outlives);
    free(wanted);
}

struct plan *
plan_new(const struct graph *g, const struct plan_options *o)
{
    struct plan *p = xcalloc(1, sizeof *p);

    p->eq = g->eq;
    p->gradient = o->gradient && g->has_adjoint;
    p->observe = o->observe;
    p->dinput = o->dinput;
    p->carry = o->carry;
    p->ncases = g->ncases;
    p->cases = xcalloc((size_t)g->ncases, sizeof *p->cases);
    p->output = -1;
    for (int i = 0; i < g->ncases; i++)
        case_plan(p, g, i);
    return p;
}

static void
region_free(struct plan_region *r)
{
    for (int i = 0; i < r->n; i++) {
        free(r->instr[i].ops);
        free(r->instr[i].gemm.out);
        free(r->instr[i].gemm.seg);
        free(r->instr[i].gemm.block);
    }
    free(r->instr);
}

void
plan_free(struct plan *p)
{
    if (!p)
        return;
    for (int i = 0; i < p->ncases; i++) {
        struct plan_case *c = &p->cases[i];

        for (int r = 0; r < REGIONS; r++)
            region_free(&c->region[r]);
        region_free(&c->vec);
        region_free(&c->bvec);
        free(c->weight);
        free(c->reduce);
        free(c->vector);
        free(c->param);
        free(c->value);
        free(c->dstate);
        free(c->named);
    }
    free(p->cases);
    free(p);
}

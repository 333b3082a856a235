/*
 * adjoint.c - reverse mode over one step's graph.
 *
 * Forward nodes are visited last to first.  When a node's turn comes all its
 * users have had theirs, so its adjoint is the sum of their contributions, in
 * this order (docs/numerics.md, "Adjoints"): what comes from outside (a
 * state's next value: from the next step; the output: from above), the
 * element-wise contributions in the users' text order, and then the transposed
 * products in text order, continuing the chain.  Where the contract says so it
 * is trimmed at the end.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "graph/graph.h"

struct adj {
    const struct equations *eq;
    struct graph_case *c;
    bool dinput;
    int nf;
    bool *live;       /* the output or a state's next value depends on it */
    bool *active;     /* its adjoint is wanted */
    int *d;           /* adjoint node of a forward node, -1: none (zero) */
    /* the nodes that read node v, in text order, each once:
     * user[first[v] .. first[v + 1] - 1] */
    int *first, *user;
    /* states whose next value is node v: state[next[v] .. next[v + 1] - 1] */
    int *next, *state;
};

/* ---- who reads whom ------------------------------------------------------ */

/* Argument number i of a node, products' after the others; -1 at the end. */
static int
argument(const struct node *n, int i)
{
    if (i < n->nin)
        return n->in[i];
    return i - n->nin < n->nprod ? n->prod[i - n->nin].arg : -1;
}

/* Counts per node become where each node's stretch begins. */
static void
begin_stretches(int *first, int n)
{
    for (int v = 0, sum = 0, count; v <= n; v++, sum += count) {
        count = first[v];
        first[v] = sum;
    }
}

static void
find_users(struct adj *a)
{
    const struct graph_case *c = a->c;
    int *seen = xcalloc((size_t)a->nf + 1, sizeof *seen);

    a->first = xcalloc((size_t)a->nf + 2, sizeof *a->first);
    for (int pass = 0; pass < 2; pass++) {
        memset(seen, 0, (size_t)a->nf * sizeof *seen);
        for (int u = 0; u < a->nf; u++)
            for (int i = 0, v; (v = argument(&c->node[u], i)) >= 0; i++) {
                if (seen[v] == u + 1)
                    continue;
                seen[v] = u + 1;
                if (pass)
                    a->user[a->first[v]++] = u;
                else
                    a->first[v]++;
            }
        if (pass)
            break;
        begin_stretches(a->first, a->nf);
        a->user = xcalloc((size_t)a->first[a->nf] + 1, sizeof *a->user);
    }
    /* each stretch's beginning has moved to its end */
    memmove(a->first + 1, a->first, (size_t)a->nf * sizeof *a->first);
    a->first[0] = 0;
    free(seen);
}

static void
find_states(struct adj *a)
{
    int n = a->eq->nstates;

    a->next = xcalloc((size_t)a->nf + 2, sizeof *a->next);
    a->state = xcalloc((size_t)n + 1, sizeof *a->state);
    for (int i = 0; i < n; i++)
        a->next[a->c->next[i]]++;
    begin_stretches(a->next, a->nf);
    for (int i = 0; i < n; i++)
        a->state[a->next[a->c->next[i]]++] = i;
    memmove(a->next + 1, a->next, (size_t)a->nf * sizeof *a->next);
    a->next[0] = 0;
}

/* ---- one node's adjoint -------------------------------------------------- */

static int
make(struct adj *a, enum op op, int of, int in0, int in1, int in2)
{
    int in[3] = { in0, in1, in2 };
    int v = graph_node(a->c, op, a->c->node[of].size);
    struct node *n = &a->c->node[v];

    n->of = of;
    n->adjoint = true;
    n->param_only = true;
    for (int i = 0; i < 3 && in[i] >= 0; i++) {
        n->in[n->nin++] = in[i];
        n->param_only &= a->c->node[in[i]].param_only;
    }
    return v;
}

/* contribution() of a function: its derivative by argument number k. */
static int
function_slope(struct adj *a, int u, int k, int v)
{
    const struct node *x = &a->c->node[u];
    const struct op_row *f = &op_rows[x->op];
    int read = f->reads == READS_VALUE ? u : x->in[0];

    return make(a, f->slope[k], v, a->d[u], read,
                x->nin > 1 ? x->in[1] : -1);
}

static int
over_slope(struct adj *a, int u, int v, enum op op, int d, int x, int value)
{
    int s = make(a, op, v, d, x, value);

    a->c->node[s].heads = a->c->node[u].heads;
    return s;
}

/* What user u's adjoint d adds to the adjoint of its argument number k. */
static int
contribution(struct adj *a, int u, int k, int v)
{
    struct node *x = &a->c->node[u];
    int d = a->d[u], p = x->in[0], q = x->nin > 1 ? x->in[1] : -1, r;

    switch (x->op) {
    case OP_MOV:
    case OP_ADD:
        return d;
    case OP_SUB:
        return k == 0 ? d : make(a, OP_NEG, v, d, -1, -1);
    case OP_NEG:
        return make(a, OP_NEG, v, d, -1, -1);
    case OP_MUL:
        return make(a, OP_MUL, v, d, k == 0 ? q : p, -1);
    case OP_DIV:
        if (k == 0)
            return make(a, OP_DIV, v, d, q, -1);
        r = make(a, OP_MUL, v, d, u, -1);
        r = make(a, OP_DIV, v, r, q, -1);
        return make(a, OP_NEG, v, r, -1, -1);
    case OP_POW:
        r = make(a, OP_D_POW, v, d, p, -1);
        a->c->node[r].power = a->c->node[u].power;
        return r;
    case OP_DROP:
        r = make(a, OP_DROP, v, d, -1, -1);
        a->c->node[r].index = a->c->node[u].index;
        a->c->node[r].num = a->c->node[u].num;
        a->c->node[r].param_only = false;
        return r;
    case OP_SUM:
        return over_slope(a, u, v, OP_SUM, d, -1, -1);
    case OP_AMAX:
        return over_slope(a, u, v, OP_D_AMAX, d, p, -1);
    case OP_CUMSUM:
        return over_slope(a, u, v, OP_D_CUMSUM, d, -1, -1);
    case OP_CUMPROD:
        return over_slope(a, u, v, OP_D_CUMPROD, d, p, u);
    default:
        return function_slope(a, u, k, v);
    }
}

static void
add_to(struct adj *a, int *sum, int part, int v)
{
    *sum = *sum < 0 ? part : make(a, OP_ADD, v, *sum, part, -1);
}

/* Element-wise contributions of user u to v, added to *sum. */
static void
from_user(struct adj *a, int u, int v, int *sum)
{
    struct node *x = &a->c->node[u];
    int off = 0, nin = x->nin;

    if (a->d[u] < 0 || x->op == OP_DETACH || x->op == OP_SIGN)
        return;
    for (int k = 0; k < nin; k++) {
        int w = a->c->node[u].in[k], size = a->c->node[w].size, s;

        x = &a->c->node[u];
        if (w == v && x->op == OP_CONCAT) {
            s = make(a, OP_SLICE, v, a->d[u], -1, -1);
            a->c->node[s].index = off;
            add_to(a, sum, s, v);
        } else if (w == v && x->op == OP_SLICE) {
            s = make(a, OP_PAD, v, a->d[u], -1, -1);
            a->c->node[s].index = a->c->node[u].index;
            add_to(a, sum, s, v);
        } else if (w == v && x->op == OP_AFFINE) {
            s = x->sign[k] > 0 ? a->d[u]
                               : make(a, OP_NEG, v, a->d[u], -1, -1);
            add_to(a, sum, s, v);
        } else if (w == v) {
            add_to(a, sum, contribution(a, u, k, v), v);
        }
        off += size;
    }
}

/* The transposed products of all users of v, in text order. */
static int
transposed(struct adj *a, int v, int sum)
{
    struct product *p = NULL;
    int n = 0, t;

    for (int k = a->first[v]; k < a->first[v + 1]; k++) {
        int u = a->user[k];
        const struct node *x = &a->c->node[u];

        for (int i = 0; a->d[u] >= 0 && i < x->nprod; i++) {
            if (x->prod[i].arg != v || x->prod[i].token)
                continue;
            p = xrealloc(p, (size_t)n + 1, sizeof *p);
            p[n] = x->prod[i];
            p[n].k = x->size;
            p[n].transposed = !x->prod[i].transposed;
            p[n++].arg = a->d[u];
        }
    }
    if (!n)
        return sum;
    t = graph_node(a->c, OP_TRANSPOSED, a->c->node[v].size);
    a->c->node[t].of = v;
    a->c->node[t].adjoint = true;
    a->c->node[t].nin = sum >= 0;
    a->c->node[t].in[0] = sum;
    a->c->node[t].prod = p;
    a->c->node[t].nprod = n;
    return t;
}

/* Would trimming adjoint node d change nothing? */
static bool
is_trimmed(const struct adj *a, int d)
{
    for (;; d = a->c->node[d].in[0])
        switch (a->c->node[d].op) {
        case OP_DNEXT:
        case OP_DOUT:
        case OP_TRIM:
        case OP_TRANSPOSED:
            return true;
        case OP_SLICE: case OP_PAD:     /* of it, or +0 */
        case OP_D_RELU:
        case OP_D_MIN_A: case OP_D_MIN_B: case OP_D_MAX_A: case OP_D_MAX_B:
            continue;
        default:
            return false;
        }
}

/* The complete adjoint of v as its readers get it (docs/numerics.md, "Trim");
 * -1 stays. */
static int
trimmed(struct adj *a, int v, int sum)
{
    const struct node *n = &a->c->node[v];

    if (sum < 0 || is_trimmed(a, sum) ||
        !(n->sum || n->op == OP_STATE || n->op == OP_INPUT))
        return sum;
    return make(a, OP_TRIM, v, sum, -1, -1);
}

/* Is the node a state's next value, or the output? */
static bool
leaves_step(const struct adj *a, int v)
{
    return a->next[v] < a->next[v + 1] || a->c->output == v;
}

/* Row-dependent and param_only users of a param_only value come apart: the
 * first kind is summed over steps and rows, then the second is added.  What
 * comes from the next step and from above is first: where the value leaves the
 * step as it is, that is through a copy of its own. */
static int
turn_param(struct adj *a, int v)
{
    int rows = -1, sum = -1;

    for (int inside = 0; inside < 2; inside++)
        for (int k = a->first[v]; k < a->first[v + 1]; k++) {
            const struct node *u = &a->c->node[a->user[k]];
            bool copy = u->op == OP_MOV && leaves_step(a, a->user[k]);

            if (!u->param_only && copy == !inside)
                from_user(a, a->user[k], v, &rows);
        }
    if (rows >= 0) {
        sum = make(a, OP_REDUCE, v, rows, -1, -1);
        a->c->node[sum].param_only = true;
    }
    for (int k = a->first[v]; k < a->first[v + 1]; k++)
        if (a->c->node[a->user[k]].param_only)
            from_user(a, a->user[k], v, &sum);
    return sum;
}

static int
turn_row(struct adj *a, int v)
{
    const struct graph_case *c = a->c;
    int sum = -1, s;

    for (int k = a->next[v]; k < a->next[v + 1]; k++) {
        s = make(a, OP_DNEXT, v, -1, -1, -1);
        a->c->node[s].index = a->state[k];
        a->c->node[s].param_only = false;
        add_to(a, &sum, s, v);
    }
    if (c->output == v) {
        s = make(a, OP_DOUT, v, -1, -1, -1);
        a->c->node[s].param_only = false;
        add_to(a, &sum, s, v);
    }
    for (int k = a->first[v]; k < a->first[v + 1]; k++)
        from_user(a, a->user[k], v, &sum);
    return trimmed(a, v, transposed(a, v, sum));
}

static void
mark_live(struct adj *a)
{
    const struct graph_case *c = a->c;

    for (int i = 0; i < a->eq->nstates; i++)
        a->live[c->next[i]] = true;
    a->live[c->output] = true;
    for (int v = a->nf - 1; v >= 0; v--) {
        const struct node *n = &c->node[v];

        for (int i = 0; a->live[v] && i < n->nin; i++)
            a->live[n->in[i]] = true;
        for (int i = 0; a->live[v] && i < n->nprod; i++)
            a->live[n->prod[i].arg] = true;
    }
}

/* Wanted: values that depend on a parameter, a state, or the input if the
 * layer below learns; and that something live uses. */
static void
mark_active(struct adj *a)
{
    for (int v = 0; v < a->nf; v++) {
        const struct node *n = &a->c->node[v];
        bool on = n->op == OP_PARAM || n->op == OP_STATE || n->nprod ||
                  (n->op == OP_INPUT && a->dinput);

        for (int i = 0; i < n->nin; i++)
            on |= a->active[n->in[i]];
        if (n->op == OP_DETACH || n->op == OP_SIGN)
            on = false;
        if (n->op == OP_POW && n->power == 0)
            on = false;                 /* 1 whatever it is given */
        a->active[v] = on;
    }
    for (int v = 0; v < a->nf; v++)
        a->active[v] &= a->live[v];
}

static void
weight_grads(struct adj *a)
{
    struct graph_case *c = a->c;

    for (int u = 0; u < a->nf; u++) {
        const struct node *x = &c->node[u];

        for (int i = 0; a->d[u] >= 0 && i < x->nprod; i++) {
            const struct product *p = &x->prod[i];

            if (!(c->nweight & (c->nweight - 1)))     /* full: twice as many */
                c->weight = xrealloc(c->weight, 2 * (size_t)c->nweight + 1,
                                     sizeof *c->weight);
            c->weight[c->nweight++] = (struct weight_grad){
                .param = p->param, .row0 = p->row0, .col0 = p->col0,
                .k = p->transposed ? x->size : p->k,
                .arg = p->transposed ? a->d[u] : p->arg,
                .dy = p->transposed ? p->arg : a->d[u], .sign = p->sign,
                .token = p->token, .swapped = p->transposed,
            };
        }
    }
}

static void
case_adjoint(const struct equations *eq, struct graph_case *c, bool dinput)
{
    struct adj a = { .eq = eq, .c = c, .dinput = dinput && !eq->input_token,
                     .nf = c->nforward };

    a.live = xcalloc((size_t)a.nf, sizeof *a.live);
    a.active = xcalloc((size_t)a.nf, sizeof *a.active);
    a.d = xcalloc((size_t)a.nf, sizeof *a.d);
    find_users(&a);
    find_states(&a);
    mark_live(&a);
    mark_active(&a);
    for (int v = a.nf - 1; v >= 0; v--) {
        a.d[v] = -1;
        if (a.active[v])
            a.d[v] = c->node[v].param_only ? turn_param(&a, v)
                                           : turn_row(&a, v);
    }
    weight_grads(&a);
    c->dstate = xcalloc((size_t)eq->nstates + 1, sizeof *c->dstate);
    for (int i = 0; i < eq->nstates; i++)
        c->dstate[i] = -1;
    for (int v = 0; v < a.nf; v++) {
        const struct node *n = &c->node[v];

        if (n->op == OP_STATE)
            c->dstate[n->index] = a.d[v];
        if (n->op == OP_INPUT)
            c->dinput = a.d[v];
        if (n->op != OP_PARAM || a.d[v] < 0)
            continue;
        c->vector = xrealloc(c->vector, (size_t)c->nvector + 1,
                             sizeof *c->vector);
        c->vector[c->nvector++] = (struct vector_grad){ n->param, a.d[v] };
    }
    free(a.live);
    free(a.active);
    free(a.d);
    free(a.first);
    free(a.user);
    free(a.next);
    free(a.state);
}

void
graph_adjoint(struct graph *g, bool dinput)
{
    for (int i = 0; i < g->ncases; i++)
        case_adjoint(g->eq, &g->cases[i], dinput);
    g->has_adjoint = true;
}

/* graph.c - resolved equations to nodes; see graph.h. */
#include "graph/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "graph/shown.h"

int
graph_node(struct graph_case *c, enum op op, int size)
{
    if (c->n == c->cap) {
        c->cap = c->cap ? 2 * c->cap : 64;
        c->node = xrealloc(c->node, (size_t)c->cap, sizeof *c->node);
    }
    c->node[c->n] = (struct node){ .op = op, .size = size, .of = -1,
                                   .param = -1, .index = -1 };
    return c->n++;
}

/* ---- lowering ------------------------------------------------------------ */

struct term {
    int ex, sign;
};

struct lower {
    const struct equations *eq;
    const struct cell_case *in;
    struct graph_case *out;
    int *map;              /* expression -> node, -1: not yet */
    int *state, *input, *param;   /* leaves made once; NULL entries -1 */
};

static int lower_ex(struct lower *l, int e);

static bool
is_sum(const struct ex *e)
{
    return e->op == OP_ADD || e->op == OP_SUB || e->op == OP_NEG;
}

/* A value of its own, whatever sum it stands in. */
static bool
is_own(const struct ex *x)
{
    return x->name || x->apart;
}

/* Flatten a tree of + - and unary minus.  A named value is a term of its own:
 * the sum is the one that was written. */
static void
flatten(const struct lower *l, int e, int sign, bool root, struct term **t,
        int *n)
{
    const struct ex *x = &l->in->ex[e];

    if (is_sum(x) && (root || !is_own(x))) {
        if (x->op == OP_NEG) {
            flatten(l, x->arg[0], -sign, false, t, n);
            return;
        }
        flatten(l, x->arg[0], sign, false, t, n);
        flatten(l, x->arg[1], x->op == OP_SUB ? -sign : sign, false, t, n);
        return;
    }
    *t = xrealloc(*t, (size_t)*n + 1, sizeof **t);
    (*t)[(*n)++] = (struct term){ e, sign };
}

/* A product term is an unnamed W v, or the root itself. */
static bool
is_product(const struct lower *l, const struct term *t, int root)
{
    const struct ex *x = &l->in->ex[t->ex];

    return x->op == OP_MATVEC && (t->ex == root || !is_own(x));
}

static void
mark(struct node *v, const struct graph_case *c)
{
    v->param_only = v->op != OP_INPUT && v->op != OP_STATE &&
                    v->op != OP_DOUT && v->op != OP_DNEXT;
    v->state_dep = v->op == OP_STATE;
    for (int i = 0; i < v->nin; i++) {
        v->param_only &= c->node[v->in[i]].param_only;
        v->state_dep |= c->node[v->in[i]].state_dep;
    }
    if (v->op == OP_DROP)
        v->param_only = false;     /* every row has a mask of its own */
    for (int i = 0; i < v->nprod; i++) {
        v->param_only = false;
        v->state_dep |= c->node[v->prod[i].arg].state_dep;
    }
}

static int
number(struct lower *l, float x)
{
    int v = graph_node(l->out, OP_NUM, 0);

    l->out->node[v].num = (double)x;
    l->out->node[v].param_only = true;
    return v;
}

static int
unary(struct lower *l, enum op op, int a)
{
    int v;

    if (op == OP_NEG && l->out->node[a].op == OP_NUM)
        return number(l, -(float)l->out->node[a].num);
    v = graph_node(l->out, op, l->out->node[a].size);

    l->out->node[v].nin = 1;
    l->out->node[v].in[0] = a;
    mark(&l->out->node[v], l->out);
    return v;
}

static int
binary(struct lower *l, enum op op, int a, int b)
{
    struct node *n = l->out->node;
    int size = n[a].size ? n[a].size : n[b].size, v;

    /* arithmetic between numbers is done here, in float as it would be */
    if (n[a].op == OP_NUM && n[b].op == OP_NUM &&
        op_rows[op].kind == KIND_ARITH) {
        float x = (float)n[a].num, y = (float)n[b].num;

        return number(l, op == OP_ADD ? x + y : op == OP_SUB ? x - y
                         : op == OP_MUL ? x * y : x / y);
    }
    v = graph_node(l->out, op, size);

    n = l->out->node;
    n[v].nin = 2;
    n[v].in[0] = a;
    n[v].in[1] = b;
    mark(&n[v], l->out);
    return v;
}

/* The parts of a product's argument: concatenations come apart. */
static void
add_product(struct lower *l, struct product **p, int *n, const struct ex *m,
            int e, int sign, int *at)
{
    const struct ex *x = &l->in->ex[e];
    const struct cell_param *w = &l->eq->params[m->param];
    int arg, row0 = m->head ? (m->head - 1) * (w->rows / w->heads) : 0;

    if (x->op == OP_CONCAT) {
        for (int i = 0; i < x->nargs; i++)
            add_product(l, p, n, m, x->arg[i], sign, at);
        return;
    }
    arg = lower_ex(l, e);
    if (l->out->node[arg].param_only)
        arg = unary(l, OP_MOV, arg), l->out->node[arg].param_only = false;
    *p = xrealloc(*p, (size_t)*n + 1, sizeof **p);
    (*p)[(*n)++] = (struct product){
        .param = m->param, .row0 = row0 + (m->transposed ? *at : 0),
        .col0 = m->transposed ? 0 : *at, .k = x->size, .arg = arg,
        .sign = sign, .transposed = m->transposed,
        .chain = l->out->node[arg].state_dep,
        .token = x->op == OP_INPUT && l->eq->input_token && !m->transposed &&
                 !w->derive,
    };
    *at += x->size;
}

static int
lower_sum(struct lower *l, int e)
{
    struct term *t = NULL;
    int n = 0, nprod = 0, v;
    struct product *prod = NULL;
    struct node b = { .op = OP_AFFINE };

    flatten(l, e, 1, true, &t, &n);
    for (int i = 0; i < n; i++) {
        const struct ex *x = &l->in->ex[t[i].ex];
        int at = 0;

        if (is_product(l, &t[i], e)) {
            add_product(l, &prod, &nprod, x, x->arg[0], t[i].sign, &at);
        } else if (x->op == OP_PARAM) {
            if (b.nin == EX_ARGS)
                die(RC_DATA, "cell line %d: more than %d learned vectors in "
                    "one sum", x->line, EX_ARGS);
            b.sign[b.nin] = t[i].sign;
            b.in[b.nin++] = lower_ex(l, t[i].ex);
        }
    }
    for (int i = 0; i < n; i++)       /* the others exist before the sum */
        if (!is_product(l, &t[i], e))
            lower_ex(l, t[i].ex);
    v = graph_node(l->out, OP_AFFINE, l->in->ex[e].size);
    l->out->node[v].nin = b.nin;
    memcpy(l->out->node[v].in, b.in, sizeof b.in);
    memcpy(l->out->node[v].sign, b.sign, sizeof b.sign);
    l->out->node[v].nprod = nprod;
    l->out->node[v].prod = prod;
    mark(&l->out->node[v], l->out);
    for (int i = 0; i < n; i++) {
        const struct ex *x = &l->in->ex[t[i].ex];

        if (!is_product(l, &t[i], e) && x->op != OP_PARAM)
            v = binary(l, t[i].sign > 0 ? OP_ADD : OP_SUB, v,
                       lower_ex(l, t[i].ex));
    }
    free(t);
    l->out->node[v].sum = true;
    return v;
}

static bool
has_product(const struct lower *l, int e)
{
    struct term *t = NULL;
    int n = 0;
    bool yes = false;

    flatten(l, e, 1, true, &t, &n);
    for (int i = 0; i < n; i++)
        yes |= is_product(l, &t[i], e);
    free(t);
    return yes;
}

static int
leaf(struct lower *l, int *made, enum op op, const struct ex *x)
{
    int v;

    if (*made >= 0)
        return *made;
    v = graph_node(l->out, op, x->size);
    l->out->node[v].param = op == OP_PARAM ? x->param : -1;
    l->out->node[v].index = op == OP_STATE ? x->index : -1;
    mark(&l->out->node[v], l->out);
    return *made = v;
}

static int
lower_concat(struct lower *l, const struct ex *x)
{
    int in[EX_ARGS], v;

    for (int i = 0; i < x->nargs; i++)
        in[i] = lower_ex(l, x->arg[i]);
    v = graph_node(l->out, OP_CONCAT, x->size);
    l->out->node[v].nin = x->nargs;
    memcpy(l->out->node[v].in, in, sizeof in);
    mark(&l->out->node[v], l->out);
    l->out->node[v].param_only = false;
    return v;
}

static int
lower_slice(struct lower *l, const struct ex *x)
{
    int a = lower_ex(l, x->arg[0]), v = unary(l, OP_SLICE, a);

    l->out->node[v].size = x->size;
    l->out->node[v].index = x->index;
    l->out->node[v].param_only = false;
    return v;
}

static int
lower_op(struct lower *l, int e)
{
    const struct ex *x = &l->in->ex[e];
    int v;

    switch (x->op) {
    case OP_NUM:
        v = graph_node(l->out, OP_NUM, 0);
        l->out->node[v].num = x->num;
        l->out->node[v].param_only = true;
        return v;
    case OP_INPUT:
        return leaf(l, l->input, OP_INPUT, x);
    case OP_STATE:
        return leaf(l, &l->state[x->index], OP_STATE, x);
    case OP_PARAM:
        return leaf(l, &l->param[x->param], OP_PARAM, x);
    case OP_MATVEC:
        return lower_sum(l, e);
    case OP_ADD:
    case OP_SUB:
    case OP_NEG:
        if (has_product(l, e))
            return lower_sum(l, e);
        if (x->op == OP_NEG)
            return unary(l, OP_NEG, lower_ex(l, x->arg[0]));
        v = lower_ex(l, x->arg[0]);
        return binary(l, x->op, v, lower_ex(l, x->arg[1]));
    case OP_MUL:
    case OP_DIV:
        v = lower_ex(l, x->arg[0]);
        return binary(l, x->op, v, lower_ex(l, x->arg[1]));
    case OP_POW:
        v = unary(l, OP_POW, lower_ex(l, x->arg[0]));
        l->out->node[v].power = x->power;
        return v;
    case OP_CONCAT:
        return lower_concat(l, x);
    case OP_SLICE:
        return lower_slice(l, x);
    case OP_DROP:
        v = unary(l, OP_DROP, lower_ex(l, x->arg[0]));
        l->out->node[v].index = x->index;
        l->out->node[v].num = x->num;
        return v;
    default:                             /* a function */
        v = lower_ex(l, x->arg[0]);
        if (x->nargs == 2)
            return binary(l, x->op, v, lower_ex(l, x->arg[1]));
        v = unary(l, x->op, v);
        l->out->node[v].heads = x->heads;
        return v;
    }
}

static int
lower_ex(struct lower *l, int e)
{
    const struct ex *x = &l->in->ex[e];
    struct node *v;

    if (l->map[e] >= 0)
        return l->map[e];
    l->map[e] = lower_op(l, e);
    v = &l->out->node[l->map[e]];
    if (!v->line)
        v->line = x->line;
    return l->map[e];
}

static void
mark_feeds(struct graph_case *c, int nstates)
{
    for (int i = 0; i < nstates; i++)
        c->node[c->next[i]].feeds_state = true;
    for (int v = c->n - 1; v >= 0; v--) {
        const struct node *n = &c->node[v];

        if (!n->feeds_state)
            continue;
        for (int i = 0; i < n->nin; i++)
            c->node[n->in[i]].feeds_state = true;
        for (int i = 0; i < n->nprod; i++)
            c->node[n->prod[i].arg].feeds_state = true;
    }
}

/* A state's next value and the output are vectors of every row. */
static int
row_value(struct lower *l, int v, int size)
{
    if (l->out->node[v].op == OP_NUM || l->out->node[v].param_only) {
        v = unary(l, OP_MOV, v);
        l->out->node[v].size = size;
        l->out->node[v].param_only = false;
    }
    return v;
}

static void
lower_case(const struct equations *eq, const struct cell_case *in,
           const struct shown *rows, struct graph_case *out)
{
    struct lower l = { eq, in, out, NULL, NULL, NULL, NULL };
    int input = -1;

    out->at = in->at;
    out->next = xcalloc((size_t)eq->nstates + 1, sizeof *out->next);
    l.map = xcalloc((size_t)in->n + 1, sizeof *l.map);
    l.state = xcalloc((size_t)eq->nstates + 1, sizeof *l.state);
    l.param = xcalloc((size_t)eq->nparams + 1, sizeof *l.param);
    l.input = &input;
    for (int i = 0; i < in->n; i++)
        l.map[i] = -1;
    for (int i = 0; i < eq->nstates; i++)
        l.state[i] = -1;
    for (int i = 0; i < eq->nparams; i++)
        l.param[i] = -1;
    /* Only what a state or the output needs; in text order. */
    for (int i = 0; i < in->n; i++)
        if (in->ex[i].name)
            lower_ex(&l, i);
    for (int i = 0; i < eq->nstates; i++)
        out->next[i] = row_value(&l, lower_ex(&l, in->next[i]),
                                 eq->states[i].size);
    out->output = row_value(&l, lower_ex(&l, in->output), eq->output_size);
    out->named = xcalloc((size_t)in->nnamed + 1, sizeof *out->named);
    for (int i = 0; i < in->nnamed; i++) {
        const char *name = in->named[i].name;
        int v = lower_ex(&l, in->named[i].node);

        if (!out->node[v].size || !shown_has(rows, name))
            continue;
        if (out->node[v].param_only) {
            v = unary(&l, OP_MOV, v);
            out->node[v].param_only = false;
        }
        out->named[out->nnamed++] = (struct cell_name){ name, v };
    }
    out->nforward = out->n;
    out->dinput = -1;
    mark_feeds(out, eq->nstates);
    free(l.map);
    free(l.state);
    free(l.param);
}

struct graph *
graph_new(const struct equations *eq)
{
    struct graph *g = xcalloc(1, sizeof *g);
    struct shown rows = { 0, NULL };

    g->eq = eq;
    g->ncases = eq->ncases;
    g->cases = xcalloc((size_t)eq->ncases, sizeof *g->cases);
    for (int i = 0; i < eq->ncases; i++)
        shown_add(&rows, &eq->cases[i]);
    shown_sort(&rows);
    for (int i = 0; i < eq->ncases; i++)
        lower_case(eq, &eq->cases[i], &rows, &g->cases[i]);
    shown_free(&rows);
    return g;
}

void
graph_free(struct graph *g)
{
    if (!g)
        return;
    for (int i = 0; i < g->ncases; i++) {
        struct graph_case *c = &g->cases[i];

        for (int v = 0; v < c->n; v++)
            free(c->node[v].prod);
        free(c->node);
        free(c->next);
        free(c->named);
        free(c->dstate);
        free(c->weight);
        free(c->vector);
    }
    free(g->cases);
    free(g);
}

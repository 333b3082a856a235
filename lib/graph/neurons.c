/* neurons.c - vectors that have the same units, by union and find over all
 * layers' nodes; see neurons.h. */
#include "graph/neurons.h"

#include <stdlib.h>

#include "base/die.h"
#include "graph/graph.h"

/* Vectors: the net's input first, then each layer's outputs, states, and its
 * matrices' rows and learned vectors, then nodes. */
struct sets {
    const struct net *net;
    int n, *up;
    bool *part;               /* pieces of vectors, or several */
    int input, *output;       /* output: of each layer */
    int *rows, *cols;         /* per parameter: the vector of its rows and of
                                 its columns; -1: none yet, -2: several */
};

static int
new_set(struct sets *s)
{
    s->up = xrealloc(s->up, (size_t)s->n + 1, sizeof *s->up);
    s->part = xrealloc(s->part, (size_t)s->n + 1, sizeof *s->part);
    s->up[s->n] = s->n;
    s->part[s->n] = false;
    return s->n++;
}

static int
find(const struct sets *s, int a)
{
    while (s->up[a] != a)
        a = s->up[a];
    return a;
}

static void
join(struct sets *s, int a, int b)
{
    a = find(s, a);
    b = find(s, b);
    s->part[a] |= s->part[b];
    s->up[b] = a;
}

/* ---- one case of a layer ------------------------------------------------- */

struct view {
    struct sets *s;
    const struct net_layer *layer;
    const struct graph_case *c;
    int below, *state;        /* sets of the layer's input and states */
    int *set;                 /* per node; -1: a number */
};

/* All rows or columns of a matrix, or some (n of them), go with a vector. */
static void
go_with(struct sets *s, int *side, int all, int n, int set)
{
    if (n != all)
        *side = -2;                       /* others have the rest of them */
    else if (*side == -1)
        *side = set;
    else if (*side >= 0)
        join(s, *side, set);
}

static void
product(struct view *v, const struct product *p, int set, int size)
{
    int k = v->layer->first_param + p->param, arg = v->set[p->arg];
    const struct net_param *q = &v->s->net->params[k];

    go_with(v->s, &v->s->rows[k], q->rows, p->transposed ? p->k : size,
            p->transposed ? arg : set);
    go_with(v->s, &v->s->cols[k], q->cols, p->transposed ? size : p->k,
            p->transposed ? set : arg);
}

static int
leaf(struct view *v, const struct node *n)
{
    switch (n->op) {
    case OP_INPUT: return v->below;
    case OP_STATE: return v->state[n->index];
    case OP_PARAM: return v->s->rows[v->layer->first_param + n->param];
    default: return new_set(v->s);
    }
}

static void
look_at(struct view *v, int k)
{
    const struct node *n = &v->c->node[k];
    struct sets *s = v->s;

    v->set[k] = n->op == OP_NUM ? -1 : leaf(v, n);
    if (n->op == OP_SLICE || n->op == OP_CONCAT) {
        /* of the input they are the input still: no hidden units */
        bool input = true;

        for (int i = 0; i < n->nin; i++)
            input &= find(s, v->set[n->in[i]]) == find(s, s->input);
        if (input)
            v->set[k] = s->input;
        else
            s->part[v->set[k]] = true;
        return;
    }
    for (int i = 0; i < n->nin; i++)
        if (v->set[n->in[i]] >= 0)
            join(s, v->set[k], v->set[n->in[i]]);
    for (int i = 0; i < n->nprod; i++)
        product(v, &n->prod[i], v->set[k], n->size);
}

static void
look_at_case(struct sets *s, int l, const struct graph_case *c, int below,
             int *state)
{
    struct view v = { s, &s->net->layers[l], c, below, state, NULL };

    v.set = xcalloc((size_t)c->n + 1, sizeof *v.set);
    for (int k = 0; k < c->nforward; k++)
        look_at(&v, k);
    for (int i = 0; i < v.layer->eq->nstates; i++)
        if (v.set[c->next[i]] >= 0)
            join(s, state[i], v.set[c->next[i]]);
    join(s, s->output[l], v.set[c->output]);
    free(v.set);
}

static void
look_at_layer(struct sets *s, int l)
{
    const struct net_layer *y = &s->net->layers[l];
    int *state = xcalloc((size_t)y->eq->nstates + 1, sizeof *state);

    for (int i = 0; i < y->eq->nstates; i++) {
        int p = y->eq->states[i].param;

        state[i] = p >= 0 ? s->rows[y->first_param + p] : new_set(s);
    }
    for (int c = 0; c < y->graph->ncases; c++)
        look_at_case(s, l, &y->graph->cases[c],
                     l ? s->output[l - 1] : s->input, state);
    free(state);
}

/* ---- the whole ----------------------------------------------------------- */

/* The number of a hidden vector's first unit; -1: it is none, or no vector of
 * its own. */
static int
first_unit(const struct sets *s, struct neurons *u, int *first, int set,
           int size)
{
    int a = set < 0 ? -1 : find(s, set);

    if (a < 0 || s->part[a] || a == find(s, s->input) ||
        a == find(s, s->output[s->net->nlayers - 1]))
        return -1;
    if (first[a] < 0) {
        first[a] = u->n;
        u->n += size;
    }
    return first[a];
}

/* No units, and for sure? */
static bool
is_end(const struct sets *s, int set)
{
    return set >= 0 && (find(s, set) == find(s, s->input) ||
           find(s, set) == find(s, s->output[s->net->nlayers - 1]));
}

static void
touches(const struct sets *s, struct neurons *u)
{
    int *first = xcalloc((size_t)s->n + 1, sizeof *first);

    for (int i = 0; i < s->n; i++)
        first[i] = -1;
    for (int i = 0; i < s->net->nparams; i++) {
        const struct net_param *p = &s->net->params[i];
        int row = first_unit(s, u, first, s->rows[i], p->rows), col = -1;

        u->touch[i] = (struct touch){ TOUCH_OTHER, -1 };
        if (!p->matrix) {
            if (row >= 0)
                u->touch[i] = (struct touch){ TOUCH_ROWS, row };
            continue;
        }
        col = first_unit(s, u, first, s->cols[i], p->cols);
        if (row >= 0 && is_end(s, s->cols[i]))
            u->touch[i] = (struct touch){ TOUCH_ROWS, row };
        else if (col >= 0 && is_end(s, s->rows[i]))
            u->touch[i] = (struct touch){ TOUCH_COLS, col };
    }
    free(first);
}

struct neurons *
neurons_new(const struct net *n)
{
    struct neurons *u = xcalloc(1, sizeof *u);
    struct sets s = { .net = n };

    s.rows = xcalloc((size_t)n->nparams + 1, sizeof *s.rows);
    s.cols = xcalloc((size_t)n->nparams + 1, sizeof *s.cols);
    s.output = xcalloc((size_t)n->nlayers + 1, sizeof *s.output);
    s.input = new_set(&s);
    for (int l = 0; l < n->nlayers; l++)
        s.output[l] = new_set(&s);
    for (int i = 0; i < n->nparams; i++) {
        s.rows[i] = n->params[i].matrix ? -1 : new_set(&s);
        s.cols[i] = -1;
    }
    for (int l = 0; l < n->nlayers; l++)
        look_at_layer(&s, l);
    u->touch = xcalloc((size_t)n->nparams + 1, sizeof *u->touch);
    touches(&s, u);
    free(s.up);
    free(s.part);
    free(s.rows);
    free(s.cols);
    free(s.output);
    return u;
}

void
neurons_free(struct neurons *u)
{
    if (!u)
        return;
    free(u->touch);
    free(u);
}

void
neurons_check(const struct net *n, const struct update_rule *u,
              const char *where)
{
    struct neurons *x;

    if (u->kind != UPDATE_PER_NEURON && u->kind != UPDATE_HYBRID)
        return;
    x = neurons_new(n);
    if (!x->n)
        die_at(where, 0, "optimizer: no weight of this net touches a single "
               "hidden unit, whose norm would scale its rate");
    for (int i = 0; u->kind == UPDATE_PER_NEURON && i < n->nparams; i++)
        if (x->touch[i].kind == TOUCH_OTHER)
            die_at(where, 0, "optimizer: per_neuron wants each weight to touch "
                   "one hidden unit; those of '%s' touch none or two; hybrid "
                   "gives them to adam", n->params[i].name);
    neurons_free(x);
}

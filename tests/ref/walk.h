/*
 * walk.h - the walk over a net's nodes that ref.c (REAL is double) and
 * contract.c (REAL is float) share.  Included once by each, after it has
 * defined
 *
 *     REAL                        the type of every value
 *     muladd(a, b, c)             a * b + c: a fused multiply-add in float
 *     elementwise(w, n, v, d, a)  node v's operator over n values, arguments
 *                                 a[0..2], result in d
 *
 * Sums are taken in the order of docs/numerics.md; in double that does no
 * harm.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/rng.h"
#include "graph/backend.h"
#include "graph/graph.h"

enum { BLOCK_ROWS = 64, CHUNK = 256 };

struct lay {
    const struct net_layer *l;
    const struct equations *eq;
    const struct graph *g;
    bool sparse;            /* after the last layer with states: only scored
                               places count */
    int drop0;              /* number of its first drop() in the net */
    REAL ***row;            /* [t][node]: (B,size), NULL if param_only */
    REAL ***once;           /* [case][node]: (size), param_only ones */
    REAL ***state;          /* [t][state]: (B,size) before step t; T+1 of t */
    REAL **dout;            /* [t]: (B,output_size) */
    REAL **dnext;           /* [state]: (B,size) */
};

struct walk {
    const struct net *net;
    const struct window *w;
    const REAL *weights;
    REAL *grad;
    struct lay *lay;
    void *user;             /* of whoever includes this */
};

static void elementwise(struct walk *k, size_t n, const struct node *v,
                        REAL *d, REAL *const a[3]);

static size_t
at(int i, int j, int stride)
{
    return (size_t)i * (size_t)stride + (size_t)j;
}

static REAL *
reals(int n, int size)
{
    return xcalloc((size_t)n * (size_t)size + 1, sizeof(REAL));
}

static const struct net_param *
param_of(const struct walk *k, const struct lay *l, int param)
{
    return &k->net->params[l->l->first_param + param];
}

static const REAL *
weights_of(const struct walk *k, const struct lay *l, int param)
{
    return k->weights + param_of(k, l, param)->offset;
}

/* Step t of the window is step first_step + t + 1 of the sequence. */
static int
case_of(const struct walk *k, const struct lay *l, int t)
{
    int i = 0;

    while (i < l->g->ncases - 1 &&
           l->g->cases[i].at != k->w->first_step + t + 1)
        i++;
    return i;
}

static bool
scored(const struct walk *k, int t, int b)
{
    return k->w->scored[at(b, t, k->w->row_steps)] != 0;
}

static int
token(const struct walk *k, int t, int b)
{
    return k->w->tokens[at(b, t, k->w->row_steps)];
}

/* ---- values --------------------------------------------------------------*/

/* Node v at step t; *stride is 0 where all rows share the value. */
static REAL *
value(const struct walk *k, const struct lay *l, int t, int c, int v,
      int *stride)
{
    const struct node *n = &l->g->cases[c].node[v];

    (void)k;
    *stride = n->param_only ? 0 : n->size;
    return n->param_only ? l->once[c][v] : l->row[t][v];
}

/* Argument v as n->size numbers for each of `rows` rows; the caller frees. */
static REAL *
spread(const struct walk *k, const struct lay *l, int t, int c, int v,
       int rows, int size)
{
    int stride;
    const REAL *x = value(k, l, t, c, v, &stride);
    bool number = l->g->cases[c].node[v].op == G_NUM;
    REAL *y = reals(rows, size);

    for (int b = 0; b < rows; b++)
        for (int j = 0; j < size; j++)
            y[at(b, j, size)] = x[at(b, number ? 0 : j, stride)];
    return y;
}

static void
input(const struct walk *k, const struct lay *l, int t, REAL *d, int size)
{
    const struct window *w = k->w;

    if (l > k->lay) {
        const struct lay *below = l - 1;
        int c = case_of(k, below, t);

        memcpy(d, below->row[t][below->g->cases[c].output],
               (size_t)w->rows * (size_t)size * sizeof *d);
        return;
    }
    for (int b = 0; b < w->rows; b++)
        for (int j = 0; j < size; j++)
            d[at(b, j, size)] = l->eq->input_token
                ? (REAL)(token(k, t, b) == j)
                : (REAL)w->vectors[at(b, t, w->row_steps) * (size_t)size +
                                   (size_t)j];
}

/* One product W v of a row, from `acc`. */
static REAL
dot(const REAL *w, const REAL *x, int n, int sign, REAL acc)
{
    for (int i = 0; i < n; i++)
        acc = muladd(sign < 0 ? -w[i] : w[i], x[i], acc);
    return acc;
}

/* Unit i of row b of a sum with products. */
static REAL
affine(const struct walk *k, const struct lay *l, int t, int c,
       const struct node *n, int b, int i)
{
    bool any = false;
    REAL s = 0;

    for (int j = 0; j < n->nin; j++) {
        REAL x = l->once[c][n->in[j]][i];

        x = n->sign[j] < 0 ? -x : x;
        s = any ? s + x : x;
        any = true;
    }
    for (int pass = 0; pass < 2; pass++)     /* the chain comes last */
        for (int j = 0; j < n->nprod; j++) {
            const struct product *p = &n->prod[j];
            const struct net_param *q = param_of(k, l, p->param);
            const REAL *w = weights_of(k, l, p->param) +
                            at(i, p->col0, q->cols);
            REAL *x = l->row[t][p->arg] + at(b, 0, p->k), y;

            if (p->chain != pass)
                continue;
            if (p->chain) {
                s = dot(w, x, p->k, p->sign, s);
                continue;
            }
            y = !p->token ? dot(w, x, p->k, p->sign, 0)
                : p->sign < 0 ? -w[token(k, t, b)] : w[token(k, t, b)];
            s = any ? s + y : y;
            any = true;
        }
    return s;
}

static REAL
transposed(const struct walk *k, const struct lay *l, int t,
           const struct node *n, int b, int i)
{
    REAL s = n->nin ? l->row[t][n->in[0]][at(b, i, n->size)] : 0;

    for (int j = 0; j < n->nprod; j++) {
        const struct product *p = &n->prod[j];
        const struct net_param *q = param_of(k, l, p->param);
        const REAL *w = weights_of(k, l, p->param);
        const REAL *x = l->row[t][p->arg] + at(b, 0, p->k);

        for (int r = 0; r < p->k; r++) {
            REAL e = w[at(r, p->col0 + i, q->cols)];

            s = muladd(p->sign < 0 ? -e : e, x[r], s);
        }
    }
    return s;
}

static void
concat(const struct walk *k, const struct lay *l, int t, int c,
       const struct node *n, REAL *d)
{
    int off = 0;

    for (int i = 0; i < n->nin; i++) {
        int size = l->g->cases[c].node[n->in[i]].size, stride;
        const REAL *x = value(k, l, t, c, n->in[i], &stride);

        for (int b = 0; b < k->w->rows; b++)
            memcpy(d + at(b, off, n->size), x + at(b, 0, stride),
                   (size_t)size * sizeof *d);
        off += size;
    }
}

/* What a dropout mask's draw is counted by beside site and unit. */
static uint32_t
drop_place(const struct window *w, int t, int b)
{
    return (uint32_t)(w->first_step + t) * (uint32_t)w->rows + (uint32_t)b;
}

static void
drop(const struct walk *k, const struct lay *l, int t, const struct node *n,
     const REAL *x, REAL *d)
{
    const struct window *w = k->w;
    double p = (double)(float)n->num;

    for (int b = 0; b < w->rows; b++)
        for (int j = 0; j < n->size; j++) {
            uint64_t site = (uint64_t)(l->drop0 + n->index);
            uint64_t high = site << 16 | (uint64_t)(j / 4);
            uint32_t place = drop_place(w, t, b), out[4];
            REAL y = x[at(b, j, n->size)];

            philox(w->seed, high << 32 | place, w->update, RNG_DROP, out);
            if (w->dropout)
                y = out[j % 4] >= p * 4294967296.0
                    ? y * ((REAL)1 / ((REAL)1 - (REAL)p)) : 0;
            d[at(b, j, n->size)] = y;
        }
}

static void
copy_in(REAL *d, const REAL *x, const struct walk *k, int size)
{
    memcpy(d, x, (size_t)k->w->rows * (size_t)size * sizeof *d);
}

static void
slice(const REAL *x, int from, const struct node *n, int rows, REAL *d)
{
    for (int b = 0; b < rows; b++)
        memcpy(d + at(b, 0, n->size), x + at(b, n->index, from),
               (size_t)n->size * sizeof *d);
}

/* Node v at step t (any step of case c if it is param_only). */
static void
eval(struct walk *k, struct lay *l, int t, int c, int v)
{
    const struct graph_case *g = &l->g->cases[c];
    const struct node *n = &g->node[v];
    int rows = n->param_only ? 1 : k->w->rows;
    REAL *d, *a[3] = { NULL, NULL, NULL };

    d = n->param_only ? l->once[c][v] : l->row[t][v];
    if (gop_elementwise(n->op) || n->op == G_SLICE)
        for (int i = 0; i < n->nin; i++)
            a[i] = spread(k, l, t, c, n->in[i], rows,
                          n->op == G_SLICE ? g->node[n->in[i]].size
                                           : n->size);
    switch (n->op) {
    case G_NUM: d[0] = (REAL)n->num; break;
    case G_INPUT: input(k, l, t, d, n->size); break;
    case G_STATE: copy_in(d, l->state[t][n->index], k, n->size); break;
    case G_PARAM:
        memcpy(d, weights_of(k, l, n->param), (size_t)n->size * sizeof *d);
        break;
    case G_DOUT: copy_in(d, l->dout[t], k, n->size); break;
    case G_DNEXT: copy_in(d, l->dnext[n->index], k, n->size); break;
    case G_DROP: drop(k, l, t, n, a[0], d); break;
    case G_CONCAT: concat(k, l, t, c, n, d); break;
    case G_SLICE: slice(a[0], g->node[n->in[0]].size, n, rows, d); break;
    case G_AFFINE:
    case G_TRANSPOSED:
        for (int b = 0; b < rows; b++)
            for (int i = 0; i < n->size; i++)
                d[at(b, i, n->size)] = n->op == G_AFFINE
                    ? affine(k, l, t, c, n, b, i)
                    : transposed(k, l, t, n, b, i);
        break;
    case G_REDUCE: break;       /* sinks() did it */
    default:
        elementwise(k, (size_t)rows * (size_t)n->size, n, d, a);
    }
    for (int i = 0; i < 3; i++)
        free(a[i]);
}

/* ---- forward -------------------------------------------------------------*/

static void
params_forward(struct walk *k, struct lay *l)
{
    for (int c = 0; c < l->g->ncases; c++)
        for (int v = 0; v < l->g->cases[c].nforward; v++)
            if (l->g->cases[c].node[v].param_only)
                eval(k, l, 0, c, v);
}

static void
layer_forward(struct walk *k, struct lay *l)
{
    params_forward(k, l);
    for (int t = 0; t < k->w->steps; t++) {
        int c = case_of(k, l, t);
        const struct graph_case *g = &l->g->cases[c];

        for (int v = 0; v < g->nforward; v++)
            if (!g->node[v].param_only)
                eval(k, l, t, c, v);
        for (int i = 0; i < l->eq->nstates; i++)
            copy_in(l->state[t + 1][i], l->row[t][g->next[i]], k,
                    l->eq->states[i].size);
    }
}

/* States of all layers to or from one row's vector of the window's state. */
static void
states(struct walk *k, int t, REAL *block, bool out)
{
    for (int i = 0; i < k->net->nlayers; i++) {
        struct lay *l = &k->lay[i];
        size_t off = l->l->state_offset;

        for (int s = 0; s < l->eq->nstates; s++) {
            size_t size = (size_t)l->eq->states[s].size;

            for (int b = 0; b < k->w->rows; b++) {
                REAL *x = block + (size_t)b * k->net->state_size + off;
                REAL *y = l->state[t][s] + (size_t)b * size;

                memcpy(out ? x : y, out ? y : x, size * sizeof *x);
            }
            off += size;
        }
    }
}

static void
states_fresh(struct walk *k)
{
    for (int i = 0; i < k->net->nlayers; i++) {
        struct lay *l = &k->lay[i];

        for (int s = 0; s < l->eq->nstates; s++) {
            const struct cell_state *c = &l->eq->states[s];

            for (int b = 0; b < k->w->rows; b++)
                for (int j = 0; j < c->size; j++)
                    l->state[0][s][at(b, j, c->size)] = c->param < 0
                        ? (REAL)c->num : weights_of(k, l, c->param)[j];
        }
    }
}

/* ---- backward ------------------------------------------------------------*/

/* What the layer below gets: only scored places where l is sparse. */
static void
pass_down(struct walk *k, struct lay *l, int t, int c)
{
    int size = l->eq->input_size, v = l->g->cases[c].dinput;

    if (l == k->lay || v < 0)
        return;
    for (int b = 0; b < k->w->rows; b++)
        if (!l->sparse || scored(k, t, b))
            memcpy(l[-1].dout[t] + at(b, 0, size),
                   l->row[t][v] + at(b, 0, size),
                   (size_t)size * sizeof(REAL));
}

static void
layer_backward(struct walk *k, struct lay *l)
{
    for (int t = k->w->steps - 1; t >= 0; t--) {
        int c = case_of(k, l, t);
        const struct graph_case *g = &l->g->cases[c];

        for (int v = g->nforward; v < g->n; v++)
            if (!g->node[v].param_only)
                eval(k, l, t, c, v);
        for (int i = 0; i < l->eq->nstates; i++) {
            int size = l->eq->states[i].size;

            if (g->dstate[i] >= 0)
                copy_in(l->dnext[i], l->row[t][g->dstate[i]], k, size);
            else
                memset(l->dnext[i], 0, (size_t)k->w->rows * (size_t)size *
                                       sizeof(REAL));
        }
        pass_down(k, l, t, c);
    }
}

/* A sum over steps and rows on its way: chunk by chunk, block by block. */
struct sum {
    REAL *chunk, *block, *total;
    size_t n;
};

static struct sum
sum_new(size_t n, REAL *total)
{
    REAL *x = xcalloc(2 * n + 1, sizeof *x);

    memset(total, 0, n * sizeof *total);
    return (struct sum){ x, x + n, total, n };
}

static void
sum_up(struct sum *s, REAL *from, REAL *to)
{
    for (size_t i = 0; i < s->n; i++) {
        to[i] += from[i];
        from[i] = 0;
    }
}

typedef void pair_fn(struct walk *k, const struct lay *l, int c, int t, int b,
                     const void *what, REAL *chunk);

/* fn at the pairs of a block of rows where the step is of case c. */
static void
block_pairs(struct walk *k, const struct lay *l, int c, int b0, pair_fn *fn,
            const void *what, struct sum *s)
{
    int left = k->w->rows - b0;
    int rows = left < BLOCK_ROWS ? left : BLOCK_ROWS, n = k->w->steps * rows;

    for (int p = 0; p < n; p++) {
        int t = p / rows, b = b0 + p % rows;

        if (case_of(k, l, t) == c && (!l->sparse || scored(k, t, b)))
            fn(k, l, c, t, b, what, s->chunk);
        if (p % CHUNK == CHUNK - 1 || p == n - 1)
            sum_up(s, s->chunk, s->block);
    }
}

static void
weight_pair(struct walk *k, const struct lay *l, int c, int t, int b,
            const void *what, REAL *chunk)
{
    const struct weight_grad *g = what;
    const struct net_param *q = param_of(k, l, g->param);
    const REAL *dy = l->row[t][g->dy] + at(b, 0, q->rows);
    const REAL *x = l->row[t][g->arg] + at(b, 0, g->k);

    (void)c;
    for (int i = 0; i < q->rows; i++) {
        REAL *d = chunk + at(i, g->col0, q->cols);

        if (g->token) {
            d[token(k, t, b)] += g->sign < 0 ? -dy[i] : dy[i];
            continue;
        }
        for (int j = 0; j < g->k; j++)
            d[j] = muladd(dy[i], g->sign < 0 ? -x[j] : x[j], d[j]);
    }
}

static void
vector_pair(struct walk *k, const struct lay *l, int c, int t, int b,
            const void *what, REAL *chunk)
{
    const struct node *n = what;
    const REAL *x = l->row[t][n->in[0]] + at(b, 0, n->size);

    (void)k;
    (void)c;
    for (int i = 0; i < n->size; i++)
        chunk[i] += x[i];
}

/* A matrix's gradient: block by block, and in each the products that share
 * it, in text order, case by case. */
static void
matrix_sink(struct walk *k, const struct lay *l, int param)
{
    const struct net_param *q = param_of(k, l, param);
    size_t n = (size_t)q->rows * (size_t)q->cols;
    struct sum s = sum_new(n, k->grad + q->offset);

    for (int b0 = 0; b0 < k->w->rows; b0 += BLOCK_ROWS) {
        for (int c = 0; c < l->g->ncases; c++)
            for (int i = 0; i < l->g->cases[c].nweight; i++)
                if (l->g->cases[c].weight[i].param == param)
                    block_pairs(k, l, c, b0, weight_pair,
                                &l->g->cases[c].weight[i], &s);
        sum_up(&s, s.block, s.total);
    }
    free(s.chunk);
}

static void
reduce(struct walk *k, const struct lay *l, int c, int v)
{
    const struct node *n = &l->g->cases[c].node[v];
    struct sum s = sum_new((size_t)n->size, l->once[c][v]);

    for (int b0 = 0; b0 < k->w->rows; b0 += BLOCK_ROWS) {
        block_pairs(k, l, c, b0, vector_pair, n, &s);
        sum_up(&s, s.block, s.total);
    }
    free(s.chunk);
}

/* A learned initial value: the state's adjoint before the first step. */
static void
initial_sink(struct walk *k, const struct lay *l, int i)
{
    const struct cell_state *st = &l->eq->states[i];
    REAL *total = reals(1, st->size);
    struct sum s = sum_new((size_t)st->size, total);
    REAL *g = k->grad + param_of(k, l, st->param)->offset;

    for (int b = 0; b < k->w->rows; b++) {
        for (int j = 0; j < st->size; j++)
            s.chunk[j] += l->dnext[i][at(b, j, st->size)];
        if (b % BLOCK_ROWS == BLOCK_ROWS - 1 || b == k->w->rows - 1) {
            sum_up(&s, s.chunk, s.block);
            sum_up(&s, s.block, s.total);
        }
    }
    for (int j = 0; j < st->size; j++)
        g[j] += total[j];
    free(s.chunk);
    free(total);
}

static void
sinks(struct walk *k, const struct lay *l)
{
    for (int i = 0; i < l->eq->nparams; i++)
        if (l->eq->params[i].matrix)
            matrix_sink(k, l, i);
    for (int c = 0; c < l->g->ncases; c++) {
        const struct graph_case *g = &l->g->cases[c];

        for (int v = g->nforward; v < g->n; v++) {
            if (g->node[v].op == G_REDUCE)
                reduce(k, l, c, v);
            else if (g->node[v].param_only)
                eval(k, (struct lay *)l, 0, c, v);
        }
        for (int i = 0; i < g->nvector; i++) {
            const struct net_param *q = param_of(k, l, g->vector[i].param);
            const REAL *x = l->once[c][g->vector[i].node];

            for (int j = 0; j < q->rows; j++)
                k->grad[q->offset + (size_t)j] += x[j];
        }
    }
    for (int i = 0; k->w->fresh && i < l->eq->nstates; i++)
        if (l->eq->states[i].param >= 0)
            initial_sink(k, l, i);
}

/* ---- the whole -----------------------------------------------------------*/

static REAL **
node_values(const struct lay *l, int c, bool once, int rows)
{
    const struct graph_case *g = &l->g->cases[c];
    REAL **v = xcalloc((size_t)g->n + 1, sizeof *v);

    for (int i = 0; i < g->n; i++)
        if (g->node[i].param_only == once)
            v[i] = reals(once ? 1 : rows, g->node[i].size);
    return v;
}

static REAL **
state_values(const struct lay *l, int rows)
{
    REAL **v = xcalloc((size_t)l->eq->nstates + 1, sizeof *v);

    for (int i = 0; i < l->eq->nstates; i++)
        v[i] = reals(rows, l->eq->states[i].size);
    return v;
}

static void
values_free(REAL **v, int n)
{
    for (int i = 0; i < n; i++)
        free(v[i]);
    free(v);
}

static void
lay_init(struct walk *k, struct lay *l)
{
    int T = k->w->steps, B = k->w->rows;

    l->row = xcalloc((size_t)T, sizeof *l->row);
    l->dout = xcalloc((size_t)T, sizeof *l->dout);
    l->state = xcalloc((size_t)T + 1, sizeof *l->state);
    l->once = xcalloc((size_t)l->g->ncases, sizeof *l->once);
    for (int t = 0; t < T; t++) {
        l->row[t] = node_values(l, case_of(k, l, t), false, B);
        l->dout[t] = reals(B, l->eq->output_size);
    }
    for (int c = 0; c < l->g->ncases; c++)
        l->once[c] = node_values(l, c, true, B);
    for (int t = 0; t <= T; t++)
        l->state[t] = state_values(l, B);
    l->dnext = state_values(l, B);
}

static void
lay_release(struct walk *k, struct lay *l)
{
    for (int t = 0; t < k->w->steps; t++)
        values_free(l->row[t], l->g->cases[case_of(k, l, t)].n);
    for (int c = 0; c < l->g->ncases; c++)
        values_free(l->once[c], l->g->cases[c].n);
    for (int t = 0; t <= k->w->steps; t++)
        values_free(l->state[t], l->eq->nstates);
    values_free(l->dnext, l->eq->nstates);
    values_free(l->dout, k->w->steps);
    free(l->row);
    free(l->once);
    free(l->state);
}

static void
walk_open(struct walk *k)
{
    int n = k->net->nlayers, drops = 0;
    bool sparse = true;

    k->lay = xcalloc((size_t)n, sizeof *k->lay);
    for (int i = 0; i < n; i++) {
        struct lay *l = &k->lay[i];

        l->l = &k->net->layers[i];
        l->eq = l->l->eq;
        l->g = l->l->graph;
        l->drop0 = drops;
        drops += l->eq->ndrops;
        lay_init(k, l);
    }
    for (int i = n - 1; i >= 0; i--) {
        sparse = sparse && k->lay[i].eq->nstates == 0;
        k->lay[i].sparse = sparse;
    }
}

static void
walk_close(struct walk *k)
{
    for (int i = 0; i < k->net->nlayers; i++)
        lay_release(k, &k->lay[i]);
    free(k->lay);
}

static void
walk_forward(struct walk *k)
{
    for (int i = 0; i < k->net->nlayers; i++)
        layer_forward(k, &k->lay[i]);
}

/* The top layer's output at step t of row b. */
static REAL *
walk_output(const struct walk *k, int t, int b)
{
    const struct lay *l = &k->lay[k->net->nlayers - 1];

    return l->row[t][l->g->cases[case_of(k, l, t)].output] +
           at(b, 0, l->eq->output_size);
}

/* The caller has filled the top layer's dout. */
static void
walk_backward(struct walk *k)
{
    memset(k->grad, 0, k->net->weights * sizeof *k->grad);
    for (int i = k->net->nlayers - 1; i >= 0; i--) {
        layer_backward(k, &k->lay[i]);
        sinks(k, &k->lay[i]);
    }
}

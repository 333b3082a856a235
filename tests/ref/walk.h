/*
 * walk.h - the walk over a net's nodes that ref.c (REAL is double) and
 * contract.c (REAL is float) share: here what a node's value is, in
 * walk_sums.h what is summed over steps and rows, in walk_run.h the order of
 * it all.  walk_run.h is included once by each, after it has defined
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
#include "cpu/engine.h"
#include "graph/graph.h"
#include "ref/derived.h"

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
    const REAL *weights;    /* with what is made of the learned ones */
    const REAL *learned;
    REAL *made;             /* the first of these */
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
    bool number = l->g->cases[c].node[v].op == OP_NUM;
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

/* Element (i, j) of what a product multiplies by. */
static REAL
element(const struct walk *k, const struct lay *l, const struct product *p,
        int i, int j)
{
    const REAL *w = weights_of(k, l, p->param);
    int cols = param_of(k, l, p->param)->cols;
    REAL e = p->transposed ? w[at(p->row0 + j, p->col0 + i, cols)]
                           : w[at(p->row0 + i, p->col0 + j, cols)];

    return p->sign < 0 ? -e : e;
}

/* Unit i of one product of a row, from `acc`. */
static REAL
dot(const struct walk *k, const struct lay *l, const struct product *p, int i,
    const REAL *x, REAL acc)
{
    for (int j = 0; j < p->k; j++)
        acc = muladd(element(k, l, p, i, j), x[j], acc);
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
            REAL *x = l->row[t][p->arg] + at(b, 0, p->k), y;

            if (p->chain != pass)
                continue;
            if (p->chain) {
                s = dot(k, l, p, i, x, s);
                continue;
            }
            y = p->token ? element(k, l, p, i, token(k, t, b))
                         : dot(k, l, p, i, x, 0);
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

        s = dot(k, l, p, i, l->row[t][p->arg] + at(b, 0, p->k), s);
    }
    return s < (REAL)0x1p-100 && s > -(REAL)0x1p-100 ? 0 : s;
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
    double p = n->num;

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

static void
pad(const REAL *x, int size, const struct node *n, int rows, REAL *d)
{
    memset(d, 0, (size_t)rows * (size_t)n->size * sizeof *d);
    for (int b = 0; b < rows; b++)
        memcpy(d + at(b, n->index, n->size), x + at(b, 0, size),
               (size_t)size * sizeof *d);
}

/* Sum of n units: 16 partial sums, then the tree over them. */
static REAL
over_sum(const REAL *x, int n)
{
    REAL s[16] = { 0 };

    for (int j = 0; j < n; j++)
        s[j % 16] += x[j];
    for (int half = 8; half > 0; half /= 2)
        for (int i = 0; i < half; i++)
            s[i] += s[i + half];
    return s[0];
}

static REAL
over_largest(const REAL *x, int n)
{
    REAL most = x[0];

    for (int j = 1; j < n; j++)
        if (x[j] > most || x[j] != x[j])
            most = x[j];
    return most + 0;
}

/* An operator over the n units of one head. */
static void
over(enum op op, int n, const REAL *a, const REAL *b, const REAL *c, REAL *d)
{
    REAL s = op == OP_SUM || op == OP_D_AMAX ? over_sum(a, n)
             : op == OP_AMAX ? over_largest(a, n) : 0;
    int first = 0;

    while (op == OP_D_AMAX && first < n && b[first] != over_largest(b, n))
        first++;
    for (int j = 0; j < n; j++) {
        int up = n - 1 - j;

        if (op == OP_SUM || op == OP_AMAX)
            d[j] = s;
        else if (op == OP_D_AMAX)
            d[j] = j == first ? s : 0;
        else if (op == OP_CUMSUM)
            d[j] = j ? d[j - 1] + a[j] : a[j];
        else if (op == OP_CUMPROD)
            d[j] = j ? d[j - 1] * a[j] : a[j];
        else if (op == OP_D_CUMSUM)
            d[up] = s = j ? s + a[up] : a[up];
        else {
            s = j ? a[up] + b[up + 1] * s : a[up];
            d[up] = up ? s * c[up - 1] : s;
        }
    }
}

static void
over_heads(const struct node *n, int rows, REAL *const a[3], REAL *d)
{
    int units = n->size / n->heads;

    for (int h = 0; h < rows * n->heads; h++) {
        size_t off = at(h, 0, units);

        over(n->op, units, a[0] + off, a[1] ? a[1] + off : NULL,
             a[2] ? a[2] + off : NULL, d + off);
    }
}

/* Node v at step t (any step of case c if it is param_only). */
static void
eval(struct walk *k, struct lay *l, int t, int c, int v)
{
    const struct graph_case *g = &l->g->cases[c];
    const struct node *n = &g->node[v];
    int rows = n->param_only ? 1 : k->w->rows;
    bool part = n->op == OP_SLICE || n->op == OP_PAD;
    REAL *d, *a[3] = { NULL, NULL, NULL };

    d = n->param_only ? l->once[c][v] : l->row[t][v];
    if (op_elementwise(n->op) || op_over(n->op) || part)
        for (int i = 0; i < n->nin; i++)
            a[i] = spread(k, l, t, c, n->in[i], rows,
                          part ? g->node[n->in[i]].size : n->size);
    switch (n->op) {
    case OP_NUM: d[0] = (REAL)n->num; break;
    case OP_INPUT: input(k, l, t, d, n->size); break;
    case OP_STATE: copy_in(d, l->state[t][n->index], k, n->size); break;
    case OP_PARAM:
        memcpy(d, weights_of(k, l, n->param), (size_t)n->size * sizeof *d);
        break;
    case OP_DOUT: copy_in(d, l->dout[t], k, n->size); break;
    case OP_DNEXT: copy_in(d, l->dnext[n->index], k, n->size); break;
    case OP_DROP: drop(k, l, t, n, a[0], d); break;
    case OP_CONCAT: concat(k, l, t, c, n, d); break;
    case OP_SLICE: slice(a[0], g->node[n->in[0]].size, n, rows, d); break;
    case OP_PAD: pad(a[0], g->node[n->in[0]].size, n, rows, d); break;
    case OP_AFFINE:
    case OP_TRANSPOSED:
        for (int b = 0; b < rows; b++)
            for (int i = 0; i < n->size; i++)
                d[at(b, i, n->size)] = n->op == OP_AFFINE
                    ? affine(k, l, t, c, n, b, i)
                    : transposed(k, l, t, n, b, i);
        break;
    case OP_REDUCE: break;       /* sinks() did it */
    default:
        if (op_over(n->op)) {
            over_heads(n, rows, a, d);
            break;
        }
        elementwise(k, (size_t)rows * (size_t)n->size, n, d, a);
    }
    for (int i = 0; i < 3; i++)
        free(a[i]);
}

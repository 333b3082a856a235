/* walk_sums.h - gradients: sums over steps and rows, in chunks of pairs and
 * blocks of rows; see walk.h. */
#include "walk.h"

enum { BLOCK_ROWS = 64, CHUNK = 256 };

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
    int rows = l->g->cases[c].node[g->dy].size;
    const REAL *dy = l->row[t][g->dy] + at(b, 0, rows);
    const REAL *x = l->row[t][g->arg] + at(b, 0, g->k);

    for (int i = 0; i < rows; i++) {
        REAL *d = chunk + at(g->row0 + i, g->col0, q->cols);

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

/* The gradients of cases c and d. */
static bool
same_block(const struct lay *l, int c, const struct weight_grad *a, int d,
           const struct weight_grad *b)
{
    return a->param == b->param && a->row0 == b->row0 && a->col0 == b->col0 &&
           a->k == b->k && l->g->cases[c].node[a->dy].size ==
                           l->g->cases[d].node[b->dy].size;
}

/* Whether product i of case c is the first with its block of its matrix. */
static bool
first_of_block(const struct lay *l, int c, int i)
{
    const struct weight_grad *w = &l->g->cases[c].weight[i];

    for (int d = 0; d <= c; d++)
        for (int j = 0; j < (d < c ? l->g->cases[d].nweight : i); j++)
            if (same_block(l, d, &l->g->cases[d].weight[j], c, w))
                return false;
    return true;
}

/* The gradient of the block of product `number` of case `of`: block by block of
 * the batch's rows, and in each the products that share the matrix's block, in
 * text order, case by case.  (Products that cut a matrix up in different ways
 * add to it one after another.) */
static void
matrix_sink(struct walk *k, const struct lay *l, int of, int number)
{
    const struct weight_grad *w = &l->g->cases[of].weight[number];
    const struct net_param *q = param_of(k, l, w->param);
    size_t n = (size_t)q->rows * (size_t)q->cols;
    REAL *total = reals(q->rows, q->cols);
    struct sum s = sum_new(n, total);

    for (int b0 = 0; b0 < k->w->rows; b0 += BLOCK_ROWS) {
        for (int c = 0; c < l->g->ncases; c++)
            for (int i = 0; i < l->g->cases[c].nweight; i++)
                if (same_block(l, c, &l->g->cases[c].weight[i], of, w))
                    block_pairs(k, l, c, b0, weight_pair,
                                &l->g->cases[c].weight[i], &s);
        sum_up(&s, s.block, s.total);
    }
    for (size_t i = 0; i < n; i++)
        k->grad[q->offset + i] += total[i];
    free(s.chunk);
    free(total);
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
    for (int c = 0; c < l->g->ncases; c++)
        for (int i = 0; i < l->g->cases[c].nweight; i++)
            if (first_of_block(l, c, i))
                matrix_sink(k, l, c, i);
    for (int c = 0; c < l->g->ncases; c++) {
        const struct graph_case *g = &l->g->cases[c];

        for (int v = g->nforward; v < g->n; v++) {
            if (g->node[v].op == OP_REDUCE)
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

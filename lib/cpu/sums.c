/* sums.c - where a net's accumulators (graph/net_plan.h) have their sums: of a
 * block, of the batch, and in the gradient. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/run.h"

/* Has each of its elements one accumulator, whose sums stand like the
 * gradient? */
static bool
in_place(const struct runner *r, int param)
{
    bool alone = r->plan->covered[param];

    for (int i = 0; i < r->plan->naccumulators; i++) {
        const struct accumulator *a = &r->plan->accumulators[i];

        if (a->param != param)
            continue;
        alone &= a->first && !r->sums[i].transposed;
        if (r->lanes == 1)         /* whole vectors alone, they have no pads */
            alone &= a->col0 % LANES == 0 && a->k % LANES == 0;
    }
    return alone;
}

static void
open_came(const struct runner *r, struct sum *s)
{
    int n = pool_threads(r->pool);

    s->came = xcalloc((size_t)n, sizeof *s->came);
    for (int i = 0; i < n; i++) {
        token_set_open(&s->came[i].block, s->a->k);
        token_set_open(&s->came[i].total, s->a->k);
    }
    token_set_open(&s->written, s->a->k);
}

/* Do others add to some of its elements? */
static bool
is_shared(const struct net_plan *p, const struct accumulator *a)
{
    for (int i = 0; i < p->naccumulators; i++)
        if (p->accumulators[i].param == a->param && !p->accumulators[i].first)
            return true;
    return false;
}

void
sums_open(struct runner *r)
{
    const struct net_plan *p = r->plan;

    r->sums = xcalloc((size_t)p->naccumulators + 1, sizeof *r->sums);
    for (int i = 0; i < p->naccumulators; i++) {
        r->sums[i].a = &p->accumulators[i];
        r->sums[i].rows = p->accumulators[i].rows;
        r->sums[i].transposed = p->accumulators[i].tokens &&
                                (r->lanes == 1 || r->sums[i].rows *
                                 p->accumulators[i].k >= LARGE_TABLE);
        r->sums[i].shared = is_shared(p, &p->accumulators[i]);
    }
    for (int i = 0; i < p->naccumulators; i++) {
        struct sum *s = &r->sums[i];
        size_t n;

        s->in_place = in_place(r, s->a->param);
        s->ld = (int)wide(r, s->transposed ? s->rows : s->in_place ?
                          r->net->params[s->a->param].cols : s->a->k);
        n = (size_t)(s->transposed ? s->a->k : s->rows) * (size_t)s->ld;
        s->block = xaligned(n, sizeof(float));
        s->total = s->in_place ? NULL : xaligned(n, sizeof(float));
        s->off = xcalloc((size_t)s->ld / LANES, sizeof *s->off);
        for (int k = 0; k < s->ld / LANES; k++)
            s->off[k] = k * LANES;
        if (s->transposed)
            open_came(r, s);
    }
}

void
sums_close(struct runner *r)
{
    for (int i = 0; i < r->plan->naccumulators; i++) {
        free(r->sums[i].block);
        if (!r->sums[i].in_place)
            free(r->sums[i].total);
        free(r->sums[i].off);
        for (int k = 0; r->sums[i].came && k < pool_threads(r->pool); k++) {
            token_set_close(&r->sums[i].came[k].block);
            token_set_close(&r->sums[i].came[k].total);
        }
        free(r->sums[i].came);
        token_set_close(&r->sums[i].written);
    }
    free(r->sums);
}

void
sum_share(const struct runner *r, const struct sum *u, int thread, int *n0,
          int *n1)
{
    int n = pool_threads(r->pool), rows = u->rows;
    int per = ((rows + n - 1) / n + LANES - 1) / LANES * LANES;

    *n0 = thread * per < rows ? thread * per : rows;
    *n1 = *n0 + per < rows ? *n0 + per : rows;
}

/* Where an accumulator's sums of this block go.  A block's own buffer is needed
 * only where the batch's sum is not +0 any more and the block's is not one
 * segment's: +0 + x = x, and one segment is added either way the same. */
static bool
direct(const struct runner *r, int a, const struct scratch *s)
{
    return s->direct[a] || (r->T == 1 && r->sums[a].a->consumers == 1);
}

float *
sum_at(const struct runner *r, int a, const struct scratch *s)
{
    const struct sum *u = &r->sums[a];

    return direct(r, a, s) ? u->total : u->block;
}

void
sum_clear(const struct runner *r, const struct sum *u, int thread, float *x,
          int n0, int n1)
{
    if (u->transposed) {
        token_set_clear(x == u->total ? &u->came[thread].total
                                      : &u->came[thread].block);
        return;
    }
    for (int n = n0; n < n1; n++)
        memset(x + (size_t)n * (size_t)u->ld, 0,
               (size_t)(u->a->k * r->lanes) * sizeof *x);
}

bool
sum_begin(const struct runner *r, int a, int thread, bool can_set)
{
    const struct sum *u = &r->sums[a];
    struct scratch *s = &r->scratch[thread];
    int n0, n1;

    if (!direct(r, a, s) || s->begun[a])
        return false;
    s->begun[a] = true;
    sum_share(r, u, thread, &n0, &n1);
    if (!can_set)
        sum_clear(r, u, thread, u->total, n0, n1);
    return true;
}

void
sum_add(const struct runner *r, const struct sum *u, int thread, int n0,
        int n1)
{
    size_t ld = (size_t)u->ld, k1 = (size_t)(u->a->k * r->lanes);

    if (u->transposed) {
        tokens_add(r, u, thread, n0, n1);
        return;
    }
    for (size_t n = (size_t)n0; n < (size_t)n1; n++)
        for (size_t k = 0; k < k1; k++)
            u->total[n * ld + k] += u->block[n * ld + k];
}

/* The first of some elements sets them, others add. */
void
sum_finish(const struct runner *r, struct sum *u, float *grad)
{
    const struct net_param *p = &r->net->params[u->a->param];
    size_t lanes = (size_t)r->lanes, wide_k = (size_t)u->a->k * lanes;
    size_t cols = (size_t)p->cols * lanes, ld = (size_t)u->ld;
    float *g = grad + (p->offset + (size_t)u->a->col0) * lanes +
               (size_t)u->a->row0 * cols;

    if (u->transposed) {
        tokens_finish(r, u, g, cols);
        return;
    }
    for (size_t n = 0; n < (size_t)u->rows; n++) {
        if (u->a->first) {
            memcpy(g + n * cols, u->total + n * ld,
                   wide_k * sizeof *g);
            continue;
        }
        for (size_t k = 0; k < wide_k; k++)
            g[n * cols + k] += u->total[n * ld + k];
    }
}

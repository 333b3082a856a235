/*
 * tokens.c - what is done by token, for those tokens alone that come: rows of
 * the tables that stand for W x where x is a token, and the gradients of W's
 * columns.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/run.h"

/* ---- sets ---------------------------------------------------------------- */

void
token_set_open(struct token_set *s, int tokens)
{
    s->in = xcalloc((size_t)tokens + 1, sizeof *s->in);
    s->list = xcalloc((size_t)tokens + 1, sizeof *s->list);
    s->n = 0;
}

void
token_set_close(struct token_set *s)
{
    free(s->in);
    free(s->list);
}

/* False: it was there. */
static inline bool
put(struct token_set *s, int32_t token)
{
    if (s->in[token])
        return false;
    s->in[token] = 1;
    s->list[s->n++] = token;
    return true;
}

void
token_set_clear(struct token_set *s)
{
    for (int i = 0; i < s->n; i++)
        s->in[s->list[i]] = 0;
    s->n = 0;
}

/* Many tokens in ascending order, so that neighbours share cache lines. */
static void
order(struct token_set *s, int tokens)
{
    if (s->n < tokens / 8)
        return;
    s->n = 0;
    for (int t = 0; t < tokens; t++)
        if (s->in[t])
            s->list[s->n++] = t;
}

/* ---- tables -------------------------------------------------------------- */

/* table[token] = bias, then the token's columns, in the sum's order. */
static void
table_row(const struct runner *r, const struct code *c, int32_t token)
{
    const struct layer *y = &r->layers[0];
    const struct plan_gemm *g = c->plan;
    const int nets = r->lanes;
    float *row = c->table + (ptrdiff_t)token * c->gemm.nvec * LANES;

    for (int i = 0; i < g->nout; i++) {
        const struct plan_out *o = &g->out[i];
        const float *from = o->init < 0 ? NULL :
                            y->vec + c->at[o->init].off * nets;

        for (int k = 0; k < o->ntok; k++, from = row) {
            const struct net_param *p = &r->net->params[y->net->first_param +
                                                        o->tok[k].param];
            size_t at = p->offset + (size_t)(o->tok[k].col0 + token);

            r->k->look(nets, row, from, r->weights + at * (size_t)nets,
                       p->cols * nets, o->size, (float)o->tok[k].sign);
        }
        row += wide(r, o->size);
    }
}

void
tokens_ready(struct runner *r, const int32_t *token, size_t n)
{
    struct layer_code *c = &r->layers[0].code[r->variant];

    for (size_t i = 0; c->made.in && i < n; i++)
        if (put(&c->made, token[i]))
            for (int k = 0; k < c->ntables; k++)
                table_row(r, c->table[k], token[i]);
}

/* ---- gradients ----------------------------------------------------------- */

/* The sums of the tokens of a segment, which become +0, to the accumulator's:
 * rows of its tokens, +0 before their first. */
static void
add_rows(struct runner *r, int a, int thread, int n0, int width, float sign)
{
    const struct sum *u = &r->sums[a];
    struct scratch *s = &r->scratch[thread];
    float *sum = sum_at(r, a, s);
    struct token_set *set = sum == u->total ? &u->came[thread].total
                                            : &u->came[thread].block;

    for (int i = 0; i < s->came.n; i++) {
        ptrdiff_t t = s->came.list[i];
        float *row = sum + t * u->ld + n0 * r->lanes;

        if (put(set, (int32_t)t))
            memset(row, 0, (size_t)width * sizeof *row);
        r->k->drain(row, s->tok + t * width, width, sign);
    }
}

/* Or columns of the matrix, one of them or one a lane. */
static void
add_columns(struct runner *r, int a, int thread, int n0, int n1, float sign)
{
    const struct sum *u = &r->sums[a];
    struct scratch *s = &r->scratch[thread];
    int width = (int)wide(r, n1 - n0);

    for (int i = 0; i < s->came.n; i++) {
        ptrdiff_t t = s->came.list[i];
        float *from = s->tok + t * width;
        float *to = sum_at(r, a, s) + (ptrdiff_t)n0 * u->ld + t * r->lanes;

        for (int n = n0; n < n1; n++, to += u->ld, from += r->lanes)
            if (r->lanes > 1)
                r->k->drain(to, from, LANES, sign);
            else
                *to += sign * *from, *from = 0;
        if (r->lanes == 1)
            memset(from, 0, (size_t)(width - (n1 - n0)) * sizeof *from);
    }
}

void
tokens_segment(struct runner *r, int layer, int kase,
             const struct plan_weight *w, int a, const struct segment *c, int n,
             int thread)
{
    const int32_t *tok = layer < r->stack ? r->tok : r->ctok;
    struct scratch *s = &r->scratch[thread];
    int n0, n1, width;
    ptrdiff_t ys;
    const float *dy = value_rows(r, layer, kase, w->dy, &ys);

    sum_share(r, &r->sums[a], thread, &n0, &n1);
    if (n0 == n1)
        return;
    sum_begin(r, a, thread, false);
    width = (int)wide(r, n1 - n0);
    for (int i = 0; i < n; i++) {
        int f = c[i].first, rows = c[i].end - f;

        for (int k = f; k < c[i].end; k++)
            put(&s->came, tok[k]);
        r->k->scatter(s->tok, tok + f, dy + f * ys + n0 * r->lanes, ys, rows,
                      width);
        s->operations += (double)(n1 - n0) * rows;
    }
    if (r->sums[a].transposed)
        add_rows(r, a, thread, n0, width, (float)w->sign);
    else
        add_columns(r, a, thread, n0, n1, (float)w->sign);
    token_set_clear(&s->came);
}

void
tokens_add(const struct runner *r, const struct sum *u, int thread, int n0,
           int n1)
{
    const struct token_set *from = &u->came[thread].block;

    for (int i = 0; i < from->n; i++) {
        size_t at = (size_t)from->list[i] * (size_t)u->ld +
                    (size_t)(n0 * r->lanes);
        size_t n = (size_t)((n1 - n0) * r->lanes);

        if (put(&u->came[thread].total, from->list[i]))
            memset(u->total + at, 0, n * sizeof *u->total);
        for (size_t k = at; k < at + n; k++)
            u->total[k] += u->block[k];
    }
}

/* The gradient's columns where something else may stand than +0: +0. */
static void
start(struct sum *u, float *grad, size_t cols, size_t nets)
{
    bool known = tokens_alone(u) && u->in == grad;

    for (int n = 0; u->a->first && n < u->rows; n++) {
        float *row = grad + (size_t)n * cols;

        if (!known)
            memset(row, 0, (size_t)u->a->k * nets * sizeof *row);
        for (int i = 0; known && i < u->written.n; i++)
            memset(row + (size_t)u->written.list[i] * nets, 0,
                   nets * sizeof *row);
    }
    token_set_clear(&u->written);
    u->in = grad;
}

/* Rows by token to columns, some units at a time. */
static inline void
turn(const struct sum *u, float *grad, size_t cols, const struct token_set *set,
     const int nets)
{
    for (int n0 = 0; n0 < u->rows; n0 += LANES)
        for (int i = 0; i < set->n; i++) {
            const float *x = u->total + (ptrdiff_t)set->list[i] * u->ld;
            float *g = grad + (ptrdiff_t)set->list[i] * nets;

            for (int n = n0; n < n0 + LANES && n < u->rows; n++)
                for (int k = 0; k < nets; k++)
                    g[(size_t)n * cols + (size_t)k] += x[n * nets + k];
        }
}

/* Every thread has had the same tokens. */
void
tokens_finish(const struct runner *r, struct sum *u, float *grad, size_t cols)
{
    struct token_set *set = &u->came[0].total;

    start(u, grad, cols, (size_t)r->lanes);
    order(set, u->a->k);
    if (r->lanes == 1)
        turn(u, grad, cols, set, 1);
    else
        turn(u, grad, cols, set, LANES);
    for (int i = 0; i < set->n; i++)
        put(&u->written, set->list[i]);
}

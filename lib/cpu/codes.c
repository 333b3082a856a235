/* codes.c - products with a codebook, packed once: P = W C^T of all tokens, and
 * from the gradient of P that of W (docs/numerics.md, "Codebooks"). */
#include "cpu/codes.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"

struct codes {
    const struct net *net;
    const struct net_codes *plan;
    const struct kernels *k;
    float *to, *back;         /* packed: C^T, C */
    float *w, *g;             /* the twin's (Q) */
    float *rows;              /* a product's, whole vectors */
    ptrdiff_t *off;           /* of the vectors in a row: 0, 16, ... */
};

static int
vectors(int n)
{
    return (n + LANES - 1) / LANES;
}

struct codes *
codes_open(const struct net *n, const struct kernels *k)
{
    struct codes *c = xcalloc(1, sizeof *c);
    const struct net_codes *p = n->codes;
    int V = p->tokens, D = p->width;
    int most = vectors(V > D ? V : D), rows = 0;

    c->net = n;
    c->plan = p;
    c->k = k;
    for (int i = 0; i < n->nparams; i++)
        rows = n->params[i].rows > rows ? n->params[i].rows : rows;
    c->to = xaligned(k->pack_size(D, vectors(V)) + LANES, sizeof(float));
    c->back = xaligned(k->pack_size(V, vectors(D)) + LANES, sizeof(float));
    k->pack(1, c->to, D, 0, 0, p->code, D, 1, V, D, 1);
    k->pack(1, c->back, V, 0, 0, p->code, 1, D, D, V, 1);
    c->w = xaligned(p->net->weights + LANES, sizeof(float));
    c->g = xaligned(p->net->weights + LANES, sizeof(float));
    c->rows = xaligned((size_t)rows * (size_t)most * LANES + LANES,
                       sizeof(float));
    c->off = xcalloc((size_t)most, sizeof *c->off);
    for (int i = 0; i < most; i++)
        c->off[i] = i * LANES;
    return c;
}

void
codes_close(struct codes *c)
{
    if (!c)
        return;
    free(c->to);
    free(c->back);
    free(c->w);
    free(c->g);
    free(c->rows);
    free(c->off);
    free(c);
}

/* d[i][j] = +0 + the chain over k of a[i][k] b[k][j]: n of `rows` rows. */
static void
product(const struct codes *c, int rows, const float *a, int as, int depth,
        const float *packed, float *d, int ds, int n)
{
    struct gemm_seg seg = { a, as, 1, depth, true, NULL };
    size_t stride = (size_t)vectors(n) * LANES;
    struct gemm g = {
        .nets = 1, .rows = rows, .nvec = vectors(n), .nseg = 1,
        .seg = &seg, .b = packed, .c = c->rows,
        .crs = (ptrdiff_t)stride, .coff = c->off, .mode = GEMM_ZERO,
    };

    c->k->gemm(&g);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < n; j++)
            d[(size_t)i * (size_t)ds + (size_t)j] =
                0.0f + c->rows[(size_t)i * stride + (size_t)j];
}

static void
copy(float *d, int ds, const float *s, int ss, int rows, int n)
{
    for (int i = 0; i < rows; i++)
        memcpy(d + (size_t)i * (size_t)ds, s + (size_t)i * (size_t)ss,
               (size_t)n * sizeof *d);
}

const float *
codes_weights(struct codes *c, const float *w)
{
    for (int i = 0; i < c->plan->nblocks; i++) {
        const struct code_block *b = &c->plan->block[i];
        const struct net_param *p = &c->net->params[b->param];
        const struct net_param *q = &c->plan->net->params[b->param];
        const float *from = w + p->offset + b->col0;
        float *to = c->w + q->offset + b->twin_col0;

        if (b->by_token)
            product(c, p->rows, from, p->cols, b->k, c->to, to, q->cols,
                    b->twin_k);
        else
            copy(to, q->cols, from, p->cols, p->rows, b->k);
    }
    return c->w;
}

float *
codes_twin_gradient(struct codes *c)
{
    return c->g;
}

void
codes_gradient(struct codes *c, float *g)
{
    for (int i = 0; i < c->plan->nblocks; i++) {
        const struct code_block *b = &c->plan->block[i];
        const struct net_param *p = &c->net->params[b->param];
        const struct net_param *q = &c->plan->net->params[b->param];
        const float *from = c->g + q->offset + b->twin_col0;
        float *to = g + p->offset + b->col0;

        if (b->by_token)
            product(c, p->rows, from, q->cols, b->twin_k, c->back, to,
                    p->cols, b->k);
        else
            copy(to, p->cols, from, q->cols, p->rows, b->k);
    }
}

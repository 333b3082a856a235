/* contract.c - see contract.h. */
#include "contract.h"

#include <math.h>

#include "cpu/kernel.h"
#include "ref/functions.h"

#define REAL float
#define muladd(a, b, c) fmaf(a, b, c)
#include "walk_run.h"

/* Operator v of one number each, one rounding an operator as they are
 * written. */
static float
function(const struct node *v, float a, float b, float c)
{
    int k = v->power;

    switch (v->op) {
#define CASE(id, ...) case OP_##id: return FLOAT_##id;
#define OP_ARITH CASE
#define OP_FUNC CASE
#define OP_FUNC2 CASE
#define OP_SLOPE CASE
#include "cell/ops.def"
    case OP_DETACH:
    case OP_MOV: return a;
    case OP_SIGN: return FLOAT_SIGN;
    case OP_TRIM: return FLOAT_TRIM;
    default: die(RC_DATA, "contract: operator %s is new", op_name(v->op));
    }
}

static void
elementwise(struct walk *k, size_t n, const struct node *v, float *d,
            float *const a[3])
{
    (void)k;
    for (size_t i = 0; i < n; i++)
        d[i] = function(v, a[0][i], a[1] ? a[1][i] : 0, a[2] ? a[2][i] : 0);
}

/* The scored places in order, their outputs given to the loss, its
 * derivatives put where they belong. */
static void
losses(struct walk *k, loss_fn *loss, void *ctx, bool gradient)
{
    struct lay *top = &k->lay[k->net->nlayers - 1];
    int size = top->eq->output_size, n = 0;
    int stride = (size + LANES - 1) / LANES * LANES;
    size_t places = (size_t)k->w->steps * (size_t)k->w->rows;
    int32_t *t = xcalloc(2 * places, sizeof *t), *b = t + places;
    float *out = xaligned(2 * places * (size_t)stride, sizeof *out);
    float *dout = out + places * (size_t)stride;

    for (int i = 0; i < k->w->steps; i++)
        for (int j = 0; j < k->w->rows; j++)
            if (scored(k, i, j)) {
                memcpy(out + at(n, 0, stride), walk_output(k, i, j),
                       (size_t)size * sizeof *out);
                t[n] = i;
                b[n++] = j;
            }
    loss(ctx, n, t, b, out, stride, gradient ? dout : NULL, stride);
    for (int p = 0; gradient && p < n; p++)
        memcpy(top->dout[t[p]] + at(b[p], 0, size), dout + at(p, 0, stride),
               (size_t)size * sizeof *dout);
    free(t);
    free(out);
}

void
contract_run(const struct net *n, const struct window *w,
             const float *weights, loss_fn *loss, void *ctx, float *grad)
{
    struct walk k = { .net = n, .w = w, .weights = weights, .grad = grad };

    walk_open(&k);
    if (w->fresh)
        states_fresh(&k);
    else
        states(&k, 0, (float *)w->state, false);   /* only read */
    walk_forward(&k);
    if (w->next)
        states(&k, w->steps, w->next, true);
    losses(&k, loss, ctx, grad != NULL);
    if (grad)
        walk_backward(&k);
    walk_close(&k);
}

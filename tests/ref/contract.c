/* contract.c - see contract.h. */
#include "contract.h"

#include <math.h>

#include "cpu/kernel.h"

#define REAL float
#define muladd(a, b, c) fmaf(a, b, c)
#include "walk_run.h"

/* The kernels' number for an operator that this file leaves to them. */
static int
code_of(enum gop op)
{
    switch (op) {
    case G_POWI: return EW_POWI;
    case G_SIGMOID: return EW_SIGMOID;
    case G_TANH: return EW_TANH;
    case G_GELU: return EW_GELU;
    case G_SWISH: return EW_SWISH;
    case G_SOFTPLUS: return EW_SOFTPLUS;
    case G_EXP: return EW_EXP;
    case G_LOG: return EW_LOG;
    case G_SIN: return EW_SIN;
    case G_COS: return EW_COS;
    case G_ERF: return EW_ERF;
    case G_D_GELU: return EW_D_GELU;
    case G_D_SWISH: return EW_D_SWISH;
    case G_D_SOFTPLUS: return EW_D_SOFTPLUS;
    case G_D_SIN: return EW_D_SIN;
    case G_D_COS: return EW_D_COS;
    case G_D_ERF: return EW_D_ERF;
    case G_D_POWI: return EW_D_POWI;
    default: return -1;
    }
}

/* One operator by the kernels, n values as rows of 16. */
static void
by_kernel(const struct kernels *kern, int code, int power, size_t n,
          const float *a, const float *b, float *d)
{
    size_t rows = (n + LANES - 1) / LANES, size = rows * LANES;
    float *x = xaligned(3 * size, sizeof *x);
    struct ew_op op = {
        .code = (uint8_t)code, .nargs = (uint8_t)(b ? 2 : 1),
        .power = (int16_t)power,
        .d = { .where = EA_ARRAY, .arr = 0 },
        .a = { .where = EA_ARRAY, .arr = 1 },
        .b = { .where = EA_ARRAY, .arr = 2 },
    };
    struct ew_prog p = { .nops = 1, .nslots = 0, .size = LANES, .ops = &op };
    struct ew_ctx c = {
        .rows = (int)rows, .base = { x, x + size, x + 2 * size },
        .stride = { LANES, LANES, LANES },
    };

    memcpy(x + size, a, n * sizeof *a);
    if (b)
        memcpy(x + 2 * size, b, n * sizeof *b);
    kern->ew(&p, &c);
    memcpy(d, x, n * sizeof *d);
    free(x);
}

/* One rounding an operator, as they are written. */
static float
function(enum gop op, float x, float y, float z)
{
    switch (op) {
    case G_MOV: return x;
    case G_ADD: return x + y;
    case G_SUB: return x - y;
    case G_MUL: return x * y;
    case G_DIV: return x / y;
    case G_NEG: return -x;
    case G_MIN: return x <= y ? x : y;
    case G_MAX: return x >= y ? x : y;
    case G_RELU: return x > 0 ? x : 0;
    case G_SQUARE: return x * x;
    case G_SQRT: return sqrtf(x);
    case G_ABS: return fabsf(x);
    case G_D_SIGMOID: return x * (y * (1 - y));
    case G_D_TANH: return x * fmaf(-y, y, 1);
    case G_D_RELU: return y > 0 ? x : 0;
    case G_D_SQUARE: return x * (y + y);
    case G_D_SQRT: return x / (y + y);
    case G_D_ABS: return y > 0 ? x : y < 0 ? -x : 0;
    case G_D_MIN_A: return y <= z ? x : 0;
    case G_D_MAX_A: return y >= z ? x : 0;
    case G_D_MIN_B: return y <= z ? 0 : x;
    case G_D_MAX_B: return y >= z ? 0 : x;
    default: die(RC_DATA, "contract: operator %s is new", gop_name(op));
    }
}

static void
elementwise(struct walk *k, size_t n, const struct node *v, float *d,
            float *const a[3])
{
    int code = code_of(v->op);

    if (code >= 0) {
        by_kernel(k->user, code, v->power, n, a[0], a[1], d);
        return;
    }
    for (size_t i = 0; i < n; i++)
        d[i] = function(v->op, a[0][i], a[1] ? a[1][i] : 0,
                        a[2] ? a[2][i] : 0);
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
    struct walk k = { .net = n, .w = w, .weights = weights, .grad = grad,
                      .user = (void *)kernels_pick() };

    walk_open(&k);
    if (w->fresh)
        states_fresh(&k);
    else
        states(&k, 0, w->state, false);
    walk_forward(&k);
    if (w->state)
        states(&k, w->steps, w->state, true);
    losses(&k, loss, ctx, grad != NULL);
    if (grad)
        walk_backward(&k);
    walk_close(&k);
}

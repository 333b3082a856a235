/* ref.c - see ref.h; libm is good enough here. */
#include "ref.h"

#include <math.h>

#include "ref/functions.h"

#define REAL double
#define muladd(a, b, c) ((a) * (b) + (c))
#include "walk_run.h"

/* What detach() lets through; see struct tape. */
static double
taped(struct tape *t, double x)
{
    if (!t)
        return x;
    if (t->replay)
        return t->value[t->at++];
    if (t->n == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 64;
        t->value = xrealloc(t->value, t->cap, sizeof *t->value);
    }
    return t->value[t->n++] = x;
}

void
tape_free(struct tape *t)
{
    free(t->value);
    *t = (struct tape){ 0 };
}

/* Operator v of one number each. */
static double
function(const struct node *v, double a, double b, double c)
{
    int k = v->power;

    switch (v->op) {
#define CASE(id, ...) case OP_##id: return DOUBLE_##id;
#define OP_ARITH CASE
#define OP_FUNC CASE
#define OP_FUNC2 CASE
#define OP_SLOPE CASE
#include "cell/ops.def"
    case OP_MOV: return a;
    case OP_SIGN: return DOUBLE_SIGN;
    case OP_TRIM: return DOUBLE_TRIM;
    default: die(RC_DATA, "ref: operator %s is new", op_name(v->op));
    }
}

static void
elementwise(struct walk *k, size_t n, const struct node *v, double *d,
            double *const a[3])
{
    for (size_t i = 0; i < n; i++)
        d[i] = v->op == OP_DETACH ? taped(k->user, a[0][i])
            : function(v, a[0][i], a[1] ? a[1][i] : 0, a[2] ? a[2][i] : 0);
}

static double
losses(struct walk *k, const struct target *y, double *out)
{
    struct lay *top = &k->lay[k->net->nlayers - 1];
    int size = top->eq->output_size;
    double sum = 0;

    for (int t = 0; t < k->w->steps; t++)
        for (int b = 0; b < k->w->rows; b++) {
            const double *o = walk_output(k, t, b);

            if (out)
                memcpy(out + at(b, t, k->w->steps) * (size_t)size, o,
                       (size_t)size * sizeof *o);
            if (scored(k, t, b))
                sum += place_loss(y, t, b, size, o,
                                  top->dout[t] + at(b, 0, size));
        }
    return sum / y->divide;
}

double
ref_run(const struct net *n, const struct window *w, const struct target *y,
        const double *weights, double *state, double *out, double *grad,
        struct tape *tape)
{
    struct walk k = { .net = n, .w = w, .weights = weights, .grad = grad,
                      .user = tape };
    double loss;

    if (tape)
        tape->at = 0;
    walk_open(&k);
    if (w->fresh)
        states_fresh(&k);
    else
        states(&k, 0, state, false);
    walk_forward(&k);
    if (state)
        states(&k, w->steps, state, true);
    loss = losses(&k, y, out);
    if (grad)
        walk_backward(&k);
    walk_close(&k);
    return loss;
}

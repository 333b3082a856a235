/* ref.c - see ref.h; libm is good enough here. */
#include "ref.h"

#include <math.h>

#define REAL double
#define muladd(a, b, c) ((a) * (b) + (c))
#include "walk_run.h"

static double
sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* The normal distribution function and its density. */
static double
normal_cdf(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

static double
normal_pdf(double x)
{
    return exp(-x * x / 2) / sqrt(2 * M_PI);
}

static double
power(double x, int k)
{
    return k ? pow(x, k) : 1;
}

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

/* The slope of an operator of one argument: x that argument, y its value. */
static double
slope(enum gop op, int k, double xy)
{
    switch (op) {
    case G_D_SIGMOID: return xy * (1 - xy);
    case G_D_TANH: return 1 - xy * xy;
    case G_D_RELU: return xy > 0;
    case G_D_GELU: return normal_cdf(xy) + xy * normal_pdf(xy);
    case G_D_SWISH:
        return sigmoid(xy) * (1 + xy * (1 - sigmoid(xy)));
    case G_D_SOFTPLUS: return sigmoid(xy);
    case G_D_SQUARE: return 2 * xy;
    case G_D_SQRT: return 0.5 / xy;
    case G_D_ABS: return (xy > 0) - (xy < 0);
    case G_D_SIN: return cos(xy);
    case G_D_COS: return -sin(xy);
    case G_D_ERF: return 2 / sqrt(M_PI) * exp(-xy * xy);
    case G_D_POWI: return k ? k * power(xy, k - 1) : 0;
    default: die(RC_DATA, "ref: operator %s is new", gop_name(op));
    }
}

static double
function(const struct node *n, double x, double y, struct tape *t)
{
    switch (n->op) {
    case G_MOV: return n->power == -1 ? taped(t, x) : x;
    case G_ADD: return x + y;
    case G_SUB: return x - y;
    case G_MUL: return x * y;
    case G_DIV: return x / y;
    case G_NEG: return -x;
    case G_MIN: return x <= y ? x : y;
    case G_MAX: return x >= y ? x : y;
    case G_POWI: return power(x, n->power);
    case G_SIGMOID: return sigmoid(x);
    case G_TANH: return tanh(x);
    case G_RELU: return x > 0 ? x : 0;
    case G_GELU: return x * normal_cdf(x);
    case G_SWISH: return x * sigmoid(x);
    case G_SOFTPLUS: return log1p(exp(x));
    case G_EXP: return exp(x);
    case G_LOG: return log(x);
    case G_SQUARE: return x * x;
    case G_SQRT: return sqrt(x);
    case G_ABS: return fabs(x);
    case G_SIN: return sin(x);
    case G_COS: return cos(x);
    case G_ERF: return erf(x);
    default: return x * slope(n->op, n->power, y);
    }
}

static void
elementwise(struct walk *k, size_t n, const struct node *v, double *d,
            double *const a[3])
{
    for (size_t i = 0; i < n; i++) {
        double x = a[0][i], y = a[1] ? a[1][i] : 0, z = a[2] ? a[2][i] : 0;

        switch (v->op) {
        case G_D_MIN_A: d[i] = y <= z ? x : 0; break;
        case G_D_MAX_A: d[i] = y >= z ? x : 0; break;
        case G_D_MIN_B: d[i] = y <= z ? 0 : x; break;
        case G_D_MAX_B: d[i] = y >= z ? 0 : x; break;
        default: d[i] = function(v, x, y, k->user);
        }
    }
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

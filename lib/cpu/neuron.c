/* neuron.c - updates at rates that go by the norms of hidden units
 * (docs/numerics.md, "Optimizers": per_neuron, hybrid). */
#include "cpu/update.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

enum { SIDE = 8 };            /* rows whose sums run side by side */

static inline double
square(float x)
{
    return (double)x * (double)x;
}

/* sum[i] += the squares of row i, columns ascending. */
static void
rows_of_one(const float *w, size_t rows, size_t cols, double *sum)
{
    size_t i = 0;

    for (; i + SIDE <= rows; i += SIDE) {
        double s[SIDE];

        memcpy(s, sum + i, sizeof s);
        for (size_t c = 0; c < cols; c++)
            for (size_t k = 0; k < SIDE; k++)
                s[k] += square(w[(i + k) * cols + c]);
        memcpy(sum + i, s, sizeof s);
    }
    for (; i < rows; i++)
        for (size_t c = 0; c < cols; c++)
            sum[i] += square(w[i * cols + c]);
}

/* Sums of squares of all units, parameters in the table's order. */
static void
sum_up(const struct net *net, const struct neurons *u, size_t lanes,
       const float *w, double *sum)
{
    memset(sum, 0, (size_t)u->n * lanes * sizeof *sum);
    for (int p = 0; p < net->nparams; p++) {
        const struct net_param *q = &net->params[p];
        const struct touch *t = &u->touch[p];
        size_t rows = (size_t)q->rows, cols = (size_t)q->cols;
        const float *x = w + q->offset * lanes;
        double *s;

        if (t->kind == TOUCH_OTHER)
            continue;
        s = sum + (size_t)t->first * lanes;
        if (t->kind == TOUCH_ROWS && lanes == 1) {
            rows_of_one(x, rows, cols, s);
            continue;
        }
        for (size_t i = 0; i < rows; i++)
            for (size_t c = 0; c < cols; c++, x += lanes)
                for (size_t l = 0; l < lanes; l++)
                    s[(t->kind == TOUCH_ROWS ? i : c) * lanes + l] +=
                        square(x[l]);
    }
}

/* The norm to a whole power: a product from the left, or one over it. */
static double
power_of(double sum, int e)
{
    double q = sqrt(sum + 1e-12), p = q;

    if (!e)
        return 1;
    for (int i = 1; i < abs(e); i++)
        p *= q;
    return e < 0 ? 1 / p : p;
}

/* n weights with rates of their own, or with one. */
static void
each(size_t n, float *restrict w, const float *restrict g, float scale,
     const float *restrict lr, float decay)
{
    for (size_t i = 0; i < n; i++) {
        float d = g[i] * scale + decay * w[i];

        w[i] = w[i] - lr[i] * d;
    }
}

static void
alike(size_t n, float *restrict w, const float *restrict g, float scale,
      float lr, float decay)
{
    for (size_t i = 0; i < n; i++) {
        float d = g[i] * scale + decay * w[i];

        w[i] = w[i] - lr * d;
    }
}

/* One parameter; rate: (units,L) of its units. */
static void
update_one(const struct net_param *q, bool by_rows, size_t lanes,
           const struct lane *lane, const float *rate, float *w,
           const float *g)
{
    size_t rows = (size_t)q->rows, cols = (size_t)q->cols;
    float decay = (float)lane->rule->decay;

    for (size_t i = 0; i < rows; i++, w += cols * lanes, g += cols * lanes) {
        if (lanes == 1 && by_rows) {
            alike(cols, w, g, lane->scale, rate[i], decay);
            continue;
        }
        if (lanes == 1) {
            each(cols, w, g, lane->scale, rate, decay);
            continue;
        }
        for (size_t c = 0; c < cols; c++)
            for (size_t l = 0; l < lanes; l++) {
                float x = w[c * lanes + l];
                float d = g[c * lanes + l] * lane[l].scale +
                          (float)lane[l].rule->decay * x;

                w[c * lanes + l] = x - rate[(by_rows ? i : c) * lanes + l] * d;
            }
    }
}

void
neuron_updates(const struct scaling *s, int nets, const struct lane *lane,
               float *w, const float *g)
{
    size_t L = (size_t)nets, n = (size_t)s->units->n * L;

    sum_up(s->net, s->units, L, w, s->power);
    for (size_t i = 0; i < n; i++)
        s->power[i] = power_of(s->power[i], lane[i % L].rule->scaling);
    for (int p = 0; p < s->net->nparams; p++) {
        const struct touch *t = &s->units->touch[p];
        const struct net_param *q = &s->net->params[p];

        if (t->kind == TOUCH_OTHER)
            continue;
        n = (size_t)(t->kind == TOUCH_ROWS ? q->rows : q->cols) * L;
        for (size_t i = 0; i < n; i++)
            s->rate[i] = (float)(lane[i % L].rate * q->rate *
                                 s->power[(size_t)t->first * L + i]);
        update_one(q, t->kind == TOUCH_ROWS, L, lane, s->rate,
                   w + q->offset * L, g + q->offset * L);
    }
}

void
scaling_open(struct scaling *s, const struct net *net, int nets)
{
    size_t n;

    s->net = net;
    s->units = neurons_new(net);
    n = (size_t)s->units->n * (size_t)nets + 1;
    s->power = xcalloc(n, sizeof *s->power);
    s->rate = xcalloc(n, sizeof *s->rate);
    for (int p = 0; p < net->nparams; p++) {
        const struct net_param *q = &net->params[p];

        if (s->units->touch[p].kind == TOUCH_OTHER)
            stretches_add(&s->rest, q->offset,
                          (size_t)q->rows * (size_t)q->cols, q->rate);
    }
}

void
scaling_close(struct scaling *s)
{
    neurons_free(s->units);
    stretches_release(&s->rest);
    free(s->power);
    free(s->rate);
}

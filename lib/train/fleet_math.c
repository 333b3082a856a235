/* fleet_math.c - losses and updates of a fleet: loss.c and optim.c with a
 * lane for each net. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "graph/sizes.h"
#include "train/fleet_parts.h"

enum { CHUNK = 16 };

/* ---- losses -------------------------------------------------------------*/

void
fleet_loss_begin(struct fleet *f, const struct batch *b, int t0, int steps)
{
    size_t n = (size_t)b->rows * (size_t)steps * LANES;

    loss_begin(&f->lead->loss, b, t0, steps);
    if (n <= f->room)
        return;
    free(f->value);
    free(f->correct);
    f->value = xaligned(n, sizeof *f->value);
    f->correct = memset(xaligned(n, 1), 0, n);
    f->room = n;
}

static size_t
place(const struct loss *l, int t, int b)
{
    return ((size_t)b * (size_t)l->steps + (size_t)t) * LANES;
}

/* Where step t of row b stands in the batch. */
static size_t
in_batch(const struct loss *l, int t, int b)
{
    return (size_t)b * (size_t)l->batch->steps + (size_t)(l->t0 + t);
}

static void
entropy(struct fleet *f, int n, const int32_t *t, const int32_t *b,
        const float *out, ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    const struct loss *l = &f->lead->loss;
    int32_t target[CHUNK];
    double value[CHUNK * LANES];
    uint8_t correct[CHUNK * LANES];

    for (int p = 0; p < n; p++)
        target[p] = l->batch->classes[in_batch(l, t[p], b[p])];
    l->kernels->fleet_softmax(n, l->classes, out, os, target, l->divisor,
                              value, correct, dout, ds);
    for (int p = 0; p < n; p++) {
        size_t at = place(l, t[p], b[p]);

        memcpy(f->value + at, value + p * LANES, LANES * sizeof *value);
        memcpy(f->correct + at, correct + p * LANES, LANES);
    }
}

/* As loss.c's square_place(), for every net. */
static void
square(struct fleet *f, int t, int b, const float *out, float *dout)
{
    const struct loss *l = &f->lead->loss;
    const float *y = l->batch->values +
                     in_batch(l, t, b) * (size_t)l->classes;
    double *value = f->value + place(l, t, b);

    for (int i = 0; i < LANES; i++) {
        double s = 0;

        for (int k = 0; k < l->classes; k++) {
            float x = out[k * LANES + i], d = x - y[k];

            s += (double)d * (double)d;
            if (dout)
                dout[k * LANES + i] = (d + d) / l->divisor;
        }
        value[i] = l->kind == LOSS_MSE_MEAN ? s / l->classes : s;
    }
}

void
fleet_loss_place(void *ctx, int n, const int32_t *t, const int32_t *b,
                 const float *out, ptrdiff_t out_stride, float *dout,
                 ptrdiff_t dout_stride)
{
    struct fleet *f = ctx;
    int most = f->lead->loss.kind <= LOSS_CROSS_ENTROPY_SUM ? CHUNK : 1;

    for (int p = 0; p < n; p += most) {
        const float *from = out + p * out_stride;
        float *to = dout ? dout + p * dout_stride : NULL;

        if (most > 1)
            entropy(f, n - p < most ? n - p : most, t + p, b + p, from,
                    out_stride, to, dout_stride);
        else
            square(f, t[p], b[p], from, to);
    }
}

void
fleet_loss_sums(struct fleet *f)
{
    const struct loss *l = &f->lead->loss;
    double sum[LANES] = { 0 };
    int correct[LANES] = { 0 };

    for (int r0 = 0; r0 < l->rows; r0 += MICROBATCH) {
        int r1 = r0 + MICROBATCH < l->rows ? r0 + MICROBATCH : l->rows;

        for (int t = 0; t < l->steps; t++)
            for (int r = r0; r < r1; r++) {
                size_t at = place(l, t, r);

                if (!l->batch->scored[in_batch(l, t, r)])
                    continue;
                for (int i = 0; i < LANES; i++) {
                    sum[i] += f->value[at + (size_t)i];
                    correct[i] += f->correct[at + (size_t)i];
                }
            }
    }
    for (int i = 0; i < LANES; i++)
        f->tally[i] = (struct tally){ sum[i], l->scored, correct[i] };
}

/* ---- updates ------------------------------------------------------------*/

/* The run whose settings a lane has. */
static struct run *
master(const struct fleet *f, int lane)
{
    return lane < f->n && f->aboard[lane] ? f->run[lane] : f->lead;
}

uint32_t
fleet_clip_all(struct fleet *f)
{
    size_t n = f->lead->net->weights;
    double squares[LANES];
    float cut[LANES];
    bool norm = false;
    uint32_t bad;

    for (int i = 0; i < LANES; i++) {
        const struct optim *o = &master(f, i)->optim;

        cut[i] = o->clip_element > 0 ? (float)o->clip_element : INFINITY;
        norm |= o->clip_norm > 0;
    }
    bad = f->lead->kernels->fleet_clip(n, f->grad, GRADIENT_LIMIT, cut,
                                       norm ? squares : NULL);
    for (int i = 0; i < LANES; i++) {
        double most = master(f, i)->optim.clip_norm, is;

        f->rule.scale[i] = 1;
        if (most <= 0)
            continue;
        is = sqrt(squares[i]);
        f->rule.scale[i] = is > most ? (float)(most / is) : 1;
    }
    return bad;
}

static enum fleet_kind
kind_of(const struct optim *o)
{
    static const enum fleet_kind kinds[] = {
        [OPTIM_SGD] = FLEET_SGD, [OPTIM_MOMENTUM] = FLEET_MOMENTUM,
        [OPTIM_ADAGRAD] = FLEET_ADAGRAD, [OPTIM_RMSPROP] = FLEET_RMSPROP,
        [OPTIM_ADAM] = FLEET_ADAM, [OPTIM_ADAMW] = FLEET_ADAM,
    };

    return o->kind == OPTIM_MOMENTUM && o->nesterov ? FLEET_NESTEROV
                                                    : kinds[o->kind];
}

/* What does not depend on the parameter. */
static void
set_lane(struct fleet_rule *u, int i, const struct optim *o)
{
    bool adam = o->kind >= OPTIM_ADAM;

    u->decay[i] = o->kind == OPTIM_ADAMW ? 0 : o->decay;
    u->mu[i] = o->momentum;
    u->alpha[i] = o->alpha;
    u->rest[i] = 1.0f - o->alpha;
    u->in[i] = o->inside && !adam ? o->epsilon : 0;
    u->out[i] = o->inside && !adam ? 0 : o->epsilon;
    u->beta1[i] = o->beta1;
    u->beta2[i] = o->beta2;
    u->rest1[i] = 1.0f - o->beta1;
    u->rest2[i] = 1.0f - o->beta2;
    u->root[i] = adam ? sqrtf((float)(1 - o->power2)) : 1;
}

static void
set_rate(struct fleet_rule *u, int i, const struct optim *o, double lr)
{
    u->lr[i] = (float)lr;
    u->step[i] = o->kind < OPTIM_ADAM ? 0 : u->lr[i] / (float)(1 - o->power1);
    u->shrink[i] = o->kind == OPTIM_ADAMW ? u->lr[i] * o->decay : 0;
}

void
fleet_step_all(struct fleet *f, const double *lr)
{
    const struct net *net = f->lead->net;
    struct fleet_rule *u = &f->rule;

    u->kind = kind_of(&f->lead->optim);
    for (int i = 0; i < f->n; i++) {
        struct optim *o = &f->run[i]->optim;

        if (!f->aboard[i])
            continue;
        o->power1 *= o->decay1;
        o->power2 *= o->decay2;
    }
    for (int i = 0; i < LANES; i++)
        set_lane(u, i, &master(f, i)->optim);
    /* Neighbours with one rate go together: the rules are element-wise. */
    for (int p = 0, q; p < net->nparams; p = q) {
        size_t first = net->params[p].offset, n = 0;
        double rate = net->params[p].rate;

        for (q = p; q < net->nparams && net->params[q].rate == rate; q++)
            n += (size_t)net->params[q].rows * (size_t)net->params[q].cols;
        for (int i = 0; i < LANES; i++)
            set_rate(u, i, &master(f, i)->optim, lr[i] * rate);
        first *= LANES;
        f->lead->kernels->fleet_step(u, n, f->weights + first,
                                     f->grad + first,
                                     f->m ? f->m + first : NULL,
                                     f->v ? f->v + first : NULL);
    }
}

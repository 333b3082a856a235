/* update.c - gradients clipped, and weights updated by the kernels' rules. */
#include "cpu/update.h"

#include <math.h>

#include "graph/sizes.h"

/* ---- clipping ------------------------------------------------------------*/

enum { SOME = 64 };             /* a count the compiler turns into vectors */

/* Is every element of g within the limit? */
static bool
sane(const float *g, size_t n)
{
    const float limit = GRADIENT_LIMIT;
    int bad = 0;
    size_t i = 0;

    for (; i + SOME <= n; i += SOME)
        for (size_t k = 0; k < SOME; k++)
            bad |= !(fabsf(g[i + k]) <= limit);
    for (; i < n; i++)
        bad |= !(fabsf(g[i]) <= limit);
    return !bad;
}

static inline float
within(float x, float c)
{
    x = x < -c ? -c : x;
    return x > c ? c : x;
}

static void
cut(float *g, size_t n, float c)
{
    size_t i = 0;

    for (; i + SOME <= n; i += SOME)
        for (size_t k = 0; k < SOME; k++)
            g[i + k] = within(g[i + k], c);
    for (; i < n; i++)
        g[i] = within(g[i], c);
}

/* The factor for a norm of these squares. */
static float
scale_of(const struct update_rule *u, double squares)
{
    double norm = sqrt(squares);

    return u->clip_norm > 0 && norm > u->clip_norm
               ? (float)(u->clip_norm / norm) : 1;
}

/* A part of one net's gradient. */
static bool
clip_one(const struct kernels *k, const struct update_rule *u, float *g,
         size_t n, double *squares)
{
    if (!sane(g, n))
        return true;
    if (u->clip_element > 0)
        cut(g, n, (float)u->clip_element);
    if (u->clip_norm > 0)
        *squares += k->squares(n, g);
    return false;
}

/* The same of a fleet's nets, each with its own limits. */
static uint32_t
clip_nets(const struct kernels *k, const struct lane *lane, float *g,
          size_t n, double *squares)
{
    float cut[LANES];
    double more[LANES] = { 0 };
    bool norm = false;
    uint32_t bad;

    for (int i = 0; i < LANES; i++) {
        const struct update_rule *u = lane[i].rule;

        cut[i] = u->clip_element > 0 ? (float)u->clip_element : INFINITY;
        norm |= u->clip_norm > 0;
    }
    bad = k->fleet_clip(n, g, GRADIENT_LIMIT, cut, norm ? more : NULL);
    for (int i = 0; i < LANES; i++)
        squares[i] += more[i];
    return bad;
}

uint32_t
update_clip(const struct kernels *k, int lanes, struct lane *lane, float *g,
            size_t n, const struct stretch *live, int nlive)
{
    double squares[LANES] = { 0 };
    uint32_t bad = 0;

    if (live && !(lane->rule->clip_norm > 0)) {
        for (int i = 0; i < nlive; i++)
            if (clip_one(k, lane->rule, g + live[i].at, live[i].n, squares))
                return 1;
        lane->scale = 1;
        return 0;
    }

    /* A segment of the norm is looked at, cut and squared while it is in the
     * cache: one pass over the gradient. */
    for (size_t i = 0; i < n; i += NORM_SEGMENT) {
        size_t some = n - i < NORM_SEGMENT ? n - i : NORM_SEGMENT;
        float *from = g + i * (size_t)lanes;

        if (lanes > 1)
            bad |= clip_nets(k, lane, from, some, squares);
        else if (clip_one(k, lane->rule, from, some, squares))
            return 1;
    }
    for (int i = 0; i < lanes; i++)
        lane[i].scale = scale_of(lane[i].rule, squares[i]);
    return bad;
}

/* ---- one net -------------------------------------------------------------*/

/* n weights, which share a rate. */
static void
update_one(const struct kernels *k, const struct lane *lane, double rate,
           size_t n, float *w, const float *g, float *m, float *v)
{
    const struct update_rule *u = lane->rule;
    const float scale = lane->scale, lr = (float)(lane->rate * rate);
    const float eps = (float)u->epsilon, mu = (float)u->momentum;
    const float decay = (float)u->decay;

    switch (u->kind) {
    case UPDATE_SGD:
        k->sgd(n, w, g, scale, lr, decay);
        break;
    case UPDATE_MOMENTUM:
        k->momentum(n, w, g, m, scale, lr, mu, u->nesterov, decay);
        break;
    case UPDATE_ADAGRAD:
        k->adagrad(n, w, g, v, scale, lr, eps, u->inside, decay);
        break;
    case UPDATE_RMSPROP:
        k->rmsprop(n, w, g, v, m, scale, lr, (float)u->alpha,
                   (float)(1 - u->alpha), eps, u->inside, mu, decay);
        break;
    case UPDATE_ADAM:
    case UPDATE_ADAMW:
        k->adam(n, w, g, m, v, scale, lr, (float)u->beta1, (float)u->beta2,
                (float)(1 - u->beta1), (float)(1 - u->beta2), eps,
                (float)(1 - lane->powers.beta1),
                (float)(1 - lane->powers.beta2), decay,
                u->kind == UPDATE_ADAMW);
        break;
    }
}

/* ---- a fleet -------------------------------------------------------------*/

static enum fleet_kind
kind_of(const struct update_rule *u)
{
    static const enum fleet_kind kinds[] = {
        [UPDATE_SGD] = FLEET_SGD, [UPDATE_MOMENTUM] = FLEET_MOMENTUM,
        [UPDATE_ADAGRAD] = FLEET_ADAGRAD, [UPDATE_RMSPROP] = FLEET_RMSPROP,
        [UPDATE_ADAM] = FLEET_ADAM, [UPDATE_ADAMW] = FLEET_ADAM,
    };

    return u->kind == UPDATE_MOMENTUM && u->nesterov ? FLEET_NESTEROV
                                                     : kinds[u->kind];
}

/* What does not depend on the parameter. */
static void
set_lane(struct fleet_rule *f, int i, const struct lane *lane)
{
    const struct update_rule *u = lane->rule;
    bool adam = u->kind >= UPDATE_ADAM;
    float eps = (float)u->epsilon;

    f->scale[i] = lane->scale;
    f->decay[i] = u->kind == UPDATE_ADAMW ? 0 : (float)u->decay;
    f->mu[i] = (float)u->momentum;
    f->alpha[i] = (float)u->alpha;
    f->rest[i] = (float)(1 - u->alpha);
    f->in[i] = u->inside && !adam ? eps : 0;
    f->out[i] = u->inside && !adam ? 0 : eps;
    f->beta1[i] = (float)u->beta1;
    f->beta2[i] = (float)u->beta2;
    f->rest1[i] = (float)(1 - u->beta1);
    f->rest2[i] = (float)(1 - u->beta2);
    f->root[i] = adam ? sqrtf((float)(1 - lane->powers.beta2)) : 1;
}

static void
set_rate(struct fleet_rule *f, int i, const struct lane *lane, double rate)
{
    const struct update_rule *u = lane->rule;

    f->lr[i] = (float)(lane->rate * rate);
    f->step[i] = u->kind < UPDATE_ADAM ? 0 :
                 f->lr[i] / (float)(1 - lane->powers.beta1);
    f->shrink[i] = u->kind == UPDATE_ADAMW ? f->lr[i] * (float)u->decay : 0;
}

/* ---- both ----------------------------------------------------------------*/

void
update_weights(const struct kernels *k, const struct net *net, int lanes,
               const struct lane *lane, float *w, const float *g, float *m,
               float *v)
{
    struct fleet_rule f;

    f.kind = kind_of(lane->rule);
    for (int i = 0; lanes > 1 && i < lanes; i++)
        set_lane(&f, i, &lane[i]);
    /* Neighbours with one rate go together: the rules are element-wise. */
    for (int p = 0, q; p < net->nparams; p = q) {
        size_t at = net->params[p].offset * (size_t)lanes, n = 0;
        double rate = net->params[p].rate;
        float *m_at = m ? m + at : NULL, *v_at = v ? v + at : NULL;

        for (q = p; q < net->nparams && net->params[q].rate == rate; q++)
            n += (size_t)net->params[q].rows * (size_t)net->params[q].cols;
        for (int i = 0; lanes > 1 && i < lanes; i++)
            set_rate(&f, i, &lane[i], rate);
        if (lanes > 1)
            k->fleet_step(&f, n, w + at, g + at, m_at, v_at);
        else
            update_one(k, lane, rate, n, w + at, g + at, m_at, v_at);
    }
}

void
update_stretches(const struct kernels *k, const struct lane *lane,
                 const struct stretch *s, int n, float *w, const float *g)
{
    for (int i = 0; i < n; i++)
        update_one(k, lane, s[i].rate, s[i].n, w + s[i].at, g + s[i].at, NULL,
                   NULL);
}

/* sgd without decay: w - lr * (+0 * scale + 0 * w), if lr is not below +0. */
bool
update_leaves(const struct net *net, const struct lane *lane)
{
    bool yes = lane->rule->kind == UPDATE_SGD && lane->rule->decay == 0;

    for (int i = 0; yes && i < net->nparams; i++)
        yes = !signbit((float)(lane->rate * net->params[i].rate));
    return yes;
}

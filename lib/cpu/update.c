/* update.c - gradients clipped, and weights updated by the kernels' rules. */
#include "cpu/update.h"

#include <math.h>

#include "cpu/partials.h"

/* ---- clipping ------------------------------------------------------------*/

/* The factor for a norm of these squares. */
static float
scale_of(const struct update_rule *u, double squares)
{
    double norm = sqrt(squares);

    return u->clip_norm > 0 && norm > u->clip_norm
               ? (float)(u->clip_norm / norm) : 1;
}

/* Each net's limit, one net's for all lanes; false: none has one. */
static bool
limits(int nets, const struct lane *lane, float *cut)
{
    bool any = false;

    for (int i = 0; i < LANES; i++) {
        const struct update_rule *u = lane[nets > 1 ? i : 0].rule;

        any |= u->clip_element > 0;
        cut[i] = u->clip_element > 0 ? (float)u->clip_element : INFINITY;
    }
    return any;
}

static bool
has_norm(int nets, const struct lane *lane)
{
    bool any = false;

    for (int i = 0; i < nets; i++)
        any |= lane[i].rule->clip_norm > 0;
    return any;
}

/* A segment of the norm is looked at, cut and squared while it is in the cache:
 * one pass over the gradient. */
uint32_t
update_clip(const struct kernels *k, int nets, struct lane *lane, float *g,
            const struct stretches *s)
{
    bool cuts, norm = has_norm(nets, lane);
    double part[PARTIALS * LANES], squares[LANES] = { 0 };
    float cut[LANES];
    size_t segment = 0;
    uint32_t bad = 0;

    cuts = limits(nets, lane, cut);
    if (norm)
        partials_clear(part, nets);
    for (const struct stretch *x = s->x; x < s->x + s->n; x++)
        for (size_t at = x->at, end = at + x->n, n; at < end; at += n) {
            if (norm && at / NORM_SEGMENT != segment)
                partials_end(part, nets, squares);
            segment = at / NORM_SEGMENT;
            n = (segment + 1) * NORM_SEGMENT - at;
            n = n < end - at ? n : end - at;
            bad |= k->clip(nets, at, n, g + at * (size_t)nets,
                           GRADIENT_LIMIT, cuts ? cut : NULL,
                           norm ? part : NULL);
            if (bad && nets == 1)
                return bad;
        }
    if (norm)
        partials_end(part, nets, squares);
    for (int i = 0; i < nets; i++)
        lane[i].scale = scale_of(lane[i].rule, squares[i]);
    return bad;
}

/* ---- updates -------------------------------------------------------------*/

/* What does not depend on the parameter. */
static void
set_numbers(struct rule_numbers *r, int i, const struct lane *lane)
{
    const struct update_rule *u = lane->rule;
    bool adam = u->kind >= UPDATE_ADAM;
    float eps = (float)u->epsilon;

    r->x[RULE_SCALE][i] = lane->scale;
    r->x[RULE_DECAY][i] = u->kind == UPDATE_ADAMW ? 0 : (float)u->decay;
    r->x[RULE_MU][i] = (float)u->momentum;
    r->x[RULE_ALPHA][i] = (float)u->alpha;
    r->x[RULE_REST][i] = (float)(1 - u->alpha);
    r->x[RULE_IN][i] = u->inside && !adam ? eps : 0;
    r->x[RULE_OUT][i] = u->inside && !adam ? 0 : eps;
    r->x[RULE_BETA1][i] = (float)u->beta1;
    r->x[RULE_BETA2][i] = (float)u->beta2;
    r->x[RULE_REST1][i] = (float)(1 - u->beta1);
    r->x[RULE_REST2][i] = (float)(1 - u->beta2);
    r->x[RULE_ROOT][i] = adam ? sqrtf((float)(1 - lane->powers.beta2)) : 1;
}

static void
set_rate(struct rule_numbers *r, int i, const struct lane *lane, double rate)
{
    const struct update_rule *u = lane->rule;
    float lr = (float)(lane->rate * rate);

    r->x[RULE_LR][i] = lr;
    r->x[RULE_STEP][i] = u->kind < UPDATE_ADAM ? 0 :
                         lr / (float)(1 - lane->powers.beta1);
    r->x[RULE_SHRINK][i] = u->kind == UPDATE_ADAMW ? lr * (float)u->decay : 0;
}

/* All nets' numbers, for parameters of a rate; one net's for all lanes. */
static void
set_rule(struct rule_numbers *r, int nets, const struct lane *lane, double rate,
         bool first)
{
    r->kind = lane->rule->kind;
    r->nesterov = lane->rule->nesterov;
    for (int i = 0; i < nets; i++) {
        if (first)
            set_numbers(r, i, &lane[i]);
        set_rate(r, i, &lane[i], rate);
    }
    for (int k = 0; nets == 1 && k < RULE_NUMBERS; k++)
        for (int i = 1; i < LANES; i++)
            r->x[k][i] = r->x[k][0];
}

static void
update_alike(const struct kernels *k, int nets, const struct lane *lane,
             const struct stretches *s, float *w, const float *g, float *m,
             float *v)
{
    struct rule_numbers r;

    for (const struct stretch *x = s->x; x < s->x + s->n; x++) {
        size_t at = x->at * (size_t)nets;

        if (x == s->x || x->rate != x[-1].rate)
            set_rule(&r, nets, lane, x->rate, x == s->x);
        k->update(&r, x->n * (size_t)nets, w + at, g + at, m ? m + at : NULL,
                  v ? v + at : NULL);
    }
}

void
update_weights(const struct kernels *k, int nets, const struct lane *lane,
               const struct stretches *s, float *w, const float *g, float *m,
               float *v)
{
    struct update_rule rule[LANES];
    struct lane adam[LANES];

    if (!lane->scaling) {
        update_alike(k, nets, lane, s, w, g, m, v);
        return;
    }
    neuron_updates(lane->scaling, nets, lane, w, g);
    for (int i = 0; i < nets; i++) {
        rule[i] = *lane[i].rule;
        rule[i].kind = UPDATE_ADAM;
        adam[i] = lane[i];
        adam[i].rule = &rule[i];
        adam[i].rate *= rule[i].adam_rate;
    }
    update_alike(k, nets, adam, &lane->scaling->rest, w, g, m, v);
}

/* sgd without decay: w - lr * (+0 * scale + 0 * w), if lr is not below +0. */
bool
update_leaves(int nets, const struct lane *lane, const struct stretches *s)
{
    bool yes = true;

    for (int i = 0; i < nets; i++) {
        yes &= lane[i].rule->kind == UPDATE_SGD && lane[i].rule->decay == 0;
        for (int k = 0; yes && k < s->n; k++)
            yes = !signbit((float)(lane[i].rate * s->x[k].rate));
    }
    return yes;
}

/*
 * opt.c - the gradient looked at and clipped, and the optimizers' updates.
 * Plain C that the compiler vectorises: one rounding an operator, in the order
 * written, no fused operations, so that every instruction set gives the same
 * bits.  docs/numerics.md has the formulas; g * scale is exact when scale is 1,
 * and decay * w is added also when decay is 0.
 *
 * Every setting stands LANES times: number i of an array has that of lane i mod
 * LANES, be the lanes nets or a net's weights.
 */
#include <math.h>

#include "graph/sizes.h"
#include "parts.h"

/* ---- clipping ------------------------------------------------------------*/

enum { MOST = PARTIALS * LANES };

struct look {
    const float *cut;
    double *part;
    float limit;
    uint32_t bad[LANES];
};

/* k numbers, of which the first is number `first` of a round of partial
 * sums. */
INLINE void
look(struct look *x, float *g, size_t first, size_t k, const bool cuts,
     const bool sums)
{
    for (size_t i = 0; i < k; i++) {
        size_t at = first + i;
        float y = g[i], c = cuts ? x->cut[at % LANES] : 0;

        x->bad[at % LANES] |= !(fabsf(y) <= x->limit);
        if (cuts) {
            y = y < -c ? -c : y;
            y = y > c ? c : y;
            g[i] = y;
        }
        if (sums)
            x->part[at] += (double)y * (double)y;
    }
}

/* Whole rounds have a length that the compiler knows. */
INLINE void
look_all(struct look *x, float *g, size_t first, size_t n, const bool cuts,
         const bool sums, const size_t round)
{
    size_t k = round - first < n ? round - first : n;

    if (k < round) {
        look(x, g, first, k, cuts, sums);
        g += k;
        n -= k;
    }
    for (; n >= round; g += round, n -= round)
        look(x, g, 0, round, cuts, sums);
    look(x, g, 0, n, cuts, sums);
}

INLINE void
look_as_asked(struct look *x, float *g, size_t first, size_t n,
              const size_t round)
{
    if (x->cut && x->part)
        look_all(x, g, first, n, true, true, round);
    else if (x->cut)
        look_all(x, g, first, n, true, false, round);
    else if (x->part)
        look_all(x, g, first, n, false, true, round);
    else
        look_all(x, g, first, n, false, false, LANES);
}

uint32_t
SYM(clip)(int nets, size_t at, size_t n, float *g, float limit,
          const float *cut, double *part)
{
    struct look x = { .cut = cut, .part = part, .limit = limit };
    size_t first = at % PARTIALS;
    uint32_t mask = 0;

    if (nets == 1)
        look_as_asked(&x, g, first, n, PARTIALS);
    else if (part)
        look_as_asked(&x, g, first * LANES, n * LANES, MOST);
    else
        look_as_asked(&x, g, 0, n * LANES, LANES);
    for (int l = 0; l < LANES; l++)
        mask |= x.bad[l] << (nets == 1 ? 0 : l);
    return mask;
}

/* ---- updates -------------------------------------------------------------*/

/* The gradient as m and v see it: its square is 0 or at least 2^-100.  So
 * neither is ever subnormal. */
INLINE float
felt(float d)
{
    return cut_below(d, -50);
}

/* A mean square that decays. */
INLINE float
lasting(float v)
{
    return cut_below(v, -124);
}

/* One statement for every number; S is a setting's value, d the gradient with
 * the penalty. */
#define S(name) u->x[RULE_##name][l]
#define EACH(...) \
    for (size_t i = 0; i < n; i += LANES) \
        for (size_t l = 0; l < LANES; l++) { \
            const size_t at = i + l; \
            __VA_ARGS__ \
        }
#define PENALISED (g[at] * S(SCALE) + S(DECAY) * w[at])
#define PENALTY float d = felt(PENALISED);

static void
adam(const struct rule_numbers *restrict u, size_t n, float *restrict w,
     const float *restrict g, float *restrict m, float *restrict v)
{
    EACH(
        float x = w[at] - S(SHRINK) * w[at];
        float d = felt(g[at] * S(SCALE) + S(DECAY) * x);

        m[at] = trim(S(BETA1) * m[at] + S(REST1) * d);
        v[at] = lasting(S(BETA2) * v[at] + S(REST2) * (d * d));
        w[at] = x - S(STEP) * (m[at] / (sqrtf(v[at]) / S(ROOT) + S(OUT)));
    )
}

static void
rmsprop(const struct rule_numbers *restrict u, size_t n, float *restrict w,
        const float *restrict g, float *restrict m, float *restrict v)
{
    if (!m) {
        EACH(
            PENALTY
            v[at] = lasting(S(ALPHA) * v[at] + S(REST) * (d * d));
            w[at] = w[at] - S(LR) * (d / (sqrtf(v[at] + S(IN)) + S(OUT)));
        )
        return;
    }
    EACH(
        PENALTY
        v[at] = lasting(S(ALPHA) * v[at] + S(REST) * (d * d));
        m[at] = trim(S(MU) * m[at] + d / (sqrtf(v[at] + S(IN)) + S(OUT)));
        w[at] = w[at] - S(LR) * m[at];
    )
}

/* The first update finds m = 0, so that m = d, as in PyTorch. */
static void
momentum(const struct rule_numbers *restrict u, size_t n, float *restrict w,
         const float *restrict g, float *restrict m)
{
    if (u->nesterov) {
        EACH(
            PENALTY
            m[at] = trim(S(MU) * m[at] + d);
            w[at] = w[at] - S(LR) * (d + S(MU) * m[at]);
        )
        return;
    }
    EACH(
        PENALTY
        m[at] = trim(S(MU) * m[at] + d);
        w[at] = w[at] - S(LR) * m[at];
    )
}

/* n is a multiple of LANES. */
static void
whole(const struct rule_numbers *restrict u, size_t n, float *restrict w,
      const float *restrict g, float *restrict m, float *restrict v)
{
    switch (u->kind) {
    case UPDATE_SGD:
        EACH(
            w[at] = w[at] - S(LR) * PENALISED;
        )
        break;
    case UPDATE_MOMENTUM:
        momentum(u, n, w, g, m);
        break;
    case UPDATE_ADAGRAD:
        EACH(
            PENALTY
            v[at] = v[at] + d * d;
            w[at] = w[at] - S(LR) * d / (sqrtf(v[at] + S(IN)) + S(OUT));
        )
        break;
    case UPDATE_RMSPROP:
        rmsprop(u, n, w, g, m, v);
        break;
    case UPDATE_ADAM:
    case UPDATE_ADAMW:
        adam(u, n, w, g, m, v);
        break;
    case UPDATE_PER_NEURON:
    case UPDATE_HYBRID:
        break;                      /* cpu/neuron.c */
    }
}

void
SYM(update)(const struct rule_numbers *u, size_t n, float *w, const float *g,
            float *m, float *v)
{
    size_t most = n / LANES * LANES, rest = n - most;
    size_t bytes = rest * sizeof(float);
    _Alignas(64) float x[4][LANES] = { { 0 } };

    if (most)
        whole(u, most, w, g, m, v);
    if (!rest)
        return;
    memcpy(x[0], w + most, bytes);
    memcpy(x[1], g + most, bytes);
    if (m)
        memcpy(x[2], m + most, bytes);
    if (v)
        memcpy(x[3], v + most, bytes);
    whole(u, LANES, x[0], x[1], m ? x[2] : NULL, v ? x[3] : NULL);
    memcpy(w + most, x[0], bytes);
    if (m)
        memcpy(m + most, x[2], bytes);
    if (v)
        memcpy(v + most, x[3], bytes);
}

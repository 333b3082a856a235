/*
 * fleet_opt.c - clipping and updates of a fleet: the formulas of opt.c, with
 * settings of its own for every net.  Plain C that the compiler vectorises
 * over the nets.
 */
#include <math.h>

#include "opt.h"

/* Each net's sum of squares, as opt.c's. */
static void
sums(size_t n, const float *restrict g, double *restrict sum)
{
    double part[PARTIALS][LANES];

    for (int l = 0; l < LANES; l++)
        sum[l] = 0;
    for (size_t first = 0; first < n; first += NORM_SEGMENT) {
        size_t end = n - first < NORM_SEGMENT ? n : first + NORM_SEGMENT;

        memset(part, 0, sizeof part);
        for (size_t i = first; i < end; i++)
            for (size_t l = 0; l < LANES; l++) {
                double x = (double)g[i * LANES + l];

                part[i % PARTIALS][l] += x * x;
            }
        for (size_t half = PARTIALS / 2; half; half /= 2)
            for (size_t k = 0; k < half; k++)
                for (int l = 0; l < LANES; l++)
                    part[k][l] += part[k + half][l];
        for (int l = 0; l < LANES; l++)
            sum[l] += part[0][l];
    }
}

uint32_t
SYM(fleet_clip)(size_t n, float *restrict g, float limit,
                const float *restrict cut, double *restrict squares)
{
    uint32_t bad[LANES] = { 0 }, mask = 0;

    for (size_t i = 0; i < n * LANES; i += LANES)
        for (int l = 0; l < LANES; l++) {
            float x = g[i + (size_t)l], c = cut[l];

            bad[l] |= !(fabsf(x) <= limit);
            x = x < -c ? -c : x > c ? c : x;
            g[i + (size_t)l] = x;
        }
    for (int l = 0; l < LANES; l++)
        mask |= bad[l] << l;
    if (squares)
        sums(n, g, squares);
    return mask;
}

/* One statement for every net of every weight; S is the setting's value, d
 * the gradient with the penalty. */
#define S(name) u->name[l]
#define EACH(...) \
    for (size_t i = 0; i < n * LANES; i += LANES) \
        for (int l = 0; l < LANES; l++) { \
            const size_t at = i + (size_t)l; \
            __VA_ARGS__ \
        }
#define PENALISED (g[at] * S(scale) + S(decay) * w[at])
#define PENALTY float d = felt(PENALISED);

static void
adam(const struct fleet_rule *restrict u, size_t n, float *restrict w,
     const float *restrict g, float *restrict m, float *restrict v)
{
    EACH(
        float x = w[at] - S(shrink) * w[at];
        float d = felt(g[at] * S(scale) + S(decay) * x);

        m[at] = trim(S(beta1) * m[at] + S(rest1) * d);
        v[at] = lasting(S(beta2) * v[at] + S(rest2) * (d * d));
        w[at] = x - S(step) * (m[at] / (sqrtf(v[at]) / S(root) + S(out)));
    )
}

static void
rmsprop(const struct fleet_rule *restrict u, size_t n, float *restrict w,
        const float *restrict g, float *restrict m, float *restrict v)
{
    if (!m) {
        EACH(
            PENALTY
            v[at] = lasting(S(alpha) * v[at] + S(rest) * (d * d));
            w[at] = w[at] - S(lr) * (d / (sqrtf(v[at] + S(in)) + S(out)));
        )
        return;
    }
    EACH(
        PENALTY
        v[at] = lasting(S(alpha) * v[at] + S(rest) * (d * d));
        m[at] = trim(S(mu) * m[at] + d / (sqrtf(v[at] + S(in)) + S(out)));
        w[at] = w[at] - S(lr) * m[at];
    )
}

static void
steps(const struct fleet_rule *restrict u, size_t n, float *restrict w,
      const float *restrict g, float *restrict m, float *restrict v)
{
    switch (u->kind) {
    case FLEET_SGD:
        EACH(
            w[at] = w[at] - S(lr) * PENALISED;
        )
        break;
    case FLEET_MOMENTUM:
        EACH(
            PENALTY
            m[at] = trim(S(mu) * m[at] + d);
            w[at] = w[at] - S(lr) * m[at];
        )
        break;
    case FLEET_NESTEROV:
        EACH(
            PENALTY
            m[at] = trim(S(mu) * m[at] + d);
            w[at] = w[at] - S(lr) * (d + S(mu) * m[at]);
        )
        break;
    case FLEET_ADAGRAD:
        EACH(
            PENALTY
            v[at] = v[at] + d * d;
            w[at] = w[at] - S(lr) * d / (sqrtf(v[at] + S(in)) + S(out));
        )
        break;
    case FLEET_RMSPROP:
        rmsprop(u, n, w, g, m, v);
        break;
    case FLEET_ADAM:
        adam(u, n, w, g, m, v);
        break;
    }
}

void
SYM(fleet_step)(const struct fleet_rule *u, size_t n, float *w,
                const float *g, float *m, float *v)
{
    steps(u, n, w, g, m, v);
}

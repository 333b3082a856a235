/*
 * opt.c - the optimizers' updates.  Plain C that the compiler vectorises: one
 * rounding an operator, in the order written, no fused operations, so that
 * every instruction set gives the same bits.  docs/numerics.md has the
 * formulas; g * scale is exact when scale is 1, and decay * w is added also
 * when decay is 0.
 */
#include <math.h>

#include "parts.h"

void
SYM(sgd)(size_t n, float *restrict w, const float *restrict g, float scale,
         float lr, float decay)
{
    for (size_t i = 0; i < n; i++) {
        float d = g[i] * scale + decay * w[i];

        w[i] = w[i] - lr * d;
    }
}

/* The first update finds m = 0, so that m = d, as in PyTorch. */
void
SYM(momentum)(size_t n, float *restrict w, const float *restrict g,
              float *restrict m, float scale, float lr, float mu,
              bool nesterov, float decay)
{
    if (nesterov) {
        for (size_t i = 0; i < n; i++) {
            float d = g[i] * scale + decay * w[i];

            m[i] = mu * m[i] + d;
            w[i] = w[i] - lr * (d + mu * m[i]);
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float d = g[i] * scale + decay * w[i];

        m[i] = mu * m[i] + d;
        w[i] = w[i] - lr * m[i];
    }
}

void
SYM(adagrad)(size_t n, float *restrict w, const float *restrict g,
             float *restrict v, float scale, float lr, float eps,
             bool eps_inside, float decay)
{
    float in = eps_inside ? eps : 0.0f, out = eps_inside ? 0.0f : eps;

    for (size_t i = 0; i < n; i++) {
        float d = g[i] * scale + decay * w[i];

        v[i] = v[i] + d * d;
        w[i] = w[i] - lr * d / (sqrtf(v[i] + in) + out);
    }
}

void
SYM(rmsprop)(size_t n, float *restrict w, const float *restrict g,
             float *restrict v, float *restrict m, float scale, float lr,
             float alpha, float eps, bool eps_inside, float mu, float decay)
{
    float in = eps_inside ? eps : 0.0f, out = eps_inside ? 0.0f : eps;
    float rest = 1.0f - alpha;

    if (!m) {
        for (size_t i = 0; i < n; i++) {
            float d = g[i] * scale + decay * w[i];

            v[i] = alpha * v[i] + rest * (d * d);
            w[i] = w[i] - lr * (d / (sqrtf(v[i] + in) + out));
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float d = g[i] * scale + decay * w[i];

        v[i] = alpha * v[i] + rest * (d * d);
        m[i] = mu * m[i] + d / (sqrtf(v[i] + in) + out);
        w[i] = w[i] - lr * m[i];
    }
}

void
SYM(adam)(size_t n, float *restrict w, const float *restrict g,
          float *restrict m, float *restrict v, float scale, float lr,
          float beta1, float beta2, float eps, float c1, float c2,
          float decay, bool decoupled)
{
    float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
    float step = lr / c1, root = sqrtf(c2);
    float shrink = decoupled ? lr * decay : 0.0f;
    float add = decoupled ? 0.0f : decay;

    for (size_t i = 0; i < n; i++) {
        float u = w[i] - shrink * w[i];
        float d = g[i] * scale + add * u;

        m[i] = beta1 * m[i] + rest1 * d;
        v[i] = beta2 * v[i] + rest2 * (d * d);
        w[i] = u - step * (m[i] / (sqrtf(v[i]) / root + eps));
    }
}

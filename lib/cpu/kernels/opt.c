/*
 * opt.c - the gradient's norm and the optimizers' updates.  Plain C that the
 * compiler vectorises: one rounding an operator, in the order written, no fused
 * operations, so that every instruction set gives the same bits.
 * docs/numerics.md has the formulas; g * scale is exact when scale is 1, and
 * decay * w is added also when decay is 0.
 */
#include <math.h>

#include "opt.h"

/* A segment's 16 partial sums, and the tree of docs/numerics.md. */
static double
segment(const float *g, size_t n)
{
    double part[PARTIALS] = { 0 };
    size_t i = 0;

    for (; i + PARTIALS <= n; i += PARTIALS)
        for (size_t k = 0; k < PARTIALS; k++)
            part[k] += (double)g[i + k] * (double)g[i + k];
    for (size_t k = 0; i + k < n; k++)
        part[k] += (double)g[i + k] * (double)g[i + k];
    for (size_t half = PARTIALS / 2; half; half /= 2)
        for (size_t k = 0; k < half; k++)
            part[k] += part[k + half];
    return part[0];
}

double
SYM(squares)(size_t n, const float *g)
{
    double sum = 0;

    for (size_t i = 0; i < n; i += NORM_SEGMENT)
        sum += segment(g + i, n - i < NORM_SEGMENT ? n - i : NORM_SEGMENT);
    return sum;
}

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
            float d = felt(g[i] * scale + decay * w[i]);

            m[i] = trim(mu * m[i] + d);
            w[i] = w[i] - lr * (d + mu * m[i]);
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float d = felt(g[i] * scale + decay * w[i]);

        m[i] = trim(mu * m[i] + d);
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
        float d = felt(g[i] * scale + decay * w[i]);

        v[i] = v[i] + d * d;
        w[i] = w[i] - lr * d / (sqrtf(v[i] + in) + out);
    }
}

void
SYM(rmsprop)(size_t n, float *restrict w, const float *restrict g,
             float *restrict v, float *restrict m, float scale, float lr,
             float alpha, float rest, float eps, bool eps_inside, float mu,
             float decay)
{
    float in = eps_inside ? eps : 0.0f, out = eps_inside ? 0.0f : eps;

    if (!m) {
        for (size_t i = 0; i < n; i++) {
            float d = felt(g[i] * scale + decay * w[i]);

            v[i] = lasting(alpha * v[i] + rest * (d * d));
            w[i] = w[i] - lr * (d / (sqrtf(v[i] + in) + out));
        }
        return;
    }
    for (size_t i = 0; i < n; i++) {
        float d = felt(g[i] * scale + decay * w[i]);

        v[i] = lasting(alpha * v[i] + rest * (d * d));
        m[i] = trim(mu * m[i] + d / (sqrtf(v[i] + in) + out));
        w[i] = w[i] - lr * m[i];
    }
}

void
SYM(adam)(size_t n, float *restrict w, const float *restrict g,
          float *restrict m, float *restrict v, float scale, float lr,
          float beta1, float beta2, float rest1, float rest2, float eps,
          float c1, float c2, float decay, bool decoupled)
{
    float step = lr / c1, root = sqrtf(c2);
    float shrink = decoupled ? lr * decay : 0.0f;
    float add = decoupled ? 0.0f : decay;

    for (size_t i = 0; i < n; i++) {
        float u = w[i] - shrink * w[i];
        float d = felt(g[i] * scale + add * u);

        m[i] = trim(beta1 * m[i] + rest1 * d);
        v[i] = lasting(beta2 * v[i] + rest2 * (d * d));
        w[i] = u - step * (m[i] / (sqrtf(v[i]) / root + eps));
    }
}

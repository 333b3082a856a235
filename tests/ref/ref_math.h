/*
 * ref_math.h - the float functions of docs/numerics.md, one number at a time,
 * written from the document and not from the kernels.
 */
#ifndef REF_MATH_H
#define REF_MATH_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline uint32_t
bits_of(float x)
{
    uint32_t u;

    memcpy(&u, &x, sizeof u);
    return u;
}

static inline float
float_of(uint32_t u)
{
    float x;

    memcpy(&x, &u, sizeof x);
    return x;
}

/* c[0] x^(n-1) + ... + c[n-1] */
static inline float
horner(float x, const float *c, int n)
{
    float p = c[0];

    for (int i = 1; i < n; i++)
        p = fmaf(p, x, c[i]);
    return p;
}

static inline float
clamp(float x, float lo, float hi)
{
    x = x > hi ? hi : x;
    return x < lo ? lo : x;
}

/* p 2^n, rounded once: exact in double, unless it is NaN or infinite. */
static inline float
times_power(float p, float n)
{
    return isfinite(p) ? (float)ldexp((double)p, (int)n) : p;
}

/* Section 'exp': the step from r to t. */
static inline float
ref_near(float r)
{
    static const float c[] = {
        0x1.6d5436p-10f, 0x1.123d6ap-7f, 0x1.5554e2p-5f, 0x1.55548cp-3f, 0.5f,
    };

    return fmaf(r * r, horner(r, c, 5), r);
}

static inline float
ref_parts(float x, float *n)
{
    *n = fmaf(x, 0x1.715476p+0f, 0x1.8p23f) - 0x1.8p23f;
    return ref_near(fmaf(-*n, -0x1.05c610p-29f,
                         fmaf(-*n, 0x1.62e43p-1f, x)));
}

static inline float
ref_parts2(float x, float lo, float rest, float *n)
{
    float t;

    *n = fmaf(x, 0x1.715476p+0f, 0x1.8p23f) - 0x1.8p23f;
    t = ref_near(fmaf(-*n, 0x1.62e43p-1f, x));
    rest = fmaf(-*n, -0x1.05c610p-29f, lo) + rest;
    return fmaf(rest, 1.0f + t, t);
}

static inline float
ref_exp(float x)
{
    float n, t = ref_parts(clamp(x, -104.0f, 89.0f), &n);

    return times_power(1.0f + t, n);
}

static inline float
ref_sigmoid(float x)
{
    float n, t = 1.0f + ref_parts(clamp(-fabsf(x), -110.0f, 0.0f), &n), u;
    float base;

    t = times_power(t, n);
    u = t / (1.0f + t);
    base = x < 0.0f ? t : 1.0f;
    return fmaf(-base, u, base);
}

static inline float
ref_swish(float x)
{
    float n, part = ref_parts(clamp(-fabsf(x), -110.0f, 0.0f), &n);
    float t = times_power(1.0f + part, n), u = t / (1.0f + t), low;

    if (x > 110.0f)
        return x;
    if (x < 0.0f && x > -0.25f)
        return x * u;
    if (x >= 0.0f)
        return fmaf(-x, u, x);
    low = x < -110.0f ? -110.0f : x;
    low = times_power(fmaf(low, part, low), n);
    return fmaf(-low, u, low);
}

static inline float
ref_d_swish(float x)
{
    float n, t = 1.0f + ref_parts(clamp(-fabsf(x), -110.0f, 0.0f), &n), u;
    float s, c;

    t = times_power(t, n);
    u = t / (1.0f + t);
    s = x < 0.0f ? fmaf(-t, u, t) : 1.0f - u;
    c = x < 0.0f ? 1.0f - u : u;
    return s * fmaf(clamp(x, -110.0f, 110.0f), c, 1.0f);
}

static inline float
ref_tanh(float x)
{
    float a = fabsf(x), n, t, s, e, y;

    a = clamp(a + a, 0.0f, 20.0f);
    t = ref_parts(a, &n);
    s = isnan(x) ? x : ldexpf(1.0f, (int)n);
    e = fmaf(s, t, s - 1.0f);
    if (e > 2.0f)
        y = fmaf(-1.0f, 2.0f / (e + 2.0f), 1.0f);
    else
        y = fmaf(-(0.5f * e), e / (e + 2.0f), 0.5f * e);
    return copysignf(y, x);
}

/* log(1 + f) + lo */
static inline float
ref_log_core(float f, float lo)
{
    static const float c[] = {
        0x1.13bdc4p-4f, -0x1.dd991ep-4f, 0x1.e6dd26p-4f, -0x1.fc3e38p-4f,
        0x1.233af6p-3f, -0x1.555b8cp-3f, 0x1.99a478p-3f, -0x1.000008p-2f,
        0x1.555548p-2f,
    };
    float z = f * f;

    return f + fmaf(-0.5f, z, fmaf(z * f, horner(f, c, 9), lo));
}

static inline float
ref_log(float x)
{
    float e = 0.0f, m;

    if (isnan(x) || x == INFINITY)
        return x;
    if (x == 0.0f)
        return -INFINITY;
    if (x < 0.0f)
        return NAN;
    if (x < 0x1p-126f) {
        x *= 0x1p23f;
        e = -23.0f;
    }
    m = float_of((bits_of(x) & 0x7fffff) | 0x3f800000);
    e += (float)((int)(bits_of(x) >> 23) - 127);
    if (m >= float_of(0x3fb504f3)) {
        m *= 0.5f;
        e += 1.0f;
    }
    return fmaf(e, 0x1.62e43p-1f, ref_log_core(m - 1.0f,
                                               e * -0x1.05c610p-29f));
}

static inline float
ref_softplus(float x)
{
    float n, t = 1.0f + ref_parts(clamp(-fabsf(x), -110.0f, 0.0f), &n), y;

    t = times_power(t, n);
    if (t > 0x1.a8279ap-2f)
        y = ref_log_core(fmaf(0.5f, t, -0.5f), -0x1.05c610p-29f)
            + 0x1.62e43p-1f;
    else
        y = ref_log_core(t, 0.0f) + 0.0f;
    return (x <= 0.0f ? 0.0f : x) + y;
}

/* sin(x + turn pi/2); beyond 2^17 the reduction needs wide integers. */
static inline float
ref_sin(float x, int turn)
{
    static const float s[] = {
        -0x1.9928ecp-13f, 0x1.1106dep-7f, -0x1.555544p-3f,
    };
    static const float c[] = {
        0x1.99e71cp-16f, -0x1.6c0c26p-10f, 0x1.55554ap-5f, -0.5f, 1.0f,
    };
    float n = fmaf(x, 0x1.45f306p-1f, 0x1.8p23f) - 0x1.8p23f, r, z, y;
    int q = turn + (fabsf(x) <= 0x1p17f ? (int)n : 0);

    r = fmaf(-n, 0x1.921fb6p+0f, x);
    r = fmaf(-n, -0x1.777a5cp-25f, r);
    r = fmaf(-n, -0x1.ee59dap-50f, r);
    z = r * r;
    y = q & 1 ? horner(z, c, 5) : fmaf(z * r, horner(z, s, 3), r);
    return q & 2 ? -y : y;
}

/* R(a) e^(hi + lo) = (y + z) 2^n */
static inline float
ref_tail(float a, float hi, float lo, float *z, float *n)
{
    static const float c[] = {
        0x1.307bf8p-6f, -0x1.d85b58p-4f, 0x1.27ed1ep-2f, -0x1.693ebep-2f,
        0x1.9ad992p-3f, -0x1.5d0614p-4f, 0x1.3bd730p-4f, 0x1.54e106p-4f,
        0x1.e6ed60p-4f, 0x1.103f1cp-3f,
    };
    float d = a + 3.0f, u = 3.0f / d, cut = a - (d - 3.0f);
    float rest = fmaf(-u, cut, fmaf(-u, d, 3.0f));
    float q = horner(u, c, 10), c0 = 0x1.1058fep-3f;
    float p = fmaf(q, u, c0), y = p * u;
    float t = fmaf(q, u, c0 - p);

    t = fmaf(t, u, fmaf(p, u, -y));
    rest = rest * fmaf(u, 0x1.dddddep-2f, 0x1.555556p-2f);
    *z = fmaf(y, ref_parts2(hi, lo, rest, n), t);
    return y;
}

static inline float
ref_erf(float x)
{
    static const float c[] = {
        -0x1.61db8ep-11f, 0x1.4f2dfap-8f, -0x1.b7a92ep-6f, 0x1.ce2adap-4f,
        -0x1.81273ap-2f, 0x1.06eba8p-3f,
    };
    float a = fabsf(x), z, w, n, y;

    if (a < 0.75f)
        return copysignf(fmaf(a, horner(a * a, c, 6), a), x);
    a = clamp(a, 0.0f, 10.0f);
    z = a * a;
    y = ref_tail(a * 0x1.6a09e6p+0f, -z, fmaf(-a, a, z), &w, &n);
    return copysignf(fmaf(-2.0f, times_power(y + w, n), 1.0f), x);
}

static inline float
ref_gelu(float x)
{
    static const float c[] = {
        -0x1.265b36p-10f, 0x1.466884p-7f, -0x1.105746p-4f, 0x1.988452p-2f,
    };
    float a = clamp(fabsf(x), 0.0f, 14.6f), s = a * a, y, z, n, b;

    if (a < 0.5f)
        return fmaf(x * x, horner(x * x, c, 4), 0.5f * x);
    if (x > 14.6f)
        return x;
    y = ref_tail(a, -0.5f * s, 0.5f * fmaf(-a, a, s), &z, &n);
    if (!(x < 0.0f))
        return fmaf(-x, times_power(y + z, n), x);
    b = a * y;
    z = fmaf(a, z, fmaf(a, y, -b));
    return -times_power(b + z, n);
}

static inline float
ref_d_gelu(float x)
{
    float a = clamp(fabsf(x), 0.0f, 14.6f), s = a * a, y, z, n, q, t;
    float lo = 0.5f * fmaf(-a, a, s), c = 0x1.988454p-2f;

    y = ref_tail(a, -0.5f * s, lo, &z, &n);
    q = times_power(y + z, n);
    t = ref_parts2(-0.5f * s, lo, 0.0f, &n);
    t = times_power(fmaf(c, t, c), n);
    return x < 0.0f ? fmaf(-a, t, q) : fmaf(a, t, 1.0f - q);
}

static inline float
ref_d_erf(float x)
{
    float a = clamp(fabsf(x), 0.0f, 10.5f), z = a * a, n, t;
    float c = 0x1.20dd76p+0f;

    t = ref_parts2(-z, fmaf(-a, a, z), 0.0f, &n);
    return times_power(fmaf(c, t, c), n);
}

static inline float
ref_powi(float x, int k)
{
    float y = 1.0f;

    for (int i = 0; i < abs(k); i++)
        y = i ? y * x : x;
    return k < 0 ? 1.0f / y : y;
}

#endif

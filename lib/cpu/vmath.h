/*
 * vmath.h - elementary functions of a vector, the same bits everywhere.
 *
 * Fixed sequences of fma, mul, add, sub, div, compare-and-select and integer
 * operations; docs/numerics.md lists them step by step with their
 * coefficients and errors (at most 2 units in the last place).  NaN gives
 * NaN.  A change here that changes a bit changes the numeric contract.
 */
#ifndef CPU_VMATH_H
#define CPU_VMATH_H

#include "cpu/vec.h"

#define K(x) v_set1(x)

/* p = p * x + c, for Horner's scheme. */
#define H(p, x, c) p = v_fma(p, x, K(c))

/* 1.5 * 2^23: adding it rounds to a whole number, in the low bits. */
#define MAGIC 0x1.8p23f

/* log 2 less its first 24 bits, 0x1.62e43p-1. */
#define LOG2_LOW -0x1.05c610p-29f

/* p * 2^n, whole = n + MAGIC, |n| <= 250, rounded once (to a subnormal). */
INLINE struct vf
vm_scale(struct vf p, struct vf whole)
{
#ifdef R_SCALE
    return (struct vf)EACH2(R_SCALE, p, v_sub(whole, K(MAGIC)));
#else
    /* In two steps, the first of which is exact. */
    struct vi n = vi_sub(v_bits(whole), v_bits(K(MAGIC)));
    struct vi half = vi_sar(n, 1);
    struct vi bias = vi_set1(127);
    struct vi lo = vi_shl(vi_add(half, bias), 23);
    struct vi hi = vi_shl(vi_add(vi_sub(n, half), bias), 23);

    return v_mul(v_mul(p, v_float(lo)), v_float(hi));
#endif
}

/* The polynomial of e^r = 1 + t, |r| <= 0.35: returns t. */
INLINE struct vf
vm_exp_near(struct vf r)
{
    struct vf p = K(0x1.6d5436p-10f);

    H(p, r, 0x1.123d6ap-7f);
    H(p, r, 0x1.5554e2p-5f);
    H(p, r, 0x1.55548cp-3f);
    H(p, r, 0.5f);
    return v_fma(v_mul(r, r), p, r);
}

/* x = n log 2 + (r - n low): returns r, exact; n, and n + MAGIC. */
INLINE struct vf
vm_exp_reduce(struct vf x, struct vf *n, struct vf *whole)
{
    *whole = v_fma(x, K(0x1.715476p+0f), K(MAGIC));
    *n = v_sub(*whole, K(MAGIC));
    return v_fnma(*n, K(0x1.62e43p-1f), x);
}

/* e^x = (1 + t) 2^n: returns t, and n + MAGIC. */
INLINE struct vf
vm_exp_parts(struct vf x, struct vf *whole)
{
    struct vf n, r = vm_exp_reduce(x, &n, whole);

    return vm_exp_near(v_fnma(n, K(LOG2_LOW), r));
}

/* e^(x + lo) (1 + rest) = (1 + t) 2^n, lo and rest tiny. */
INLINE struct vf
vm_exp_parts2(struct vf x, struct vf lo, struct vf rest, struct vf *whole)
{
    struct vf n, r = vm_exp_reduce(x, &n, whole), t = vm_exp_near(r);

    rest = v_add(v_fnma(n, K(LOG2_LOW), lo), rest);
    return v_fma(rest, v_add(K(1.0f), t), t);
}

INLINE struct vf
vm_exp(struct vf x)
{
    struct vf whole, t;

    x = v_atleast(K(-104.0f), v_atmost(K(89.0f), x));
    t = vm_exp_parts(x, &whole);
    return vm_scale(v_add(K(1.0f), t), whole);
}

/* e^-|x| = (1 + part) 2^n: returns it, and part and n + MAGIC. */
INLINE struct vf
vm_exp_neg(struct vf x, struct vf *part, struct vf *whole)
{
    x = v_neg(v_abs(x));
    x = v_atleast(K(-110.0f), x);
    *part = vm_exp_parts(x, whole);
    return vm_scale(v_add(K(1.0f), *part), *whole);
}

/* With t = e^-|x| and u = t / (1 + t): t (1 - u) or 1 - u, so that neither
 * tail cancels and the last operation rounds nearly alone. */
INLINE struct vf
vm_sigmoid(struct vf x)
{
    struct vf part, whole, t = vm_exp_neg(x, &part, &whole);
    struct vf u = v_div(t, v_add(K(1.0f), t));
    struct vf base = v_sel(v_lt(x, K(0.0f)), t, K(1.0f));

    return v_fnma(base, u, base);
}

/* x sigmoid(x): x (1 - u), x u just below 0, x t (1 - u) further down, where
 * x t is scaled last, for it may be subnormal. */
INLINE struct vf
vm_swish(struct vf x)
{
    struct vf part, whole, t = vm_exp_neg(x, &part, &whole);
    struct vf u = v_div(t, v_add(K(1.0f), t));
    struct vf low = v_atleast(K(-110.0f), x), base;
    struct vm near = vm_and(v_lt(K(-0.25f), x), v_lt(x, K(0.0f)));

    low = vm_scale(v_fma(low, part, low), whole);
    base = v_sel(v_lt(x, K(0.0f)), low, x);
    base = v_sel(near, v_mul(x, u), v_fnma(base, u, base));
    return v_sel(v_lt(K(110.0f), x), x, base);
}

/* With e = e^2|x| - 1 = (2^n - 1) + 2^n t: up to e = 2, e/2 (1 - e/(e + 2)),
 * beyond, 1 - 2/(e + 2); the sign of x. */
INLINE struct vf
vm_tanh(struct vf x)
{
    struct vf a = v_abs(x), two = K(2.0f), whole, t, s, e, base, u;
    struct vi sign = vi_and(v_bits(x), vi_set1(INT32_MIN));
    struct vm far;

    a = v_add(a, a);
    a = v_atmost(K(20.0f), a);
    t = vm_exp_parts(a, &whole);
    s = v_float(vi_shl(vi_add(vi_sub(v_bits(whole), v_bits(K(MAGIC))),
                              vi_set1(127)), 23));
    e = v_fma(s, t, v_sub(s, K(1.0f)));
    far = v_lt(two, e);
    base = v_sel(far, K(1.0f), v_mul(K(0.5f), e));
    u = v_div(v_sel(far, two, e), v_add(e, two));
    return v_float(vi_or(v_bits(v_fnma(base, u, base)), sign));
}

/* log(1 + f) for f in [sqrt(1/2) - 1, sqrt(2) - 1], plus lo. */
INLINE struct vf
vm_log_core(struct vf f, struct vf lo)
{
    struct vf z = v_mul(f, f), p = K(0x1.13bdc4p-4f), y;

    H(p, f, -0x1.dd991ep-4f);
    H(p, f, 0x1.e6dd26p-4f);
    H(p, f, -0x1.fc3e38p-4f);
    H(p, f, 0x1.233af6p-3f);
    H(p, f, -0x1.555b8cp-3f);
    H(p, f, 0x1.99a478p-3f);
    H(p, f, -0x1.000008p-2f);
    H(p, f, 0x1.555548p-2f);
    y = v_fma(v_mul(z, f), p, lo);
    y = v_fma(K(-0.5f), z, y);
    return v_add(f, y);
}

/* x = 2^e m, m in [sqrt(1/2), sqrt(2)): e log 2 + log m. */
INLINE struct vf
vm_log(struct vf x)
{
    const struct vi mant = vi_set1(0x7fffff), base = vi_set1(0x3f3504f3);
    struct vm tiny = v_lt(x, K(0x1p-126f));
    struct vf u = v_sel(tiny, v_mul(x, K(0x1p23f)), x);
    struct vf e, m, y;
    struct vi i = vi_sub(v_bits(u), base);

    e = v_sub(vi_cvt(vi_sar(i, 23)), v_sel(tiny, K(23.0f), K(0.0f)));
    m = v_float(vi_add(vi_and(i, mant), base));
    y = vm_log_core(v_sub(m, K(1.0f)), v_mul(e, K(LOG2_LOW)));
    y = v_fma(e, K(0x1.62e43p-1f), y);
    y = v_sel(v_lt(x, K(0x1p+127f)), y,
              v_sel(v_eq(x, v_float(vi_set1(0x7f800000))), x, y));
    y = v_sel(v_eq(x, K(0.0f)), v_float(vi_set1((int32_t)0xff800000)), y);
    y = v_sel(v_lt(x, K(0.0f)), v_float(vi_set1(0x7fc00000)), y);
    return v_sel(v_isnan(x), x, y);
}

/* max(x, 0) + log(1 + e^-|x|) */
INLINE struct vf
vm_softplus(struct vf x)
{
    struct vf part, whole, t = vm_exp_neg(x, &part, &whole), f, y;
    struct vm big = v_lt(K(0x1.a8279ap-2f), t);       /* sqrt(2) - 1 */

    f = v_sel(big, v_fma(K(0.5f), t, K(-0.5f)), t);
    y = vm_log_core(f, v_sel(big, K(LOG2_LOW), K(0.0f)));
    y = v_add(y, v_sel(big, K(0x1.62e43p-1f), K(0.0f)));
    return v_add(v_sel(v_le(x, K(0.0f)), K(0.0f), x), y);
}

#include "cpu/vmath_trig.h"
#include "cpu/vmath_erf.h"

/* s + x s (1 - s) as s * (1 + x c), c = 1 - s without cancelling. */
INLINE struct vf
vm_d_swish(struct vf x)
{
    struct vf part, whole, t = vm_exp_neg(x, &part, &whole);
    struct vf u = v_div(t, v_add(K(1.0f), t)), rest = v_sub(K(1.0f), u);
    struct vm below = v_lt(x, K(0.0f));
    struct vf s = v_sel(below, v_fnma(t, u, t), rest);
    struct vf c = v_sel(below, rest, u);

    x = v_atleast(K(-110.0f), v_atmost(K(110.0f), x));
    return v_mul(s, v_fma(x, c, K(1.0f)));
}

/* x^k by repeated multiplication from the left; k < 0: 1 over that. */
INLINE struct vf
vm_powi(struct vf x, int k)
{
    struct vf y = k == 0 ? K(1.0f) : x;

    for (int i = 1; i < (k < 0 ? -k : k); i++)
        y = v_mul(y, x);
    return k < 0 ? v_div(K(1.0f), y) : y;
}

#endif

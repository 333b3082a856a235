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

/* p * 2^n for |n| <= 250 (the low bits of `whole` = n + MAGIC): two steps, so
 * that only the last rounds, also to a subnormal. */
INLINE struct vf
vm_scale(struct vf p, struct vf whole)
{
    struct vi n = vi_sub(v_bits(whole), v_bits(K(MAGIC)));
    struct vi half = vi_sar(n, 1);
    struct vi bias = vi_set1(127);
    struct vi lo = vi_shl(vi_add(half, bias), 23);
    struct vi hi = vi_shl(vi_add(vi_sub(n, half), bias), 23);

    return v_mul(v_mul(p, v_float(lo)), v_float(hi));
}

/* e^(x + lo) = (1 + t) * 2^n: returns t, |t| < 0.42, and n + MAGIC. */
INLINE struct vf
vm_exp_parts(struct vf x, struct vf lo, struct vf *whole)
{
    struct vf n, r, p;

    *whole = v_fma(x, K(0x1.715476p+0f), K(MAGIC));
    n = v_sub(*whole, K(MAGIC));
    r = v_fnma(n, K(0x1.62e43p-1f), x);
    r = v_add(v_fnma(n, K(-0x1.05c610p-29f), r), lo);
    p = K(0x1.6d5436p-10f);
    H(p, r, 0x1.123d6ap-7f);
    H(p, r, 0x1.5554e2p-5f);
    H(p, r, 0x1.55548cp-3f);
    H(p, r, 0.5f);
    return v_fma(v_mul(r, r), p, r);
}

/* e^x for x already in [-104, 89] (or NaN). */
INLINE struct vf
vm_exp_core(struct vf x)
{
    struct vf whole, n, r, p, t;

    whole = v_fma(x, K(0x1.715476p+0f), K(MAGIC));
    n = v_sub(whole, K(MAGIC));
    r = v_fnma(n, K(0x1.62e43p-1f), x);
    r = v_fnma(n, K(-0x1.05c610p-29f), r);
    p = K(0x1.6d5436p-10f);
    H(p, r, 0x1.123d6ap-7f);
    H(p, r, 0x1.5554e2p-5f);
    H(p, r, 0x1.55548cp-3f);
    H(p, r, 0.5f);
    t = v_fma(v_mul(r, r), p, r);
    return vm_scale(v_add(K(1.0f), t), whole);
}

INLINE struct vf
vm_exp(struct vf x)
{
    x = v_sel(v_lt(K(89.0f), x), K(89.0f), x);
    x = v_sel(v_lt(x, K(-104.0f)), K(-104.0f), x);
    return vm_exp_core(x);
}

/* e^-|x| */
INLINE struct vf
vm_exp_neg(struct vf x)
{
    x = v_neg(v_abs(x));
    return vm_exp_core(v_sel(v_lt(x, K(-104.0f)), K(-104.0f), x));
}

/* 1 / (1 + e^-x), written so that neither tail cancels. */
INLINE struct vf
vm_sigmoid(struct vf x)
{
    struct vf t = vm_exp_neg(x);

    return v_div(v_sel(v_lt(x, K(0.0f)), t, K(1.0f)), v_add(K(1.0f), t));
}

/* e / (e + 2), e = e^2|x| - 1 = (2^n - 1) + 2^n t, with the sign of x. */
INLINE struct vf
vm_tanh(struct vf x)
{
    struct vf a = v_abs(x), whole, t, s, e;
    struct vi sign = vi_and(v_bits(x), vi_set1(INT32_MIN));

    a = v_add(a, a);
    a = v_sel(v_lt(K(20.0f), a), K(20.0f), a);
    t = vm_exp_parts(a, v_zero(), &whole);
    s = v_float(vi_shl(vi_add(vi_sub(v_bits(whole), v_bits(K(MAGIC))),
                              vi_set1(127)), 23));
    e = v_fma(s, t, v_sub(s, K(1.0f)));
    return v_float(vi_or(v_bits(v_div(e, v_add(e, K(2.0f)))), sign));
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
    y = vm_log_core(v_sub(m, K(1.0f)), v_mul(e, K(-0x1.05c610p-29f)));
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
    struct vf t = vm_exp_neg(x), f, y;
    struct vm big = v_lt(K(0x1.a8279ap-2f), t);       /* sqrt(2) - 1 */

    f = v_sel(big, v_fma(K(0.5f), t, K(-0.5f)), t);
    y = vm_log_core(f, v_sel(big, K(-0x1.05c610p-29f), K(0.0f)));
    y = v_add(y, v_sel(big, K(0x1.62e43p-1f), K(0.0f)));
    return v_add(v_sel(v_le(x, K(0.0f)), K(0.0f), x), y);
}

#include "cpu/vmath_trig.h"
#include "cpu/vmath_erf.h"

INLINE struct vf
vm_swish(struct vf x)
{
    return v_mul(x, vm_sigmoid(x));
}

/* s + x s (1 - s) as s * (1 + x (1 - s)), s = sigmoid(x) */
INLINE struct vf
vm_d_swish(struct vf x)
{
    struct vf s = vm_sigmoid(x);

    return v_mul(s, v_fma(x, v_sub(K(1.0f), s), K(1.0f)));
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

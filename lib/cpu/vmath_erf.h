/*
 * vmath_erf.h - erf, gelu and what stands under them (part of vmath.h).
 *
 * Phi(-a) = exp(-a^2/2) R(a) for the normal distribution function; with
 * u = 3 / (3 + a), R = u P(u), P a polynomial whose terms hardly cancel.  What
 * the roundings of a^2, 3 + a and u leave out is put back, so that the far
 * tail keeps its relative accuracy.
 */

/* R(a) e^(hi + lo) = (y + z) 2^n, z less than y: returns y, and z and
 * n + MAGIC; a in [0, 14.6]. */
INLINE struct vf
vm_tail(struct vf a, struct vf hi, struct vf lo, struct vf *z,
        struct vf *whole)
{
    struct vf three = K(3.0f), d = v_add(a, three), u = v_div(three, d);
    struct vf cut = v_sub(a, v_sub(d, three));          /* 3 + a - d */
    struct vf rest = v_fnma(u, cut, v_fnma(u, d, three));
    struct vf first = K(0x1.1058fep-3f), q = K(0x1.307bf8p-6f), p, y, t;

    H(q, u, -0x1.d85b58p-4f);
    H(q, u, 0x1.27ed1ep-2f);
    H(q, u, -0x1.693ebep-2f);
    H(q, u, 0x1.9ad992p-3f);
    H(q, u, -0x1.5d0614p-4f);
    H(q, u, 0x1.3bd730p-4f);
    H(q, u, 0x1.54e106p-4f);
    H(q, u, 0x1.e6ed60p-4f);
    H(q, u, 0x1.103f1cp-3f);
    p = v_fma(q, u, first);
    y = v_mul(p, u);
    t = v_fma(q, u, v_sub(first, p));         /* what p leaves out */
    t = v_fma(t, u, v_fma(p, u, v_neg(y)));   /* what y leaves out */
    /* d log R / d log u is about 1 + 1.4 u */
    rest = v_mul(rest, v_fma(u, K(0x1.dddddep-2f), K(0x1.555556p-2f)));
    *z = v_fma(y, vm_exp_parts2(hi, lo, rest, whole), t);
    return y;
}

INLINE struct vf
vm_erf(struct vf x)
{
    struct vf a = v_abs(x), z = v_mul(a, a), lo, near, far, y, w, whole;
    struct vf p = K(-0x1.61db8ep-11f);
    struct vi sign = vi_and(v_bits(x), vi_set1(INT32_MIN));

    H(p, z, 0x1.4f2dfap-8f);
    H(p, z, -0x1.b7a92ep-6f);
    H(p, z, 0x1.ce2adap-4f);
    H(p, z, -0x1.81273ap-2f);
    H(p, z, 0x1.06eba8p-3f);
    near = v_fma(a, p, a);
    a = v_atmost(K(10.0f), a);
    z = v_mul(a, a);
    lo = v_fnma(a, a, z);
    y = vm_tail(v_mul(a, K(0x1.6a09e6p+0f)), v_neg(z), lo, &w, &whole);
    far = v_fnma(K(2.0f), vm_scale(v_add(y, w), whole), K(1.0f));
    a = v_sel(v_lt(a, K(0.75f)), near, far);
    return v_float(vi_or(v_bits(a), sign));
}

/* a = min(|x|, 14.6) and -a^2/2 = hi + lo exactly. */
INLINE struct vf
vm_half_square(struct vf x, struct vf *hi, struct vf *lo)
{
    struct vf a = v_abs(x), z;

    a = v_atmost(K(14.6f), a);
    z = v_mul(a, a);
    *hi = v_mul(K(-0.5f), z);
    *lo = v_mul(K(0.5f), v_fnma(a, a, z));
    return a;
}

/* x Phi(x): near 0, x/2 + x^2 times a polynomial; else x (1 - q), and below 0
 * x (y + z) 2^n, which may be far down. */
INLINE struct vf
vm_gelu(struct vf x)
{
    struct vf s = v_mul(x, x), g = K(-0x1.265b36p-10f);
    struct vf hi, lo, whole, z, a = vm_half_square(x, &hi, &lo);
    struct vf y = vm_tail(a, hi, lo, &z, &whole);
    struct vf q = vm_scale(v_add(y, z), whole), below = v_mul(a, y);

    z = v_fma(a, z, v_fma(a, y, v_neg(below)));
    below = v_neg(vm_scale(v_add(below, z), whole));
    H(g, s, 0x1.466884p-7f);
    H(g, s, -0x1.105746p-4f);
    H(g, s, 0x1.988452p-2f);
    g = v_fma(s, g, v_mul(K(0.5f), x));
    q = v_sel(v_lt(x, K(0.0f)), below, v_fnma(x, q, x));
    q = v_sel(v_lt(K(14.6f), x), x, q);
    return v_sel(v_lt(a, K(0.5f)), g, q);
}

/* Phi(x) + x phi(x) */
INLINE struct vf
vm_d_gelu(struct vf x)
{
    struct vf hi, lo, whole, z, a = vm_half_square(x, &hi, &lo);
    struct vf y = vm_tail(a, hi, lo, &z, &whole);
    struct vf q = vm_scale(v_add(y, z), whole);
    struct vf c = K(0x1.988454p-2f);             /* 1 / sqrt(2 pi) */
    struct vf t = vm_exp_parts2(hi, lo, v_zero(), &whole);
    struct vf density = vm_scale(v_fma(c, t, c), whole);

    q = v_sel(v_lt(x, K(0.0f)), q, v_sub(K(1.0f), q));
    a = v_sel(v_lt(x, K(0.0f)), v_neg(a), a);
    return v_fma(a, density, q);
}

/* 2 / sqrt(pi) exp(-x^2) */
INLINE struct vf
vm_d_erf(struct vf x)
{
    struct vf a = v_abs(x), z, whole, t, c = K(0x1.20dd76p+0f);

    a = v_atmost(K(10.5f), a);
    z = v_mul(a, a);
    t = vm_exp_parts2(v_neg(z), v_fnma(a, a, z), v_zero(), &whole);
    return vm_scale(v_fma(c, t, c), whole);
}

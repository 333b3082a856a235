/*
 * vmath_erf.h - erf, gelu and what stands under them (part of vmath.h).
 *
 * Phi(-a) = exp(-a^2/2) R(a) for the normal distribution function; with
 * u = 3 / (3 + a), R = u P(u), P a polynomial whose terms hardly cancel.  What
 * the roundings of a^2, 3 + a and u leave out is put back, so that the far
 * tail keeps its relative accuracy.
 */

/* R(a) (1 + t) 2^n where exp(hi + lo) = (1 + t) 2^n; a in [0, 14.6]. */
INLINE struct vf
vm_tail(struct vf a, struct vf hi, struct vf lo)
{
    struct vf three = K(3.0f), d = v_add(a, three), u = v_div(three, d);
    struct vf cut = v_sub(a, v_sub(d, three));          /* 3 + a - d */
    struct vf rest = v_fnma(u, cut, v_fnma(u, d, three));
    struct vf p = K(0x1.307bf8p-6f), whole, t;

    H(p, u, -0x1.d85b58p-4f);
    H(p, u, 0x1.27ed1ep-2f);
    H(p, u, -0x1.693ebep-2f);
    H(p, u, 0x1.9ad992p-3f);
    H(p, u, -0x1.5d0614p-4f);
    H(p, u, 0x1.3bd730p-4f);
    H(p, u, 0x1.54e106p-4f);
    H(p, u, 0x1.e6ed60p-4f);
    H(p, u, 0x1.103f1cp-3f);
    H(p, u, 0x1.1058fep-3f);
    p = v_mul(p, u);
    /* d log R / d log u is about 1 + 1.4 u */
    rest = v_mul(rest, v_fma(u, K(0x1.dddddep-2f), K(0x1.555556p-2f)));
    t = v_add(vm_exp_parts(hi, lo, &whole), rest);
    return vm_scale(v_fma(p, t, p), whole);
}

INLINE struct vf
vm_erf(struct vf x)
{
    struct vf a = v_abs(x), z = v_mul(a, a), lo, near, far;
    struct vf p = K(-0x1.61db8ep-11f);
    struct vi sign = vi_and(v_bits(x), vi_set1(INT32_MIN));

    H(p, z, 0x1.4f2dfap-8f);
    H(p, z, -0x1.b7a92ep-6f);
    H(p, z, 0x1.ce2adap-4f);
    H(p, z, -0x1.81273ap-2f);
    H(p, z, 0x1.06eba8p-3f);
    near = v_fma(a, p, a);
    a = v_sel(v_lt(K(10.0f), a), K(10.0f), a);
    z = v_mul(a, a);
    lo = v_fnma(a, a, z);
    far = vm_tail(v_mul(a, K(0x1.6a09e6p+0f)), v_neg(z), lo);
    far = v_fnma(K(2.0f), far, K(1.0f));
    a = v_sel(v_lt(a, K(0.75f)), near, far);
    return v_float(vi_or(v_bits(a), sign));
}

/* The normal distribution function, and its density if asked for. */
INLINE struct vf
vm_phi(struct vf x, struct vf *density)
{
    struct vf a = v_abs(x), z, hi, lo, q;

    a = v_sel(v_lt(K(14.6f), a), K(14.6f), a);
    z = v_mul(a, a);
    lo = v_mul(K(0.5f), v_fnma(a, a, z));
    hi = v_mul(K(-0.5f), z);
    q = vm_tail(a, hi, lo);
    if (density) {
        struct vf whole, t = vm_exp_parts(hi, lo, &whole);
        struct vf c = K(0x1.988454p-2f);         /* 1 / sqrt(2 pi) */

        *density = vm_scale(v_fma(c, t, c), whole);
    }
    return v_sel(v_lt(x, K(0.0f)), q, v_sub(K(1.0f), q));
}

INLINE struct vf
vm_gelu(struct vf x)
{
    return v_mul(x, vm_phi(x, NULL));
}

/* Phi(x) + x phi(x) */
INLINE struct vf
vm_d_gelu(struct vf x)
{
    struct vf density, p = vm_phi(x, &density);

    return v_fma(x, density, p);
}

/* 2 / sqrt(pi) exp(-x^2) */
INLINE struct vf
vm_d_erf(struct vf x)
{
    struct vf a = v_abs(x), z, whole, t, c = K(0x1.20dd76p+0f);

    a = v_sel(v_lt(K(10.5f), a), K(10.5f), a);
    z = v_mul(a, a);
    t = vm_exp_parts(v_neg(z), v_fnma(a, a, z), &whole);
    return vm_scale(v_fma(c, t, c), whole);
}

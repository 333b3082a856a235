/*
 * vmath_trig.h - sin and cos (part of vmath.h).
 *
 * x = q pi/2 + r, |r| <= pi/4.  Up to 2^17 r comes from three fmas with pi/2
 * in three parts; beyond, which no sane net reaches, from whole-number
 * arithmetic with enough bits of 2/pi, one lane at a time.
 */

/* q mod 4 in the low bits of *q, r returned; 2^17 < |x| < infinity. */
static inline float
vm_reduce_far(float x, int32_t *q)
{
    __extension__ typedef unsigned __int128 wide;
    static const uint32_t two_over_pi[] = {    /* a zero word, then its bits */
        0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599,
        0x3c439041, 0xfe5163ab, 0xdebbc561,
    };
    uint32_t bits, m;
    int64_t f;
    int e, at;
    wide w = 0;
    float r;

    memcpy(&bits, &x, sizeof bits);
    m = (bits & 0x7fffff) | 0x800000;
    e = (int)(bits >> 23 & 0xff) - 150;        /* |x| = m 2^e */
    /* Bits of 2/pi of weight 2^(2-e) and more give multiples of 4. */
    at = e - 2 + 32;
    for (int i = 0; i < 4; i++)
        w = w << 32 | two_over_pi[at / 32 + i];
    w = w << at % 32 >> 32;                    /* 96 bits, from bit `at` on */
    w *= m;                                    /* in units of 2^-94 */
    *q = (int32_t)(w >> 94 & 3);
    f = (int64_t)(uint64_t)(w >> 30);          /* the fraction, times 2^64 */
    if (f < 0)
        *q += 1;
    r = (float)((double)f * 0x1.921fb54442d18p-64);
    if (bits >> 31) {
        *q = -*q;
        r = -r;
    }
    return r;
}

INLINE struct vf
vm_reduce(struct vf x, struct vi *q)
{
    struct vf whole = v_fma(x, K(0x1.45f306p-1f), K(MAGIC));
    struct vf n = v_sub(whole, K(MAGIC)), r, a = v_abs(x);
    struct vm far;

    *q = v_bits(whole);
    r = v_fnma(n, K(0x1.921fb6p+0f), x);
    r = v_fnma(n, K(-0x1.777a5cp-25f), r);
    r = v_fnma(n, K(-0x1.ee59dap-50f), r);
    far = vm_and(v_lt(K(0x1p17f), a), v_lt(a, v_float(vi_set1(0x7f800000))));
    if (__builtin_expect(vm_any(far), 0)) {
        float fx[LANES], fr[LANES];
        int32_t fq[LANES];

        v_store(fx, x);
        v_store(fr, r);
        vi_store(fq, *q);
        for (int i = 0; i < LANES; i++)
            if (__builtin_fabsf(fx[i]) > 0x1p17f
                && __builtin_fabsf(fx[i]) <= 0x1.fffffep127f)
                fr[i] = vm_reduce_far(fx[i], &fq[i]);
        r = v_load(fr);
        *q = vi_load(fq);
    }
    return r;
}

/* sin(r + q pi/2) */
INLINE struct vf
vm_sin_quadrant(struct vf r, struct vi q)
{
    struct vi one = vi_set1(1);
    struct vi sign = vi_shl(vi_and(q, vi_set1(2)), 30);
    struct vf z = v_mul(r, r), s = K(-0x1.9928ecp-13f);
    struct vf c = K(0x1.99e71cp-16f), y;

    H(s, z, 0x1.1106dep-7f);
    H(s, z, -0x1.555544p-3f);
    s = v_fma(v_mul(z, r), s, r);
    H(c, z, -0x1.6c0c26p-10f);
    H(c, z, 0x1.55554ap-5f);
    H(c, z, -0.5f);
    H(c, z, 1.0f);
    y = v_sel(vi_eq(vi_and(q, one), one), c, s);
    return v_float(vi_xor(v_bits(y), sign));
}

INLINE struct vf
vm_sin(struct vf x)
{
    struct vi q;
    struct vf r = vm_reduce(x, &q);

    return vm_sin_quadrant(r, q);
}

INLINE struct vf
vm_cos(struct vf x)
{
    struct vi q;
    struct vf r = vm_reduce(x, &q);

    return vm_sin_quadrant(r, vi_add(q, vi_set1(1)));
}

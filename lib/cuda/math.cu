/*
 * math.cu - elementary functions of one float, and the logarithm of a double:
 * the sequences of docs/numerics.md, sections 7 and 8, operation by operation.
 * Compiled without contraction: a fused multiply-add stands where fmaf is
 * written and nowhere else.
 */
#define FUNCTION static __device__ __forceinline__

/* 1.5 * 2^23: adding it rounds to a whole number, in the low bits. */
#define MAGIC 0x1.8p23f
/* log 2 less its first 24 bits, 0x1.62e43p-1. */
#define LOG2_LOW -0x1.05c610p-29f

/* No less, no more than k; NaN stays. */
FUNCTION float
atleast(float k, float x)
{
    return k > x ? k : x;
}

FUNCTION float
atmost(float k, float x)
{
    return k < x ? k : x;
}

FUNCTION float
trim(float x)
{
    return fabsf(x) < 0x1p-100f ? 0.0f : x;
}

/* 2^n, n from -126 to 127; of a NaN's n, anything. */
FUNCTION float
power_of_two(int n)
{
    return __uint_as_float(((uint32_t)n + 127) << 23);
}

/* n of n + MAGIC. */
FUNCTION int
whole_number(float whole)
{
    return (int)(__float_as_uint(whole) - __float_as_uint(MAGIC));
}

/* p * 2^n, whole = n + MAGIC, |n| <= 250, in two steps, the first of which is
 * exact. */
FUNCTION float
scale(float p, float whole)
{
    int n = whole_number(whole), half = n >> 1;

    return p * power_of_two(half) * power_of_two(n - half);
}

/* e^r - 1, |r| <= 0.35. */
FUNCTION float
exp_near(float r)
{
    float p = 0x1.6d5436p-10f;

    p = fmaf(p, r, 0x1.123d6ap-7f);
    p = fmaf(p, r, 0x1.5554e2p-5f);
    p = fmaf(p, r, 0x1.55548cp-3f);
    p = fmaf(p, r, 0.5f);
    return fmaf(r * r, p, r);
}

/* e^x = (1 + t) 2^n: returns t, and n + MAGIC. */
FUNCTION float
exp_parts(float x, float *whole)
{
    float n, r;

    *whole = fmaf(x, 0x1.715476p+0f, MAGIC);
    n = *whole - MAGIC;
    r = fmaf(-n, 0x1.62e43p-1f, x);
    return exp_near(fmaf(-n, LOG2_LOW, r));
}

/* e^(x + lo) (1 + rest) = (1 + t) 2^n, lo and rest tiny. */
FUNCTION float
exp_parts2(float x, float lo, float rest, float *whole)
{
    float n, r, t;

    *whole = fmaf(x, 0x1.715476p+0f, MAGIC);
    n = *whole - MAGIC;
    r = fmaf(-n, 0x1.62e43p-1f, x);
    t = exp_near(r);
    rest = fmaf(-n, LOG2_LOW, lo) + rest;
    return fmaf(rest, 1.0f + t, t);
}

FUNCTION float
f_exp(float x)
{
    float whole, t;

    t = exp_parts(atleast(-104.0f, atmost(89.0f, x)), &whole);
    return scale(1.0f + t, whole);
}

/* e^-|x| = (1 + part) 2^n. */
FUNCTION float
exp_down(float x, float *part, float *whole)
{
    *part = exp_parts(atleast(-110.0f, -fabsf(x)), whole);
    return scale(1.0f + *part, *whole);
}

FUNCTION float
f_sigmoid(float x)
{
    float part, whole, t = exp_down(x, &part, &whole);
    float u = t / (1.0f + t), base = x < 0.0f ? t : 1.0f;

    return fmaf(-base, u, base);
}

FUNCTION float
f_swish(float x)
{
    float part, whole, t = exp_down(x, &part, &whole);
    float u = t / (1.0f + t), low = atleast(-110.0f, x), base;

    low = scale(fmaf(low, part, low), whole);
    base = x < 0.0f ? low : x;
    base = -0.25f < x && x < 0.0f ? x * u : fmaf(-base, u, base);
    return 110.0f < x ? x : base;
}

FUNCTION float
f_d_swish(float x)
{
    float part, whole, t = exp_down(x, &part, &whole);
    float u = t / (1.0f + t), rest = 1.0f - u;
    float s = x < 0.0f ? fmaf(-t, u, t) : rest;
    float c = x < 0.0f ? rest : u;

    x = atleast(-110.0f, atmost(110.0f, x));
    return s * fmaf(x, c, 1.0f);
}

FUNCTION float
f_tanh(float x)
{
    float a = fabsf(x), whole, t, s, e, base, u;
    int sign = __float_as_int(x) & (int)0x80000000;

    a = atmost(20.0f, a + a);
    t = exp_parts(a, &whole);
    s = power_of_two(whole_number(whole));
    e = fmaf(s, t, s - 1.0f);
    base = 2.0f < e ? 1.0f : 0.5f * e;
    u = (2.0f < e ? 2.0f : e) / (e + 2.0f);
    return __int_as_float(__float_as_int(fmaf(-base, u, base)) | sign);
}

/* log(1 + f) + lo, f from sqrt(1/2) - 1 to sqrt(2) - 1. */
FUNCTION float
log_core(float f, float lo)
{
    float z = f * f, p = 0x1.13bdc4p-4f;

    p = fmaf(p, f, -0x1.dd991ep-4f);
    p = fmaf(p, f, 0x1.e6dd26p-4f);
    p = fmaf(p, f, -0x1.fc3e38p-4f);
    p = fmaf(p, f, 0x1.233af6p-3f);
    p = fmaf(p, f, -0x1.555b8cp-3f);
    p = fmaf(p, f, 0x1.99a478p-3f);
    p = fmaf(p, f, -0x1.000008p-2f);
    p = fmaf(p, f, 0x1.555548p-2f);
    return f + fmaf(-0.5f, z, fmaf(z * f, p, lo));
}

FUNCTION float
f_log(float x)
{
    bool tiny = x < 0x1p-126f;
    float u = tiny ? x * 0x1p23f : x, e, m, y;
    int i = (int)(__float_as_uint(u) - 0x3f3504f3u);

    e = (float)(i >> 23) - (tiny ? 23.0f : 0.0f);
    m = __int_as_float((i & 0x7fffff) + 0x3f3504f3);
    y = fmaf(e, 0x1.62e43p-1f, log_core(m - 1.0f, e * LOG2_LOW));
    if (x == __int_as_float(0x7f800000))
        y = x;
    if (x == 0.0f)
        y = __int_as_float((int)0xff800000);
    if (x < 0.0f)
        y = __int_as_float(0x7fc00000);
    return x != x ? x : y;
}

FUNCTION float
f_softplus(float x)
{
    float part, whole, t = exp_down(x, &part, &whole), y;
    bool big = 0x1.a8279ap-2f < t;

    y = log_core(big ? fmaf(0.5f, t, -0.5f) : t, big ? LOG2_LOW : 0.0f);
    y = y + (big ? 0x1.62e43p-1f : 0.0f);
    return (x <= 0.0f ? 0.0f : x) + y;
}

/* Word i of zeros and then the bits of 2 / pi. */
FUNCTION uint32_t
two_over_pi(int i)
{
    const uint32_t words[] = {
        0, 0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599,
        0x3c439041, 0xfe5163ab, 0xdebbc561,
    };

    return words[i];
}

/* q mod 4 in the low bits of *q, r returned; 2^17 < |x| < infinity: a product
 * of 24 bits with 96 of 2 / pi, of which the top words go. */
static __device__ __noinline__ float
reduce_far(float x, int *q)
{
    uint32_t bits = __float_as_uint(x), a[3];
    uint64_t m = (bits & 0x7fffff) | 0x800000, p0, p1, p2;
    int e = (int)(bits >> 23 & 0xff) - 150, at = e - 2 + 32, s = at % 32;
    int64_t f;
    float r;

    for (int i = 0; i < 3; i++) {
        uint64_t pair = (uint64_t)two_over_pi(at / 32 + i) << 32 |
                        two_over_pi(at / 32 + i + 1);

        a[i] = (uint32_t)(pair << s >> 32);
    }
    p0 = a[2] * m;
    p1 = a[1] * m + (p0 >> 32);
    p2 = a[0] * m + (p1 >> 32);
    *q = (int)(p2 >> 30 & 3);
    f = (int64_t)(p2 << 34 | (p1 & 0xffffffff) << 2 | (p0 & 0xffffffff) >> 30);
    if (f < 0)
        *q += 1;
    r = (float)((double)f * 0x1.921fb54442d18p-64);
    if (bits >> 31) {
        *q = -*q;
        r = -r;
    }
    return r;
}

FUNCTION float
reduce_angle(float x, int *q)
{
    float whole = fmaf(x, 0x1.45f306p-1f, MAGIC), n = whole - MAGIC, r;

    if (0x1p17f < fabsf(x) && fabsf(x) < __int_as_float(0x7f800000))
        return reduce_far(x, q);
    *q = __float_as_int(whole);
    r = fmaf(-n, 0x1.921fb6p+0f, x);
    r = fmaf(-n, -0x1.777a5cp-25f, r);
    return fmaf(-n, -0x1.ee59dap-50f, r);
}

/* sin(r + q pi/2) */
FUNCTION float
sin_quadrant(float r, int q)
{
    float z = r * r, s = -0x1.9928ecp-13f, c = 0x1.99e71cp-16f;

    s = fmaf(s, z, 0x1.1106dep-7f);
    s = fmaf(s, z, -0x1.555544p-3f);
    s = fmaf(z * r, s, r);
    c = fmaf(c, z, -0x1.6c0c26p-10f);
    c = fmaf(c, z, 0x1.55554ap-5f);
    c = fmaf(c, z, -0.5f);
    c = fmaf(c, z, 1.0f);
    return __int_as_float(__float_as_int(q & 1 ? c : s) ^
                          (int)((uint32_t)(q & 2) << 30));
}

FUNCTION float
f_sin(float x)
{
    int q;
    float r = reduce_angle(x, &q);

    return sin_quadrant(r, q);
}

FUNCTION float
f_cos(float x)
{
    int q;
    float r = reduce_angle(x, &q);

    return sin_quadrant(r, q + 1);
}

/* R(a) e^(hi + lo) = (y + z) 2^n: returns y, and z and n + MAGIC. */
FUNCTION float
tail(float a, float hi, float lo, float *z, float *whole)
{
    float d = a + 3.0f, u = 3.0f / d, cut = a - (d - 3.0f);
    float rest = fmaf(-u, cut, fmaf(-u, d, 3.0f));
    float q = 0x1.307bf8p-6f, p, y, t;

    q = fmaf(q, u, -0x1.d85b58p-4f);
    q = fmaf(q, u, 0x1.27ed1ep-2f);
    q = fmaf(q, u, -0x1.693ebep-2f);
    q = fmaf(q, u, 0x1.9ad992p-3f);
    q = fmaf(q, u, -0x1.5d0614p-4f);
    q = fmaf(q, u, 0x1.3bd730p-4f);
    q = fmaf(q, u, 0x1.54e106p-4f);
    q = fmaf(q, u, 0x1.e6ed60p-4f);
    q = fmaf(q, u, 0x1.103f1cp-3f);
    p = fmaf(q, u, 0x1.1058fep-3f);
    y = p * u;
    t = fmaf(q, u, 0x1.1058fep-3f - p);
    t = fmaf(t, u, fmaf(p, u, -y));
    rest = rest * fmaf(u, 0x1.dddddep-2f, 0x1.555556p-2f);
    *z = fmaf(y, exp_parts2(hi, lo, rest, whole), t);
    return y;
}

FUNCTION float
f_erf(float x)
{
    float a = fabsf(x), z = a * a, p = -0x1.61db8ep-11f, near, w, whole, y;
    int sign = __float_as_int(x) & (int)0x80000000;

    p = fmaf(p, z, 0x1.4f2dfap-8f);
    p = fmaf(p, z, -0x1.b7a92ep-6f);
    p = fmaf(p, z, 0x1.ce2adap-4f);
    p = fmaf(p, z, -0x1.81273ap-2f);
    p = fmaf(p, z, 0x1.06eba8p-3f);
    near = fmaf(a, p, a);
    a = atmost(10.0f, a);
    z = a * a;
    y = tail(a * 0x1.6a09e6p+0f, -z, fmaf(-a, a, z), &w, &whole);
    y = fmaf(-2.0f, scale(y + w, whole), 1.0f);
    return __int_as_float(__float_as_int(a < 0.75f ? near : y) | sign);
}

/* a = min(|x|, 14.6) and -a^2/2 = hi + lo exactly. */
FUNCTION float
half_square(float x, float *hi, float *lo)
{
    float a = atmost(14.6f, fabsf(x)), z = a * a;

    *hi = -0.5f * z;
    *lo = 0.5f * fmaf(-a, a, z);
    return a;
}

FUNCTION float
f_gelu(float x)
{
    float s = x * x, g = -0x1.265b36p-10f, hi, lo, whole, z;
    float a = half_square(x, &hi, &lo), y = tail(a, hi, lo, &z, &whole);
    float q = scale(y + z, whole), below = a * y;

    z = fmaf(a, z, fmaf(a, y, -below));
    below = -scale(below + z, whole);
    g = fmaf(g, s, 0x1.466884p-7f);
    g = fmaf(g, s, -0x1.105746p-4f);
    g = fmaf(g, s, 0x1.988452p-2f);
    g = fmaf(s, g, 0.5f * x);
    q = x < 0.0f ? below : fmaf(-x, q, x);
    q = 14.6f < x ? x : q;
    return a < 0.5f ? g : q;
}

FUNCTION float
f_d_gelu(float x)
{
    float hi, lo, whole, z, a = half_square(x, &hi, &lo);
    float y = tail(a, hi, lo, &z, &whole), q = scale(y + z, whole);
    float c = 0x1.988454p-2f, t = exp_parts2(hi, lo, 0.0f, &whole);
    float density = scale(fmaf(c, t, c), whole);

    q = x < 0.0f ? q : 1.0f - q;
    return fmaf(x < 0.0f ? -a : a, density, q);
}

FUNCTION float
f_d_erf(float x)
{
    float a = atmost(10.5f, fabsf(x)), z = a * a, whole;
    float t = exp_parts2(-z, fmaf(-a, a, z), 0.0f, &whole);
    float c = 0x1.20dd76p+0f;

    return scale(fmaf(c, t, c), whole);
}

/* x^k by multiplication from the left; k < 0: 1 over that. */
FUNCTION float
whole_power(float x, int k)
{
    float y = k == 0 ? 1.0f : x;

    for (int i = 1; i < (k < 0 ? -k : k); i++)
        y = y * x;
    return k < 0 ? 1.0f / y : y;
}

/*
 * loss.cu - losses of scored places and their sums (docs/numerics.md, sections
 * 8 and 11).  16 threads a place, each with the partial sum of its index mod
 * 16; PLACES_A_CTA places a CTA.
 */
enum { PLACES_A_CTA = 8 };

/* ---- the logarithm of a double: base/dmath.c ---- */

struct pair {
    double hi, lo;
};

FUNCTION struct pair
two_sum(double a, double b)
{
    double s = a + b, t = s - a;

    return { s, (a - (s - t)) + (b - t) };
}

FUNCTION struct pair
two_product(double a, double b)
{
    double p = a * b, t, ah, al, bh, bl;

    t = 0x1.0000002p+27 * a;
    ah = t - (t - a);
    al = a - ah;
    t = 0x1.0000002p+27 * b;
    bh = t - (t - b);
    bl = b - bh;
    return { p, ((ah * bh - p) + ah * bl + al * bh) + al * bl };
}

/* x = m 2^k, m from sqrt(1/2) to sqrt(2); x a normal number. */
FUNCTION double
split_exponent(double x, int *k)
{
    uint64_t bits = (uint64_t)__double_as_longlong(x);

    *k = (int)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | (uint64_t)1023 << 52;
    x = __longlong_as_double((long long)bits);
    if (x >= 0x1.6a09e667f3bcdp+0) {
        x *= 0.5;
        *k += 1;
    }
    return x;
}

/* Of a float's value: 0, normal, infinite or NaN; never below 0. */
static __device__ __noinline__ double
log_of(double x)
{
    const double high = 0x1.62e42fefa3800p-1, small = 0x1.ef35793c76730p-45;
    int k;
    double m, f, s, low, q, tail;
    struct pair d, p, square, cube, sum, t;

    if (x != x)
        return x;
    if (x == 0.0)
        return __longlong_as_double((long long)0xfff0000000000000u);
    if (x > 0x1.fffffffffffffp1023)
        return x;
    m = split_exponent(x, &k);
    f = m - 1.0;
    d = two_sum(m, 1.0);
    s = f / d.hi;
    p = two_product(s, d.hi);
    low = ((f - p.hi) - p.lo - s * d.lo) / d.hi;
    square = two_product(s, s);
    square.lo += 2.0 * s * low;
    cube = two_product(square.hi, s);
    cube.lo += square.lo * s + square.hi * low;
    q = square.hi;
    tail = 1.0 / 25.0;
    tail = tail * q + 1.0 / 23.0;
    tail = tail * q + 1.0 / 21.0;
    tail = tail * q + 1.0 / 19.0;
    tail = tail * q + 1.0 / 17.0;
    tail = tail * q + 1.0 / 15.0;
    tail = tail * q + 1.0 / 13.0;
    tail = tail * q + 1.0 / 11.0;
    tail = tail * q + 1.0 / 9.0;
    tail = tail * q + 1.0 / 7.0;
    tail = tail * q + 1.0 / 5.0;
    tail *= q * cube.hi;
    s *= 2.0;
    low *= 2.0;
    t.hi = 2.0 * cube.hi / 3.0;
    p = two_product(t.hi, 3.0);
    t.lo = ((2.0 * cube.hi - p.hi) - p.lo + 2.0 * cube.lo) / 3.0;
    sum = two_sum(s, t.hi);
    sum.lo += low + t.lo + 2.0 * tail;
    t = two_sum(k * high, sum.hi);
    t.lo += sum.lo + k * small;
    return two_sum(t.hi, t.lo).hi;
}

/* ---- places ---- */

/* 16 partial sums of a place become the one in x[0]; all threads call it. */
template <typename T>
FUNCTION void
fold(T *x, int lane)
{
    for (int half = PARTIALS / 2; half; half /= 2) {
        __syncthreads();
        if (lane < half)
            x[lane] = x[lane] + x[lane + half];
    }
    __syncthreads();
}

/* Row of the values of place p.  c: they stand by place, not compact. */
FUNCTION int
place_row(const struct work &w, int p)
{
    return w.c ? w.list[w.now[NOW_PLACES] + p] : p;
}

/* A logit, divided by the temperature if there is one. */
FUNCTION float
logit(const struct work &w, const float *x, int k)
{
    float t = __int_as_float(w.now[NOW_TEMPERATURE]);

    return t > 0.0f ? x[k] / t : x[k];
}

/*
 * Softmax and cross-entropy.  a: the derivative is wanted, b: probabilities;
 * code: outputs, their adjoint.
 */
KERNEL
softmax(struct work w)
{
    float *const *at = planes_of(w);
    int lane = (int)threadIdx.x % PARTIALS, y = (int)threadIdx.x / PARTIALS;
    int p = (int)blockIdx.x * PLACES_A_CTA + y;
    const int64_t *out = w.code, *adjoint = out + VALUE_WORDS;
    int K = (int)out[VALUE_SIZE], want = 0;
    float *part = (float *)shared_memory() + y * PARTIALS, m, s, *e;
    int *earlier = (int *)((float *)shared_memory() +
                           PLACES_A_CTA * PARTIALS) + y;
    float count = __int_as_float(w.now[NOW_DIVISOR]);
    const float *x;

    if (!at)
        return;
    if (p >= w.now[NOW_COMPACT])
        p = 0;                       /* again, for company at the barriers */
    x = value_at(w, at, out, place_row(w, p));
    e = w.b ? at[PLANE_PROBS] + (size_t)p * K : nullptr;
    if (w.a)
        e = value_at(w, at, adjoint, place_row(w, p));
    if (w.now[NOW_CLASSES])
        want = w.list[w.now[NOW_CLASSES] + p];

    m = __int_as_float((int)0xff800000);
    for (int k = lane; k < K; k += PARTIALS) {
        float v = logit(w, x, k);

        m = m >= v || m != m ? m : v;
    }
    part[lane] = m;
    if (lane == 0)
        *earlier = 0;
    for (int half = PARTIALS / 2; half; half /= 2) {
        __syncthreads();
        if (lane < half && !(part[lane] > part[lane + half]))
            part[lane] = part[lane + half];
    }
    __syncthreads();
    m = part[0];
    __syncthreads();
    for (int k = lane; k < want; k += PARTIALS)
        if (logit(w, x, k) == m)
            atomicOr(earlier, 1);
    s = 0.0f;
    bool own = (int)blockIdx.x * PLACES_A_CTA + y < w.now[NOW_COMPACT];
    for (int k = lane; k < K; k += PARTIALS) {
        float v = f_exp(logit(w, x, k) - m);

        if (e && own)
            e[k] = v;
        s = s + v;
    }
    part[lane] = s;
    fold(part, lane);
    s = part[0];
    if (!own)
        return;
    if (lane == 0) {
        float there = logit(w, x, want);

        ((double *)at[PLANE_LOSSES])[p] = log_of((double)s) -
                                          ((double)there - (double)m);
        ((int *)at[PLANE_RIGHT])[p] = there == m && !*earlier && s == s;
    }
    for (int k = lane; e && k < K; k += PARTIALS) {
        float v = e[k] / s;

        if (w.a && k == want)
            v = v - 1.0f;
        e[k] = w.a ? trim(v / count) : v;
    }
}

/* Squared errors.  a: the derivative is wanted; d: their mean over units. */
KERNEL
squared_error(struct work w)
{
    float *const *at = planes_of(w);
    int lane = (int)threadIdx.x % PARTIALS, y = (int)threadIdx.x / PARTIALS;
    int p = (int)blockIdx.x * PLACES_A_CTA + y;
    const int64_t *out = w.code, *adjoint = out + VALUE_WORDS;
    int K = (int)out[VALUE_SIZE], f;
    double *part = (double *)shared_memory() + y * PARTIALS, s = 0;
    float count = __int_as_float(w.now[NOW_DIVISOR]), *g = nullptr;
    const float *x, *target;
    bool own;

    if (!at)
        return;
    own = p < w.now[NOW_COMPACT];
    if (!own)
        p = 0;
    f = w.list[w.now[NOW_PLACES] + p];
    x = value_at(w, at, out, place_row(w, p));
    target = at[PLANE_TARGETS] + ((size_t)(f % w.B) * w.now[NOW_STEPS] +
                                  w.now[NOW_T0] + f / w.B) * K;
    if (w.a && own)
        g = value_at(w, at, adjoint, place_row(w, p));
    for (int k = lane; k < K; k += PARTIALS) {
        float d = x[k] - target[k];

        s = s + (double)d * (double)d;
        if (g)
            g[k] = trim((d + d) / count);
    }
    part[lane] = s;
    fold(part, lane);
    if (own && lane == 0) {
        ((double *)at[PLANE_LOSSES])[p] = w.d ? part[0] / K : part[0];
        ((int *)at[PLANE_RIGHT])[p] = 0;
    }
}

/*
 * A window's sums: a CTA of 16 segments times 16 partial sums; segments are
 * added to their microbatch's sum in order, and these to the window's.  a: the
 * set of compact places, b: microbatches.
 */
KERNEL
tally(struct work w)
{
    float *const *at = planes_of(w);
    int lane = (int)threadIdx.x % PARTIALS, y = (int)threadIdx.x / PARTIALS;
    const int *segments = set_list(w, w.a, SET_SEGMENTS);
    const int *blocks = set_list(w, w.a, SET_BLOCKS);
    const int *number = w.list + w.now[NOW_NUMBERS];
    double *part = (double *)shared_memory(), total = 0, sum = 0, *out;
    int *right = (int *)(part + PARTIALS * PARTIALS), mine = 0, m = 0;

    if (!at)
        return;
    for (int s0 = 0; s0 < blocks[w.b]; s0 += PARTIALS) {
        double s = 0;

        for (int p = s0 + y < blocks[w.b] ? segments[s0 + y] : 0;
             s0 + y < blocks[w.b] && p < segments[s0 + y + 1]; p++)
            if (number[p] % PARTIALS == lane) {
                s = s + ((const double *)at[PLANE_LOSSES])[p];
                mine += ((const int *)at[PLANE_RIGHT])[p];
            }
        part[threadIdx.x] = s;
        fold(part + y * PARTIALS, lane);
        for (int n = s0; threadIdx.x == 0 && n < s0 + PARTIALS &&
                         n < blocks[w.b]; n++) {
            for (; n == blocks[m + 1]; m++) {
                total = total + sum;
                sum = 0;
            }
            sum = sum + part[(n - s0) * PARTIALS];
        }
        __syncthreads();
    }
    right[threadIdx.x] = mine;
    __syncthreads();
    if (threadIdx.x)
        return;
    for (int i = 1; i < (int)blockDim.x; i++)
        mine += right[i];
    out = (double *)at[PLANE_OUTCOME];
    out[OUT_LOSS] = total + sum;
    out[OUT_RIGHT] = (double)mine;
    out[OUT_DIVERGED] = 0;
    *(int *)(out + OUT_BAD) = 0;
}

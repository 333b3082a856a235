/* fleet_softmax.c - softmax with cross-entropy, one net a lane. */
#include "base/dmath.h"
#include "cpu/vmath.h"
#include "parts.h"

#define LN2_HIGH 0x1.62e42fefa3800p-1
#define LN2_LOW  0x1.ef35793c76730p-45

/* base/dmath.c's d_log for s from 1 up to 2^31, step by step, without a
 * branch, so that the compiler takes several at once. */
static void
logs_of_sums(double *out, const float *from)
{
    for (int i = 0; i < LANES; i++) {
        double m = (double)from[i], k, f, s, low, q, tail, b, bb, ah, al, bh;
        double bl, p, pl, sq, sql, cu, cul, dh, dl, th, tl, sh, sl, u;
        int64_t bits, e;

        memcpy(&bits, &m, sizeof bits);
        e = (bits >> 52) - 1023;
        bits = (bits & 0xfffffffffffff) | (int64_t)1023 << 52;
        memcpy(&m, &bits, sizeof m);
        k = (double)(int32_t)e;
        f = m * 0.5;
        u = k + 1.0;
        k = m >= 0x1.6a09e667f3bcdp+0 ? u : k;
        m = m >= 0x1.6a09e667f3bcdp+0 ? f : m;
#define TWO_SUM(h, l, x, y) \
        b = (x); \
        bb = (y); \
        h = b + bb; \
        u = h - b; \
        l = (b - (h - u)) + (bb - u)
#define TWO_PRODUCT(h, l, x, y) \
        b = (x); \
        bb = (y); \
        h = b * bb; \
        u = 0x1.0000002p+27 * b; \
        ah = u - (u - b); \
        al = b - ah; \
        u = 0x1.0000002p+27 * bb; \
        bh = u - (u - bb); \
        bl = bb - bh; \
        l = ((ah * bh - h) + ah * bl + al * bh) + al * bl
        f = m - 1.0;
        TWO_SUM(dh, dl, m, 1.0);
        s = f / dh;
        TWO_PRODUCT(p, pl, s, dh);
        low = ((f - p) - pl - s * dl) / dh;
        TWO_PRODUCT(sq, sql, s, s);
        sql += 2.0 * s * low;
        TWO_PRODUCT(cu, cul, sq, s);
        cul += sql * s + sq * low;
        q = sq;
        tail = 0.0 * q + 1.0 / 25;
        tail = tail * q + 1.0 / 23;
        tail = tail * q + 1.0 / 21;
        tail = tail * q + 1.0 / 19;
        tail = tail * q + 1.0 / 17;
        tail = tail * q + 1.0 / 15;
        tail = tail * q + 1.0 / 13;
        tail = tail * q + 1.0 / 11;
        tail = tail * q + 1.0 / 9;
        tail = tail * q + 1.0 / 7;
        tail = tail * q + 1.0 / 5;
        tail *= q * cu;
        s *= 2.0;
        low *= 2.0;
        th = 2.0 * cu / 3.0;
        TWO_PRODUCT(p, pl, th, 3.0);
        tl = ((2.0 * cu - p) - pl + 2.0 * cul) / 3.0;
        TWO_SUM(sh, sl, s, th);
        sl += low + tl + 2.0 * tail;
        TWO_SUM(th, tl, k * LN2_HIGH, sh);
        tl += sl + k * LN2_LOW;
        out[i] = th + tl;
    }
}

static void
logs(double *out, const float *s)
{
    int plain = 1;

    for (int i = 0; i < LANES; i++)
        plain &= s[i] >= 1.0f && s[i] < 0x1p31f;
    if (plain) {
        logs_of_sums(out, s);
        return;
    }
    for (int i = 0; i < LANES; i++)
        out[i] = d_log((double)s[i]);
}

/* e[j] = exp(x[j] - m); returns their sum: 16 partial sums by j mod 16, then
 * the tree of docs/numerics.md. */
INLINE struct vf
exponentials(float *e, const float *x, int classes, struct vf m)
{
    struct vf part[LANES];
    int have = classes < LANES ? classes : LANES;

    for (int j = 0; j < classes; j++) {
        struct vf y = vm_exp(v_sub(v_load(x + j * LANES), m));

        if (e)
            v_store(e + j * LANES, y);
        part[j % LANES] = j < LANES ? y : v_add(part[j % LANES], y);
    }
    /* those that are not there are +0, and change nothing */
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half && i + half < have; i++)
            part[i] = v_add(part[i], part[i + half]);
    return part[0];
}

static void
losses(double *loss, struct vf s, struct vf m, const float *chosen)
{
    float sums[LANES], most[LANES];

    v_store(sums, s);
    v_store(most, m);
    logs(loss, sums);
    for (int i = 0; i < LANES; i++)
        loss[i] = loss[i] - ((double)chosen[i] - (double)most[i]);
}

/* Which nets have the target's logit as the first of their largest, and no
 * NaN, which would be in the sum s? */
static void
hits(uint8_t *hit, const float *x, int target, struct vf m, struct vf s)
{
    const struct vf one = v_set1(1.0f), zero = v_zero();
    struct vf y = v_sel(v_eq(v_load(x + target * LANES), m), one, zero);
    float out[LANES];

    for (int j = 0; j < target; j++)
        y = v_sel(v_eq(v_load(x + j * LANES), m), zero, y);
    y = v_sel(v_eq(s, s), y, zero);
    v_store(out, y);
    for (int i = 0; i < LANES; i++)
        hit[i] = out[i] > 0.0f;
}

/* d[j] = (d[j] / s - onehot) / count, trimmed */
static void
finish(float *d, int classes, int target, struct vf s, float count)
{
    struct vf n = v_set1(count);

    for (int j = 0; j < classes; j++) {
        struct vf y = v_div(v_load(d + j * LANES), s);

        if (j == target)
            y = v_sub(y, v_set1(1.0f));
        if (count > 1.0f)
            y = v_div(y, n);
        v_store(d + j * LANES, v_trim(y));
    }
}

void
SYM(fleet_softmax)(int rows, int classes, const float *logits, ptrdiff_t ls,
                   const int32_t *target, float count, double *loss,
                   uint8_t *correct, float *dlogits, ptrdiff_t ds)
{
    for (int r = 0; r < rows; r++) {
        const float *x = logits + r * ls;
        float *d = dlogits ? dlogits + r * ds : NULL;
        struct vf m = v_load(x), s;

        for (int j = 1; j < classes; j++)
            m = v_max(m, v_load(x + j * LANES));
        s = exponentials(d, x, classes, m);
        losses(loss + r * LANES, s, m, x + target[r] * LANES);
        hits(correct + r * LANES, x, target[r], m, s);
        if (d)
            finish(d, classes, target[r], s, count);
    }
}

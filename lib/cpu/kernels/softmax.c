/*
 * softmax.c - softmax with cross-entropy, a row at a time.
 *
 * A row of one net is its classes side by side, a row of a fleet a vector of
 * the nets a class.  The code is the same, over `nets` as a constant: sums by
 * class mod 16 are the lanes of one vector, or 16 vectors.
 */
#include "base/dlog.h"
#include "base/dmath.h"
#include "cpu/vmath.h"
#include "parts.h"

/* Logarithms of 16 sums from 1 up to 2^31: d_log step by step, several at
 * once. */
static void
logs_of_sums(double *out, const float *from)
{
    for (int i = 0; i < LANES; i++) {
        double m = (double)from[i], k, up, half;
        int64_t bits, e;

        memcpy(&bits, &m, sizeof bits);
        e = (bits >> 52) - 1023;
        bits = (bits & 0xfffffffffffff) | (int64_t)1023 << 52;
        memcpy(&m, &bits, sizeof m);
        k = (double)(int32_t)e;
        half = m * 0.5;
        up = k + 1.0;
        k = m >= 0x1.6a09e667f3bcdp+0 ? up : k;
        m = m >= 0x1.6a09e667f3bcdp+0 ? half : m;
        out[i] = log_split(m, k).hi;
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

/* Vectors of a row. */
INLINE int
vectors(int classes, const int nets)
{
    return nets > 1 ? classes : (classes + LANES - 1) / LANES;
}

/* y, the row's vector v, with `rest` for what is no class. */
INLINE struct vf
classes_of(struct vf y, int v, int classes, struct vf rest, const int nets)
{
    int left = classes - v * LANES;

    return nets > 1 || left >= LANES ? y : v_sel(v_first(left), y, rest);
}

/* Each net's largest logit, in all lanes of one net.  NaN may be passed over
 * (it comes back through the sum of exponentials, and then nothing is
 * right). */
INLINE struct vf
largest(const float *x, int classes, const int nets)
{
    struct vf low = K(-__builtin_inff());
    struct vf most = classes_of(v_load(x), 0, classes, low, nets);
    float lane[LANES];

    for (int v = 1; v < vectors(classes, nets); v++)
        most = v_max(most, classes_of(v_load(x + v * LANES), v, classes, low,
                                      nets));
    if (nets > 1)
        return most;
    v_store(lane, most);
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] = lane[i] > lane[i + half] ? lane[i] : lane[i + half];
    return v_set1(lane[0]);
}

/* e = exp(x - m), pads +0; returns each net's sum: 16 partial sums by class
 * mod 16, then the tree of docs/numerics.md.  e may be NULL, or x itself. */
INLINE struct vf
exponentials(float *e, const float *x, int classes, struct vf m,
             const int nets)
{
    enum { MANY = LANES };
    const int sums = nets > 1 ? MANY : 1, n = vectors(classes, nets);
    struct vf part[MANY];

    part[0] = v_zero();
    for (int v = 0; v < n; v++) {
        struct vf y = vm_exp(v_sub(v_load(x + v * LANES), m));

        y = classes_of(y, v, classes, v_zero(), nets);
        if (e)
            v_store(e + v * LANES, y);
        part[v % sums] = v < sums ? y : v_add(part[v % sums], y);
    }
    if (nets == 1)
        return v_set1(v_sum(part[0]));
    /* those that are not there are +0, and change nothing */
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half && i + half < n; i++)
            part[i] = v_add(part[i], part[i + half]);
    return part[0];
}

/* Is the target's logit the first of a net's largest? */
INLINE void
hits(uint8_t *hit, const float *x, int target, struct vf m, const int nets)
{
    struct vf y;
    float out[LANES];

    if (nets == 1) {
        float most;

        v_store(out, m);
        most = out[0];
        *hit = x[target] == most;
        for (int j = 0; *hit && j < target; j++)
            *hit = x[j] != most;
        return;
    }
    y = v_sel(v_eq(v_load(x + target * LANES), m), K(1.0f), v_zero());
    for (int j = 0; j < target; j++)
        y = v_sel(v_eq(v_load(x + j * LANES), m), v_zero(), y);
    v_store(out, y);
    for (int i = 0; i < LANES; i++)
        hit[i] = out[i] > 0.0f;
}

/* Probabilities of a row from its exponentials e of sum s, and what they mean
 * for the logits: (p - onehot) / count, trimmed; e is d or p. */
INLINE void
finish_row(const float *e, struct vf s, int classes, int target, float count,
           float *d, float *p, const int nets)
{
    struct vf n = v_set1(count), y;
    float chosen[LANES];

    y = v_div(nets > 1 ? v_load(e + target * LANES) : v_set1(e[target]), s);
    v_store(chosen, v_trim(v_div(v_sub(y, K(1.0f)), n)));
    for (int v = 0; v < vectors(classes, nets); v++) {
        y = v_div(v_load(e + v * LANES), s);
        if (p)
            v_store(p + v * LANES, y);
        if (d && count != 1.0f)
            y = v_div(y, n);
        if (d)
            v_store(d + v * LANES, v_trim(y));
    }
    if (d)
        memcpy(d + target * nets, chosen, (size_t)nets * sizeof *d);
}

/* Rows so that there are 16 numbers, a row's nets or a net's rows; or fewer. */
INLINE void
some_rows(int rows, int classes, const float *x, ptrdiff_t ls,
          const int32_t *target, float count, double *loss, uint8_t *correct,
          float *d, ptrdiff_t ds, float *p, ptrdiff_t ps, const int nets)
{
    float sum[LANES], most[LANES], there[LANES];
    uint8_t hit[LANES];
    double log[LANES];

    for (int i = rows * nets; i < LANES; i++)
        sum[i] = 1.0f;
    for (int r = 0; r < rows; r++, x += ls) {
        struct vf m = largest(x, classes, nets), s;
        float lane[LANES];

        memcpy(there + r * nets, x + target[r] * nets,
               (size_t)nets * sizeof *there);
        hits(hit + r * nets, x, target[r], m, nets);
        v_store(lane, m);
        memcpy(most + r * nets, lane, (size_t)nets * sizeof *most);
        s = exponentials(d ? d : p, x, classes, m, nets);
        v_store(lane, s);
        memcpy(sum + r * nets, lane, (size_t)nets * sizeof *sum);
        if (d || p)
            finish_row(d ? d : p, s, classes, target[r], count, d, p, nets);
        d = d ? d + ds : NULL;
        p = p ? p + ps : NULL;
    }
    logs(log, sum);
    for (int i = 0; i < rows * nets; i++) {
        loss[i] = log[i] - ((double)there[i] - (double)most[i]);
        correct[i] = hit[i] && sum[i] == sum[i];
    }
}

INLINE void
all_rows(int rows, int classes, const float *x, ptrdiff_t ls,
         const int32_t *target, float count, double *loss, uint8_t *correct,
         float *d, ptrdiff_t ds, float *p, ptrdiff_t ps, const int nets)
{
    const int most = LANES / nets;

    for (int r = 0; r < rows; r += most)
        some_rows(rows - r < most ? rows - r : most, classes, x + r * ls, ls,
                  target + r, count, loss + r * nets, correct + r * nets,
                  d ? d + r * ds : NULL, ds, p ? p + r * ps : NULL, ps, nets);
}

void
SYM(softmax)(int nets, int rows, int classes, const float *logits,
             ptrdiff_t ls, const int32_t *target, float count, double *loss,
             uint8_t *correct, float *dlogits, ptrdiff_t ds, float *probs,
             ptrdiff_t ps)
{
    if (nets == 1)
        all_rows(rows, classes, logits, ls, target, count, loss, correct,
                 dlogits, ds, probs, ps, 1);
    else
        all_rows(rows, classes, logits, ls, target, count, loss, correct,
                 dlogits, ds, probs, ps, LANES);
}

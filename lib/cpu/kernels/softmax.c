/* softmax.c - softmax with cross-entropy, a row at a time. */
#include "base/dmath.h"
#include "cpu/vmath.h"
#include "parts.h"

/* The largest of a row; pads do not count, NaN may be passed over (it comes
 * back through the sum of exponentials, and then the row is not right). */
static float
largest(const float *x, int n)
{
    float lanes[LANES];
    struct vf most = K(-__builtin_inff());
    int j = 0;

    for (; j + LANES <= n; j += LANES)
        most = v_max(most, v_load(x + j));
    if (j < n)
        most = v_max(most, v_sel(v_first(n - j), v_load(x + j), most));
    v_store(lanes, most);
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++)
            lanes[i] = lanes[i] > lanes[i + half] ? lanes[i] : lanes[i + half];
    return lanes[0];
}

/* e[j] = exp(x[j] - m), pads +0; returns the sum, 16 partial sums by index
 * mod 16, then v_sum's tree.  e may be NULL, or x itself. */
static float
exponentials(float *e, const float *x, int n, float m)
{
    struct vf s = v_zero();

    for (int j = 0; j < n; j += LANES) {
        struct vf y = vm_exp(v_sub(v_load(x + j), v_set1(m)));

        if (n - j < LANES)
            y = v_sel(v_first(n - j), y, v_zero());
        if (e)
            v_store(e + j, y);
        s = v_add(s, y);
    }
    return v_sum(s);
}

/* Is x[target], among those equal to m, the first? */
static bool
is_first_largest(const float *x, int target, float m)
{
    if (!(x[target] == m))
        return false;
    for (int j = 0; j < target; j++)
        if (x[j] == m)
            return false;
    return true;
}

/* Probabilities of a row from its exponentials e of sum s, and what they mean
 * for the logits: (p - onehot) / count, trimmed; e is d or p. */
static void
finish_row(const float *e, float s, int wide, int want, float count,
           float *d, float *p)
{
    float chosen = trim((e[want] / s - 1.0f) / count);

    for (int j = 0; j < wide; j += LANES) {
        struct vf y = v_div(v_load(e + j), v_set1(s));

        if (p)
            v_store(p + j, y);
        if (d)
            v_store(d + j, v_trim(v_div(y, v_set1(count))));
    }
    if (d)
        d[want] = chosen;
}

void
SYM(softmax)(int rows, int classes, const float *logits, ptrdiff_t ls,
             const int32_t *target, float count, double *loss,
             uint8_t *correct, float *dlogits, ptrdiff_t ds,
             float *probs, ptrdiff_t ps)
{
    int wide = (classes + LANES - 1) / LANES * LANES;

    for (int r = 0; r < rows; r++) {
        const float *x = logits + r * ls;
        float *d = dlogits ? dlogits + r * ds : NULL;
        float *p = probs ? probs + r * ps : NULL;
        int want = target[r];
        float m = largest(x, classes), there = x[want], s;
        bool hit = is_first_largest(x, want, m);

        s = exponentials(d ? d : p, x, classes, m);
        loss[r] = d_log((double)s) - ((double)there - (double)m);
        if (correct)
            correct[r] = hit && s == s;
        if (d || p)
            finish_row(d ? d : p, s, wide, want, count, d, p);
    }
}

/* scatter.c - what stands for products with tokens: columns looked up, and
 * gradients added by token. */
#include "parts.h"

void
SYM(look)(int nets, float *c, const float *from, const float *w, ptrdiff_t ns,
          int size, float sign)
{
    struct vf s = v_set1(sign);

    for (int n = 0; nets == 1 && n < size; n++)
        c[n] = from ? from[n] + sign * w[n * ns] : sign * w[n * ns];
    for (int n = 0; nets > 1 && n < size; n++) {
        struct vf x = v_mul(s, v_load(w + n * ns));

        if (from)
            x = v_add(v_load(from + n * LANES), x);
        v_store(c + n * LANES, x);
    }
}

void
SYM(scatter)(float *to, const int32_t *tok, const float *x, ptrdiff_t stride,
             int rows, int width)
{
    for (int r = 0; r < rows; r++, x += stride) {
        float *d = to + (ptrdiff_t)tok[r] * width;

        for (int j = 0; j < width; j += LANES)
            v_store(d + j, v_add(v_load(d + j), v_load(x + j)));
    }
}

void
SYM(drain)(float *acc, float *part, int n, float sign)
{
    struct vf s = v_set1(sign);

    for (int j = 0; j < n; j += LANES) {
        v_store(acc + j, v_add(v_load(acc + j),
                               v_mul(s, v_load(part + j))));
        v_store(part + j, v_zero());
    }
}

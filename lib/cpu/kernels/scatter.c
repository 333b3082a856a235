/* scatter.c - gradients of token tables: rows added by token. */
#include "parts.h"

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

/* colsum.c - sums over rows: the gradients of biases. */
#include "parts.h"

/* s[v] = sum of the rows' vectors, r ascending, from +0. */
INLINE void
sums(struct vf *s, const float *x, ptrdiff_t stride, int rows,
     const uint8_t *use, const int V)
{
#pragma GCC unroll 8
    for (int v = 0; v < V; v++)
        s[v] = v_zero();
    for (int r = 0; r < rows; r++, x += stride) {
        if (use && !use[r])
            continue;
#pragma GCC unroll 8
        for (int v = 0; v < V; v++)
            s[v] = v_add(s[v], v_load(x + v * LANES));
    }
}

void
SYM(colsum)(float *acc, const float *x, ptrdiff_t stride, int rows, int size,
            const uint8_t *use)
{
    struct vf s[4];
    int j = 0;

    for (; j + 4 * LANES <= size; j += 4 * LANES) {
        sums(s, x + j, stride, rows, use, 4);
#pragma GCC unroll 4
        for (int v = 0; v < 4; v++)
            v_store(acc + j + v * LANES,
                    v_add(v_load(acc + j + v * LANES), s[v]));
    }
    for (; j < size; j += LANES) {
        int lanes = size - j < LANES ? size - j : LANES;
        float last[LANES];

        sums(s, x + j, stride, rows, use, 1);
        v_store(last, s[0]);
        for (int i = 0; i < lanes; i++)
            acc[j + i] = acc[j + i] + last[i];
    }
}

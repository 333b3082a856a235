/* pack.c - weights as the products read them: [column vector][k][16]. */
#include "parts.h"

size_t
SYM(pack_size)(int k, int nvec)
{
    return (size_t)k * (size_t)nvec * LANES;
}

/* Columns lie side by side (ns = 1): rows of w are copied. */
static void
copy_rows(float *b, const float *w, ptrdiff_t ks, int lanes, int k,
          float sign)
{
    struct vf s = v_set1(sign);

    for (int i = 0; i < k; i++, b += LANES, w += ks) {
        if (lanes == LANES)
            v_store(b, v_mul(s, v_load(w)));
        else
            for (int j = 0; j < lanes; j++)
                b[j] = sign * w[j];
    }
}

/* A column's elements lie side by side (ks = 1) or anywhere: blocks of eight
 * deep, so that every line of w is used up while it is in L1. */
static void
turn(float *b, const float *w, ptrdiff_t ns, ptrdiff_t ks, int lanes, int k,
     float sign)
{
    for (int i = 0; i < k; i += 8) {
        int m = k - i < 8 ? k - i : 8;

        for (int j = 0; j < lanes; j++) {
            const float *from = w + j * ns + i * ks;
            float *to = b + (ptrdiff_t)i * LANES + j;

            for (int d = 0; d < m; d++)
                to[d * LANES] = sign * from[d * ks];
        }
    }
}

/* A fleet's numbers are vectors. */
static void
copy_vectors(float *b, const float *w, ptrdiff_t ks, int k, float sign)
{
    struct vf s = v_set1(sign);

    for (int i = 0; i < k; i++, b += LANES, w += ks)
        v_store(b, v_mul(s, v_load(w)));
}

void
SYM(pack)(int nets, float *b, int ktotal, int k0, int v0, const float *w,
          ptrdiff_t ns, ptrdiff_t ks, int n, int k, float sign)
{
    for (int j = 0; nets > 1 && j < n; j++)
        copy_vectors(b + ((ptrdiff_t)(v0 + j) * ktotal + k0) * LANES,
                     w + j * ns, ks, k, sign);
    for (int j = 0; nets == 1 && j < n; j += LANES, v0++) {
        float *to = b + ((ptrdiff_t)v0 * ktotal + k0) * LANES;
        int lanes = n - j < LANES ? n - j : LANES;

        if (ns == 1)
            copy_rows(to, w + j, ks, lanes, k, sign);
        else
            turn(to, w + j * ns, ns, ks, lanes, k, sign);
    }
}

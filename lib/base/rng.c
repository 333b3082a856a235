/* rng.c - Philox 4x32-10 and the draws made from it. */
#include "base/rng.h"

#include <math.h>

#include "base/dmath.h"

#define TWO_PI 0x1.921fb54442d18p+2

/* One block: ten rounds of two 32 x 32 -> 64 bit products, their high halves
 * mixed with the key, which grows by Weyl constants. */
void
philox(uint64_t seed, uint64_t index, uint32_t step, uint32_t purpose,
       uint32_t out[4])
{
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint32_t c0 = (uint32_t)index, c1 = (uint32_t)(index >> 32);
    uint32_t c2 = step, c3 = purpose;

    for (int i = 0; i < 10; i++) {
        uint64_t a = (uint64_t)0xd2511f53 * c0;
        uint64_t b = (uint64_t)0xcd9e8d57 * c2;

        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)b;
        c3 = (uint32_t)a;
        k0 += 0x9e3779b9;
        k1 += 0xbb67ae85;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void
rng_init(struct rng *r, uint64_t seed, uint32_t purpose, uint32_t step,
         uint64_t index)
{
    *r = (struct rng){ .seed = seed, .index = index, .step = step,
                       .purpose = purpose };
}

uint32_t
rng_u32(struct rng *r)
{
    if (r->left == 0) {
        philox(r->seed, r->index++, r->step, r->purpose, r->buf);
        r->left = 4;
    }
    return r->buf[4 - r->left--];
}

uint32_t
rng_below(struct rng *r, uint32_t n)
{
    uint64_t m = (uint64_t)rng_u32(r) * n;

    if ((uint32_t)m < n) {
        uint32_t bias = -n % n;     /* 2^32 mod n: the low words to refuse */

        while ((uint32_t)m < bias)
            m = (uint64_t)rng_u32(r) * n;
    }
    return (uint32_t)(m >> 32);
}

float
rng_float(struct rng *r)
{
    return (float)(rng_u32(r) >> 8) * 0x1p-24f;
}

double
rng_double(struct rng *r)
{
    uint64_t high = rng_u32(r) >> 5;     /* 27 bits, then 26 */
    uint64_t low = rng_u32(r) >> 6;

    return (double)(high << 26 | low) * 0x1p-53;
}

double
rng_normal(struct rng *r)
{
    double u = 1.0 - rng_double(r);      /* (0, 1]: the logarithm is finite */
    double v = rng_double(r);

    return sqrt(-2.0 * d_log(u)) * d_cos(TWO_PI * v);
}

void
rng_shuffle(struct rng *r, uint32_t *order, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        order[i] = i;
    for (uint32_t i = n; i > 1; i--) {
        uint32_t j = rng_below(r, i);
        uint32_t t = order[i - 1];

        order[i - 1] = order[j];
        order[j] = t;
    }
}

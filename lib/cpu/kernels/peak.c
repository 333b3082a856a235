/* peak.c - nothing but fused multiply-adds, to know what a unit can do. */
#include "parts.h"

/* Sixteen chains cover a latency of 4 or 5 at two a cycle. */
enum { CHAINS = R_COUNT == 1 ? 16 : R_COUNT == 2 ? 6 : 3 };

double
SYM(peak)(long n)
{
    struct vf acc[CHAINS], x = v_set1(0.999f), y = v_set1(0.001f);
    float start[LANES * CHAINS];
    volatile float sink = 1.0f;

    /* All lanes differ, as far as the compiler can tell. */
    for (int i = 0; i < LANES * CHAINS; i++)
        start[i] = (float)i * sink;
#pragma GCC unroll 16
    for (int i = 0; i < CHAINS; i++)
        acc[i] = v_load(start + i * LANES);
    for (long j = 0; j < n; j++) {
#pragma GCC unroll 16
        for (int i = 0; i < CHAINS; i++)
            acc[i] = v_fma(acc[i], x, y);
    }
#pragma GCC unroll 16
    for (int i = 1; i < CHAINS; i++)
        acc[0] = v_add(acc[0], acc[i]);
    sink = v_sum(acc[0]);
    (void)sink;
    return 2.0 * LANES * CHAINS * (double)n;
}

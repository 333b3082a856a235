/*
 * kernel_try.h - for the tests of kernels: every instruction set of this
 * machine, random numbers, and floats compared by their bits.
 */
#ifndef KERNEL_TRY_H
#define KERNEL_TRY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "ref/ref_math.h"
#include "unit/isas.h"

static inline int
below(struct rng *r, int n)
{
    return (int)rng_below(r, (uint32_t)n);
}

static inline void
fill(struct rng *r, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = rng_float(r) - 0.5f;
}

static inline void
same(const char *isa, const char *what, int r, int j, float got, float want)
{
    if (bits_of(got) == bits_of(want) || (isnan(got) && isnan(want)))
        return;
    fail_msg("%s, %s: row %d, column %d is %a, want %a", isa, what, r, j,
             (double)got, (double)want);
}

/* +0 below a limit in magnitude, else x. */
static inline float
cut(float x, float limit)
{
    return fabsf(x) < limit ? 0.0f : x;
}

#endif

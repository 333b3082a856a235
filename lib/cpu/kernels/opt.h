/* opt.h - what keeps the optimizers' arrays free of subnormal numbers
 * (docs/numerics.md, "Optimizers"). */
#ifndef CPU_KERNELS_OPT_H
#define CPU_KERNELS_OPT_H

#include "graph/sizes.h"
#include "parts.h"

/* The gradient as m and v see it: its square is 0 or at least 2^-100. */
INLINE float
felt(float d)
{
    return cut_below(d, -50);
}

/* A mean square that decays. */
INLINE float
lasting(float v)
{
    return cut_below(v, -124);
}

#endif

/*
 * partials.h - sums in double as docs/numerics.md has them: PARTIALS partial
 * sums by number mod PARTIALS, which become one by a tree; of one net, or
 * (PARTIALS,L) of several side by side.
 */
#ifndef CPU_PARTIALS_H
#define CPU_PARTIALS_H

#include <string.h>

#include "graph/sizes.h"

static inline void
partials_clear(double *part, const int nets)
{
    memset(part, 0, (size_t)(PARTIALS * nets) * sizeof *part);
}

/* A segment's partial sums end: each net's tree is added to its sum. */
static inline void
partials_end(double *part, const int nets, double *sum)
{
    for (int half = PARTIALS / 2 * nets; half >= nets; half /= 2)
        for (int i = 0; i < half; i++)
            part[i] += part[i + half];
    for (int i = 0; i < nets; i++)
        sum[i] += part[i];
    partials_clear(part, nets);
}

#endif

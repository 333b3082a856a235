/* squares.h - the sum of squares behind a gradient's norm, element by element
 * as docs/numerics.md, section 12, has it. */
#ifndef REF_SQUARES_H
#define REF_SQUARES_H

#include <stddef.h>

static inline double
squares_of(const float *g, size_t n)
{
    double sum = 0;

    for (size_t first = 0; first < n; first += 4096) {
        double s[16] = { 0 };

        for (size_t i = first; i < n && i < first + 4096; i++)
            s[i % 16] += (double)g[i] * (double)g[i];
        sum += (((s[0] + s[8]) + (s[4] + s[12])) +
                ((s[2] + s[10]) + (s[6] + s[14]))) +
               (((s[1] + s[9]) + (s[5] + s[13])) +
                ((s[3] + s[11]) + (s[7] + s[15])));
    }
    return sum;
}

#endif

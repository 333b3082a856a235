/* square.c - see square.h. */
#include "graph/square.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"

struct square
square_new(int n)
{
    int ld = (n + SQUARE_WIDE - 1) / SQUARE_WIDE * SQUARE_WIDE;

    return (struct square){ n, ld, xcalloc((size_t)n * (size_t)ld,
                                           sizeof(double)) };
}

void
square_take_off(int ld, double *restrict to, const double *restrict from,
                double f)
{
    for (int j = 0; j < ld; j += SQUARE_WIDE)
        for (int q = j; q < j + SQUARE_WIDE; q++)
            to[q] = to[q] - f * from[q];
}

void
square_add_row(int ld, double *restrict to, const double *restrict from,
               double f)
{
    for (int j = 0; j < ld; j += SQUARE_WIDE)
        for (int q = j; q < j + SQUARE_WIDE; q++)
            to[q] = to[q] + f * from[q];
}

void
square_copy(struct square *to, const struct square *from)
{
    memcpy(to->x, from->x, (size_t)to->n * (size_t)to->ld * sizeof *to->x);
}

void
square_clear(struct square *m)
{
    memset(m->x, 0, (size_t)m->n * (size_t)m->ld * sizeof *m->x);
}

void
square_transpose(struct square *to, const struct square *from)
{
    for (int i = 0; i < to->n; i++)
        for (int j = 0; j < to->n; j++)
            square_row(to, i)[j] = square_row(from, j)[i];
}

void
square_multiply(struct square *z, const struct square *x,
                const struct square *y)
{
    square_clear(z);
    for (int i = 0; i < z->n; i++)
        for (int k = 0; k < z->n; k++)
            square_add_row(z->ld, square_row(z, i), square_row(y, k),
                           square_row(x, i)[k]);
}

void
square_solve(struct square *m, struct square *x)
{
    int n = m->n;

    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) {
            double f = square_row(m, i)[k] / square_row(m, k)[k];
            int j = k / SQUARE_WIDE * SQUARE_WIDE;   /* what is below is
                                                        not read again */

            square_take_off(m->ld - j, square_row(m, i) + j,
                            square_row(m, k) + j, f);
            square_take_off(x->ld, square_row(x, i), square_row(x, k), f);
        }
    for (int k = n - 1; k >= 0; k--) {
        for (int j = 0; j < n; j++)
            square_row(x, k)[j] = square_row(x, k)[j] / square_row(m, k)[k];
        for (int i = 0; i < k; i++)
            square_take_off(x->ld, square_row(x, i), square_row(x, k),
                            square_row(m, i)[k]);
    }
}

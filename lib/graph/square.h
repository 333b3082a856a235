/*
 * square.h - n x n matrices of doubles, for what is made of learned ones
 * (derived.h): each operation in the order of docs/numerics.md, section 20.
 */
#ifndef GRAPH_SQUARE_H
#define GRAPH_SQUARE_H

#include <stddef.h>

enum { SQUARE_WIDE = 8 };      /* rows are whole runs of as many doubles */

/* Rows stand `ld` apart, and +0 fills them up.  free(x). */
struct square {
    int n, ld;
    double *x;
};

static inline double *
square_row(const struct square *m, int i)
{
    return m->x + (size_t)i * (size_t)m->ld;
}

/* Of +0. */
struct square square_new(int n);
void square_clear(struct square *m);
void square_copy(struct square *to, const struct square *from);
void square_transpose(struct square *to, const struct square *from);
/* to -= f * from; to += f * from: `ld` doubles, a multiple of SQUARE_WIDE. */
void square_take_off(int ld, double *restrict to, const double *restrict from,
                     double f);
void square_add_row(int ld, double *restrict to, const double *restrict from,
                    double f);
/* z = x y, sums over k ascending from +0. */
void square_multiply(struct square *z, const struct square *x,
                     const struct square *y);
/* x becomes m^-1 x, m is lost: Gauss without exchanges, for m = I + S or I - S,
 * whose leading minors are positive. */
void square_solve(struct square *m, struct square *x);
/* u = e^S of a skew-symmetric s; g, the gradient by u, becomes that by s. */
void square_exp(const struct square *s, struct square *u);
void square_exp_gradient(const struct square *s, struct square *g);

#endif

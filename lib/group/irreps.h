/*
 * irreps.h - a group's real irreducible representations, computed from its
 * table.
 *
 * A real irrep of dimension d has as endomorphisms the real numbers (c = 1),
 * the complex ones (c = 2) or the quaternions (c = 4); over the complex
 * numbers it is an irrep, a pair of conjugate ones, or one twice.  The group's
 * functions are a sum of spaces, one a real irrep, of dimension d^2 / c, and
 *
 *   (e x)(h) = (d / (c n)) sum_g chi(g^-1) x(g^-1 h)
 *
 * projects onto one of them, chi being the real irrep's trace.
 *
 * How: the symmetric ones among class functions act on each other by
 * convolution; what a random one of them has as eigenvectors are multiples of
 * these projectors.  In a projector's image a random symmetric function acts
 * from the right, and its eigenspaces, d numbers wide, are left ideals: on the
 * first of them the group acts as the irrep.  Draws that do not tell apart
 * what should be are drawn again.
 *
 * Irreps are in the order of chi(g) / d, descending, at the first element
 * where they differ: the trivial one first; for C_p by frequency; for C_p x
 * C_q by that of the second factor, then the first; for dihedral groups the
 * sign of a flip, then by frequency.
 */
#ifndef GROUP_IRREPS_H
#define GROUP_IRREPS_H

#include "group/group.h"

struct irrep {
    int d, c;
    double *trace;       /* (n): chi */
    double *matrix;      /* (n,d,d): rho(g), orthogonal */
};

struct irreps {
    const struct group *group;     /* borrowed */
    int count;
    struct irrep *at;
};

void irreps_make(struct irreps *r, const struct group *g);
void irreps_free(struct irreps *r);

/* What people call irrep i: for C_p its frequency, for C_p x C_q "1,0" (row
 * and column frequency, the row's from -(p-1)/2 to p/2, and the first of the
 * two with opposite signs that has a positive column, or row), else its
 * number. */
void irrep_label(const struct irreps *r, int i, char text[32]);

/* Its Fourier transform: hat (d,d) of each irrep, one after the other;
 * hat = sum_g x[g] rho(g)^T. */
size_t fourier_size(const struct irreps *r);
void fourier(const struct irreps *r, const double *x /* (n) */, double *hat);
/* x[g] = (1/n) sum_rho (d/c) tr(rho(g) hat[rho]) */
void fourier_inverse(const struct irreps *r, const double *hat, double *x);
/* power[rho] = (d / (c n)) |hat[rho]|^2 (sum of squares): the part of |x|^2
 * that is in rho's space; over all irreps it adds up to |x|^2 (Plancherel). */
void fourier_power(const struct irreps *r, const double *x,
                   double *power /* (count) */);

#endif

/*
 * theory.h - what is predicted of nets that learn to compose group elements,
 * from the template alone (Marchetti, Kunin, Myers, Acosta and Miolane 2026,
 * "Sequential group composition"; Kunin et al. 2025, "Alternating gradient
 * flows").
 *
 * Letters: n order of the group, k tokens of a sequence, H hidden units.
 */
#ifndef GROUP_THEORY_H
#define GROUP_THEORY_H

#include "group/irreps.h"

struct theory {
    int count, modes;    /* irreps; those with power: more than 1e-18 of all */
    double *power;       /* (count) P, irreps.h's */
    double *norm;        /* (count) |hat|, the operator norm of the transform */
    double *score;       /* (count) |hat|^(k+1) / d^((k-1)/2), d the real
                            irrep's dimension: C d over the complex numbers */
    int *order;          /* (modes) irreps as they are learned: by score */
    double *plateau;     /* (modes + 1) mean squared error before the first of
                            them, the second ... is learned: the powers not
                            yet learned over n; the last is 0 */
    int *by_power;       /* (modes) irreps by descending power */
    double *level;       /* (modes + 1) the same in that order */
};

/* Equal scores and powers (to a part in 10^9) keep the irreps' order. */
void theory_make(struct theory *t, const struct irreps *r,
                 const double *x /* (n) */, int k);
void theory_free(struct theory *t);

/*
 * When the mode of power P is learned by a two-layer net with squares on C_p,
 * k = 2, trained on all pairs with the mean squared error; init is the scale
 * that both layers' weights start with.  With
 *
 *   U = sqrt(2 p / 27) (p P / 2)^(3/2) / p^2        theta = sqrt(2) init
 *
 * updates are (1 / theta - 1) / (3 U) / (2 lr / (p (1 - momentum))) for plain
 * gradient descent, and log(1 / theta) / (3 U) / (2 lr / p) where the rate of
 * a unit is lr over the norm of its weights.  Not for the mode +-1 of an even
 * p.
 */
double theory_updates(int p, double power, double init, double lr,
                      double momentum);
double theory_updates_scaled(int p, double power, double init, double lr);

/* Hidden units that a two-layer net needs for one-hot templates: between
 * 2^(k-1) n and (k + 1) 2^(k-1) n. */
double theory_width(int n, int k, int m);

#endif

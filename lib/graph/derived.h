/*
 * derived.h - orthogonal matrices made from learned ones (docs/cells.md,
 * "Matrices"; docs/numerics.md, section 20): in double, rounded to float at the
 * end, and the gradient taken back.
 *
 *   cayley       (I + S)^-1 (I - S), S = (A - A^T) / 2 (Helfrich et al. 2018)
 *   exp          e^S (Lezcano-Casado and Martinez-Rubio 2019)
 *   householder  H_0 H_1 ... H_n-1, H_k = I - 2 v v^T / (v^T v) of column v = k
 *                (Mhammedi et al. 2017)
 */
#ifndef GRAPH_DERIVED_H
#define GRAPH_DERIVED_H

#include "graph/net.h"

/* Does the net have such matrices? */
bool derived_any(const struct net *n);
/*
 * `made` becomes the weights, but with the derived matrices in the places of
 * those that they are made from.  Both have `lanes` floats a weight, of as many
 * nets.
 */
void derived_make(const struct net *n, int lanes, const float *weights,
                  float *made);
/* The gradient by what is in `made` becomes that by the weights, in place. */
void derived_gradient(const struct net *n, int lanes, const float *weights,
                      float *grad);

#endif

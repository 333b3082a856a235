/*
 * init.h - starting values of a net's weights (docs/numerics.md,
 * "Initialisation"): a function of the seed and the table of parameters.
 */
#ifndef TRAIN_INIT_H
#define TRAIN_INIT_H

#include <stdint.h>

#include "graph/net.h"

/* Fill weights (net->weights floats). */
void init_weights(const struct net *net, uint64_t seed, float *weights);

/* q (rows,cols), row-major and full of normal draws, becomes a matrix with
 * orthonormal columns (rows >= cols) or rows (rows < cols): Householder's QR
 * with R's diagonal made positive.  Exposed for tests. */
void orthogonal(double *q, int rows, int cols);

#endif

/*
 * contract.h - docs/numerics.md followed word for word in single precision:
 * the nodes as written, one rounding an operator, products as chains of
 * fmaf(), functions as functions.h has them (sin and cos up to 2^17).  Slow.
 * The engine must give the same bits.
 */
#ifndef REF_CONTRACT_H
#define REF_CONTRACT_H

#include "cpu/engine.h"

/* As runner_run(): forward over the window, the loss at its scored places,
 * and if grad is not NULL the gradient (P). */
void contract_run(const struct net *n, const struct window *w,
                  const float *weights, loss_fn *loss, void *ctx,
                  float *grad);

#endif

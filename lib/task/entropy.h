/*
 * entropy.h - how far the last few symbols of a text predict the next one.
 *
 * The measure of order k knows the k symbols before.  Two of them:
 *
 *   in_sample  -1/N sum log(c(context, symbol) / c(context)) over the training
 *              split itself: the conditional entropy of its empirical
 *              distribution.  Too low where contexts are rare.
 *   val, test  the mean -log p on a split that was not counted, with
 *              Witten and Bell's interpolation (1991, method C):
 *
 *       p_k(s) = (c(context s) + T(context) p_{k-1}(s))
 *                / (c(context) + T(context))
 *
 *              T(context) is the number of different symbols seen after it; an
 *              unseen context leaves p_{k-1}; p_{-1} is one over the number of
 *              classes.  A context reaches back to the start of its split.
 */
#ifndef TASK_ENTROPY_H
#define TASK_ENTROPY_H

#include <jansson.h>

#include "task/source.h"

enum { ENTROPY_ORDERS = 8 };

/* For orders 0 .. highest (< ENTROPY_ORDERS) an object each: order, contexts,
 * symbols (counted), and in_sample, val, test in nats a symbol, each again in
 * bits a byte as NAME_bits.  The source is of the text task.  Memory: some
 * 30 bytes a different sequence of up to highest + 1 symbols. */
json_t *text_entropies(const struct source *s, int highest);

#endif

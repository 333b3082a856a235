/*
 * loss.h - the losses there are, what their means divide by, and sums of
 * them: what every device has to agree on (docs/numerics.md, "Loss and
 * averages").
 */
#ifndef GRAPH_LOSS_H
#define GRAPH_LOSS_H

#include <stdint.h>

#include "stream/batch.h"

enum loss_kind {
    LOSS_CROSS_ENTROPY,       /* mean over the scored places */
    LOSS_CROSS_ENTROPY_SUM,
    LOSS_MSE_MEAN,            /* mean over places and elements */
    LOSS_MSE_SUM,
};

/* "auto" is told by the target.  Dies if the two do not go together. */
enum loss_kind loss_kind(const char *name, enum value_kind target);

/* What the derivative at each of so many scored places is divided by; K
 * classes or elements. */
float loss_divisor(enum loss_kind kind, int64_t scored, int K);

/* Sums over places.  `loss` is in nats a place for cross-entropy, the squared
 * error summed over the elements (mse_sum) or their mean (mse_mean). */
struct tally {
    double loss;
    int64_t places, correct;      /* correct: of classes; of vectors 0 */
};

void tally_add(struct tally *all, const struct tally *t);
/* Means; NaN if nothing was scored. */
double tally_loss(const struct tally *t);
double tally_accuracy(const struct tally *t);

#endif

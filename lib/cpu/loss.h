/*
 * loss.h - the loss at every scored place of a window, and sums of it in a
 * fixed order (docs/numerics.md, "Loss and averages").
 *
 * Letters: B rows, T steps of the window, K classes or width.
 *
 *     loss_begin(l, batch, t0, T);
 *     backend->run(runner, &window, loss_place, l, grad);
 *     loss_tally(l, &tally);
 */
#ifndef CPU_LOSS_H
#define CPU_LOSS_H

#include "cpu/kernel.h"
#include "graph/backend.h"
#include "stream/batch.h"

enum loss_kind {
    LOSS_CROSS_ENTROPY,       /* mean over the places */
    LOSS_CROSS_ENTROPY_SUM,
    LOSS_MSE_MEAN,            /* mean over places and elements */
    LOSS_MSE_SUM,
};

/* "auto" is told by the target.  Dies if the two do not go together. */
enum loss_kind loss_kind(const char *name, enum value_kind target);

struct loss {
    enum loss_kind kind;
    const struct kernels *kernels;
    int classes;              /* K */
    /* the window */
    const struct batch *batch;
    int t0, steps, rows;
    int64_t scored;           /* places that count */
    float divisor;            /* of the derivative */
    /* what was found, by place */
    size_t room;
    double *value;            /* (B,T) */
    uint8_t *correct;         /* (B,T); of vectors: none, 0 */
    float *probs;             /* (B,T,K) or NULL: asked for by loss_probs() */
    size_t probs_room;
    bool want_probs;
};

void loss_init(struct loss *l, enum loss_kind kind, int classes,
               const struct kernels *k);
void loss_release(struct loss *l);

/* Steps t0 .. t0+steps-1 of a batch are next; counts the scored places. */
void loss_begin(struct loss *l, const struct batch *b, int t0, int steps);

/* The loss_fn for backends; ctx is the struct loss. */
void loss_place(void *ctx, int n, const int32_t *t, const int32_t *b,
                const float *out, ptrdiff_t out_stride, float *dout,
                ptrdiff_t dout_stride);

/* Sums over places.  `loss` is in nats a place for cross-entropy, the squared
 * error summed over the elements (mse_sum) or their mean (mse_mean). */
struct tally {
    double loss;
    int64_t places, correct;
};

/* Add the window's places to t: blocks of 64 rows, in a block time ascending,
 * then row; the window's own sum is made first, then added. */
void loss_tally(const struct loss *l, struct tally *t);

/* Means; NaN if nothing was scored. */
double tally_loss(const struct tally *t);
double tally_accuracy(const struct tally *t);

/* Right answers by the place's number among its row's scored places. */
struct positions {
    int n, room;
    int64_t *seen, *right;
    int64_t rows, rows_right;  /* rows with a scored place; all of them right */
};

void positions_add(struct positions *p, const struct loss *l);
void positions_release(struct positions *p);

#endif

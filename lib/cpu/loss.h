/*
 * loss.h - the loss at every scored place of a window, for one net or a lane
 * each of a fleet, and sums of it in a fixed order (docs/numerics.md, "Loss
 * and averages").
 *
 * Letters: B rows, T steps of the window, K classes or width, L lanes.
 *
 *     mask = runner_window(runner, &window);
 *     loss_begin(l, batch, t0, mask);
 *     runner_run(runner, loss_place, l, grad);
 *     loss_sums(l, tally);
 */
#ifndef CPU_LOSS_H
#define CPU_LOSS_H

#include "cpu/kernel.h"
#include "cpu/mask.h"
#include "graph/loss.h"

struct loss {
    enum loss_kind kind;
    const struct kernels *kernels;
    int classes, lanes;       /* K, L */
    /* the window */
    const struct batch *batch;
    const struct mask *mask;  /* its places that count */
    int t0, steps;
    float divisor;            /* of the derivative */
    /* what is found, by place; loss_begin() points them to arrays of its own,
     * and to none: others may be put in their place before the run */
    double *value;            /* (B,T,L) */
    uint8_t *correct;         /* (B,T,L); of vectors: none, 0 */
    float *probs, *outputs;   /* (B,T,K) or NULL; of one lane only */
    size_t room;
    double *own_value;
    uint8_t *own_correct;
};

void loss_init(struct loss *l, enum loss_kind kind, int classes, int lanes,
               const struct kernels *k);
void loss_release(struct loss *l);

/* The window that begins at step t0 of a batch is next; its mask is borrowed
 * until loss_sums(). */
void loss_begin(struct loss *l, const struct batch *b, int t0,
                const struct mask *m);

/* The loss_fn for the engine; ctx is the struct loss. */
void loss_place(void *ctx, int n, const int32_t *t, const int32_t *b,
                const float *out, ptrdiff_t out_stride, float *dout,
                ptrdiff_t dout_stride);

/* The window's sums, (L), in the order of docs/numerics.md, "Loss and
 * averages". */
void loss_sums(const struct loss *l, struct tally *t);

#endif

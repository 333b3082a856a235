/*
 * evaluate.h - a net judged on a stored set: no gradient, no dropout.
 *
 * Sums do not depend on how the set came in batches: rows go in chunks of
 * MICROBATCH, in the set's order (a set that continues keeps its batches).
 */
#ifndef TRAIN_EVALUATE_H
#define TRAIN_EVALUATE_H

#include "graph/backend.h"
#include "graph/sizes.h"
#include "train/set.h"

/* Right answers by the place's number among its row's scored places. */
struct positions {
    int n, room;
    int64_t *seen, *right;
    int64_t rows, rows_right;  /* rows with a scored place; all of them right */
};

/* `correct` (B,T) says which of the batch's scored places are right. */
void positions_add(struct positions *p, const struct batch *b,
                   const uint8_t *correct);
void positions_release(struct positions *p);

struct evaluator {
    const struct backend *backend;
    struct device *device;
    int net;                     /* which of the device's */
    enum holding weights;        /* HOLD_WEIGHTS, or HOLD_BEST */
    bool want_probs, want_outputs;
    const struct set *set;
    struct set_room room;        /* a chunk */
    int64_t seen;                /* steps before this chunk (continuing) */
    /* what was found at the chunk's scored places */
    double *loss;                /* (B,T) */
    uint8_t *correct;            /* (B,T); of vectors 0 */
    float *probs, *outputs;      /* (B,T,K), if wanted */
    int classes;                 /* K */
    size_t places, probs_room, outputs_room;
};

struct evaluation {
    struct tally tally;
    struct positions positions;
};

/* Borrows everything; the set must outlive it. */
void evaluator_init(struct evaluator *e, const struct backend *backend,
                    struct device *device, int net, const struct set *set);
void evaluator_release(struct evaluator *e);

/* Called after each chunk was run (may be NULL): `first` is its first row's
 * number in the set. */
typedef void chunk_fn(void *ctx, const struct evaluator *e,
                      const struct batch *b, int64_t first);

/* The whole set (a signal that is held ends the program).  Release
 * out->positions afterwards. */
void evaluate(struct evaluator *e, struct evaluation *out, chunk_fn *fn,
              void *ctx);

/* Loss, accuracy and so on by name: a new object. */
json_t *evaluation_json(const struct evaluation *e,
                        const struct stream_info *info);

/* Is there an answer to be right about?  Of classes, not of vectors. */
bool has_accuracy(const struct stream_info *info);

#endif

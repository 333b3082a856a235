/*
 * evaluate.h - a net judged on a stored set: no gradient, no dropout.
 *
 * Sums do not depend on how the set came in batches: rows go in chunks of
 * MICROBATCH, in the set's order (a set that continues keeps its batches).
 */
#ifndef TRAIN_EVALUATE_H
#define TRAIN_EVALUATE_H

#include "cpu/loss.h"
#include "graph/backend.h"
#include "graph/sizes.h"
#include "train/set.h"

struct evaluator {
    const struct backend *backend;
    struct runner *runner;       /* weights are loaded */
    const struct net *net;
    struct loss *loss;
    const struct set *set;
    struct set_room room;        /* a chunk */
    float *state;
    int64_t seen;                /* steps before this chunk (continuing) */
};

struct evaluation {
    struct tally tally;
    struct positions positions;
};

/* Borrows everything; the set must outlive it. */
void evaluator_init(struct evaluator *e, const struct backend *backend,
                    struct runner *runner, const struct net *net,
                    struct loss *loss, const struct set *set);
void evaluator_release(struct evaluator *e);

/* Called after each chunk was run (may be NULL): `first` is its first row's
 * number in the set. */
typedef void chunk_fn(void *ctx, const struct evaluator *e,
                      const struct batch *b, const struct window *w,
                      int64_t first);

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

/*
 * show.h - what a net answers and does inside, place by place: JSON lines or
 * a tensor stream.
 *
 *   probabilities   {"row":3,"t":21,"target":7,"probs":[...]}   scored places
 *   outputs         the same with "class":5, the likeliest, or of vectors
 *                   {"row":3,"t":21,"target":[...],"values":[...]}
 *   activations     {"t":0,"row":0,"layer":"layers.0","name":"z",
 *                    "values":[...]}                            every place
 *
 * With names for the symbols, "symbol" says which one was put in at t, and
 * "name" what the class is called.  Where nobody knows the target (set_ask) it
 * is null.
 *
 * As tensors: for each chunk of rows `probs` or `values` (B,T,K) with `scored`
 * (B,T), 2 where the target is not known, and `target` (B,T) or (B,T,K); or one
 * tensor a named vector, "layers.0.z" (B,T,n).
 */
#ifndef TRAIN_SHOW_H
#define TRAIN_SHOW_H

#include <stdio.h>

#include "stream/tstream.h"
#include "train/evaluate.h"
#include "train/model.h"

struct show {
    FILE *out;              /* JSON lines, or */
    struct tsw *tensors;
    const json_t *symbols;  /* names of the inputs, or NULL */
    bool named;             /* and of the classes, too */
    const json_t *scale;    /* NULL, or of vectors [mean, deviation] of each
                               element: lines show them as they were */
    long skip;              /* steps of a row that are left out (lines) */
    bool open_end;          /* the last step has no target: null (lines) */
    const struct batch *batch;
    int64_t first, chunks;
    int nseries, room;      /* tensors of the chunk under way */
    struct series *series;
};

/* Each is a chunk_fn with a struct show as ctx.  The first needs
 * e->want_probs; the second that, too, or of vectors e->want_outputs; the third
 * a device that observes. */
void show_probs(void *ctx, const struct evaluator *e, const struct batch *b,
                int64_t first);
void show_outputs(void *ctx, const struct evaluator *e, const struct batch *b,
                  int64_t first);
void show_activations(void *ctx, const struct evaluator *e,
                      const struct batch *b, int64_t first);

/* {"row":3,"ahead":1,"values":[...]}: a rollout_fn with a struct show as
 * ctx. */
void show_rollout(void *ctx, int64_t row, long ahead, const float *value,
                  int k);

/* One line of probabilities: place number `at` of batch b, k classes. */
void show_place(const struct show *s, const struct batch *b, int at,
                const float *probs, int k);

/* {"name":"layers.0.U","row":3,"values":[...]}, a line a row. */
void show_weights(const struct model_file *m, FILE *out);

/* [1,0.5,...]: the fewest digits that read back to the same float; null for
 * NaN and infinity. */
void print_floats(FILE *out, const float *v, int n);

#endif

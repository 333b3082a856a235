/*
 * answers.h - what a net answers to the validation set along its training, for
 * programs that look into it: a tensor stream (docs/formats.md, outputs).
 */
#ifndef TRAIN_ANSWERS_H
#define TRAIN_ANSWERS_H

#include <jansson.h>

#include "train/evaluate.h"

struct answers;

/* path: as tsw_open().  `id`: of the run, `set`: what it is judged by. */
struct answers *answers_open(const char *path, const char *id,
                             const struct set *set);
/* A chunk_fn with the answers as ctx, and e->want_outputs: the outputs of the
 * scored places of a chunk. */
void answers_chunk(void *ctx, const struct evaluator *e,
                   const struct batch *b, int64_t first);
/* What came since the last call was after so many updates. */
void answers_next(struct answers *a, int64_t update);
/* The end record, and the file its name; frees. */
void answers_close(struct answers *a);

#endif

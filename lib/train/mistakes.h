/*
 * mistakes.h - a net's mistakes beside the right ones: how classes are mistaken
 * for each other, how far vectors are off.
 */
#ifndef TRAIN_MISTAKES_H
#define TRAIN_MISTAKES_H

#include "train/evaluate.h"

struct mistakes;

/* Of classes (at most LARGEST_TABLE of them) or vectors, as the set has
 * them.  Dies where there are more. */
enum { LARGEST_TABLE = 1024 };
struct mistakes *mistakes_new(const struct stream_info *info);
/* A chunk_fn with a struct mistakes as ctx; needs e->want_probs of classes,
 * e->want_outputs of vectors. */
void mistakes_chunk(void *ctx, const struct evaluator *e,
                   const struct batch *b, int64_t first);
/*
 * Puts into `o` what they come to, and frees `a`.  Of classes "classes":
 * {"confusion":[[..]],"precision":[..],"recall":[..],"f1":[..],"macro_f1":x}:
 * row i, column k of the table counts places of class i that the net takes for
 * k, the first of the likeliest; null where a share is of nothing; the macro F1
 * is the mean over classes that occur or are answered, 0 where one of precision
 * and recall is.  Of vectors "mae", the mean absolute error of an element,
 * "rmse", the root of the mean square, and "r2", 1 - the sum of squares over
 * that about the mean of each element (null if these do not vary).
 */
void mistakes_json(struct mistakes *a, json_t *o);

#endif

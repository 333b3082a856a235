/*
 * feed.h - where training batches come from: any batch by (epoch, index).
 *
 *   pipe    an endless stream: each batch once, in order; those before the
 *           one asked for are skipped (so that a resumed run may be fed from
 *           the start, or from `gentask --first N`)
 *   stored  a finite stream, whole in memory: a fresh order each epoch
 *   served  a program that answers requests: resumes at no cost
 */
#ifndef TRAIN_FEED_H
#define TRAIN_FEED_H

#include "stream/batch.h"
#include "train/set.h"

struct feed;

/* A file, or "-" for standard input; or a program to ask.  Reads the header
 * only. */
struct feed *feed_open(const char *path);
struct feed *feed_serve(const char *command);
const struct stream_info *feed_info(const struct feed *f);
const char *feed_name(const struct feed *f);        /* for messages */
/* Its header must mean what `want` does (agree.h); numbers of classes that
 * were only seen grow to those of `want`. */
void feed_agree(struct feed *f, const struct stream_info *want,
                const char *who);

/* Is all of it one finite set that is kept in memory?  `rows`, `redraw`: the
 * config's. */
bool feed_is_stored(const struct feed *f, int64_t rows, bool redraw);
/* Read it; afterwards the feed has a set. */
void feed_store(struct feed *f, int64_t rows);
const struct set *feed_set(const struct feed *f);   /* NULL if not stored */

/* Ready for feed_batch(): `batch` rows a batch; `seed`: of the order; `rows`
 * of a pass that is drawn anew each epoch (0: endless). */
void feed_start(struct feed *f, int batch, uint64_t seed, int64_t rows);

/* Batches of an epoch; 0: endless. */
int64_t feed_batches(const struct feed *f);

/* Valid until the next call.  Dies if the stream does not have it. */
const struct batch *feed_batch(struct feed *f, int64_t epoch, int64_t index);

void feed_close(struct feed *f);

#endif

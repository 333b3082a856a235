/* batches.h - what holds of every batch that a reader gives. */
#ifndef TESTS_BATCHES_H
#define TESTS_BATCHES_H

#include "stream/batch.h"

/* Sizes, ranges, zeros where nothing counts, finite numbers. */
void check_batch(const struct stream_info *info, const struct batch *b);
/* The same arrays, bit for bit. */
void check_same_batch(const struct stream_info *info, const struct batch *a,
                      const struct batch *b);
/* A whole input: its batches are checked, written as a tensor stream, and
 * read again.  `more` (NULL: nothing) sees the first batch, too. */
void check_input(const char *text, size_t n,
                 void (*more)(const char *text, size_t n,
                              const struct stream_info *info,
                              const struct batch *b));

#endif

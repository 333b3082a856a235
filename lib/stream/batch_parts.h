/* batch_parts.h - what the files behind batch.h share. */
#ifndef STREAM_BATCH_PARTS_H
#define STREAM_BATCH_PARTS_H

#include "stream/batch.h"

#define LARGEST_SET (8.0 * 1024 * 1024 * 1024)    /* bytes */

enum { LARGEST_SIZE = 1 << 24 };    /* classes, width, rows of a batch */

/* Bytes of a batch's arrays. */
double batch_size(const struct stream_info *info, double rows, double steps);
void batch_copy_row(struct batch *dst, int to, const struct batch *src,
                    int from, const struct stream_info *info);

/* The first line of JSON lines may be a header without "unroll": any of its
 * keys, those left out stay as they are in *info.  The kinds given are told. */
void info_parse_loose(const json_t *header, const char *where,
                      struct stream_info *info, bool *input, bool *target);
/* Is it a key of headers? */
bool info_key(const char *name);

/* All rows of JSON lines, and what they are (into *info, which is borrowed). */
struct lines;
struct lines *lines_read(struct tsr *in, struct stream_info *info);
/* As batches; false after the last. */
bool lines_next(struct lines *l, struct batch *b);
void lines_free(struct lines *l);

#endif

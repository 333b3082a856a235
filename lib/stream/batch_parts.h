/* batch_parts.h - what the files behind batch.h share. */
#ifndef STREAM_BATCH_PARTS_H
#define STREAM_BATCH_PARTS_H

#include "stream/batch.h"

#define LARGEST_SET (8.0 * 1024 * 1024 * 1024)    /* bytes */

enum { LARGEST_SIZE = 1 << 24 };    /* classes, width, rows of a batch */

/* The tensors of a batch, as they came.  A part's buffer is filled again for
 * the next batch. */
enum { PART_INPUT, PART_LENGTH, PART_SCORED, PART_TARGET, PARTS };

struct part {
    bool here;
    struct tensor t;            /* its data is in the buffer */
    struct tsr_buffer buffer;
};

struct parts {
    const char *name;           /* the stream's, for messages */
    const struct stream_info *info;
    bool open;                  /* a batch may have no target */
    struct part part[PARTS];
};

/* "NAME: batch 7: 'input' ..." */
_Noreturn void part_bad(const struct parts *p, const struct tensor *t,
                        const char *what);
/* The batch that they make, checked; their shapes are so already. */
void parts_decode(struct parts *p, struct batch *b);

/* The first line of JSON lines may be a header without "unroll": any of its
 * keys, those left out stay as they are in *info.  The kinds given are told. */
void info_parse_loose(const json_t *header, const char *where,
                      struct stream_info *info, bool *input, bool *target);
/* The whole header of a tensor stream for a net, as info_parse(); what it does
 * not say of targets is as the net's. */
void info_parse_for(const json_t *header, const char *where,
                    struct stream_info *info, const struct stream_info *net);
/* Is it a key of headers? */
bool info_key(const char *name);

/* All rows of JSON lines, and what they are (into *info, which is borrowed);
 * `net` as in batch_reader_open_for(), or NULL. */
struct lines;
struct lines *lines_read(struct tsr *in, struct stream_info *info,
                         const struct stream_info *net);
/* As batches; false after the last. */
bool lines_next(struct lines *l, struct batch *b);
void lines_free(struct lines *l);

#endif

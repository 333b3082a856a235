/*
 * batch.h - what flows from a task to a net: batches of sequences.
 *
 * Letters: B rows (sequences) of the batch, T steps of its longest row,
 * I input width, K target classes or width.
 */
#ifndef STREAM_BATCH_H
#define STREAM_BATCH_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "stream/tstream.h"

enum value_kind { VALUE_TOKEN, VALUE_VECTOR };

/* The header's part that a net needs. */
struct stream_info {
    enum value_kind input, target;
    int input_size;       /* classes (VALUE_TOKEN) or width */
    int target_size;
    bool input_seen;      /* the number of classes is only one more than the */
    bool target_seen;     /* largest one seen: there may be others */
    bool batch_told;      /* of JSON lines: by their header */
    int batch;            /* rows of a batch as generated */
    int64_t count;        /* batches in a pass; -1: endless */
    bool continues;       /* row i of a batch goes on where row i of the one
                             before stopped: the state is carried over */
    json_t *task;         /* what made it: {"name":"copy",...,"seed":1} */
    json_t *given;        /* NULL, or task as it would stand in a config: what
                             differs from the task's defaults */
    char split[16];       /* "train", "val", "test" */
    json_t *codebook;     /* NULL, or the vector that each token stands for
                             (codebook.h) */
    json_t *about;        /* NULL, or what else is known of the task: symbols
                             (how each class is written), floor (loss of the
                             best predictor, nats a scored step) */
};

struct batch {
    int64_t index;        /* number within its pass, from 0 */
    int rows, steps;      /* B, T */
    int32_t *tokens;      /* (B,T), or NULL for vectors; pads are 0 */
    float *vectors;       /* (B,T,I) or NULL */
    int32_t *classes;     /* (B,T) target classes or NULL; 0 where not scored */
    float *values;        /* (B,T,K) target vectors or NULL */
    uint8_t *scored;      /* (B,T): 1 where the loss counts */
    int32_t *length;      /* (B): steps of each row */
    struct {              /* bytes that each array has room for */
        size_t tokens, vectors, classes, values, scored, length;
    } room;
};

/* Header object <-> info.  info_parse dies (naming `where`) on anything
 * missing, of a wrong type or out of range; info_release frees task, given,
 * codebook and about. */
json_t *info_header(const struct stream_info *info);
void info_parse(const json_t *header, const char *where,
                struct stream_info *info);
void info_release(struct stream_info *info);

/* B rows of T steps.  A batch begins as { 0 } and is given a shape again and
 * again: arrays that are large enough stay, so that batches of one shape after
 * another take no memory.  The caller owns it.
 * batch_shape: all zeros; batch_room: with whatever the arrays held. */
void batch_shape(struct batch *b, const struct stream_info *info, int rows,
                 int steps);
void batch_room(struct batch *b, const struct stream_info *info, int rows,
                int steps);
void batch_release(struct batch *b);
/* Bytes of the arrays. */
double batch_size(const struct stream_info *info, double rows, double steps);

/* As tensor records named input, length, scored and target, in this order:
 * `input` tells rows and steps before anything else comes, `target` ends the
 * batch, so that a reader need not wait for the next one.
 * `scored` is written as (T) when all rows agree, and left out when every step
 * of every row counts; `length` is left out when all are T; tokens are u8 when
 * there are at most 256 classes, else i32. */
void batch_write(struct tsw *w, const struct stream_info *info,
                 const struct batch *b);
/* A JSON line a sequence: {"input":[..],"target":[..],"scored":[..]};
 * `scored` lists the positions that count, the others' targets are null.
 * `about`: an array with what else there is to say of each row, or NULL. */
void batch_print(FILE *out, const struct stream_info *info,
                 const struct batch *b, const json_t *about);

/* Reading.  Both kinds of input end up as batches; every token, class, length
 * and shape is checked against the header.  For JSON lines the kinds and sizes
 * are found from the lines (the first may be a header like
 * {"input_size":..}), all rows are one stored set, read at once when the reader
 * is opened, and one batch, but batches of info.batch rows if they continue;
 * info.task is {"name":"lines","sha256":...} of the lines. */
struct batch_reader;
struct batch_reader *batch_reader_open(const char *path);
/* For a net that is to answer, whose data `net` describes (borrowed while the
 * header, or all lines, are read): nobody need know the targets.  Lines may
 * leave them out, and batches, and headers; they are of the net's kind, a row
 * without any has no scored step, and its targets are 0. */
struct batch_reader *batch_reader_open_for(const char *path,
                                           const struct stream_info *net);
struct batch_reader *batch_reader_fd(int fd, const char *name);
const struct stream_info *batch_reader_info(const struct batch_reader *r);
/* The next batch into b, which begins as { 0 } and whose arrays are used again
 * where they are large enough; the caller's, to be released.  False at the
 * end: then b is as it was. */
bool batch_read(struct batch_reader *r, struct batch *b);
void batch_reader_close(struct batch_reader *r);

#endif

/*
 * tstream.h - tensor streams (docs/formats.md): records of one line of JSON
 * followed by raw little-endian bytes.
 *
 *   {"unroll":"stream", ...}\n                                   the header
 *   {"name":"input","dtype":"u8","shape":[64,31],"index":0,
 *    "bytes":1984,"crc32":123}\n<1984 bytes>\n                   a tensor
 *   {"end":true,"records":30,"batches":10}\n                     the end
 *
 * gzip when the file's name ends in .gz (zlib; no time, no name: the same
 * bytes every time), plain otherwise; readers take both.  A stream without its
 * end record, a wrong sum, a size that does not match the shape, or bytes
 * after the end are one clear line and exit status 1.  A header's sizes are
 * checked before anything is allocated.
 */
#ifndef STREAM_TSTREAM_H
#define STREAM_TSTREAM_H

#include <jansson.h>
#include <stdbool.h>

#include "stream/tensor.h"

struct tsw;     /* writer */
struct tsr;     /* reader */

/* "-": standard output (refused if it is a terminal).  The header is written
 * with "unroll":"stream" put before the keys of `header`. */
struct tsw *tsw_open(const char *path, const json_t *header);
void tsw_write(struct tsw *w, const struct tensor *t);
/* n bytes of the writer's, for a tensor's data to be made in; until the next
 * call. */
void *tsw_scratch(struct tsw *w, size_t n);
/* Hand on what was written, so that a pipe's reader can go on; for files that
 * is nothing to do. */
void tsw_flush(struct tsw *w);
/* Write the end record and put the file in place; frees w.  `batches` is
 * what the header's count promised, or what was written when endless. */
void tsw_close(struct tsw *w, int64_t batches);
/* True once the reader of our pipe has gone: stop quietly. */
bool tsw_gone(const struct tsw *w);

/* "-": standard input.  fd variants for pipes to a child process. */
struct tsr *tsr_open(const char *path);
struct tsr *tsr_open_fd(int fd, const char *name);
const char *tsr_name(const struct tsr *r);          /* for messages */
const json_t *tsr_header(const struct tsr *r);      /* borrowed */
/* True if the input is not a tensor stream but JSON lines (first line has no
 * "unroll" key); then tsr_line() reads it. */
bool tsr_is_lines(const struct tsr *r);
/* What the next tensor's line says, so that shape and type can be looked at
 * before its bytes are taken; t->data is NULL.  Returns false at the end
 * record.  Dies on damage. */
bool tsr_next(struct tsr *r, struct tensor *t);
/* The bytes of the tensor that came last, once, into buf, which begins as
 * { 0 } and grows as they arrive; t->data points there.  The caller's, with
 * free(buf->data). */
struct tsr_buffer {
    void *data;
    size_t room;
};
void tsr_bytes(struct tsr *r, struct tensor *t, struct tsr_buffer *buf);
/* Next line of a JSON-lines input, a text of *n bytes with a 0 after it, valid
 * until the next call; NULL at the end; *line gets its number.  Empty lines
 * are skipped. */
const char *tsr_line(struct tsr *r, size_t *n, long *line);
/* SHA-256 of the lines read so far. */
void tsr_lines_sha256(const struct tsr *r, char hex[65]);
void tsr_close(struct tsr *r);

#endif

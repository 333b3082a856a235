/* tstream_read.c - tensor streams and JSON lines, read. */
#include <inttypes.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/magic.h"
#include "base/stop.h"
#include "stream/input.h"
#include "stream/line.h"
#include "stream/record.h"
#include "stream/tstream.h"

enum { CHUNK = 1 << 20 };

struct tsr {
    struct input *in;
    char *name;
    char place[400];        /* "FILE: record 7", for messages */
    json_t *header;         /* of a tensor stream */
    bool ended;             /* after the end record or line */
    char *line;             /* the line last read */
    size_t cap, n;
    bool kept;              /* the first of JSON lines, not yet handed out */
    long lineno;
    SHA2_CTX sum;           /* over JSON lines */
    int64_t records;
    uint32_t crc;           /* of the tensor that came last */
};

static bool
is_blank(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!memchr(" \t\r", s[i], 3))
            return false;
    return true;
}

/* The first line tells which kind of input this is. */
static void
read_first_line(struct tsr *r)
{
    int rc, c;
    char blank;
    struct line plain;
    json_t *v;

    r->lineno = 1;
    while ((c = input_peek(r->in)) >= 0 && memchr(" \t\r\n", c, 4)) {
        input_bytes(r->in, &blank, 1);
        r->lineno += c == '\n';
    }
    if (c >= 0 && c != '{') {
        const void *front = NULL;
        size_t n = input_front(r->in, &front);
        const char *what = magic_of(front, n);

        if (what)
            die_at(r->name, 0, "neither a tensor stream nor JSON lines, but "
                   "%s", what);
        die_at(r->name, 0, "neither a tensor stream nor JSON lines (it does "
               "not begin with '{')");
    }
    rc = input_line(r->in, &r->line, &r->cap, &r->n, LIMIT_LINE);
    if (rc < 0)
        die_at(r->name, 0, "empty, where a tensor stream or JSON lines were "
               "expected");
    if (line_check(r->line, r->n, &plain)) {
        r->kept = true;
        return;
    }
    if (r->n > LIMIT_HEADER)
        die_at(r->name, r->lineno, "more than %d bytes, and no object of "
               "'input', 'target' and 'scored' with lists of numbers",
               LIMIT_HEADER);
    v = json_read_text(r->line, r->n, r->name, r->lineno);
    if (!json_object_get(v, "unroll")) {
        r->kept = true;
        json_decref(v);
        return;
    }
    if (!json_is_string(json_object_get(v, "unroll")) ||
        strcmp(json_string_value(json_object_get(v, "unroll")), "stream"))
        die_at(r->name, 0, "not a tensor stream: its \"unroll\" is not "
               "\"stream\"");
    if (rc == 0)
        die_at(r->name, 0, "cut short in the header");
    r->header = v;
}

struct tsr *
tsr_open_fd(int fd, const char *name)
{
    struct tsr *r = xcalloc(1, sizeof *r);

    r->name = xstrdup(name);
    r->in = input_new(fd, name);
    SHA256Init(&r->sum);
    read_first_line(r);
    return r;
}

struct tsr *
tsr_open(const char *path)
{
    return tsr_open_fd(file_open(path), strcmp(path, "-") ? path : "<stdin>");
}

const char *
tsr_name(const struct tsr *r)
{
    return r->name;
}

const json_t *
tsr_header(const struct tsr *r)
{
    return r->header;
}

bool
tsr_is_lines(const struct tsr *r)
{
    return !r->header;
}

/* The input ended where it should not. */
_Noreturn static void
cut(const struct tsr *r, const char *where)
{
    stop_moment();
    die_at(r->place, 0, "cut short %s", where);
}

/* A whole number of the record; dies unless it is in lo..hi. */
static int64_t
need_int(const struct tsr *r, const json_t *rec, const char *key, int64_t lo,
         int64_t hi)
{
    const json_t *v = json_object_get(rec, key);

    if (!json_is_integer(v) || json_integer_value(v) < lo ||
        json_integer_value(v) > hi)
        die_at(r->place, 0, "'%s' is not a whole number in %" PRId64 "..%"
               PRId64, key, lo, hi);
    return json_integer_value(v);
}

static const char *
need_string(const struct tsr *r, const json_t *rec, const char *key)
{
    const json_t *v = json_object_get(rec, key);

    if (!json_is_string(v))
        die_at(r->place, 0, "'%s' is missing or no text", key);
    return json_string_value(v);
}

/* An unknown key is most likely a damaged one. */
static void
refuse_other_keys(const struct tsr *r, const json_t *rec,
                  const char *const *known)
{
    const char *k;
    json_t *v;

    json_object_foreach((json_t *)rec, k, v) {
        int i = 0;

        while (known[i] && strcmp(known[i], k))
            i++;
        if (!known[i])
            die_at(r->place, 0, "unknown key '%s'", k);
    }
}

static void
parse_shape(const struct tsr *r, const json_t *rec, struct tensor *t)
{
    const json_t *shape = json_object_get(rec, "shape"), *v;
    size_t i, bytes;

    if (!json_is_array(shape) || json_array_size(shape) > TENSOR_DIMS)
        die_at(r->place, 0, "'shape' is not a list of up to %d numbers",
               TENSOR_DIMS);
    t->ndim = (int)json_array_size(shape);
    json_array_foreach(shape, i, v) {
        if (!json_is_integer(v) || json_integer_value(v) < 0)
            die_at(r->place, 0, "'shape' holds something else than sizes");
        t->shape[i] = json_integer_value(v);
    }
    if (tensor_bytes(t, &bytes) || bytes != t->bytes)
        die_at(r->place, 0, "'bytes' does not match shape and dtype");
}

static void
parse_tensor(const struct tsr *r, const json_t *rec, struct tensor *t,
             uint32_t *crc)
{
    static const char *const known[] = { "name", "dtype", "shape", "index",
                                         "bytes", "crc32", NULL };
    const char *name, *dtype;

    refuse_other_keys(r, rec, known);
    name = need_string(r, rec, "name");
    if (!*name || strlen(name) >= sizeof t->name)
        die_at(r->place, 0, "'name' is empty or too long: 1 to %zu "
               "letters", sizeof t->name - 1);
    strcpy(t->name, name);
    dtype = need_string(r, rec, "dtype");
    if (dtype_parse(dtype, &t->dtype))
        die_at(r->place, 0, "unknown dtype '%.40s' (u8, i32, i64, f32, f64)",
               dtype);
    t->index = json_object_get(rec, "index")
        ? need_int(r, rec, "index", 0, INT64_MAX) : -1;
    t->bytes = (size_t)need_int(r, rec, "bytes", 0, LIMIT_TENSOR);
    *crc = (uint32_t)need_int(r, rec, "crc32", 0, UINT32_MAX);
    parse_shape(r, rec, t);
}

/* Room is made as bytes arrive, so that a size that lies costs nothing. */
void
tsr_bytes(struct tsr *r, struct tensor *t, struct tsr_buffer *buf)
{
    size_t done = 0;
    char newline = 0;

    while (done < t->bytes) {
        size_t left = t->bytes - done, want;

        if (done == buf->room) {
            size_t more = done < CHUNK ? CHUNK : done;

            buf->room = left < more ? t->bytes : done + more;
            buf->data = xrealloc(buf->data, buf->room, 1);
        }
        want = left < buf->room - done ? left : buf->room - done;
        if (input_bytes(r->in, (char *)buf->data + done, want) < want)
            cut(r, "within a tensor's bytes");
        done += want;
    }
    if (input_bytes(r->in, &newline, 1) < 1)
        cut(r, "after a tensor's bytes");
    if (newline != '\n')
        die_at(r->place, 0, "no end of line after '%s': damaged, or its size "
               "is wrong", t->name);
    if (crc32_of(buf->data, t->bytes) != r->crc)
        die_at(r->place, 0, "'%s' is damaged: its crc32 differs", t->name);
    t->data = buf->data;
    r->records++;
}

static void
check_end(struct tsr *r, const json_t *rec)
{
    static const char *const known[] = { "end", "records", "batches", NULL };
    const json_t *count = json_object_get(r->header, "count");
    int64_t n;

    refuse_other_keys(r, rec, known);
    if (!json_is_true(json_object_get(rec, "end")))
        die_at(r->place, 0, "'end' is not true");
    n = need_int(r, rec, "records", 0, INT64_MAX);
    if (n != r->records)
        die_at(r->place, 0, "the end speaks of %" PRId64 " records, but %"
               PRId64 " came", n, r->records);
    n = need_int(r, rec, "batches", 0, INT64_MAX);
    if (json_is_integer(count) && json_integer_value(count) >= 0 &&
        json_integer_value(count) != n)
        die_at(r->place, 0, "the end speaks of %" PRId64 " batches, the "
               "header of %" PRId64, n, (int64_t)json_integer_value(count));
    if (!input_at_end(r->in))
        die_at(r->name, 0, "bytes after the end record");
}

/* A line that record.c does not know: the end, or written otherwise, or
 * wrong. */
static bool
other_record(struct tsr *r, struct tensor *t)
{
    json_t *rec = json_read_text(r->line, r->n, r->place, 0);

    if (!json_is_object(rec))
        die_at(r->place, 0, "not a JSON object");
    if (json_object_get(rec, "end")) {
        check_end(r, rec);
        r->ended = true;
    } else {
        parse_tensor(r, rec, t, &r->crc);
    }
    json_decref(rec);
    return !r->ended;
}

bool
tsr_next(struct tsr *r, struct tensor *t)
{
    if (r->ended)
        return false;
    snprintf(r->place, sizeof r->place, "%.300s: record %" PRId64, r->name,
             r->records + 1);
    if (input_line(r->in, &r->line, &r->cap, &r->n, LIMIT_RECORD) < 1)
        cut(r, "before the end record");
    if (record_read(r->line, r->n, t, &r->crc))
        return true;
    memset(t, 0, sizeof *t);
    return other_record(r, t);
}

const char *
tsr_line(struct tsr *r, size_t *n, long *line)
{
    if (r->ended)
        return NULL;
    while (!r->kept) {
        int rc = input_line(r->in, &r->line, &r->cap, &r->n, LIMIT_LINE);

        r->lineno++;
        if (rc == 0)
            stop_moment();
        if (rc < 0) {
            r->ended = true;
            return NULL;
        }
        if (!is_blank(r->line, r->n))
            break;
    }
    r->kept = false;
    SHA256Update(&r->sum, (const uint8_t *)r->line, r->n);
    SHA256Update(&r->sum, (const uint8_t *)"\n", 1);
    *n = r->n;
    *line = r->lineno;
    return r->line;
}

void
tsr_lines_sha256(const struct tsr *r, char hex[65])
{
    SHA2_CTX copy = r->sum;

    SHA256End(&copy, hex);
}

void
tsr_close(struct tsr *r)
{
    input_free(r->in);
    json_decref(r->header);
    free(r->name);
    free(r->line);
    free(r);
}

/* write.c - batches written out, and served on request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limit.h"
#include "stream/input.h"
#include "stream/tstream.h"
#include "task/names.h"
#include "task/write.h"

struct writer {
    struct source *source;
    enum form form;
    int64_t batches;         /* written so far */
    struct tsw *tensors;     /* FORM_TENSORS */
    struct outfile *file;    /* the other forms */
    FILE *lines;             /* where they go: the file's, or through zlib */
    bool zipped;
    struct batch batch;      /* made last */
};

static const struct key request_keys[] = {
    { "split", KEY_CHOICE, "\"train\"", 0, 0, "train|val|test", NULL, "" },
    { "pass", KEY_INT, "0", 0, (1 << 30) - 1, NULL, NULL, "" },
    { "first", KEY_INT, "0", 0, 4e9, NULL, NULL, "" },
    { "count", KEY_INT, "0", 0, 4e9, NULL, NULL, "" },
    { "batch", KEY_INT, "0", 0, 1 << 20, NULL, NULL, "" },
    { "set", KEY_OBJECT, "{}", 0, 0, NULL, NULL, "" },
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

static ssize_t
zip_write(void *cookie, const char *buf, size_t n)
{
    return n && gzwrite(cookie, buf, (unsigned)n) != (int)n ? 0 : (ssize_t)n;
}

static int
zip_close(void *cookie)
{
    return gzclose(cookie) == Z_OK ? 0 : EOF;
}

static void
open_lines(struct writer *w, const char *path)
{
    static const cookie_io_functions_t zip = {
        .write = zip_write, .close = zip_close,
    };
    size_t n = strlen(path);
    gzFile gz;

    w->file = outfile_open(path);
    w->lines = outfile_stream(w->file);
    if (n < 3 || strcmp(path + n - 3, ".gz"))
        return;
    gz = gzdopen(dup(outfile_fd(w->file)), "wb6");
    w->lines = gz ? fopencookie(gz, "w", zip) : NULL;
    if (!w->lines)
        die_at(path, 0, "cannot compress:");
    w->zipped = true;
}

struct writer *
writer_open(const char *path, enum form form, struct source *s)
{
    struct writer *w = xcalloc(1, sizeof *w);

    w->source = s;
    w->form = form;
    if (form == FORM_TENSORS) {
        json_t *header = info_header(&s->info);

        w->tensors = tsw_open(path, header);
        json_decref(header);
    } else {
        open_lines(w, path);
    }
    return w;
}

static bool
gone(const struct writer *w)
{
    if (w->tensors)
        return tsw_gone(w->tensors);
    return outfile_gone(w->file) || ferror(w->lines);
}

static void
flush(struct writer *w)
{
    if (w->tensors)
        tsw_flush(w->tensors);
    else if (!w->zipped)
        fflush(w->lines);
}

/* Handed on when it is complete: whoever reads need not wait for the next. */
static void
write_batch(struct writer *w, enum split split, uint32_t pass,
            const struct batch *b)
{
    struct source *s = w->source;
    json_t *about;

    switch (w->form) {
    case FORM_TENSORS:
        batch_write(w->tensors, &s->info, b);
        break;
    case FORM_JSON:
        about = source_about(s, split, pass, b->index, b->rows);
        batch_print(w->lines, &s->info, b, about);
        json_decref(about);
        break;
    case FORM_DOT:
        source_dot(s, split, pass, b->index, b->rows, w->lines);
        break;
    case FORM_TEXT:
        names_print(w->lines, &s->info, s->symbols, s->language, b);
        break;
    }
    flush(w);
    w->batches++;
}

void
writer_batches(struct writer *w, enum split split, uint32_t pass,
               int64_t first, int64_t count, const char *where)
{
    count = source_count(w->source, split, first, count, where);
    for (int64_t i = 0; i != count && !gone(w); i++) {
        source_make(w->source, split, pass, first + i, &w->batch);
        write_batch(w, split, pass, &w->batch);
    }
}

static void
answer(struct writer *w, const char *line, size_t n, long number)
{
    char *where = xasprintf("<stdin>:%ld", number);
    json_t *v, *r, *set;

    if (n == 0)
        die_at(where, 0, "an empty line, where a request was expected");
    v = json_read_text(line, n, "<stdin>", number);
    if (!json_is_object(v))
        die_at(where, 0, "a request is an object");
    keys_check(request_keys, v, where, NULL);
    if (!json_object_get(v, "first") || !json_object_get(v, "count"))
        die_at(where, 0, "a request needs \"first\" and \"count\"");
    r = keys_fill(request_keys, v);
    set = json_object_get(r, "set");
    if (json_object_size(set) || keys_int(r, "batch"))
        source_set(w->source, set, (int)keys_int(r, "batch"), where);
    writer_batches(w, split_find(keys_text(r, "split")),
                   (uint32_t)keys_int(r, "pass"), keys_int(r, "first"),
                   keys_int(r, "count"), where);
    json_decref(v);
    json_decref(r);
    free(where);
}

void
writer_serve(struct writer *w)
{
    struct input *in = input_new(STDIN_FILENO, "<stdin>");
    char *line = NULL;
    size_t cap = 0, n;
    long number = 0;

    flush(w);
    while (!gone(w) && input_line(in, &line, &cap, &n, LIMIT_RECORD) >= 0)
        answer(w, line, n, ++number);
    input_free(in);
    free(line);
}

void
writer_close(struct writer *w)
{
    int64_t promised = w->source->info.count;

    if (w->tensors)
        tsw_close(w->tensors, promised < 0 ? w->batches : promised);
    else if (w->zipped && fclose(w->lines))
        die(RC_DATA, "writing the compressed file:");
    if (w->file)
        outfile_commit(w->file);
    batch_release(&w->batch);
    free(w);
}

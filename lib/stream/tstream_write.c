/* tstream_write.c - tensor streams, written. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/die.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "stream/record.h"
#include "stream/tstream.h"

enum { CHUNK = 1 << 16 };

struct tsw {
    struct outfile *out;
    bool gzip, gone;
    z_stream z;
    int64_t records;
    void *scratch;
    size_t room;
};

/* Bytes on their way out.  A write that failed dies here and now, in
 * outfile_commit, which knows why. */
static void
put_raw(struct tsw *w, const void *data, size_t n)
{
    FILE *f = outfile_stream(w->out);

    if (n && fwrite(data, 1, n, f) != n && !outfile_gone(w->out))
        outfile_commit(w->out);
    w->gone = outfile_gone(w->out);
}

static void
deflate_all(struct tsw *w, const void *data, size_t n, int flush)
{
    unsigned char buf[CHUNK];
    const unsigned char *p = data;
    int rc;

    do {
        uInt k = n > 1u << 30 ? 1u << 30 : (uInt)n;    /* zlib counts in 32 */

        w->z.next_in = (unsigned char *)p;
        w->z.avail_in = k;
        p += k;
        n -= k;
        do {
            w->z.next_out = buf;
            w->z.avail_out = sizeof buf;
            rc = deflate(&w->z, n ? Z_NO_FLUSH : flush);
            put_raw(w, buf, sizeof buf - w->z.avail_out);
        } while (w->z.avail_out == 0 && rc != Z_STREAM_END);
    } while (n);
}

static void
put(struct tsw *w, const void *data, size_t n)
{
    if (w->gone)
        return;
    if (w->gzip)
        deflate_all(w, data, n, Z_NO_FLUSH);
    else
        put_raw(w, data, n);
}

/* Takes over `line`. */
static void
put_line(struct tsw *w, json_t *line)
{
    char *text = json_text(line, false);

    put(w, text, strlen(text));
    put(w, "\n", 1);
    free(text);
    json_decref(line);
}

struct tsw *
tsw_open(const char *path, const json_t *header)
{
    struct tsw *w = xcalloc(1, sizeof *w);
    size_t n = strlen(path);
    json_t *line = json_pack("{s:s}", "unroll", "stream");

    if (strcmp(path, "-") == 0 && isatty(STDOUT_FILENO))
        die(RC_USAGE, "a tensor stream is binary and standard output is a "
            "terminal; redirect it, or ask for --json");
    w->out = outfile_open(path);
    w->gzip = n > 3 && strcmp(path + n - 3, ".gz") == 0;
    if (w->gzip && deflateInit2(&w->z, 6, Z_DEFLATED, 15 + 16, 8,
                                Z_DEFAULT_STRATEGY) != Z_OK)
        die(RC_DATA, "out of memory for writing gzip");
    json_object_update_missing(line, (json_t *)header);
    put_line(w, line);
    tsw_flush(w);
    return w;
}

void *
tsw_scratch(struct tsw *w, size_t n)
{
    if (n > w->room) {
        free(w->scratch);
        w->room = n;
        w->scratch = xcalloc(n, 1);
    }
    return w->scratch;
}

void
tsw_write(struct tsw *w, const struct tensor *t)
{
    char text[RECORD_TEXT];
    size_t bytes;
    int n;

    if (tensor_bytes(t, &bytes) || bytes != t->bytes)
        die(RC_DATA, "tensor '%s': its size is not its shape's", t->name);
    n = record_write(text, t, crc32_of(t->data, t->bytes));
    put(w, text, (size_t)n);
    put(w, t->data, t->bytes);
    put(w, "\n", 1);
    w->records++;
}

void
tsw_flush(struct tsw *w)
{
    if (w->gzip || w->gone)
        return;
    if (fflush(outfile_stream(w->out)) && !outfile_gone(w->out))
        outfile_commit(w->out);
    w->gone = outfile_gone(w->out);
}

void
tsw_close(struct tsw *w, int64_t batches)
{
    put_line(w, json_pack("{s:b, s:I, s:I}", "end", 1,
                          "records", (json_int_t)w->records,
                          "batches", (json_int_t)batches));
    if (w->gzip) {
        if (!w->gone)
            deflate_all(w, NULL, 0, Z_FINISH);
        deflateEnd(&w->z);
    }
    outfile_commit(w->out);
    free(w->scratch);
    free(w);
}

bool
tsw_gone(const struct tsw *w)
{
    return w->gone;
}

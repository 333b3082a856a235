/* input.c - a buffered reader that inflates where needed. */
#include "stream/input.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "base/die.h"
#include "base/stop.h"

enum { BUFFER = 1 << 16 };

struct input {
    int fd;
    char *name;
    bool sniffed, gzip, inside;     /* inside: a gzip member is open */
    z_stream z;
    unsigned char raw[BUFFER];      /* as read, when gzip */
    unsigned char out[BUFFER];      /* plain bytes: out[at .. n-1] are left */
    size_t at, n;
};

struct input *
input_new(int fd, const char *name)
{
    struct input *in = xcalloc(1, sizeof *in);

    in->fd = fd;
    in->name = xstrdup(name);
    return in;
}

void
input_free(struct input *in)
{
    if (in->gzip)
        inflateEnd(&in->z);
    if (in->fd != STDIN_FILENO)
        close(in->fd);
    free(in->name);
    free(in);
}

/* 0 at the end. */
static size_t
read_some(struct input *in, void *to, size_t n)
{
    for (;;) {
        ssize_t k;

        stop_look();          /* some inputs never make us wait */
        k = read(in->fd, to, n);
        if (k >= 0)
            return (size_t)k;
        if (errno != EINTR)
            die_at(in->name, 0, "cannot read:");
    }
}

static void
sniff(struct input *in)
{
    in->sniffed = true;
    while (in->n < 2) {
        size_t k = read_some(in, in->out + in->n, BUFFER - in->n);

        if (k == 0)
            return;
        in->n += k;
    }
    if (in->out[0] != 0x1f || in->out[1] != 0x8b)
        return;
    in->gzip = in->inside = true;
    if (inflateInit2(&in->z, 15 + 16) != Z_OK)
        die(RC_DATA, "out of memory for reading gzip");
    memcpy(in->raw, in->out, in->n);
    in->z.next_in = in->raw;
    in->z.avail_in = (uInt)in->n;
    in->n = 0;
}

/* One step of zlib; true when it gave bytes or needs another call. */
static bool
inflate_some(struct input *in)
{
    int rc;

    if (in->z.avail_in == 0) {
        in->z.next_in = in->raw;
        in->z.avail_in = (uInt)read_some(in, in->raw, BUFFER);
    }
    if (in->z.avail_in == 0) {
        if (!in->inside)
            return false;
        stop_moment();
        die_at(in->name, 0, "cut short: the gzip data does not end");
    }
    if (!in->inside) {       /* one gzip file after another is one input */
        if (in->z.next_in[0] != 0x1f)
            die_at(in->name, 0, "bytes after the end of the gzip data");
        inflateReset(&in->z);
        in->inside = true;
    }
    in->z.next_out = in->out;
    in->z.avail_out = BUFFER;
    rc = inflate(&in->z, Z_NO_FLUSH);
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
        die_at(in->name, 0, "damaged gzip data (%s)",
               in->z.msg ? in->z.msg : "no reason given");
    in->inside = rc != Z_STREAM_END;
    in->at = 0;
    in->n = BUFFER - in->z.avail_out;
    return true;
}

/* More plain bytes; false at the end. */
static bool
fill(struct input *in)
{
    if (!in->sniffed)
        sniff(in);
    while (in->at == in->n) {
        in->at = in->n = 0;
        if (in->gzip) {
            if (!inflate_some(in))
                return false;
        } else {
            in->n = read_some(in, in->out, BUFFER);
            if (in->n == 0)
                return false;
        }
    }
    return true;
}

size_t
input_front(struct input *in, const void **bytes)
{
    if (!fill(in))
        return 0;
    *bytes = in->out + in->at;
    return in->n - in->at;
}

int
input_peek(struct input *in)
{
    return fill(in) ? in->out[in->at] : -1;
}

size_t
input_bytes(struct input *in, void *to, size_t n)
{
    size_t done = 0, k;

    while (done < n) {
        /* What is larger than the buffer need not go through it. */
        if (in->at == in->n && in->sniffed && !in->gzip &&
            n - done >= BUFFER) {
            k = read_some(in, (char *)to + done, n - done);
            if (k == 0)
                break;
            done += k;
            continue;
        }
        if (!fill(in))
            break;
        k = in->n - in->at < n - done ? in->n - in->at : n - done;
        memcpy((char *)to + done, in->out + in->at, k);
        in->at += k;
        done += k;
    }
    return done;
}

int
input_line(struct input *in, char **line, size_t *cap, size_t *n, size_t max)
{
    *n = 0;
    while (fill(in)) {
        unsigned char *start = in->out + in->at, *end;
        size_t k = in->n - in->at;

        end = memchr(start, '\n', k);
        if (end)
            k = (size_t)(end - start);
        if (*n + k > max)
            die_at(in->name, 0, "a line is longer than %zu bytes", max);
        if (*n + k + 1 > *cap) {
            *cap = (*n + k + 1) * 2 < max ? (*n + k + 1) * 2 : max + 1;
            *line = xrealloc(*line, *cap, 1);
        }
        memcpy(*line + *n, start, k);
        *n += k;
        (*line)[*n] = 0;
        in->at += k + (end != NULL);
        if (end)
            return 1;
    }
    return *n ? 0 : -1;
}

bool
input_at_end(struct input *in)
{
    return !fill(in);
}

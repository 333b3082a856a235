/* corpus.c - one or more files as one array of bytes. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/die.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/magic.h"
#include "task/corpus.h"

enum { PIECE = 1 << 20 };

static void
append(struct corpus *c, const void *data, size_t n, const char *path)
{
    if (n > INT32_MAX - c->n)
        die_at(path, 0, "the text is longer than 2^31 bytes: take a "
               "part of it (head -c)");
    c->byte = xrealloc(c->byte, c->n + n, 1);
    memcpy(c->byte + c->n, data, n);
    c->n += n;
}

/* gzread's silence at a cut is told apart by gzclose. */
static void
append_gz(struct corpus *c, const char *path)
{
    char *piece;
    gzFile in;
    int n;

    errno = 0;
    in = gzopen(path, "rb");
    if (!in)
        die_at(path, 0, "cannot open:");
    piece = xcalloc(PIECE, 1);
    for (bool first = true; (n = gzread(in, piece, PIECE)) > 0; first = false) {
        if (first)
            magic_need_text(path, piece, (size_t)n);
        append(c, piece, (size_t)n, path);
    }
    if (n < 0 || gzclose(in) != Z_OK)
        die_at(path, 0, "not a whole gzip file");
    free(piece);
}

static void
append_file(struct corpus *c, const char *path)
{
    size_t n = strlen(path), size;
    char *data;

    if (n > 3 && strcmp(path + n - 3, ".gz") == 0) {
        append_gz(c, path);
        return;
    }
    data = file_read(path, INT32_MAX, &size);
    magic_need_text(path, data, size);
    append(c, data, size, path);
    free(data);
}

void
corpus_read(struct corpus *c, const char *const *files)
{
    memset(c, 0, sizeof *c);
    for (; *files; files++)
        append_file(c, *files);
    sha256_hex(c->byte, c->n, c->hash);
}

void
corpus_read_list(struct corpus *c, const char *list)
{
    char *copy = xstrdup(list), *save = NULL, *path = copy;

    memset(c, 0, sizeof *c);
    while ((path = strtok_r(path, ":", &save))) {
        append_file(c, path);
        path = NULL;
    }
    sha256_hex(c->byte, c->n, c->hash);
    free(copy);
}

void
corpus_release(struct corpus *c)
{
    free(c->byte);
    memset(c, 0, sizeof *c);
}

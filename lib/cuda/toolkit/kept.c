/*
 * kept.c - machine code that was compiled before, in the folder that
 * UNROLL_KERNELS names (none: nothing is kept).
 *
 * A file is used only if all that the compiler saw then, its version and
 * options too, is what it would see now, byte for byte, and if the file is
 * whole; else the text is compiled and the file written anew, under another
 * name first.  So a folder can be shared by processes, kept for ever, and
 * removed at any time.  What cannot be written is not kept.
 */
#include "cuda/toolkit/toolkit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char form[] = "unroll kernels 1\n%zu %zu %016" PRIx64 "\n";
enum { HEAD = 100, MOST = 1 << 28 };      /* bytes of a head, of a file */

static uint64_t
hash(uint64_t h, const void *p, size_t n)
{
    const unsigned char *b = p;

    for (size_t i = 0; i < n; i++)
        h = (h ^ b[i]) * 0x100000001b3u;
    return h;
}

static uint64_t
sum(const char *key, const void *code, size_t n)
{
    return hash(hash(0xcbf29ce484222325u, key, strlen(key)), code, n);
}

/* The file of a key, or NULL where nothing is kept. */
static char *
path_of(struct gpu *g, const char *key)
{
    const char *folder = getenv("UNROLL_KERNELS");
    size_t room;
    char *path;

    if (!folder || !*folder)
        return NULL;
    room = strlen(folder) + 60;
    path = toolkit_new(g, room);
    snprintf(path, room, "%s/%016" PRIx64 ".cubin", folder,
             hash(0xcbf29ce484222325u, key, strlen(key)));
    return path;
}

static char *
whole_file(struct gpu *g, const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    struct stat st;
    char *all = NULL;

    if (!f)
        return NULL;
    if (!fstat(fileno(f), &st) && st.st_size > 0 && st.st_size < MOST) {
        *n = (size_t)st.st_size;
        all = toolkit_new(g, *n + 1);
        if (fread(all, 1, *n, f) != *n) {
            free(all);
            all = NULL;
        }
    }
    fclose(f);
    return all;
}

void *
kept_find(struct gpu *g, const char *key, size_t *n)
{
    char *path = path_of(g, key), head[HEAD], *all = NULL;
    size_t bytes = 0, length = strlen(key), keys = 0, at;
    uint64_t check = 0;
    void *code = NULL;

    if (path)
        all = whole_file(g, path, &bytes);
    if (all && sscanf(all, form, &keys, n, &check) == 3) {
        at = (size_t)snprintf(head, sizeof head, form, keys, *n, check);
        if (!strncmp(all, head, at) && keys == length &&
                bytes == at + keys + *n && !memcmp(all + at, key, keys) &&
                check == sum(key, all + at + keys, *n)) {
            code = toolkit_new(g, *n);
            memcpy(code, all + at + keys, *n);
        }
    }
    free(all);
    free(path);
    return code;
}

void
kept_put(struct gpu *g, const char *key, const void *code, size_t n)
{
    char *path = path_of(g, key), *part;
    size_t room, length = strlen(key);
    FILE *f;

    if (!path)
        return;
    room = strlen(path) + 40;
    part = toolkit_new(g, room);
    snprintf(part, room, "%s.part.%ld", path, (long)getpid());
    mkdir(getenv("UNROLL_KERNELS"), 0777);
    f = fopen(part, "wb");
    if (f) {
        bool good = fprintf(f, form, length, n, sum(key, code, n)) > 0 &&
            fwrite(key, 1, length, f) == length && fwrite(code, 1, n, f) == n;

        if (fclose(f) || !good || rename(part, path))
            unlink(part);
    }
    free(part);
    free(path);
}

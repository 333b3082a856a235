/* safetensors.c - models and checkpoints in and out of files. */
#include "stream/safetensors.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/limit.h"

enum { CHUNK = 1 << 20 };

static const char *const type_names[] = {
    [DT_U8] = "U8", [DT_I32] = "I32", [DT_I64] = "I64", [DT_F32] = "F32",
    [DT_F64] = "F64",
};

/* Where the digits of our sum stand in a header, or NULL.  Within a string
 * the quotes would be escaped, so this is the key itself. */
static char *
find_sum(char *header)
{
    static const char key[] = "\"crc32\":\"";
    char *s = strstr(header, key);

    return s ? s + sizeof key - 1 : NULL;
}

static json_t *
make_header(const json_t *metadata, const struct tensor *tensors, int n)
{
    json_t *header = json_object(), *meta = json_object();
    json_int_t at = 0;

    if (metadata)
        json_object_update(meta, (json_t *)metadata);
    json_object_set_new(meta, "crc32", json_string("00000000"));
    json_object_set_new(header, "__metadata__", meta);
    for (int i = 0; i < n; i++) {
        const struct tensor *t = &tensors[i];
        json_t *shape = json_array();
        size_t bytes;

        if (tensor_bytes(t, &bytes) || bytes != t->bytes)
            die(RC_DATA, "tensor '%s': its size is not its shape's", t->name);
        if (json_object_get(header, t->name))
            die(RC_DATA, "two tensors are called '%s'", t->name);
        for (int d = 0; d < t->ndim; d++)
            json_array_append_new(shape, json_integer(t->shape[d]));
        json_object_set_new(header, t->name, json_pack("{s:s, s:o, s:[I,I]}",
            "dtype", type_names[t->dtype], "shape", shape,
            "data_offsets", at, at + (json_int_t)bytes));
        at += (json_int_t)bytes;
    }
    return header;
}

/* The header's text padded to whole words, its sum filled in. */
static char *
make_text(const json_t *metadata, const struct tensor *tensors, int n)
{
    json_t *header = make_header(metadata, tensors, n);
    char *plain = json_text(header, false);
    size_t size = (strlen(plain) + 7) / 8 * 8;
    char *text = xasprintf("%-*s", (int)size, plain);
    uint32_t crc = crc32_of(text, size);
    char digits[9];

    for (int i = 0; i < n; i++)
        crc = crc32_more(crc, tensors[i].data, tensors[i].bytes);
    snprintf(digits, sizeof digits, "%08" PRIx32, crc);
    memcpy(find_sum(text), digits, 8);
    free(plain);
    json_decref(header);
    return text;
}

void
st_write(const char *path, const json_t *metadata,
         const struct tensor *tensors, int n)
{
    char *text = make_text(metadata, tensors, n);
    size_t size = strlen(text);
    struct outfile *out;
    FILE *f;
    unsigned char le[8];

    limit_count((int64_t)size, 2, LIMIT_HEADER, "the header's length", path);
    limit_count(n, 0, LIMIT_TENSORS, "the number of tensors", path);

    out = outfile_open(path);
    f = outfile_stream(out);
    for (int i = 0; i < 8; i++)
        le[i] = (unsigned char)((uint64_t)size >> 8 * i);
    fwrite(le, 1, 8, f);
    fwrite(text, 1, size, f);
    for (int i = 0; i < n; i++)
        if (tensors[i].bytes)
            fwrite(tensors[i].data, 1, tensors[i].bytes, f);
    outfile_commit(out);     /* dies if any of these failed */
    free(text);
}

/* A file being read. */
struct source {
    FILE *f;
    const char *name;
    bool summed;         /* the header holds a sum: */
    uint32_t want, crc;  /* what it says, what came so far */
};

/* n bytes into a new block that grows as they arrive. */
static void *
take(const struct source *s, size_t n, const char *what)
{
    char *p = NULL;
    size_t done = 0, cap = 0;

    do {
        size_t want = n - done < CHUNK ? n - done : CHUNK;

        if (done + want > cap || !p) {
            cap = cap * 2 > done + want ? cap * 2 : done + want;
            cap = cap < n ? cap : n;
            p = xrealloc(p, cap, 1);
        }
        if (fread(p + done, 1, want, s->f) != want) {
            if (ferror(s->f))
                die_at(s->name, 0, "cannot read:");
            die_at(s->name, 0, "cut short within %s", what);
        }
        done += want;
    } while (done < n);
    return p;
}

static void
start_sum(struct source *s, char *text, size_t size)
{
    char *digits = find_sum(text);

    s->summed = digits != NULL;
    if (!digits)
        return;
    if (strspn(digits, "0123456789abcdef") != 8)
        die_at(s->name, 0, "damaged: its crc32 is not 8 digits");
    s->want = (uint32_t)strtoul(digits, NULL, 16);
    memcpy(digits, "00000000", 8);
    s->crc = crc32_of(text, size);
}

static json_t *
read_header(struct source *s)
{
    unsigned char le[8];
    uint64_t size = 0;
    json_t *header;
    char *text;
    size_t got = fread(le, 1, 8, s->f);

    if (got < 8) {
        if (ferror(s->f))
            die_at(s->name, 0, "cannot read:");
        die_at(s->name, 0, got ? "cut short within the header's length"
               : "empty, where a safetensors file was expected");
    }
    for (int i = 0; i < 8; i++)
        size |= (uint64_t)le[i] << 8 * i;
    if (size < 2 || size > LIMIT_HEADER)
        die_at(s->name, 0, "no safetensors file: it says that its header has "
               "%" PRIu64 " bytes, and at most %d are read", size,
               LIMIT_HEADER);
    text = take(s, (size_t)size, "the header");
    if (text[0] != '{')
        die_at(s->name, 0, "no safetensors file: the header does not begin "
               "with '{'");
    text = xrealloc(text, (size_t)size + 1, 1);
    text[size] = 0;
    start_sum(s, text, (size_t)size);
    header = json_read_text(text, (size_t)size, s->name, 0);
    free(text);
    return header;
}

static int64_t
whole(const char *name, const char *tensor, const json_t *v)
{
    if (!json_is_integer(v) || json_integer_value(v) < 0)
        die_at(name, 0, "tensor '%s': shape or data_offsets are not whole "
               "numbers from 0", tensor);
    return json_integer_value(v);
}

static void
parse_dtype(const char *name, const json_t *v, struct tensor *t)
{
    const char *s = json_string_value(json_object_get(v, "dtype"));

    for (int i = 0; s && i <= DT_F64; i++) {
        if (strcmp(type_names[i], s) == 0) {
            t->dtype = (enum dtype)i;
            return;
        }
    }
    die_at(name, 0, "tensor '%s': dtype '%.20s' is none of U8, I32, I64, "
           "F32, F64", t->name, s ? s : "");
}

/* One entry of the header; tensors stand one after another without gaps. */
static void
parse_tensor(const char *name, const json_t *v, struct tensor *t, int64_t *at)
{
    const json_t *shape = json_object_get(v, "shape"), *x;
    const json_t *offsets = json_object_get(v, "data_offsets");
    int64_t begin, end;
    size_t i, bytes;

    if (!json_is_array(shape) || json_array_size(shape) > TENSOR_DIMS)
        die_at(name, 0, "tensor '%s': 'shape' is not a list of up to %d "
               "numbers", t->name, TENSOR_DIMS);
    if (!json_is_array(offsets) || json_array_size(offsets) != 2)
        die_at(name, 0, "tensor '%s': 'data_offsets' is not a pair", t->name);
    parse_dtype(name, v, t);
    t->ndim = (int)json_array_size(shape);
    json_array_foreach(shape, i, x)
        t->shape[i] = whole(name, t->name, x);
    begin = whole(name, t->name, json_array_get(offsets, 0));
    end = whole(name, t->name, json_array_get(offsets, 1));
    if (begin != *at || end < begin)
        die_at(name, 0, "tensor '%s': its data_offsets leave a gap or overlap",
               t->name);
    if (tensor_bytes(t, &bytes) || (int64_t)bytes != end - begin)
        die_at(name, 0, "tensor '%s': data_offsets do not match shape and "
               "dtype", t->name);
    t->bytes = bytes;
    t->index = -1;
    *at = end;
}

static void
check_metadata(const char *name, const json_t *meta)
{
    const char *k;
    json_t *v;

    if (meta && !json_is_object(meta))
        die_at(name, 0, "__metadata__ is not an object");
    json_object_foreach((json_t *)meta, k, v)
        if (!json_is_string(v))
            die_at(name, 0, "__metadata__: '%s' is not text", k);
}

struct entry {
    const char *name;
    const json_t *v;
    json_int_t begin, end;
    size_t order;
};

static int
by_offset(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;

    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    if (x->end != y->end)
        return x->end < y->end ? -1 : 1;
    return x->order < y->order ? -1 : 1;
}

/* The tensors' entries in the order of their bytes. */
static struct entry *
list_entries(const char *name, const json_t *header, int *n)
{
    struct entry *list = xcalloc(json_object_size(header), sizeof *list);
    const char *k;
    json_t *v;

    limit_count((int64_t)json_object_size(header) -
                (json_object_get(header, "__metadata__") != NULL), 0,
                LIMIT_TENSORS, "the number of tensors", name);
    *n = 0;
    json_object_foreach((json_t *)header, k, v) {
        const json_t *o = json_object_get(v, "data_offsets");

        if (strcmp(k, "__metadata__") == 0)
            continue;
        if (!*k || strlen(k) >= sizeof((struct tensor *)0)->name)
            die_at(name, 0, "a tensor's name is empty or too long: 1 to %zu "
                   "letters", sizeof((struct tensor *)0)->name - 1);
        list[*n] = (struct entry){
            .name = k, .v = v, .order = (size_t)*n,
            .begin = json_integer_value(json_array_get(o, 0)),
            .end = json_integer_value(json_array_get(o, 1)),
        };
        ++*n;
    }
    qsort(list, (size_t)*n, sizeof *list, by_offset);
    return list;
}

static void
read_tensors(struct source *s, const json_t *header,
             struct safetensors *st)
{
    struct entry *list = list_entries(s->name, header, &st->n);
    int64_t at = 0;

    st->tensors = xcalloc((size_t)st->n, sizeof *st->tensors);
    for (int i = 0; i < st->n; i++) {
        strcpy(st->tensors[i].name, list[i].name);
        parse_tensor(s->name, list[i].v, &st->tensors[i], &at);
    }
    for (int i = 0; i < st->n; i++) {
        char what[160];

        snprintf(what, sizeof what, "tensor '%s'", st->tensors[i].name);
        st->tensors[i].data = take(s, st->tensors[i].bytes, what);
        s->crc = crc32_more(s->crc, st->tensors[i].data,
                            st->tensors[i].bytes);
    }
    if (getc(s->f) != EOF)
        die_at(s->name, 0, "bytes after the last tensor");
    if (s->summed && s->crc != s->want)
        die_at(s->name, 0, "damaged: its crc32 differs (a program that "
               "changes it must drop crc32 from its metadata)");
    free(list);
}

void
st_read(const char *path, struct safetensors *st)
{
    bool std = strcmp(path, "-") == 0;
    struct source s = { .f = std ? stdin : fopen(path, "re"),
                        .name = std ? "<stdin>" : path };
    json_t *header, *meta;

    if (!s.f)
        die_at(s.name, 0, "cannot open:");
    header = read_header(&s);
    if (!json_is_object(header))
        die_at(s.name, 0, "the header is not a JSON object");
    meta = json_object_get(header, "__metadata__");
    check_metadata(s.name, meta);
    read_tensors(&s, header, st);
    st->metadata = meta ? json_incref(meta) : json_object();
    st->summed = s.summed;
    if (s.summed)
        json_object_del(st->metadata, "crc32");
    json_decref(header);
    if (!std)
        fclose(s.f);
}

const struct tensor *
st_find(const struct safetensors *st, const char *name)
{
    for (int i = 0; i < st->n; i++)
        if (strcmp(st->tensors[i].name, name) == 0)
            return &st->tensors[i];
    return NULL;
}

void
st_release(struct safetensors *st)
{
    for (int i = 0; i < st->n; i++)
        free(st->tensors[i].data);
    free(st->tensors);
    json_decref(st->metadata);
    *st = (struct safetensors){ 0 };
}

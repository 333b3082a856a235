/* npy.c - NumPy's .npy (its format, versions 1 to 3): a magic text, a header
 * that is a Python dictionary, the numbers. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/file.h"
#include "base/hash.h"
#include "task/columns_parts.h"

struct npy {
    const char *path;
    char kind;              /* f, i, u */
    int size;               /* bytes of a number */
    size_t rows;
    int columns;
    const unsigned char *data;
};

enum { MOST_COLUMNS = 4096, MAGIC = 6 };

/* The value of a key in the header, which is text up to `end`. */
static const char *
value_of(const struct npy *f, const char *header, const char *key)
{
    const char *at = strstr(header, key);

    if (!at)
        die_at(f->path, 0, "its header does not tell %s", key);
    at += strlen(key);
    return at + strspn(at, ": ");
}

static void
parse_type(struct npy *f, const char *header)
{
    const char *at = value_of(f, header, "'descr'");

    if (at[0] != '\'' || !strchr("<|=", at[1]) || !strchr("fiu", at[2]) ||
        !strchr("1248", at[3]) || at[4] != '\'' ||
        (at[2] == 'f' && at[3] < '4'))
        die_at(f->path, 0, "numbers of the type %.*s: this reads floats of 4 "
               "and 8 bytes and whole numbers of 1 to 8, little-endian "
               "(numpy: a.astype('<f8'))", (int)strcspn(at, ","), at);
    f->kind = at[2];
    f->size = at[3] - '0';
}

static void
parse_shape(struct npy *f, const char *header)
{
    const char *at = value_of(f, header, "'shape'");
    uint64_t axis[2] = { 0, 1 };
    int n = 0;

    if (strncmp(value_of(f, header, "'fortran_order'"), "False", 5))
        die_at(f->path, 0, "stands in Fortran's order (numpy: "
               "numpy.ascontiguousarray(a))");
    for (at += *at == '('; *at >= '0' && *at <= '9'; n++) {
        char *end;
        uint64_t x = strtoull(at, &end, 10);

        if (n < 2)
            axis[n] = x;
        at = end + strspn(end, ", ");
    }
    if (n < 1 || n > 2 || *at != ')')
        die_at(f->path, 0, "has not one or two axes, rows and columns");
    if (axis[1] < 1 || axis[1] > MOST_COLUMNS || axis[0] > INT32_MAX)
        die_at(f->path, 0, "%" PRIu64 " rows of %" PRIu64 " columns: at most "
               "2^31 of 1 to %d", axis[0], axis[1], MOST_COLUMNS);
    f->rows = (size_t)axis[0];
    f->columns = (int)axis[1];
}

/* The header's text as a string of its own, to be freed. */
static char *
open_npy(struct npy *f, const unsigned char *byte, size_t n)
{
    size_t len, at = 10;
    char *header;

    if (n < 12 || memcmp(byte, "\x93NUMPY", MAGIC) || byte[6] < 1 ||
        byte[6] > 3)
        die_at(f->path, 0, "is no .npy file of version 1, 2 or 3");
    len = byte[8] | (size_t)byte[9] << 8;
    if (byte[6] > 1) {
        len |= (size_t)byte[10] << 16 | (size_t)byte[11] << 24;
        at = 12;
    }
    if (len > n - at)
        die_at(f->path, 0, "ends within its header");
    header = xcalloc(len + 1, 1);
    memcpy(header, byte + at, len);
    f->data = byte + at + len;
    return header;
}

#define READ(type) { type x; memcpy(&x, p, sizeof x); return (double)x; }

static double
number(const struct npy *f, size_t i)
{
    const unsigned char *p = f->data + i * (size_t)f->size;

    if (f->kind == 'f' && f->size == 4)
        READ(float)
    if (f->kind == 'f')
        READ(double)
    switch (f->size * (f->kind == 'i' ? 1 : -1)) {
    case 1: READ(int8_t)
    case 2: READ(int16_t)
    case 4: READ(int32_t)
    case 8: READ(int64_t)
    case -1: READ(uint8_t)
    case -2: READ(uint16_t)
    case -4: READ(uint32_t)
    default: READ(uint64_t)
    }
}

static void
take_rows(const struct npy *f, const struct table_file *t, struct columns *c)
{
    size_t room = 0;

    for (size_t r = 0; r < f->rows; r++) {
        double *row = columns_row(c, &room);

        for (int i = 0; i < f->columns; i++) {
            double x = number(f, r * (size_t)f->columns + (size_t)i);

            if (t->take[i] < 0)
                continue;
            if (!isfinite(x))
                die_at(f->path, 0, "row %zu, column %d (from 1) is no finite "
                       "number: fill it in", r + 1, i + 1);
            row[t->take[i]] = x;
        }
    }
}

void
npy_read(struct columns *c, const char *path, const char *which)
{
    struct npy f = { .path = path };
    struct table_file t = { .path = path };
    size_t n;
    char *byte = file_read(path, INT32_MAX, &n);
    char *header = open_npy(&f, (const unsigned char *)byte, n);

    parse_type(&f, header);
    parse_shape(&f, header);
    if ((double)f.rows * f.columns * f.size !=
        (double)(n - (size_t)(f.data - (const unsigned char *)byte)))
        die_at(path, 0, "is not as long as its header says");
    sha256_hex(byte, n, c->hash);
    t.n = f.columns;
    t.name = xcalloc((size_t)t.n, sizeof *t.name);
    for (int i = 0; i < t.n; i++)
        t.name[i] = xasprintf("%d", i + 1);
    columns_choose(c, &t, which);
    take_rows(&f, &t, c);
    for (int i = 0; i < t.n; i++)
        free(t.name[i]);
    free(t.name);
    free(t.take);
    free(header);
    free(byte);
}

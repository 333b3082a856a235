/* record.c - the line of JSON before a tensor's bytes. */
#include "stream/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "base/limit.h"

static const char *const keys[] = { "name", "dtype", "shape", "index",
                                    "bytes", "crc32" };
enum { NAME, DTYPE, SHAPE, INDEX, BYTES, CRC32, KEYS,
       LONGEST = 15 };     /* digits that are exact in a double */

static bool
take(const char **p, char c)
{
    while (**p == ' ')
        ++*p;
    if (**p != c)
        return false;
    ++*p;
    return true;
}

/* A text without escapes, not empty, into `to` (`room` bytes). */
static bool
take_text(const char **p, char *to, size_t room)
{
    size_t n = 0;

    if (!take(p, '"'))
        return false;
    for (; **p != '"'; ++*p) {
        if (**p < ' ' || **p > '~' || **p == '\\' || n + 1 == room)
            return false;
        to[n++] = **p;
    }
    to[n] = 0;
    ++*p;
    return n > 0;
}

/* A whole number in digits alone. */
static bool
take_number(const char **p, int64_t most, int64_t *x)
{
    const char *from;

    while (**p == ' ')
        ++*p;
    from = *p;
    for (*x = 0; **p >= '0' && **p <= '9' && *p - from <= LONGEST; ++*p)
        *x = *x * 10 + (**p - '0');
    return *p > from && *p - from <= LONGEST &&
           (*from != '0' || *p == from + 1) && *x <= most;
}

static bool
take_shape(const char **p, struct tensor *t)
{
    if (!take(p, '['))
        return false;
    t->ndim = 0;
    if (take(p, ']'))
        return true;
    do {
        if (t->ndim == TENSOR_DIMS ||
            !take_number(p, INT64_MAX, &t->shape[t->ndim++]))
            return false;
    } while (take(p, ','));
    return take(p, ']');
}

static int
key_number(const char *word)
{
    int k = 0;

    while (k < KEYS && strcmp(word, keys[k]))
        k++;
    return k;
}

static bool
take_value(const char **p, int key, struct tensor *t, uint32_t *crc)
{
    char word[8];
    int64_t x;

    switch (key) {
    case NAME:
        return take_text(p, t->name, sizeof t->name);
    case DTYPE:
        return take_text(p, word, sizeof word) &&
               !dtype_parse(word, &t->dtype);
    case SHAPE:
        return take_shape(p, t);
    case INDEX:
        return take_number(p, INT64_MAX, &t->index);
    case BYTES:
        if (!take_number(p, LIMIT_TENSOR, &x))
            return false;
        t->bytes = (size_t)x;
        return true;
    case CRC32:
        if (!take_number(p, UINT32_MAX, &x))
            return false;
        *crc = (uint32_t)x;
        return true;
    }
    return false;
}

bool
record_read(const char *line, size_t n, struct tensor *t, uint32_t *crc)
{
    const char *p = line;
    unsigned seen = 0;
    size_t bytes;
    char word[8];
    int key;

    memset(t, 0, sizeof *t);
    t->index = -1;
    if (!take(&p, '{'))
        return false;
    do {
        if (!take_text(&p, word, sizeof word) || !take(&p, ':'))
            return false;
        key = key_number(word);
        if ((seen & 1u << key) || !take_value(&p, key, t, crc))
            return false;
        seen |= 1u << key;
    } while (take(&p, ','));
    return take(&p, '}') && p == line + n &&
           (seen | 1u << INDEX) == (1u << KEYS) - 1 &&
           !tensor_bytes(t, &bytes) && bytes == t->bytes;
}

static void
check_name(const char *name)
{
    for (const char *c = name; *c; c++)
        if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\')
            die(RC_DATA, "internal: a tensor named '%s'", name);
}

int
record_write(char text[RECORD_TEXT], const struct tensor *t, uint32_t crc)
{
    int n;

    check_name(t->name);
    n = sprintf(text, "{\"name\":\"%s\",\"dtype\":\"%s\",\"shape\":[",
                t->name, dtype_name(t->dtype));
    for (int i = 0; i < t->ndim; i++)
        n += sprintf(text + n, "%s%" PRId64, i ? "," : "", t->shape[i]);
    n += sprintf(text + n, "]");
    if (t->index >= 0)
        n += sprintf(text + n, ",\"index\":%" PRId64, t->index);
    return n + sprintf(text + n, ",\"bytes\":%zu,\"crc32\":%" PRIu32 "}\n",
                       t->bytes, crc);
}

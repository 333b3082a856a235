#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/spell.h"

enum { NAME_BYTES = 256, MAX_SYMBOLS = 100000000 };

/* The bytes a name stands for: characters U+0001..U+00FF are bytes, U+0100 is
 * byte 0.  Returns their number. */
static size_t
bytes_of(const json_t *names, int k, unsigned char *out)
{
    const unsigned char *p;
    size_t n = 0;

    if (!names) {
        out[0] = (unsigned char)k;
        return 1;
    }
    p = (const unsigned char *)json_string_value(
        json_array_get(names, (size_t)k));
    for (; p && *p && n < NAME_BYTES; p++) {
        if (*p >= 0x80 && p[1]) {
            out[n++] = (unsigned char)((*p & 0x3f) << 6 | (p[1] & 0x3f));
            p++;
        } else {
            out[n++] = *p;
        }
    }
    return n;
}

/* The class with the longest name that `text` begins with, or -1. */
static int
longest(const json_t *names, int classes, const char *text, size_t size,
        size_t *used)
{
    int best = -1;

    *used = 0;
    for (int k = 0; k < classes; k++) {
        unsigned char name[NAME_BYTES];
        size_t n = bytes_of(names, k, name);

        if (n > *used && n <= size && !memcmp(name, text, n)) {
            best = k;
            *used = n;
        }
    }
    return best;
}

int32_t *
spell_text(const json_t *names, int classes, const char *text, size_t size,
           const char *where, long *n)
{
    int32_t *out = xcalloc(size + 1, sizeof *out);
    long line = 1;
    size_t used;

    *n = 0;
    if (!names && classes != 256)
        die_at(where, 0, "nobody knows how the %d classes of this model are "
               "written: give their numbers with --sequence", classes);
    for (size_t i = 0; i < size; i += used) {
        int k = longest(names, classes, text + i, size - i, &used);
        unsigned char c = (unsigned char)text[i];

        if (k < 0 && isprint(c))
            die_at(where, line, "'%c' is no symbol of this task", c);
        if (k < 0)
            die_at(where, line, "byte %d is no symbol of this task", c);
        out[(*n)++] = k;
        line += c == '\n';
    }
    if (!*n)
        die_at(where, 0, "no text");
    return out;
}

/* ---- lists --------------------------------------------------------------*/

static bool
newline_word(const char *word, size_t n)
{
    static const char *const words[] = { "clear", "end", "\\n", NULL };

    for (int i = 0; words[i]; i++)
        if (strlen(words[i]) == n && !memcmp(words[i], word, n))
            return true;
    return false;
}

static int
class_of(const json_t *names, int classes, const char *word, size_t n)
{
    if (!names && classes != 256) {     /* nobody knows how they are written */
        size_t digits = strspn(word, "0123456789");
        long k = strtol(word, NULL, 10);

        return digits == n && n < 9 && k < classes ? (int)k : -1;
    }
    for (int k = 0; k < classes; k++) {
        unsigned char name[NAME_BYTES];
        size_t len = bytes_of(names, k, name), skip = 0;

        if (len == 1 && name[0] == '\n' && newline_word(word, n))
            return k;
        while (skip < len && name[skip] == ' ')
            skip++;
        if (len > skip && len - skip == n && !memcmp(name + skip, word, n))
            return k;
    }
    return -1;
}

int32_t *
spell_list(const json_t *names, int classes, const char *list,
           const char *flag, long *n)
{
    size_t room = strlen(list) * (size_t)classes + 1;
    int32_t *out = xcalloc(room < MAX_SYMBOLS ? room : MAX_SYMBOLS,
                           sizeof *out);
    bool range = false;

    *n = 0;
    while (list += strspn(list, " \t"), *list) {
        size_t len = strcspn(list, " \t");
        int k;

        if (len == 3 && !memcmp(list, "...", 3)) {
            if (!*n || range)
                die(RC_USAGE, "%s: '...' stands between two symbols", flag);
            range = true;
            list += len;
            continue;
        }
        k = class_of(names, classes, list, len);
        if (k < 0)
            die(RC_USAGE, "%s: '%.*s' is no symbol of this task", flag,
                (int)len, list);
        if (range && k <= out[*n - 1])
            die(RC_USAGE, "%s: '...' runs upwards, and '%.*s' is not above "
                "the symbol before it", flag, (int)len, list);
        while (range && out[*n - 1] + 1 < k) {
            out[*n] = out[*n - 1] + 1;
            ++*n;
        }
        out[(*n)++] = k;
        range = false;
        list += len;
    }
    if (!*n || range)
        die(RC_USAGE, "%s: %s", flag, range ? "nothing follows '...'" :
            "no symbols");
    return out;
}

int
spell_word(const json_t *names, int classes, const char *word)
{
    return class_of(names, classes, word, strlen(word));
}

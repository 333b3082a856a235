/* A tensor stream: what is taken is in range, and comes again from what is
 * written of it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "batches.h"
#include "fuzz.h"

static void
one(const char *text, size_t n)
{
    check_input(text, n, NULL);
}

/* The number after `key` in a line; -1: none. */
static long
number(char *line, size_t n, const char *key, size_t *at)
{
    char *p = fuzz_find(line, n, key);

    if (!p)
        return -1;
    *at = (size_t)(p - line) + strlen(key);
    if (*at >= n || line[*at] < '0' || line[*at] > '9')
        return -1;
    return strtol(line + *at, NULL, 10);     /* a '\n' follows */
}

/* Every record's sum. */
static size_t
mend(char *data, size_t n, size_t max)
{
    size_t from = 0;

    while (from < n) {
        char *end = memchr(data + from, '\n', n - from), digits[16];
        size_t line, at = 0, body, cut;
        long bytes;

        if (!end)
            break;
        line = (size_t)(end - data) + 1 - from;
        bytes = number(data + from, line, "\"bytes\":", &at);
        if (bytes >= 0 && (size_t)bytes < n - from - line &&
                number(data + from, line, "\"crc32\":", &at) >= 0) {
            body = from + line;
            snprintf(digits, sizeof digits, "%" PRIu32,
                     crc32_of(data + body, (size_t)bytes));
            cut = strspn(data + from + at, "0123456789");
            at += from;
            body = n;
            n = fuzz_splice(data, n, max, at, cut, digits, strlen(digits));
            from += line + (n - body) + (size_t)bytes + 1;
        } else {
            from += line;
        }
    }
    return n;
}

const struct harness harness = { .one = one, .mend = mend };

/* sums.c - see sums.h. */
#include "sums.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "fuzz.h"

enum { LENGTH = 8 };

/* The header ends where its outermost brace does, and what blanks follow. */
static size_t
header_size(const char *s, size_t n)
{
    size_t i = 0;
    int depth = 0, quoted = 0;

    for (; i < n; i++) {
        if (quoted && s[i] == '\\')
            i++;
        else if (s[i] == '"')
            quoted = !quoted;
        else if (!quoted && s[i] == '{')
            depth++;
        else if (!quoted && s[i] == '}' && --depth <= 0)
            break;
    }
    for (i++; i < n && s[i] == ' '; i++)
        ;
    return i;
}

size_t
mend_safetensors(char *data, size_t n, size_t max)
{
    static const char key[] = "\"crc32\":\"";
    size_t size;
    char *sum, digits[9];

    (void)max;
    if (n < LENGTH + 2 || data[LENGTH] != '{')
        return n;
    size = header_size(data + LENGTH, n - LENGTH);
    if (size > n - LENGTH)
        return n;
    for (int i = 0; i < LENGTH; i++)
        data[i] = (char)((uint64_t)size >> 8 * i);
    sum = fuzz_find(data + LENGTH, size, key);
    if (!sum || sum + sizeof key - 1 + 8 > data + LENGTH + size)
        return n;
    sum += sizeof key - 1;
    memset(sum, '0', 8);
    snprintf(digits, sizeof digits, "%08" PRIx32,
             crc32_of(data + LENGTH, n - LENGTH));
    memcpy(sum, digits, 8);
    return n;
}

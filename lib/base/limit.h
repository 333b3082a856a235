/*
 * limit.h - how much a file may ask for, and the one place where a number
 * that a file gives is checked before it counts, indexes or sizes anything.
 *
 * The table in docs/formats.md ("Limits") tells all of them; each is tested
 * at and beyond its end.
 */
#ifndef BASE_LIMIT_H
#define BASE_LIMIT_H

#include <stddef.h>
#include <stdint.h>

enum {
    LIMIT_JSON = 64 << 20,         /* bytes of a config, description, result */
    LIMIT_LINE = 256 << 20,        /* of a line of JSON lines */
    LIMIT_RECORD = 1 << 20,        /* of a tensor's line, a request */
    LIMIT_RULES = 1 << 16,         /* of a grammar */
    LIMIT_KEYS = 1 << 17,          /* keys of a JSON text, in all its objects */
    LIMIT_HEADER = 8 << 20,        /* bytes of a safetensors header */
    LIMIT_TENSORS = 1 << 14,       /* tensors of a safetensors file */
    LIMIT_SEEN = 1 << 16,          /* classes that no header tells */
    LIMIT_SIZE = 1 << 24,          /* classes, a vector's width, rows */
    LIMIT_LIST = 16 << 20,         /* bytes of a fleet's list */
    LIMIT_RUNS = 100000,           /* configs of a sweep, before exclusions */
    LIMIT_GRID = 64,               /* keys of its grids */
    LIMIT_EXCLUDE = 1000,          /* what it leaves out */
    LIMIT_PARTS = 100,             /* parts of its order */
    LIMIT_WORDS = 48,              /* words of such a part */
};

#define LIMIT_TENSOR (INT64_C(1) << 36)     /* bytes of one tensor */
#define LIMIT_SET (INT64_C(1) << 33)        /* of a stored set */
#define LIMIT_RECORDS (INT64_C(1) << 28)    /* of a file of records */
#define LIMIT_COUNT (INT64_C(1) << 53)      /* of anything: exact in a double */

/* x, if it is in lo..hi; dies with "WHERE: WHAT is X, not in LO..HI". */
int64_t limit_count(int64_t x, int64_t lo, int64_t hi, const char *what,
                    const char *where);

/* a * b, both from 0; dies likewise beyond `most`. */
int64_t limit_product(int64_t a, int64_t b, int64_t most, const char *what,
                      const char *where);

#endif

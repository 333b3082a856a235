/* lines.h - rows of JSON lines between being read and handed out. */
#ifndef STREAM_LINES_H
#define STREAM_LINES_H

#include <stdbool.h>
#include <stdint.h>

struct row {
    int steps;
    int32_t *tokens, *classes;     /* (T) or NULL */
    float *vectors, *values;       /* (T,I), (T,K) or NULL */
    uint8_t *scored;               /* (T) */
};

struct lines {
    struct stream_info *info;
    const char *name;
    long line;
    bool knows_input, knows_target;          /* their kinds */
    bool fixed_input, fixed_target;          /* their sizes, by a header */
    bool told_target;                        /* its kind, by a header */
    const struct stream_info *net;           /* whom it is for, or NULL */
    struct row *rows;
    int n, cap, longest;
    double bytes;                            /* of the rows */
    int first, batches;                      /* handed out: rows, batches */
};

#endif

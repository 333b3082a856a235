/*
 * prime.h - what a sample goes on from: the net's first inputs, as somebody
 * writes them.
 */
#ifndef PROBE_PRIME_H
#define PROBE_PRIME_H

#include <stdint.h>

#include "train/model.h"

/* One of these at most; the others are NULL. */
struct prime {
    const char *text;       /* as samples are printed */
    const char *file;       /* the same in a file; "-": standard input */
    const char *list;       /* symbols, as "0 1 2 ... 8 clear" (spell.h) */
    const char *start;      /* one symbol, or else the number of a class */
};

/* The classes, n >= 1 of them; the caller frees.  If nobody says any, it is
 * what sample_start() chooses.  Dies where the model has no such symbol. */
int32_t *prime_classes(const struct prime *p, const struct model_file *m,
                       long *n);

#endif

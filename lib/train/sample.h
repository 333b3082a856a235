/*
 * sample.h - sequences drawn from a net that predicts the next token: what it
 * draws is its next input (docs/numerics.md, "Random numbers").
 */
#ifndef TRAIN_SAMPLE_H
#define TRAIN_SAMPLE_H

#include <stdint.h>
#include <stdio.h>

#include "graph/backend.h"
#include "train/model.h"

struct sample_options {
    long tokens;          /* to draw a row */
    int rows;
    uint64_t seed;
    int start;            /* the first input */
    double temperature;   /* 0: always the likeliest (the first of equals) */
};

/* Fills out (rows,tokens).  Dies if the model does not predict its own kind
 * of input.  The weights are loaded into runner by the caller. */
void sample(const struct model_file *m, const struct backend *backend,
            struct runner *runner, const struct sample_options *o,
            int32_t *out);

/* A row as text by the header's symbols, or a JSON array without them. */
void sample_print(FILE *out, const struct stream_info *info,
                  const int32_t *row, long n);

#endif

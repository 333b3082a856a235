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

/* Dies if the model does not predict its own kind of input. */
void sample_check(const struct model_file *m);

/* Fills out (rows,tokens) from a device's net, whose model has been checked.
 * Dies where its outputs are no distribution (NaN, infinite). */
void sample(const struct backend *backend, struct device *device,
            const struct drawing *o, int32_t *out);

/* The class to begin with if nobody says: 0; where classes are bytes, the
 * newline, or else the blank, or else the first byte that the net has ever
 * seen (the weights tell). */
int sample_start(const struct model_file *m);

/* A row as text, if the header tells how classes are written; a JSON array if
 * it does not, or if numbers are wanted. */
void sample_print(FILE *out, const struct stream_info *info,
                  const int32_t *row, long n, bool numbers);

#endif

/*
 * rollout.h - forecasts that feed on themselves: a net that says its next
 * input is given what it said.
 */
#ifndef TRAIN_ROLLOUT_H
#define TRAIN_ROLLOUT_H

#include "train/evaluate.h"
#include "train/model.h"

/* Called for each step: `value` (K) is what the net says of the input `ahead`
 * steps (from 1) after the end of row number `row`. */
typedef void rollout_fn(void *ctx, int64_t row, long ahead, const float *value,
                        int k);

/* Dies, naming `model`, if a net's outputs are not its next inputs: vectors of
 * one size, of the same columns where they are known, one step ahead. */
void rollout_check(const struct model_file *m, const char *model);

/* n >= 1 steps on from the end of each row of a set (which does not continue),
 * each row by itself from its initial state. */
void rollout(const struct backend *backend, struct device *device,
             const struct set *s, long n, rollout_fn *fn, void *ctx);

#endif

/* describe.h - a run in words and numbers, before or after it is made. */
#ifndef TRAIN_DESCRIBE_H
#define TRAIN_DESCRIBE_H

#include <stdio.h>

#include "train/run.h"

/* For --dry-run: one JSON object with id, config, parameters, bytes, flops. */
void describe_json(struct run *r, FILE *out);

/* One line on stderr: the net, the optimizer, how long. */
void describe_line(const struct run *r);

/* Where the time went, on stderr. */
void describe_profile(const struct run *r);

#endif

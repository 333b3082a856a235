/* describe.h - a run in words and numbers, before or after it is made. */
#ifndef TRAIN_DESCRIBE_H
#define TRAIN_DESCRIBE_H

#include <stdio.h>

#include "train/run.h"

/* For --dry-run: one JSON object with id, config, parameters, bytes, flops. */
void describe_json(struct run *r, FILE *out);

/* For --explain: what the windows of the first batch run, in words. */
void describe_plan(struct run *r, FILE *out);

/* One line on stderr: the net, the optimizer, how long. */
void describe_line(const struct run *r);

/* The result in a line for a person: what train prints where its standard
 * output is a terminal, which 2 KB of JSON would fill.  `meta` may be NULL; a
 * result that `kept` names is in a file.  The caller frees. */
char *describe_result(const json_t *result, const json_t *meta,
                      const char *kept);

/* A log line so: "step 100, loss 2.299, accuracy 15.9 %, lr 0.001".  The
 * caller frees. */
char *describe_log(const json_t *line);

/* The same of what eval says of a set. */
void describe_metrics(const json_t *metrics, FILE *out);

/* Where the time went, on stderr. */
void describe_profile(const struct run *r);

#endif

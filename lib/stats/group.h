/*
 * group.h - records put into groups by their settings, and what each group's
 * numbers come to.
 *
 * A summary is one object a group, shaped like the records it came from, so
 * that the same paths work on both:
 *
 *   {"cell":"gru","task":{"len":100},"n":3,
 *    "test_accuracy":{"n":3,"mean":0.1,"std":5e-4,"error":3e-4,
 *                     "min":0.0996,"median":0.1,"max":0.1004}}
 */
#ifndef STATS_GROUP_H
#define STATS_GROUP_H

#include <stdint.h>

#include "stats/records.h"

struct group_options {
    char **by, **metrics;      /* paths, NULL-ended; metrics at least one */
    const char *success;       /* "test_accuracy>=0.99" or NULL: how many of
                                  each group, with Wilson's interval */
    int bootstrap;             /* rounds for an interval of the mean; 0: none */
    uint64_t seed;             /* of the bootstrap */
};

/* Sorts r by the keys' values; returns an array of summaries in that order
 * (the caller owns it).  Dies, naming the file, on a record without a key or
 * metric.  Numbers that are null are left out and counted as "missing". */
json_t *group_summaries(struct records *r, const struct group_options *o);

/* The best `share` (0..1] of r by a metric, at least one: smallest first, or
 * largest; null comes last and is never kept.  Objects {"rank", "file", "id",
 * METRIC, "settings"}; ties in order of id. */
json_t *group_top(struct records *r, const char *metric, double share,
                  int largest);

/* Standardised regression of log METRIC (or METRIC itself) on the keys:
 * records are put in order of id, shuffled with `seed`, `held` (0..1) of them
 * kept out; with bootstrap rounds, an interval for each coefficient. */
json_t *group_regress(struct records *r, char **keys, const char *metric,
                      int use_log, double held, int bootstrap,
                      uint64_t seed);

#endif

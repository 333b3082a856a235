/*
 * effects.h - what a setting does, all others held still.
 *
 * Two records are a pair if they agree in every key but one, and in that one
 * have neighbouring values (of all its values, in order).  Records that agree
 * in all keys (seeds, say) count as their mean.  An effect is the mean
 * difference of the metric over all pairs of two values:
 *
 *   {"key":"size","from":32,"to":256,"n":144,"mean":-0.21,"std":0.05,
 *    "error":0.004,"lo":-0.22,"hi":-0.2,"lower":1}
 *
 * `lo` and `hi` are a bootstrap's 95 % interval of the mean over the pairs;
 * `lower` is the share of pairs in which the metric fell.
 */
#ifndef STATS_EFFECTS_H
#define STATS_EFFECTS_H

#include <stdint.h>

#include "stats/records.h"

/* An array of effects, the largest |mean| first (then by key and value).
 * Records whose metric is null are left out.  bootstrap: rounds; 0: no
 * interval.  The caller owns the array. */
json_t *effects(const struct records *r, char **keys, const char *metric,
                int bootstrap, uint64_t seed);

#endif

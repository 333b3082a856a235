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
 * `lo` and `hi` are a bootstrap's 95 % interval of the mean over the pairs,
 * null where fewer than EFFECTS_FEWEST are there: their resamples are too few
 * to tell anything.  `lower` is the share of pairs in which the metric fell.
 *
 * Four records in which two keys take two neighbouring values each, all others
 * being equal, show an interaction: by how much the effect of the first key
 * changes with the second.  For these
 *
 *   {"key":"size","from":32,"to":256,"with":"layers","with_from":1,
 *    "with_to":2,"n":48,"mean":0.03, ...}
 *
 * is the mean of (size 256 - size 32 at 2 layers) - (the same at 1 layer), n
 * the number of such fours, and `lower` the share in which it is below 0.
 */
#ifndef STATS_EFFECTS_H
#define STATS_EFFECTS_H

#include <stdint.h>

#include "stats/records.h"

enum { EFFECTS_FEWEST = 6 };

struct effects_options {
    char **keys;              /* ends with NULL */
    const char *metric;
    int interactions;         /* those of each two keys as well */
    int bootstrap;            /* rounds; 0: no interval */
    uint64_t seed;
};

/* An array of effects, the largest |mean| first (then by key and value), and
 * after them in the same order the interactions, if they are asked for.
 * Records whose metric is null are left out.  Dies if two keys have more
 * values than interactions can be counted for.  The caller owns the array. */
json_t *effects(const struct records *r, const struct effects_options *o);

#endif

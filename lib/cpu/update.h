/*
 * update.h - from gradient to weights: clipping and update rules
 * (docs/numerics.md, "Clipping", "Optimizers"), for one net or a fleet's, each
 * in a lane with settings of its own.
 *
 * Letters: P weights, L lanes.
 */
#ifndef CPU_UPDATE_H
#define CPU_UPDATE_H

#include "cpu/kernel.h"
#include "graph/net.h"
#include "graph/update.h"

/* One net's numbers. */
struct lane {
    const struct update_rule *rule;     /* of one kind in all lanes */
    double rate;                        /* before parameters' own */
    struct update_powers powers;        /* of this update */
    float scale;                        /* by update_clip() */
};

/* Which nets (bit by bit) have an element that is NaN or beyond
 * GRADIENT_LIMIT.  Cuts the elements of g (P,L) in place, and finds the
 * factors that scale norms down to their limits; of one net only if it has
 * none. */
uint32_t update_clip(const struct kernels *k, int lanes, struct lane *lane,
                     float *g, size_t n);

/* One update of w (P,L), and of m and v (NULL where the rule has none), with
 * g times scale. */
void update_weights(const struct kernels *k, const struct net *net, int lanes,
                    const struct lane *lane, float *w, const float *g,
                    float *m, float *v);

#endif

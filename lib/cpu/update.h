/*
 * update.h - from gradient to weights: clipping and update rules
 * (docs/numerics.md, "Clipping", "Optimizers"), for one net or a fleet's, each
 * in a lane with settings of its own.
 *
 * Letters: P weights, L lanes.
 */
#ifndef CPU_UPDATE_H
#define CPU_UPDATE_H

#include "cpu/engine.h"
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
 * none.  live, of one net: the nlive stretches outside of which g is +0, or
 * NULL. */
uint32_t update_clip(const struct kernels *k, int lanes, struct lane *lane,
                     float *g, size_t n, const struct stretch *live,
                     int nlive);

/* One update of w (P,L), and of m and v (NULL where the rule has none), with
 * g times scale. */
void update_weights(const struct kernels *k, const struct net *net, int lanes,
                    const struct lane *lane, float *w, const float *g,
                    float *m, float *v);

/* The same for one net, where a weight is left as it is whose gradient is +0:
 * only in the n stretches.  update_leaves: does the rule leave them so, if they
 * are finite? */
void update_stretches(const struct kernels *k, const struct lane *lane,
                      const struct stretch *s, int n, float *w,
                      const float *g);
bool update_leaves(const struct net *net, const struct lane *lane);

#endif

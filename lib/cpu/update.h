/*
 * update.h - from gradient to weights: clipping and update rules
 * (docs/numerics.md, "Clipping", "Optimizers"), for one net or a fleet's, each
 * in a lane with settings of its own.
 *
 * Letters: P weights, L nets: 1, or LANES side by side.
 */
#ifndef CPU_UPDATE_H
#define CPU_UPDATE_H

#include "cpu/kernel.h"
#include "cpu/live.h"
#include "graph/net.h"
#include "graph/neurons.h"
#include "graph/update.h"

/* What rules by hidden units need: kept from update to update, but for the
 * units worth nothing after it. */
struct scaling {
    const struct net *net;
    struct neurons *units;
    struct stretches rest;              /* weights that touch none, or two */
    double *power;                      /* (units, L): of the norms */
    float *rate;                        /* (units, L): of one parameter */
};

/* One net's numbers. */
struct lane {
    const struct update_rule *rule;     /* of one kind in all lanes */
    double rate;                        /* before parameters' own */
    struct update_powers powers;        /* of this update */
    float scale;                        /* by update_clip() */
    const struct scaling *scaling;      /* of all lanes, or NULL */
};

/* Which nets (bit by bit) have an element that is NaN or beyond
 * GRADIENT_LIMIT.  Cuts the elements of g (P,L) in place, and finds the
 * factors that scale norms down to their limits; of one net only if it has
 * none.  Outside of the stretches g is +0. */
uint32_t update_clip(const struct kernels *k, int nets, struct lane *lane,
                     float *g, const struct stretches *s);

/* One update of w (P,L), and of m and v (NULL where the rule has none), with
 * g times scale, in the stretches: of all weights, or (update_leaves(): the
 * rule leaves finite weights as they are whose gradient is +0) of the
 * others. */
void update_weights(const struct kernels *k, int nets,
                    const struct lane *lane, const struct stretches *s,
                    float *w, const float *g, float *m, float *v);
bool update_leaves(int nets, const struct lane *lane,
                   const struct stretches *s);

/* neuron.c: all weights that touch one unit alone, by the norms before. */
void scaling_open(struct scaling *s, const struct net *net, int nets);
void scaling_close(struct scaling *s);
void neuron_updates(const struct scaling *s, int nets, const struct lane *lane,
                    float *w, const float *g);

#endif

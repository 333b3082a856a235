/*
 * update.h - the rules by which gradients become new weights, and the numbers
 * in them: what every device has to agree on (docs/numerics.md, "Clipping",
 * "Optimizers").
 */
#ifndef GRAPH_UPDATE_H
#define GRAPH_UPDATE_H

#include <stdbool.h>

enum update_kind {
    UPDATE_SGD, UPDATE_MOMENTUM, UPDATE_ADAGRAD, UPDATE_RMSPROP, UPDATE_ADAM,
    UPDATE_ADAMW,
    UPDATE_PER_NEURON,     /* sgd at rates by the hidden units' norms */
    UPDATE_HYBRID,         /* the same, and adam for weights that touch no
                              single hidden unit (neurons.h) */
};

/* A device rounds these to float where numerics.md says so. */
struct update_rule {
    enum update_kind kind;
    double momentum;              /* of momentum, or of rmsprop (0: none) */
    bool nesterov;
    double alpha, beta1, beta2;
    double epsilon;
    bool inside;                  /* epsilon stands under the root */
    double decay;                 /* of the weights */
    int scaling;                  /* power of a unit's norm */
    double adam_rate;             /* of hybrid's adam, times the rate */
    double clip_norm, clip_element;    /* 0: off */
};

/* Does the rule keep the moments m, v from update to update? */
bool update_has_m(const struct update_rule *u);
bool update_has_v(const struct update_rule *u);

/* A gradient element beyond this (or NaN) means that the run diverged. */
#define GRADIENT_LIMIT 1e30f

/* beta1^t and beta2^t by running products: 1, 1 before the first update. */
struct update_powers {
    double beta1, beta2;
};

struct update_powers update_powers(const struct update_rule *u,
                                   struct update_powers before);

#endif

/*
 * update.h - from gradient to weights: clipping and update rules
 * (docs/numerics.md, "Clipping", "Optimizers").
 */
#ifndef CPU_UPDATE_H
#define CPU_UPDATE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpu/kernel.h"
#include "graph/net.h"

enum optim_kind {
    OPTIM_SGD, OPTIM_MOMENTUM, OPTIM_ADAGRAD, OPTIM_RMSPROP, OPTIM_ADAM,
    OPTIM_ADAMW,
};

struct optim {
    const struct net *net;
    const struct kernels *kernels;
    enum optim_kind kind;
    float momentum, alpha, beta1, beta2, epsilon, decay;
    bool nesterov, inside;
    double clip_norm, clip_element;    /* 0: off */
    double decay1, decay2;             /* beta1, beta2 as doubles */
    /* state, zero at the start */
    float *m, *v;                      /* (P) each, NULL where not used */
    double power1, power2;             /* beta1^t, beta2^t */
};

void optim_init(struct optim *o, const json_t *settings,
                const struct net *net, const struct kernels *k);
void optim_release(struct optim *o);

/* A gradient element beyond this (or NaN) means that the run diverged. */
#define GRADIENT_LIMIT 1e30f

/* Is every element of g (P) within the limit? */
bool optim_sane(const float *g, size_t n);

/* Cuts elements in place; returns the factor that scales the norm down to the
 * limit (1: none). */
float optim_clip(const struct optim *o, float *g);

/* One update of w (P) with g times scale at learning rate lr. */
void optim_step(struct optim *o, float *w, const float *g, float scale,
                double lr);

#endif

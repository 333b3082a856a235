/*
 * net_plan.h - how a net is run: one description for every device, and for
 * --explain and --dry-run.
 *
 * Beside each layer's plan it says what belongs to the net as a whole: which
 * layers see every position and which the masked ones only, what learns, and
 * which products' gradients are added to which sums, in which order.  A device
 * adds addresses, and nothing that could be seen in a result.
 *
 *     struct net_plan *p = net_plan_new(net, &options);
 *     enum step_variant v = net_plan_variant(p, steps);
 *     ... p->layers[l].plan[v] ...
 *     net_plan_free(p);
 */
#ifndef GRAPH_NET_PLAN_H
#define GRAPH_NET_PLAN_H

#include <stdio.h>

#include "graph/net.h"
#include "graph/plan.h"

/* How many steps a window has says what its steps are made of. */
enum step_variant {
    STEPS_SEVERAL,            /* runs windows of any length */
    STEPS_ONE,                /* one step: nobody wants the adjoint of the
                                 states before it */
    STEP_VARIANTS
};

struct net_plan_options {
    bool gradient;            /* windows may want gradients */
    bool observe;             /* every named vector is kept */
};

struct layer_plan {
    const struct net_layer *layer;
    struct plan *plan[STEP_VARIANTS];   /* STEPS_ONE: NULL if that never runs */
    int drop_site;            /* the net's number of its first drop() */
};

/* The gradient of a block of a matrix, its rows from row0 and k columns from
 * col0: a sum over microbatches of what its consumers add in a microbatch. */
struct accumulator {
    int layer, param;         /* param: in the net's table */
    int row0, rows, col0, k;
    int consumers;            /* products that add to it, in text order */
    bool tokens;              /* all of them are look-ups: only columns whose
                                 token came have a sum */
    bool first;               /* sets its block of the gradient; the others,
                                 in order, are added */
};

/* A product whose gradient goes to an accumulator: weight number `weight` of
 * its case's plan. */
struct consumer {
    int accumulator, weight;
};

/* Consumers that read the same argument.  Groups run in order. */
struct consumer_group {
    int layer, kase;
    bool sole;                /* nothing else adds to its accumulators: its
                                 segments need not wait for other groups' */
    int n;
    struct consumer *consumer;
};

struct net_plan {
    const struct net *net;    /* borrowed */
    bool gradient, observe;
    bool one_step;            /* STEPS_ONE may run */
    int nlayers;
    struct layer_plan *layers;
    int stack;                /* layers 0 .. stack-1, up to the last with a
                                 state (or with cases, or all, to observe) are
                                 the recurrent stack, which sees every
                                 position; those after it are the head, which
                                 sees the positions that the mask has */
    int naccumulators;        /* layer by layer, in text order */
    struct accumulator *accumulators;
    bool *covered;            /* per parameter of the net: its accumulators set
                                 each of its elements once */
    int ngroups;
    struct consumer_group *groups;
};

/* The net must outlive it.  Free with net_plan_free. */
struct net_plan *net_plan_new(const struct net *n,
                              const struct net_plan_options *o);
void net_plan_free(struct net_plan *p);

/* What a window of so many steps runs. */
enum step_variant net_plan_variant(const struct net_plan *p, int steps);
/* How many rows of a window run together, at most: their values are there at
 * once.  A microbatch; several in a window of one step, whose weights would
 * else be read again for each; and all where they are observed and no gradient
 * is summed. */
int net_plan_rows(const struct net_plan *p, int rows, int steps,
                  bool gradient);

/* accumulate.c: accumulators, consumers and their groups. */
void net_plan_accumulate(struct net_plan *p);

/* Floating-point operations of a window with so many positions (rows times
 * steps), so many of them in the mask: forward, and with adjoint and weight
 * gradients (a product is 2 m n, an element-wise operation 1 a unit). */
double net_plan_operations(const struct net_plan *p, enum step_variant v,
                           double positions, double masked, bool adjoint);

/* In words: products with shapes, fused runs, what is kept, operations. */
void net_plan_explain(const struct net_plan *p, enum step_variant v,
                      FILE *out);

#endif

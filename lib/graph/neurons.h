/*
 * neurons.h - which weights touch which hidden units of a net, found from its
 * equations: the units that stand neither in its input nor in its output.
 *
 * Vectors that are combined unit by unit, in a step or from step to step, have
 * the same units.  A matrix between a net's input or output and hidden units
 * touches one unit by each of its rows, or of its columns; so does a learned
 * vector of hidden units.  One between hidden units touches two by each weight;
 * one that touches none is neither.
 *
 *     struct neurons *u = neurons_new(net);
 *     ... u->n units, u->touch[i] of net->params[i] ...
 *     neurons_free(u);
 */
#ifndef GRAPH_NEURONS_H
#define GRAPH_NEURONS_H

#include "graph/net.h"
#include "graph/update.h"

enum touch_kind {
    TOUCH_ROWS,               /* row i touches unit first + i alone */
    TOUCH_COLS,               /* column j touches unit first + j alone */
    TOUCH_OTHER,              /* two units a weight, or none */
};

struct touch {
    enum touch_kind kind;
    int first;
};

struct neurons {
    int n;
    struct touch *touch;      /* (net's parameters) */
};

/* Free with neurons_free. */
struct neurons *neurons_new(const struct net *n);
void neurons_free(struct neurons *u);

/* Dies, naming the weights, where the rule wants every weight to touch one unit
 * and the net has others.  `where` stands before the message. */
void neurons_check(const struct net *n, const struct update_rule *u,
                   const char *where);

#endif

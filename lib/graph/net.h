/*
 * net.h - a net: a stack of layers, each a cell with sizes, and the table of
 * its parameters.
 *
 * All weights stand in one block of floats, in the table's order, matrices
 * row-major without padding; init, optimizer, files and gradients walk the
 * same table.
 *
 *     struct net *n = net_build(layers, nlayers, input_token, input_size);
 *     ... n->weights floats, n->params[i].offset ...
 *     net_free(n);
 */
#ifndef GRAPH_NET_H
#define GRAPH_NET_H

#include <stdbool.h>
#include <stddef.h>

#include "cell/cell.h"

struct graph;   /* one layer's steps and adjoint: graph/graph.h */
struct net_codes;   /* what a codebook's net is run as: net_codes.h */

struct net_layer_spec {
    const char *name;         /* "encoder.0", "layers.1", "head" */
    const struct cell *cell;  /* must outlive the net */
    int size;
    bool first, last;         /* first_layer, last_layer in the cell's text:
                                 first and last of the recurrent stack */
};

struct net_param {
    char *name;               /* "layers.0.Uz" */
    int layer, index;         /* equations->params[index] of that layer */
    bool matrix;
    int rows, cols;           /* vectors: cols = 1 */
    size_t offset;            /* of its first weight in the block */
    double rate;
};

struct net_layer {
    char *name;
    struct equations *eq;
    struct graph *graph;
    int first_param;          /* eq->params[i] is net->params[first_param+i] */
    size_t state_offset;      /* of its states in a row's state vector */
};

struct net {
    bool input_token;
    int input_size, output_size;
    int nlayers;
    struct net_layer *layers;
    int nparams;
    struct net_param *params;
    size_t weights;           /* floats in the block */
    size_t state_size;        /* floats of one row's states, unpadded, layer
                                 by layer in the order of eq->states */
    struct net_codes *codes;  /* owned; or NULL: the input is as it says */
};

/* options: values for the cells' declared options (every layer takes those it
 * declares).  Dies on wrong sizes, naming the cell's line. */
struct net *net_build(const struct net_layer_spec *layers, int nlayers,
                      bool input_token, int input_size,
                      const json_t *options);
void net_free(struct net *n);

#endif

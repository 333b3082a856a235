/*
 * graph.h - one layer's time step as a graph of values, and its adjoint.
 *
 * graph_new() lowers resolved equations to nodes in text order: names, nested
 * sums and concatenations in products are gone; a sum with products is one
 * OP_AFFINE.  graph_adjoint() appends the derivative's nodes (reverse mode;
 * Griewank & Walther 2008, "Evaluating derivatives", ch. 3) in the order that
 * docs/numerics.md fixes.  Nothing here knows about time loops, storage or
 * devices: that is the plan (plan.h).
 *
 * A node's value is a vector per step and row, or (param_only) one vector.
 */
#ifndef GRAPH_GRAPH_H
#define GRAPH_GRAPH_H

#include <stdbool.h>

#include "cell/cell.h"

/* A block of matrix `param`, from row0 and col0 on, times node `arg` (k
 * units), times sign: `size` rows and k columns of it, or, `transposed`, the
 * transpose of k rows and `size` columns. */
struct product {
    int param, row0, col0, k, arg;
    int sign;             /* 1 or -1 */
    bool transposed;
    bool chain;           /* AFFINE: the argument depends on the state, the
                             product continues the chain */
    bool token;           /* AFFINE: a one-hot argument: row look-up */
};

struct node {
    enum op op;
    int size;             /* units; 0 for OP_NUM */
    int nin, in[EX_ARGS];
    int sign[EX_ARGS];    /* AFFINE: of the biases */
    int nprod;
    struct product *prod;
    int param, index, power;
    int heads;            /* over units: of each head's */
    double num;
    bool param_only;      /* the same for every step and row */
    bool state_dep;       /* depends on the layer's own state */
    bool feeds_state;     /* some state's next value depends on it */
    bool sum;             /* a whole sum with products */
    bool adjoint;         /* made by graph_adjoint */
    int of;               /* adjoint nodes: the forward node whose turn it
                             was; forward: -1 */
    int line;
};

/* The gradient of a block of k columns and as many rows as dy has units:
 * += sign * dy arg^T, over steps and rows. */
struct weight_grad {
    int param, row0, col0, k, arg, dy, sign;
    bool token;
    bool swapped;         /* of a transposed product: arg is the adjoint, and
                             dy what the matrix acted on */
};

/* Gradient of learned vector `param` is the param_only node `node`. */
struct vector_grad {
    int param, node;
};

/* One case of a cell (`at 1`, ..., otherwise). */
struct graph_case {
    int at;
    int n, cap;
    struct node *node;
    int nforward;                 /* nodes 0..nforward-1 are the step */
    int *next;                    /* per state: node of its next value */
    int output;
    int nnamed;
    struct cell_name *named;      /* nodes of the names in the equations */
    /* after graph_adjoint */
    int *dstate;                  /* per state: node of the adjoint of its
                                     value before the step, -1: none */
    int dinput;                   /* adjoint of x, -1: none or not asked */
    int nweight, nvector;
    struct weight_grad *weight;   /* in text order of the products */
    struct vector_grad *vector;
};

struct graph {
    const struct equations *eq;   /* borrowed */
    int ncases;
    struct graph_case *cases;
    bool has_adjoint;
};

struct graph *graph_new(const struct equations *eq);
/* dinput: the layer below needs the adjoint of x (never for tokens). */
void graph_adjoint(struct graph *g, bool dinput);
void graph_free(struct graph *g);

/* For builders: a new node of a case, zeroed but for op, size, of = -1. */
int graph_node(struct graph_case *c, enum op op, int size);

#endif

/*
 * problem.h - small nets with random weights and batches, for the tests of
 * gradients and of the engine.
 *
 *     struct problem p;
 *     problem_init(&p, &(struct shape){ .cell = "gru", .layers = 2, ... });
 *     ... p.net, p.weights, problem_window(&p, 0, p.shape.steps, &w, &y) ...
 *     problem_release(&p);
 */
#ifndef REF_PROBLEM_H
#define REF_PROBLEM_H

#include "cell/cell.h"
#include "graph/net.h"
#include "loss.h"

struct shape {
    const char *cell;       /* a cell's text (it has newlines), or a name
                               that cell_find() knows */
    const char *options;    /* JSON text, or NULL */
    int layers;             /* of that cell; 0: 1 */
    int input, size;        /* symbols or numbers a step; hidden units */
    int head;               /* units of a linear read-out; 0: none */
    bool token;             /* tokens in, else vectors */
    enum test_loss loss;
    bool sum;               /* the sum, not the mean */
    int rows, steps;
    bool ragged;            /* rows end early and some places do not count */
    bool dropout;
    float scale;            /* weights are in +-scale; 0: 0.7 */
    unsigned seed;
};

struct problem {
    struct shape shape;
    struct cell *cell, *head;
    struct net *net;
    float *weights;         /* (P) */
    int32_t *tokens, *classes;   /* (B,T) */
    float *vectors, *wanted;     /* (B,T,I), (B,T,O) */
    uint8_t *scored;             /* (B,T) */
};

void problem_init(struct problem *p, const struct shape *s);
void problem_release(struct problem *p);

/* Steps t0 .. t0+steps-1 as a window and its targets; fresh if t0 is 0, else
 * w->state must be set.  The mean is that of the window. */
void problem_window(const struct problem *p, int t0, int steps,
                    struct window *w, struct target *y);

#endif

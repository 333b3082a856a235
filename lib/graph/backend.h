/*
 * backend.h - what runs a net: the CPU engine (lib/cpu) or a GPU (lib/cuda).
 * Nothing above knows which one.
 *
 * Letters: B rows, T steps of the window, P weights, S state floats of a row.
 */
#ifndef GRAPH_BACKEND_H
#define GRAPH_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/net.h"

/* A window: steps t0 .. t0+T-1 of a batch.  Arrays are the batch's own, with
 * row_steps steps a row: element (b, t) of the window is at
 * b * row_steps + t (times the width for vectors): pass pointers already
 * moved to the window's first step. */
struct window {
    int rows, steps;              /* B, T */
    int row_steps;
    const int32_t *tokens;        /* (B,T) or NULL */
    const float *vectors;         /* (B,T,I) or NULL */
    const uint8_t *scored;        /* (B,T): where the loss counts */
    const int32_t *length;        /* (B): steps that each row has, counted from
                                     the batch's first one, or NULL: all.  What
                                     follows is padding: nothing that is
                                     computed there reaches a gradient or a
                                     state that is handed out */
    int from;                     /* the window's first step in the batch, for
                                     `length` */
    int first_step;               /* steps of the sequence before this window:
                                     `at 1` runs where first_step + t = 0 */
    bool fresh;                   /* states start from their initial values;
                                     `state` is only written */
    float *state;                 /* (B,S) in (unless fresh) and out: after
                                     each row's last step in the window; may be
                                     NULL if fresh and nobody needs it */
    bool dropout;                 /* on in training, off in evaluation */
    uint64_t seed;                /* the net's seed, for dropout */
    uint32_t update;              /* dropout's counter */
};

/*
 * The loss, called with the scored places of some rows in order (time
 * ascending, then row): place p is step t[p] of row b[p] of the window, its
 * output at out + p * out_stride (output_size floats, 16-lane padded, 64-byte
 * aligned).  If dout is not NULL the callback fills dout + p * dout_stride
 * with the loss's derivative, already divided by whatever the mean divides
 * by; pads are ignored.  It is called from several threads at once on
 * disjoint places when the engine has threads: it must keep what it finds by
 * place, and the caller sums afterwards in a fixed order.
 */
typedef void loss_fn(void *ctx, int n, const int32_t *t, const int32_t *b,
                     const float *out, ptrdiff_t out_stride, float *dout,
                     ptrdiff_t dout_stride);

/* Called for every named vector of every layer (in text order) at every step
 * of every row: name as in the cell ("z", "h'"), n values.  Order: time, then
 * row, then layer, then name. */
typedef void observe_fn(void *ctx, int t, int b, const char *layer,
                        const char *name, const float *v, int n);

struct backend_options {
    int threads;              /* same bits for any number */
    bool gradient;            /* run() will be asked for gradients */
    bool observe;             /* keep every named vector for observe */
    bool profile;             /* measure where the time goes */
    int lanes;                /* 0 or 1: one net.  16: a fleet, that many nets
                                 at once, which differ in their weights only:
                                 every float of weights, gradients, states and
                                 outputs is 16, one a net, side by side.  No
                                 dropout, no observe */
};

struct runner;   /* a net (or a fleet) made ready on a device */

struct backend {
    const char *name;         /* "cpu" */
    struct runner *(*open)(const struct net *n,
                           const struct backend_options *o);
    /* New weights (P), after each update: borrowed until the next load; a
     * runner may pack them now or when they are first needed. */
    void (*load)(struct runner *r, const float *weights);
    /* Forward over the window, the loss at its scored places, and if grad is
     * not NULL the gradient (P), overwritten.  Given up when stop_asked():
     * then states, losses and gradient are worthless. */
    void (*run)(struct runner *r, const struct window *w, loss_fn *loss,
                void *ctx, float *grad);
    /* After a run with options.observe (of at most 64 rows if it asked for a
     * gradient). */
    void (*observe)(struct runner *r, const struct window *w, observe_fn *fn,
                    void *ctx);
    /* Seconds so far in products, element-wise runs, the loss, the rest. */
    void (*profile)(const struct runner *r, double seconds[4]);
    void (*close)(struct runner *r);
};

#endif

/*
 * engine.h - windows run through a net's plan: outputs, states and, with the
 * derivative of some loss, gradients.  What the CPU device (device.h) is built
 * on; it keeps no weights and no states of its own.
 *
 * Letters: B rows, T steps of the window, P weights, S state floats of a row.
 */
#ifndef CPU_ENGINE_H
#define CPU_ENGINE_H

#include "cpu/mask.h"
#include "graph/backend.h"

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
    bool fresh;                   /* states start from their initial values */
    const float *state;           /* (B,S) before the window; unless fresh */
    float *next;                  /* (B,S) after each row's last step in the
                                     window; may be `state`, or NULL if nobody
                                     needs it */
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

struct runner_options {
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

struct runner;   /* a net (or a fleet) made ready */

/* Can a fleet train this net?  Not where each net would need a mask of its
 * own. */
bool runner_fits(const struct net *n, int lanes);
struct runner *runner_open(const struct net *n,
                           const struct runner_options *o);
/* New weights (P), after each update: borrowed until the next load; packed
 * when they are first needed. */
void runner_load(struct runner *r, const float *weights);
/* The window that is run next, borrowed; where its loss counts, until the next
 * one. */
const struct mask *runner_window(struct runner *r, const struct window *w);
/* Forward over the window, the loss at its scored places, and if grad is not
 * NULL the gradient (P), overwritten: an array that was given before has to be
 * as it was left, but for elements that were not +0.  Given up when
 * stop_asked(): then next states, losses and gradient are worthless. */
void runner_run(struct runner *r, loss_fn *loss, void *ctx, float *grad);
/* The window that was run last, with options.observe (of at most 64 rows if it
 * asked for a gradient). */
void runner_observe(struct runner *r, observe_fn *fn, void *ctx);
/* Adds the seconds so far, of all threads. */
void runner_profile(const struct runner *r, double seconds[WORK_KINDS]);
void runner_close(struct runner *r);

/* With options.profile: floating-point operations of all windows so far, as
 * net_plan_operations() counts them. */
double runner_operations(const struct runner *r);
/* Bytes that hold what windows keep for the adjoint. */
size_t runner_bytes_kept(const struct runner *r);
/* As it would be: see backend.h. */
double runner_kept(const struct net_plan *p, enum step_variant v,
                   double positions, double masked);

#endif

/*
 * backend.h - what runs and trains nets: the CPU (lib/cpu) or a GPU
 * (lib/cuda).  Nothing above knows which one.
 *
 * A device is opened for one net, or for several that are alike but for their
 * weights, rules and seeds.  It owns all that changes from update to update:
 * weights, moments, gradient, carried states; and it makes losses, gradients,
 * updates and samples from batches that are handed to it.  What is above it
 * chooses windows and rates, and sees sums.
 *
 *     struct device *d = k->open(net, &options);
 *     k->put(d, 0, HOLD_WEIGHTS, w, net->weights);
 *     k->batch(d, b);                         once a batch
 *     k->step(d, &step);                      once a window of its steps
 *     if (!k->wait(d, outcome))               outcome: (nets)
 *         ... a stop was asked for, nothing has happened ...
 *     k->get(d, 0, HOLD_WEIGHTS, w, net->weights);
 *     k->close(d);
 *
 * What a device computes is laid down bit by bit in docs/numerics.md; which
 * losses and rules there are in loss.h and update.h beside this file.
 *
 * Letters: B rows, T steps of a batch, P weights, S state floats of a row, K
 * classes or width of the target, N nets.
 */
#ifndef GRAPH_BACKEND_H
#define GRAPH_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/loss.h"
#include "graph/net_plan.h"
#include "graph/update.h"
#include "stream/batch.h"

struct device;   /* nets made ready where they run */

/* One of a device's nets. */
struct device_net {
    struct update_rule rule;  /* of all nets the same kind, and all or none
                                 with momentum (rmsprop) */
    uint64_t seed;            /* of its dropout */
};

struct device_options {
    int threads;              /* of the host; same bits for any number */
    bool training;            /* step() will be called */
    bool observe;             /* observe() will be called */
    bool profile;             /* measure where the time goes */
    enum loss_kind loss;
    int nets;                 /* N, at most the backend's most_nets; more than
                                 one: no observe */
    const struct device_net *net;      /* (N); NULL unless training */
};

/* What a device holds for each net: floats in the order of the net's table of
 * parameters (P), or of its states, row by row (B,S).  All are zero at first,
 * and there are no states. */
enum holding {
    HOLD_WEIGHTS,
    HOLD_BEST,                /* other weights, kept aside (P) */
    HOLD_M, HOLD_V,           /* moments, where the rule has them (P) */
    HOLD_GRADIENT,            /* of the last step that made no update (P) */
    HOLD_STATES,              /* carried from window to window (B,S) */
};

/* What a net is told for a step. */
struct step_net {
    bool active;              /* false: nothing of this net changes */
    double rate;              /* of learning, before parameters' own */
    struct update_powers powers;    /* this update's: beta^t */
};

/* A window of the batch: steps t0 .. t1-1. */
struct step {
    int t0, t1;
    int first_step;           /* steps of the sequences before t0: `at 1` runs
                                 where first_step + t = 0 */
    bool fresh;               /* states start from their initial values; else
                                 where the step before left them, or put():
                                 of as many rows as the batch has */
    bool carry;               /* states are kept for the step after */
    bool update;              /* false: no clipping, no new weights, but the
                                 gradient can be had */
    uint32_t number;          /* of the update, for dropout */
    const struct step_net *net;     /* (N), one active at least; borrowed
                                       until wait() */
};

/* What came of a step for a net; of nets that were not active: nothing. */
struct outcome {
    struct tally tally;       /* no places: neither gradient nor update */
    bool diverged;            /* the loss is not finite, or an element of the
                                 gradient is NaN or beyond GRADIENT_LIMIT: no
                                 update was made */
};

/* A batch run forward from end to end, without dropout. */
struct forward {
    int net;                  /* which one */
    enum holding weights;     /* HOLD_WEIGHTS or HOLD_BEST */
    const struct batch *batch;
    int first_step;           /* as in a step; states that go on from batch */
    bool fresh;               /* to batch are kept apart from a step's */
    /* wanted by place, or NULL; what is not scored stays as it was */
    double *loss;             /* (B,T) */
    uint8_t *correct;         /* (B,T) */
    float *probs;             /* (B,T,K): of classes */
    float *outputs;           /* (B,T,K) */
};

/* Called for every named vector of every layer (in text order) at every step
 * of every row: name as in the cell ("z", "h'"), n values.  Order: time, then
 * row, then layer, then name. */
typedef void observe_fn(void *ctx, int t, int b, const char *layer,
                        const char *name, const float *v, int n);

/* Sequences drawn from a net that predicts its own input: what it draws is its
 * next input (docs/numerics.md, "Random numbers"). */
struct drawing {
    int net;                  /* by its HOLD_WEIGHTS */
    int rows;
    long tokens;              /* to draw a row */
    uint64_t seed;
    const int32_t *prime;     /* (nprime), nprime >= 1: every row's first
                                 inputs; the first draw follows the last */
    long nprime;
    double temperature;       /* 0: always the likeliest (the first of
                                 equals) */
    long top_k;               /* only from the likeliest so many; 0: all */
    double top_p;             /* and only from the likeliest that together
                                 have this probability; 1: all */
};

/* Where outputs were no distribution (NaN, infinite). */
struct drawing_fault {
    int row;
    long step;                /* of those drawn */
    bool scaled;              /* but only once divided by the temperature */
};

/* Where the time went: seconds of all threads together. */
enum device_work {
    WORK_PRODUCTS, WORK_ELEMENTS, WORK_LOSS,
    WORK_UPDATE,              /* clipping, rules, packing */
    WORK_KINDS
};

struct backend {
    const char *name;         /* "cpu" */
    int most_nets;            /* at once */

    /* Can so many of this net run at once? */
    bool (*fits)(const struct net *n, int nets);
    /* Borrows the net, and copies the options.  Dies where it cannot. */
    struct device *(*open)(const struct net *n,
                           const struct device_options *o);
    void (*close)(struct device *d);
    /* In a word what does the work, such as "avx2". */
    const char *(*kind)(const struct device *d);

    /* A net's numbers: n floats in or out.  What put() brings replaces what
     * was there (HOLD_STATES: n / S rows); get() gives what the last finished
     * step left.  Not while a step is under way; a gradient is only got. */
    void (*put)(struct device *d, int net, enum holding what, const float *x,
                size_t n);
    void (*get)(struct device *d, int net, enum holding what, float *x,
                size_t n);
    /* (P) to (P), on the device. */
    void (*copy)(struct device *d, int net, enum holding to,
                 enum holding from);

    /* Steps are of this batch from now on; borrowed until the next one. */
    void (*batch)(struct device *d, const struct batch *b);
    /* Loss, gradient, clipping and update for a window.  May return before it
     * is done; then comes wait() for it, before any other call. */
    void (*step)(struct device *d, const struct step *s);
    /* False: it was given up as stop_asked(), and everything that the device
     * holds (but for HOLD_GRADIENT) is as before the step. */
    bool (*wait)(struct device *d, struct outcome *out);

    /* The sums; false: given up as stop_asked(). */
    bool (*forward)(struct device *d, const struct forward *f,
                    struct tally *sums);
    /* After forward(), with options.observe. */
    void (*observe)(struct device *d, observe_fn *fn, void *ctx);
    /* Fills out (rows,tokens); false: there was nothing to draw from. */
    bool (*draw)(struct device *d, const struct drawing *w, int32_t *out,
                 struct drawing_fault *fault);

    void (*profile)(const struct device *d, double seconds[WORK_KINDS]);
    /* Bytes kept until the adjoint has run, of so many positions (rows that
     * run together, times steps) of which so many are in the mask. */
    double (*kept)(const struct net_plan *p, enum step_variant v,
                   double positions, double masked);
};

#endif

/*
 * device.h - inside the CPU device: what it holds of its nets, and in which
 * form.
 *
 * One net's numbers stand as they are; those of several are side by side, a
 * net in each of LANES lanes, number i of lane j at i * LANES + j.  Lanes of
 * nets that do not take part in a step, and of no net, compute what the first
 * of the active ones does, so that they are never slower than it: the
 * numbers of a net that is not active are parked.
 */
#ifndef CPU_DEVICE_H
#define CPU_DEVICE_H

#include "cpu/codes.h"
#include "cpu/cpu.h"
#include "cpu/engine.h"
#include "cpu/kernel.h"
#include "cpu/live.h"
#include "cpu/loss.h"

/* Carried states: read from `now`, written to `next`, which take turns, so
 * that a step that is given up has not changed a thing. */
struct states {
    float *now, *next;            /* (rows, S, L) */
    int64_t rows, room;
};

/* A net's own numbers. */
struct parked {
    bool is;                      /* they are here, and not in its lane */
    float *weights, *m, *v;       /* (P); NULL where not used */
    float *states;                /* (rows, S) */
    int64_t rows;
};

struct device {
    const struct net *net;
    struct device_options o;
    struct device_net *rule;      /* (N) */
    const struct kernels *kernels;
    int lanes;                    /* L: 1, or LANES for several nets */
    float *weights, *grad, *m, *v;     /* (P, L); NULL where not used */
    struct stretches all;         /* of all weights, when training */
    struct scaling *scaling;      /* NULL unless the rules want it */
    struct states states;
    struct parked *parked;        /* (N); of one net: never */
    float **best;                 /* (N) of (P), NULL until one is held */
    bool refill;                  /* lanes without an active net have yet to
                                     be made like the lead's */
    /* steps */
    struct runner *runner;
    struct codes *codes;          /* NULL: the runner's net is the device's */
    struct loss loss;
    const struct batch *batch;
    struct outcome *outcome;      /* (N) */
    bool given_up;
    bool finite;                  /* all weights are, for sure */
    double update_seconds;
    /* forward runs: with the same runner, or with one of a single lane */
    struct runner *one;           /* NULL: not yet, or the same */
    struct loss one_loss;
    struct states one_states;     /* (rows, S) */
    struct window window;         /* that was run last */
    float *one_weights;           /* (P) of a lane */
    /* what was loaded, unless it has changed since */
    const float *packed;          /* by `runner`: an array of these; or NULL */
    int loaded_net;               /* by `one`: whose; or -1 */
    enum holding loaded;
};

/* ---- hold.c: what is held, in and out ------------------------------------*/

void hold_put(struct device *d, int net, enum holding what, const float *x,
              size_t n);
void hold_get(struct device *d, int net, enum holding what, float *x,
              size_t n);
void hold_copy(struct device *d, int net, enum holding to, enum holding from);

/* Room for `rows` rows of S floats in `lanes` lanes; what is held stays. */
void states_reserve(struct states *s, int64_t rows, size_t S, int lanes);
void states_release(struct states *s);

/* Out of the lane, and (hold_lanes) back: the active ones in their lanes, all
 * other lanes like the first one's. */
void hold_park(struct device *d, int net);
void hold_lanes(struct device *d, const struct step_net *net);

/* Weights are not what they were: runners have to load them again. */
void hold_changed(struct device *d);

/* Weights of a net in its table's order: borrowed until they change. */
const float *hold_weights(struct device *d, int net, enum holding what);

/* ---- step.c --------------------------------------------------------------*/

void device_step(struct device *d, const struct step *s);
bool device_wait(struct device *d, struct outcome *out);

/* ---- forward.c -----------------------------------------------------------*/

bool device_forward(struct device *d, const struct forward *f,
                    struct tally *sums);
void device_observe(struct device *d, observe_fn *fn, void *ctx);
/* Weights (P) to the runner, unless it has them. */
void device_pack(struct device *d, const float *w);
/* The runner for forward runs of a net, its weights loaded. */
struct runner *device_load(struct device *d, int net, enum holding weights);

/* ---- draw.c --------------------------------------------------------------*/

bool device_draw(struct device *d, const struct drawing *w, int32_t *out,
                 struct drawing_fault *fault);

#endif

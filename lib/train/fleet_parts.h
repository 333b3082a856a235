/* fleet_parts.h - what fleet.c and fleet_math.c share. */
#ifndef TRAIN_FLEET_PARTS_H
#define TRAIN_FLEET_PARTS_H

#include "train/fleet.h"

/* All arrays hold LANES numbers a place, one a net. */
struct fleet {
    int n;                       /* runs, in lanes 0 .. n-1 */
    struct run *run[FLEET_MOST];
    bool aboard[FLEET_MOST];     /* its numbers are in its lane */
    bool ended[FLEET_MOST];
    struct run *lead;            /* the first aboard; empty lanes and those
                                    of runs that are not aboard copy it */
    bool refill;                 /* they have yet to be made so */
    fleet_done_fn *done;
    void *ctx;
    struct runner *runner;
    float *weights, *grad;       /* (P) */
    float *m, *v;                /* (P), NULL where not used */
    float *state;                /* (rows, S) */
    int64_t state_room;
    struct {                     /* as the last update left them, while a */
        float *state;            /* window is run */
        int64_t rows[FLEET_MOST], seen[FLEET_MOST];
    } kept;
    int64_t epoch, batch;        /* last asked of the feed; -1: none */
    /* losses of the window, by place; the lead's loss says which window */
    double *value;               /* (B,T) */
    uint8_t *correct;            /* (B,T) */
    size_t room;
    struct tally tally[LANES];
    struct fleet_rule rule;
    bool busy;
    struct progress progress;
};

/* The window's losses begin; the loss_fn (ctx is the fleet); and their sums,
 * into f->tally. */
void fleet_loss_begin(struct fleet *f, const struct batch *b, int t0,
                      int steps);
void fleet_loss_place(void *ctx, int n, const int32_t *t, const int32_t *b,
                      const float *out, ptrdiff_t out_stride, float *dout,
                      ptrdiff_t dout_stride);
void fleet_loss_sums(struct fleet *f);

/* Clips the gradients; returns the nets, bit by bit, of which an element is
 * NaN or too large. */
uint32_t fleet_clip_all(struct fleet *f);
/* New weights at these rates. */
void fleet_step_all(struct fleet *f, const double *lr);

#endif

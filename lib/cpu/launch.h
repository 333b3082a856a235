/*
 * launch.h - what the executor runs: kernels with all their addresses, one
 * after another in a list.
 *
 * A pass over a window is compiled to launches region by region, and each runs
 * as soon as it is there.  The launches are the same from window to window as
 * long as they are of one shape: so the second in a row of a shape is captured,
 * and from then on windows of this shape replay the list, until another is
 * captured.  What differs from window to window (tokens, states, dropout's
 * numbers, which rows are short) is seen as a launch runs.  Each thread has
 * lists of its own.
 */
#ifndef CPU_LAUNCH_H
#define CPU_LAUNCH_H

#include "cpu/kernel.h"
#include "graph/net_plan.h"

struct runner;
struct scratch;

struct launch {
    enum launch_kind {
        LAUNCH_GEMM,                /* a product */
        LAUNCH_EW,                  /* an element-wise run */
        LAUNCH_TILES,               /* the same, its operands found */
        LAUNCH_COPY, LAUNCH_CLEAR,
        LAUNCH_OVER,                /* an operator over units */
        LAUNCH_PAD,                 /* +0 for the states of padding */
        LAUNCH_PREFETCH,            /* what products ask for from here on */
    } kind;
    int n;                          /* TILES: tiles; COPY: rows; PREFETCH:
                                       parts, which are behind it */
    union {
        struct gemm gemm;
        struct over over;
        struct {                    /* tile: TILES only */
            const struct ew_prog *prog;
            const struct ew_ctx *ctx;
            struct ew_tile *tile;
        } ew;
        struct {                    /* rows of so many bytes, ts and fs floats
                                       apart */
            float *to;
            const float *from;
            ptrdiff_t ts, fs;
            size_t bytes;
        } mem;
        struct { int layer, step, first, end; } pad;
        struct { double products; } prefetch;
    } u;
    struct launch *next;
};

/* Windows of one shape have the same launches. */
struct shape {
    int rows, steps;
    enum step_variant variant;
    bool dropout;
    int first_step;                 /* as far as cases depend on it */
};

struct launches {
    struct shape seen, made;        /* the last window's; the one captured */
    bool capturing;
    bool full;                      /* what was seen is longer than a list
                                       may be */
    struct launch *first, *last;
    char *memory;
    size_t used, room;
    double operations;              /* of what was captured */
    float *slots;                   /* of element-wise runs */
};

/* A list whose launches run once each; one to capture (room for it comes with
 * the first capture). */
void launches_open(struct launches *q);
void launches_close(struct launches *q);
/* Addresses have changed. */
void launches_forget(struct launches *q);

/* A pass begins: replays it if a window of this shape was captured, else says
 * false, and what comes until launches_end() is captured if the window before
 * had this shape too. */
bool launches_begin(const struct runner *r, struct scratch *s, int pass);
void launches_end(struct scratch *s);

/* In a list that captures: at its end.  When the list is full, its memory
 * takes the rest one by one. */
struct launch *launch_captured(struct launches *q, size_t more);

/* A launch of this kind with `more` bytes of its own behind it. */
static inline struct launch *
launch_new(struct launches *q, enum launch_kind kind, size_t more)
{
    struct launch *x = q->capturing ? launch_captured(q, more)
                                    : (struct launch *)(void *)q->memory;

    x->kind = kind;
    return x;
}

static inline void *
launch_more(struct launch *x)
{
    return (char *)x + (sizeof *x + 63) / 64 * 64;
}

/* An element-wise run, in the form that suits the list: its context is behind
 * it, to be filled; and then it is ready to run. */
struct launch *launch_ew(struct launches *q, const struct ew_prog *p, int rows);
void launch_ew_ready(const struct runner *r, struct launches *q,
                     struct launch *x);
void launch_run(const struct runner *r, struct scratch *s,
                const struct launch *x);

#endif

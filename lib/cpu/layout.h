/*
 * layout.h - where the values of a layer's plan stand on a CPU.
 *
 * Each value has a plane of its own in one of a few arrays, its rows one after
 * another.  A row takes whole vectors of 16 floats; values that are not alive
 * together share planes.
 */
#ifndef CPU_LAYOUT_H
#define CPU_LAYOUT_H

#include "graph/plan.h"

/* Arrays.  A value's plane begins where those before it end: at off times the
 * rows of a plane. */
enum place {
    P_NONE,
    P_NUM,       /* a constant: num */
    P_SLOT,      /* scratch of a run: off is the slot's number */
    P_TEMP, P_KEEP, P_INPUT, P_STATE,
    P_NEXT,      /* P_STATE, a step on */
    P_OUT, P_DOUT, P_DX, P_DNEXT, P_DSTATE,
    P_VEC,       /* one row for all */
    PLACES
};

struct ref {
    enum place place;
    int off;
    int size;        /* units of the value */
    float num;
};

struct layout_case {
    struct ref *at;               /* per value */
    int temp[REGIONS];            /* floats of a row's P_TEMP */
};

struct layout {
    int ncases;
    struct layout_case *cases;
    int keep, vec, state;         /* floats of a row's P_KEEP; of P_VEC; of a
                                     row's P_STATE */
    int *state_off;               /* per state */
    struct ref output;            /* P_NEXT or P_OUT */
    int out;                      /* floats of a row's P_DOUT, and P_OUT */
};

/* Free with layout_free. */
struct layout *layout_new(const struct plan *p);
void layout_free(struct layout *y);

/* Scratch slots of a run's values, which `at` gets; how many there are. */
int layout_slots(const struct plan_case *c, const struct instr *run,
                 struct ref *at);

/* Floats kept a step and row, in a runner that makes gradients or not. */
int layout_kept(const struct layout *y, bool gradient);

static inline int
round16(int n)
{
    return (n + 15) & ~15;
}

/* Floats from a row of n units to the next.  Rows a multiple of 2 KB apart
 * would all fall on the same few lines of a cache. */
static inline int
row_floats(int n)
{
    int m = round16(n);

    return m && m % 512 == 0 ? m + 16 : m;
}

#endif

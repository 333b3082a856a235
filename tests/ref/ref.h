/*
 * ref.h - a net run the plain way, in double: every forward node of every
 * layer at every step, then the derived adjoint's nodes backwards.  No pass,
 * no plan, no kernel: what the engine is measured against.
 *
 * Letters as in graph/backend.h: B rows, T steps, P weights, S state floats.
 */
#ifndef REF_REF_H
#define REF_REF_H

#include "cpu/engine.h"
#include "loss.h"

/* The values that detach() let through, in order of evaluation: recorded in
 * one run and used again in others, so that differences of the loss see them
 * as the constants they are.  All zero to begin with. */
struct tape {
    double *value;
    size_t n, cap, at;
    bool replay;
};

/*
 * The loss of a window.  w->state is not looked at: `state` (B,S) is read
 * unless w->fresh, and written; may be NULL if fresh.  out (B,T,O) and grad
 * (P, net.h's order) may be NULL.  tape may be NULL.
 */
double ref_run(const struct net *n, const struct window *w,
               const struct target *y, const double *weights, double *state,
               double *out, double *grad, struct tape *tape);

void tape_free(struct tape *t);

#endif

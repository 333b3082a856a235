/*
 * live.h - stretches of a net's weights: all of them, or those whose gradient
 * may differ from +0.
 */
#ifndef CPU_LIVE_H
#define CPU_LIVE_H

#include <stddef.h>

#include "graph/net.h"

struct runner;

/* Weights number at .. at+n-1, in the order of the net's table, of parameters
 * of one rate. */
struct stretch {
    size_t at, n;
    double rate;
};

struct stretches {                /* begins as { 0 } */
    int n, cap;
    struct stretch *x;            /* ascending; neighbours differ in rate */
};

/* After all that are there. */
void stretches_add(struct stretches *s, size_t at, size_t n, double rate);
void stretches_all(struct stretches *s, const struct net *net);
void stretches_release(struct stretches *s);

/* Those outside of which the gradient that was made last is +0; NULL: nothing
 * is worth leaving out.  Borrowed until the next call. */
const struct stretches *runner_live(struct runner *r);

#endif

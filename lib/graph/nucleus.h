/*
 * nucleus.h - which classes are drawn from: the k likeliest (top-k: Fan, Lewis
 * and Dauphin 2018), and of these the likeliest that together have probability
 * p (nucleus, top-p: Holtzman et al. 2020).
 */
#ifndef GRAPH_NUCLEUS_H
#define GRAPH_NUCLEUS_H

#include <stdbool.h>

struct nucleus {
    long top_k;             /* 0: all */
    double top_p;           /* 1: all; else above 0 */
};

/* Is any of n classes left out? */
bool nucleus_needed(const struct nucleus *k, int n);

/* Sets to 0 the probabilities (n; finite, not negative) of the classes that
 * are left out (docs/numerics.md, "Samples"); one at least stays.  The others
 * do not change: they need not sum to 1. */
void nucleus_cut(const struct nucleus *k, int n, float *p);

#endif

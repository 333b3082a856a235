/*
 * codes.h - between a net that a codebook feeds and its twin of plain tokens,
 * which the engine runs (graph/net_codes.h): weights there, gradients back.
 *
 * Letters: P weights of the net, Q of its twin.
 */
#ifndef CPU_CODES_H
#define CPU_CODES_H

#include "cpu/kernel.h"
#include "graph/net_codes.h"

struct codes;

struct codes *codes_open(const struct net *n, const struct kernels *k);
void codes_close(struct codes *c);
/* The twin's weights (Q), made of these (P): valid until the next call. */
const float *codes_weights(struct codes *c, const float *w);
/* Where the twin's gradient (Q) goes; and the net's (P) made of it. */
float *codes_twin_gradient(struct codes *c);
void codes_gradient(struct codes *c, float *g);

#endif

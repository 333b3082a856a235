/*
 * net_codes.h - a net whose input is a token that stands for a fixed vector:
 * which net of plain tokens does the work, and which weights of it are made of
 * which.
 *
 * W x takes a token's column of P = W C^T, C the codebook.  P is made once an
 * update, for all tokens; its gradient is summed by token, and that of W made
 * of it (docs/numerics.md, "Codebooks").  So `net` below is the net's twin, in
 * which P stands for W and the input is a token.
 */
#ifndef GRAPH_NET_CODES_H
#define GRAPH_NET_CODES_H

#include "graph/net.h"

/* A matrix's columns from col0 on, k of them, and the twin's. */
struct code_block {
    int param;                /* the same in both tables */
    int col0, k;
    int twin_col0, twin_k;
    bool by_token;            /* twin: k becomes V; else both are the same */
};

struct net_codes {
    int tokens, width;        /* V, D */
    float *code;              /* (V,D) */
    struct net *net;          /* the twin */
    int nblocks;
    struct code_block *block; /* of all of the net's parameters */
};

/* For net n, which takes vectors of the codebook's width: its twin.  Dies,
 * naming `where`, where the input stands elsewhere than behind matrices, or
 * its width is the size of anything else.  Takes over code (V,D). */
struct net_codes *net_codes_new(const struct net *n,
                                const struct net_layer_spec *layers,
                                const json_t *options, float *code, int tokens,
                                const char *where);
void net_codes_free(struct net_codes *c);

#endif

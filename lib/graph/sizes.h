/*
 * sizes.h - the sizes that results depend on: how rows and pairs (a row at a
 * step) are taken together where something is summed over them
 * (docs/numerics.md, sections 3, 8, 11 and 12).  A device may take others at
 * once only where nothing is summed.
 */
#ifndef GRAPH_SIZES_H
#define GRAPH_SIZES_H

enum {
    MICROBATCH = 64,      /* rows whose sums are ended before the next's
                             begin: gradients, losses, evaluation */
    SEGMENT = 256,        /* pairs of a microbatch in one chain */
    NORM_SEGMENT = 4096,  /* weights whose squares are summed together */
    PARTIALS = 16,        /* partial sums by index mod 16, then a tree */
};

#endif

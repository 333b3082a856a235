/*
 * loop.h - a layer's time loop in one launch, forward or back.
 *
 * Where the region has no product each unit of a row goes through all steps by
 * itself, a thread each.  Where it has, a CTA owns a slice of the units of
 * every value and keeps the rows of the matrices that make them in shared
 * memory; what it reads of other CTAs' units comes after a barrier of the whole
 * grid.
 */
#ifndef CUDA_LOOP_H
#define CUDA_LOOP_H

#include <stdio.h>

#include "cuda/nets.h"

enum loop_kind {
    LOOP_NONE,            /* a launch an instruction */
    LOOP_UNITS,           /* no product */
    LOOP_SLICES,
};

enum loop_kind loop_kind(const struct device *d, enum step_variant v, int layer,
                         enum region region);
/* Its kernel, loop_LAYER_REGION, or nothing. */
void emit_loop(FILE *f, struct device *d, enum step_variant v, int layer,
               enum region region);
/* The kernel, and what it is told; after the region's launches are there. */
void loop_open(struct device *d, struct gpu_module *m, enum step_variant v,
               int layer, enum region region);
/* All steps of the window; false: it is better done launch by launch. */
bool loop_run(struct device *d, int layer, enum region region);

#endif

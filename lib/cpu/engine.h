/*
 * engine.h - the CPU engine: a net's plan run with the kernels of the best
 * instruction set, or the one UNROLL_ISA names.  Same bits on all of them,
 * for any number of threads (docs/numerics.md).
 */
#ifndef CPU_ENGINE_H
#define CPU_ENGINE_H

#include "graph/backend.h"

extern const struct backend backend_cpu;

/* With options.profile: floating-point operations of all windows so far, as
 * net_plan_operations() counts them. */
double cpu_operations(const struct runner *r);
/* Bytes that hold what windows keep for the adjoint. */
size_t cpu_bytes_kept(const struct runner *r);

#endif

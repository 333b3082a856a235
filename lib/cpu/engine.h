/*
 * engine.h - the CPU engine: a net's plan run with the kernels of the best
 * instruction set, or the one UNROLL_ISA names.  Same bits on all of them,
 * for any number of threads (docs/numerics.md).
 */
#ifndef CPU_ENGINE_H
#define CPU_ENGINE_H

#include "graph/backend.h"

extern const struct backend backend_cpu;

#endif

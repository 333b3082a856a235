/*
 * cpu.h - the CPU as a device: nets run with the kernels of the best
 * instruction set, or the one UNROLL_ISA names.  Same bits on all of them, for
 * any number of threads and of nets at once (docs/numerics.md).
 */
#ifndef CPU_CPU_H
#define CPU_CPU_H

#include "graph/backend.h"

extern const struct backend backend_cpu;

#endif

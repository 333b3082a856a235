/*
 * cuda.h - graphics processors as devices: nets run by kernels made for them,
 * with the CPU's bits (docs/numerics.md).  `emulated` is the same kernels run
 * on the host, slowly, for tests.
 */
#ifndef CUDA_CUDA_H
#define CUDA_CUDA_H

#include "graph/backend.h"

extern const struct backend backend_cuda, backend_emulated;

#endif

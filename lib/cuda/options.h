/*
 * options.h - how kernels are compiled, for every device the same; its
 * architecture (--gpu-architecture=sm_90) comes beside.
 *
 * docs/numerics.md counts one rounding an operator: no contraction but where
 * fmaf is written, division and square root rounded correctly, gradual
 * underflow kept.
 */
#ifndef CUDA_OPTIONS_H
#define CUDA_OPTIONS_H

#define CUDA_OPTIONS \
    "--fmad=false", "--prec-div=true", "--prec-sqrt=true", "--ftz=false", \
    "--std=c++17"

#endif

/*
 * prelude.cu - what stands before every text of kernels.
 *
 * A text may use, besides the language: threadIdx, blockIdx, blockDim,
 * gridDim (of three dimensions); __syncthreads() and its _or, _and, _count;
 * __syncwarp(), __shfl_sync() and its _up, _down, _xor, __ballot_sync(),
 * __any_sync(), __all_sync(); atomicAdd (int, unsigned, unsigned long long,
 * float, double), atomicExch, atomicCAS, atomicMin, atomicMax, atomicOr,
 * atomicAnd on int and unsigned; __threadfence();
 * fmaf, fma, sqrtf, sqrt, fabsf, fabs, copysignf, copysign, rintf, rint,
 * floorf, floor, isnan, isinf; __float_as_int, __int_as_float,
 * __float_as_uint, __uint_as_float, __double_as_longlong,
 * __longlong_as_double; __popc, __ffs, __clz, __umulhi, __umul64hi; float2,
 * float4, int2, int4, double2 and make_...; __ldg(); __launch_bounds__(),
 * __forceinline__, __noinline__, __restrict__; #pragma unroll; and what is
 * declared here and in primitive.cu.
 *
 * It may not use: __shared__ variables (shared memory is what
 * shared_memory() gives, of the size that the launch asks for), __constant__
 * and __device__ variables, warps of other sizes, fminf and fmaxf (which drop
 * NaN), any function of libm that is not named above, inline assembler.
 *
 * A loop that waits for another thread's word reads it by load_acquire() and
 * calls relax() each time round.
 */
typedef signed char int8_t;
typedef unsigned char uint8_t;
typedef short int16_t;
typedef unsigned short uint16_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long int64_t;
typedef unsigned long uint64_t;

/* All CTAs of a cooperative launch, all their threads: what was written before
 * is seen after.  The word is 0 when it is made, and then left alone: each
 * barrier turns its highest bit. */
static __device__ __forceinline__ void
grid_barrier(unsigned *word)
{
    __syncthreads();
    if (threadIdx.x == 0 && threadIdx.y == 0 && threadIdx.z == 0) {
        unsigned n = gridDim.x * gridDim.y * gridDim.z;
        bool first = blockIdx.x == 0 && blockIdx.y == 0 && blockIdx.z == 0;
        unsigned old = add_acquire_release(word,
                                           first ? 0x80000000u - (n - 1) : 1);

        while (!((old ^ load_acquire(word)) & 0x80000000u))
            relax();
    }
    __syncthreads();
}

/*
 * prelude.cu - what stands before every text of kernels.
 *
 * A text may use, besides the language: threadIdx, blockIdx, blockDim,
 * gridDim (of three dimensions); __syncthreads() and its _or, _and, _count;
 * __syncwarp(), __shfl_sync() and its _up, _down, _xor, __ballot_sync(),
 * __any_sync(), __all_sync(); atomicAdd (int, unsigned, unsigned long long,
 * float, double), atomicExch, atomicCAS, atomicMin, atomicMax, atomicOr,
 * atomicAnd on int and unsigned; __threadfence(), __threadfence_block();
 * fmaf, fma, sqrtf, sqrt, fabsf, fabs, copysignf, copysign, rintf, rint,
 * floorf, floor, isnan, isinf; __float_as_int, __int_as_float,
 * __float_as_uint, __uint_as_float, __double_as_longlong,
 * __longlong_as_double; __popc, __ffs, __clz, __umulhi, __umul64hi; float2,
 * float4, int2, int4, double2 and make_...; __ldg(); __launch_bounds__(),
 * __forceinline__, __noinline__, __restrict__; #pragma unroll; and what is
 * declared here.
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
typedef long long int64_t;
typedef unsigned long long uint64_t;

/* The CTA's own memory: gpu_shape.shared bytes, aligned to 16. */
extern __shared__ __align__(16) unsigned char prelude_shared[];
#define shared_memory() ((void *)prelude_shared)

/* What was written before a release is seen after an acquire of what the
 * release wrote, by all threads of the device that come after the acquiring
 * one (by a barrier, say). */
static __device__ __forceinline__ unsigned
load_acquire(const unsigned *p)
{
    unsigned v;

    asm volatile("ld.acquire.gpu.global.u32 %0, [%1];"
                 : "=r"(v) : "l"(p) : "memory");
    return v;
}

static __device__ __forceinline__ void
store_release(unsigned *p, unsigned v)
{
    asm volatile("st.release.gpu.global.u32 [%0], %1;"
                 : : "l"(p), "r"(v) : "memory");
}

/* The old value. */
static __device__ __forceinline__ unsigned
add_acquire_release(unsigned *p, unsigned v)
{
    unsigned old;

    asm volatile("atom.add.acq_rel.gpu.global.u32 %0, [%1], %2;"
                 : "=r"(old) : "l"(p), "r"(v) : "memory");
    return old;
}

static __device__ __forceinline__ void
relax(void)
{
}

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

/*
 * primitive.cu - the few words that only a GPU can say, before prelude.cu and
 * every text; the emulator has its own (tests/emulator/language.hh).
 */
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

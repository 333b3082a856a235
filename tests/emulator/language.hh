/*
 * language.hh - CUDA C as C++ on the host: what stands before a text of
 * kernels in place of the toolkit's built-in words.  No header: the text has
 * none either.  What the compiler makes of each access to memory under
 * -fsanitize=thread is a call, and these calls are answered here.
 */
static const struct emu_calls *emu;

typedef unsigned long size_t;
typedef long ptrdiff_t;

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline __attribute__((always_inline))
#define __noinline__ __attribute__((noinline))
#define __launch_bounds__(...)
#define __align__(n) __attribute__((aligned(n)))
#define EMU_RAW __attribute__((no_sanitize("thread"), \
                               no_sanitize_undefined, noinline))
#define EMU_PC __builtin_return_address(0)

/* ---- where a thread is ---------------------------------------------------*/

/* The same for as long as a function of a thread runs, so that the compiler
 * may ask once. */
EMU_RAW __attribute__((const)) static emu_index
emu_thread(void) { return emu->place()->thread; }
EMU_RAW __attribute__((const)) static emu_index
emu_block(void) { return emu->place()->block; }
EMU_RAW __attribute__((const)) static emu_index
emu_threads(void) { return emu->place()->threads; }
EMU_RAW __attribute__((const)) static emu_index
emu_blocks(void) { return emu->place()->blocks; }
EMU_RAW __attribute__((const)) static void *
shared_memory(void) { return emu->shared(); }

#define threadIdx (emu_thread())
#define blockIdx (emu_block())
#define blockDim (emu_threads())
#define gridDim (emu_blocks())
enum { warpSize = 32 };

/* ---- barriers, warps -----------------------------------------------------*/

EMU_RAW static void __syncthreads(void) { emu->barrier(EMU_PLAIN, 0); }
EMU_RAW static int __syncthreads_or(int v) { return emu->barrier(EMU_OR, v); }
EMU_RAW static int __syncthreads_and(int v)
{ return emu->barrier(EMU_AND, v); }
EMU_RAW static int __syncthreads_count(int v)
{ return emu->barrier(EMU_COUNT, v); }
EMU_RAW static void __threadfence(void) { emu->fence(); }
EMU_RAW static void relax(void) { emu->relax(); }
EMU_RAW static void __nanosleep(unsigned) { emu->relax(); }
EMU_RAW static void __syncwarp(unsigned mask = 0xffffffffu)
{ emu->warp(EMU_SYNC, mask, 0, 0, 32); }
EMU_RAW static unsigned __ballot_sync(unsigned mask, int v)
{ return (unsigned)emu->warp(EMU_BALLOT, mask, v != 0, 0, 32); }
static inline int __any_sync(unsigned mask, int v)
{ return __ballot_sync(mask, v) != 0; }
static inline int __all_sync(unsigned mask, int v)
{ return __ballot_sync(mask, v) == mask; }

template <class T> EMU_RAW static T
emu_shuffle(int op, unsigned mask, T v, unsigned arg, int width)
{
    static_assert(sizeof(T) == 4 || sizeof(T) == 8, "of 4 or 8 bytes");
    unsigned long long bits = 0;

    __builtin_memcpy(&bits, &v, sizeof v);
    bits = emu->warp(op, mask, bits, arg, (unsigned)width);
    __builtin_memcpy(&v, &bits, sizeof v);
    return v;
}

template <class T> static inline T
__shfl_sync(unsigned mask, T v, int lane, int width = 32)
{ return emu_shuffle(EMU_INDEX, mask, v, (unsigned)lane, width); }
template <class T> static inline T
__shfl_up_sync(unsigned mask, T v, unsigned by, int width = 32)
{ return emu_shuffle(EMU_UP, mask, v, by, width); }
template <class T> static inline T
__shfl_down_sync(unsigned mask, T v, unsigned by, int width = 32)
{ return emu_shuffle(EMU_DOWN, mask, v, by, width); }
template <class T> static inline T
__shfl_xor_sync(unsigned mask, T v, int lanes, int width = 32)
{ return emu_shuffle(EMU_XOR, mask, v, (unsigned)lanes, width); }

/* ---- atomics -------------------------------------------------------------*/

/* Nothing comes between the call and what follows it. */
#define EMU_ATOMIC(name, T, now) \
    EMU_RAW static T name(T *p, T v) \
    { \
        emu->atomic(p, sizeof *p, EMU_LOAD | EMU_STORE, EMU_PC); \
        T old = *p; \
        *p = (now); \
        return old; \
    }

/* Sums of int wrap around. */
EMU_ATOMIC(atomicAdd, int, (int)((unsigned)old + (unsigned)v))
EMU_ATOMIC(atomicAdd, unsigned, old + v)
EMU_ATOMIC(atomicAdd, unsigned long long, old + v)
EMU_ATOMIC(atomicAdd, float, old + v)
EMU_ATOMIC(atomicAdd, double, old + v)
#define EMU_ATOMICS(T) \
    EMU_ATOMIC(atomicExch, T, v) \
    EMU_ATOMIC(atomicMin, T, old < v ? old : v) \
    EMU_ATOMIC(atomicMax, T, old > v ? old : v) \
    EMU_ATOMIC(atomicOr, T, old | v) \
    EMU_ATOMIC(atomicAnd, T, old & v) \
    EMU_RAW static T atomicCAS(T *p, T from, T to) \
    { \
        emu->atomic(p, sizeof *p, EMU_LOAD | EMU_STORE, EMU_PC); \
        T old = *p; \
        if (old == from) \
            *p = to; \
        return old; \
    }
EMU_ATOMICS(int)
EMU_ATOMICS(unsigned)
EMU_ATOMICS(unsigned long long)

EMU_RAW static unsigned
load_acquire(const unsigned *p)
{
    emu->atomic(p, sizeof *p, EMU_LOAD | EMU_ACQUIRE, EMU_PC);
    return *p;
}

EMU_RAW static void
store_release(unsigned *p, unsigned v)
{
    emu->atomic(p, sizeof *p, EMU_STORE | EMU_RELEASE, EMU_PC);
    *p = v;
}

EMU_RAW static unsigned
add_acquire_release(unsigned *p, unsigned v)
{
    emu->atomic(p, sizeof *p,
                EMU_LOAD | EMU_STORE | EMU_ACQUIRE | EMU_RELEASE, EMU_PC);
    unsigned old = *p;
    *p += v;
    return old;
}

/* ---- numbers -------------------------------------------------------------*/

extern "C" {
float fmaf(float, float, float), sqrtf(float), fabsf(float), rintf(float);
float copysignf(float, float), floorf(float), ceilf(float), truncf(float);
float fmodf(float, float);
double fma(double, double, double), sqrt(double), fabs(double), rint(double);
double copysign(double, double), floor(double), ceil(double), trunc(double);
}
static inline bool isnan(float x) { return __builtin_isnan(x); }
static inline bool isnan(double x) { return __builtin_isnan(x); }
static inline bool isinf(float x) { return __builtin_isinf(x); }
static inline bool isinf(double x) { return __builtin_isinf(x); }
static inline bool isfinite(float x) { return __builtin_isfinite(x); }
static inline bool isfinite(double x) { return __builtin_isfinite(x); }

template <class T, class F> static inline __attribute__((always_inline)) T
emu_bits(F x)
{
    static_assert(sizeof(T) == sizeof(F), "");
    T y;

    __builtin_memcpy(&y, &x, sizeof y);
    return y;
}

static inline int __float_as_int(float x) { return emu_bits<int>(x); }
static inline float __int_as_float(int x) { return emu_bits<float>(x); }
static inline unsigned __float_as_uint(float x)
{ return emu_bits<unsigned>(x); }
static inline float __uint_as_float(unsigned x) { return emu_bits<float>(x); }
static inline long long __double_as_longlong(double x)
{ return emu_bits<long long>(x); }
static inline double __longlong_as_double(long long x)
{ return emu_bits<double>(x); }

static inline float __fmaf_rn(float x, float y, float z)
{ return fmaf(x, y, z); }
static inline float __fmul_rn(float x, float y) { return x * y; }
static inline float __fadd_rn(float x, float y) { return x + y; }
static inline float __fsub_rn(float x, float y) { return x - y; }
static inline float __fdiv_rn(float x, float y) { return x / y; }
static inline float __fsqrt_rn(float x) { return sqrtf(x); }
static inline double __fma_rn(double x, double y, double z)
{ return fma(x, y, z); }
static inline double __dmul_rn(double x, double y) { return x * y; }
static inline double __dadd_rn(double x, double y) { return x + y; }
static inline float __double2float_rn(double x) { return (float)x; }

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x)
{ return __builtin_popcountll(x); }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __clz(int x)
{ return x ? __builtin_clz((unsigned)x) : 32; }
static inline int __clzll(long long x)
{ return x ? __builtin_clzll((unsigned long long)x) : 64; }
static inline unsigned __umulhi(unsigned x, unsigned y)
{ return (unsigned)((unsigned long long)x * y >> 32); }
static inline unsigned long long
__umul64hi(unsigned long long x, unsigned long long y)
{ return (unsigned long long)((unsigned __int128)x * y >> 64); }

#define EMU_ORDERED(T) \
    static inline T min(T x, T y) { return y < x ? y : x; } \
    static inline T max(T x, T y) { return x < y ? y : x; }
EMU_ORDERED(int)
EMU_ORDERED(unsigned)
EMU_ORDERED(long)
EMU_ORDERED(unsigned long)
EMU_ORDERED(long long)
EMU_ORDERED(unsigned long long)

#define EMU_VECTORS(T, n2, n4) \
    struct __align__(2 * sizeof(T)) n2 { T x, y; }; \
    struct __align__(4 * sizeof(T) > 16 ? 16 : 4 * sizeof(T)) n4 \
    { T x, y, z, w; }; \
    static inline n2 make_##n2(T x, T y) { return { x, y }; } \
    static inline n4 make_##n4(T x, T y, T z, T w) { return { x, y, z, w }; }
EMU_VECTORS(float, float2, float4)
EMU_VECTORS(int, int2, int4)
EMU_VECTORS(unsigned, uint2, uint4)
EMU_VECTORS(double, double2, double4)

template <class T> static inline T __ldg(const T *p) { return *p; }

/* ---- what the compiler calls ---------------------------------------------*/

#ifdef EMU_CHECKED
#define EMU_HOOK extern "C" EMU_RAW __attribute__((visibility("hidden"))) void
#define EMU_SIZED(n) \
    EMU_HOOK __tsan_read##n(void *p) \
    { emu->access(p, n, EMU_READ, EMU_PC); } \
    EMU_HOOK __tsan_write##n(void *p) \
    { emu->access(p, n, EMU_WRITE, EMU_PC); } \
    EMU_HOOK __tsan_unaligned_read##n(void *p) \
    { emu->access(p, n, EMU_READ, EMU_PC); } \
    EMU_HOOK __tsan_unaligned_write##n(void *p) \
    { emu->access(p, n, EMU_WRITE, EMU_PC); } \
    EMU_HOOK __tsan_volatile_read##n(void *p) \
    { emu->access(p, n, EMU_READ | EMU_VOLATILE, EMU_PC); } \
    EMU_HOOK __tsan_volatile_write##n(void *p) \
    { emu->access(p, n, EMU_WRITE | EMU_VOLATILE, EMU_PC); }
EMU_SIZED(1)
EMU_SIZED(2)
EMU_SIZED(4)
EMU_SIZED(8)
EMU_SIZED(16)
EMU_HOOK __tsan_read_range(void *p, unsigned long n)
{ emu->access(p, n, EMU_READ, EMU_PC); }
EMU_HOOK __tsan_write_range(void *p, unsigned long n)
{ emu->access(p, n, EMU_WRITE, EMU_PC); }
EMU_HOOK __tsan_init(void) { }
EMU_HOOK __tsan_func_entry(void *) { }
EMU_HOOK __tsan_func_exit(void) { }

/* What is handed over begins with the place. */
struct emu_source { const char *file; unsigned line, column; };
#define EMU_UNDEFINED(name, what, ...) \
    EMU_HOOK __ubsan_handle_##name(emu_source *s, ##__VA_ARGS__) \
    { emu->undefined(s->file, s->line, what); }
EMU_UNDEFINED(type_mismatch_v1, "an address that is not aligned or null",
              void *)
EMU_UNDEFINED(out_of_bounds, "an index beyond an array", void *)
EMU_UNDEFINED(shift_out_of_bounds, "a shift by too much", void *, void *)
EMU_UNDEFINED(divrem_overflow, "a division by zero", void *, void *)
EMU_UNDEFINED(float_cast_overflow, "a number too large for an integer",
              void *)
EMU_UNDEFINED(add_overflow, "an integer sum that overflows", void *, void *)
EMU_UNDEFINED(sub_overflow, "a difference that overflows", void *, void *)
EMU_UNDEFINED(mul_overflow, "an integer product that overflows", void *,
              void *)
EMU_UNDEFINED(negate_overflow, "a negation that overflows", void *)
#endif

/* ---- calling kernels -----------------------------------------------------*/

template <class... A> struct emu_numbers {
    static constexpr unsigned sizes[sizeof...(A) + 1] = { sizeof(A)..., 0 };
};

template <unsigned... I> struct emu_list { };
template <unsigned n, unsigned... I> struct emu_make
    : emu_make<n - 1, n - 1, I...> { };
template <unsigned... I> struct emu_make<0, I...> { typedef emu_list<I...> is; };

/* emu_caller<kernel>: the kernel with its arguments from a list of pointers,
 * on the thread's own stack. */
template <auto f> struct emu_caller;
template <class... A, void (*f)(A...)> struct emu_caller<f> {
    typedef emu_numbers<A...> numbers;
    static constexpr int args = sizeof...(A);

    template <unsigned... I> EMU_RAW static void
    spread(void *const *a, emu_list<I...>)
    {
        (void)a;
        f(*(A *)a[I]...);
    }

    EMU_RAW static void run(void *const *a)
    { spread(a, typename emu_make<sizeof...(A)>::is()); }
};
#define EMU_KERNEL(name) \
    { #name, emu_caller<name>::args, emu_caller<name>::numbers::sizes, \
      emu_caller<name>::run },
extern "C" EMU_RAW __attribute__((visibility("default"))) void
emu_bind(const struct emu_calls *calls) { emu = calls; }

/* kernels.c - which instruction set's kernels to use. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/kernel.h"

#if defined __x86_64__
#include <xmmintrin.h>

extern const struct kernels kernels_sse2, kernels_avx2, kernels_avx512;

/* Best first. */
static const struct kernels *const built[] = {
    &kernels_avx512, &kernels_avx2, &kernels_sse2,
};

static bool
runs_here(const char *isa)
{
    if (!strcmp(isa, "avx512"))
        return __builtin_cpu_supports("avx512f")
            && __builtin_cpu_supports("avx512dq")
            && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("fma");
    if (!strcmp(isa, "avx2"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return true;
}

/* Round to nearest, gradual underflow, no traps: the state a process starts
 * in, unless something linked in (-ffast-math) changed it. */
static void
set_control(void)
{
    _mm_setcsr(0x1f80);
}
#elif defined __aarch64__
extern const struct kernels kernels_neon;

static const struct kernels *const built[] = { &kernels_neon };

static bool
runs_here(const char *isa)
{
    (void)isa;
    return true;
}

static void
set_control(void)
{
    uint64_t zero = 0;

    __asm__ volatile("msr fpcr, %0" : : "r"(zero));
}
#else
#error "no kernels for this machine yet: add a vec_ISA.h (see cpu/vec.h)"
#endif

enum { NBUILT = sizeof built / sizeof *built };

const struct kernels *
kernels_named(const char *isa)
{
    for (int i = 0; i < NBUILT; i++)
        if (!strcmp(built[i]->isa, isa) && runs_here(isa))
            return built[i];
    return NULL;
}

static bool
is_known(const char *isa)
{
    static const char *const known[] = { "avx512", "avx2", "sse2", "neon" };

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(known[i], isa))
            return true;
    return false;
}

const struct kernels *
kernels_pick(void)
{
    const char *want = getenv("UNROLL_ISA");
    const struct kernels *k;

    set_control();
    if (want && *want) {
        k = kernels_named(want);
        if (!k && is_known(want))
            die(RC_DEVICE, "this machine cannot run UNROLL_ISA=%s", want);
        if (!k)
            die(RC_USAGE, "UNROLL_ISA=%s is not known: avx512, avx2, sse2 "
                "or neon", want);
        return k;
    }
    for (int i = 0; i < NBUILT; i++)
        if (runs_here(built[i]->isa))
            return built[i];
    die(RC_DEVICE, "no kernels for this processor");
}

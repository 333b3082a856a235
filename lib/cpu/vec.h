/*
 * vec.h - one vector of 16 floats on every instruction set.
 *
 * struct vf holds 16 floats, struct vi 16 32-bit integers, struct vm 16
 * yes-or-nos; a machine register holds 16, 8 or 4 of them, and vec_ISA.h says
 * how each operation is written for one register (r_add, r_fma, ...).
 * Every operation gives the same bits on every instruction set; comparisons
 * with NaN are false, but v_isnan.  There is no min, max or conversion of
 * floats to integers: those differ between machines.
 *
 * Included only by sources that the Makefile compiles once per instruction
 * set, with -DISA=avx2 and -DISA_avx2 and the like.
 */
#ifndef CPU_VEC_H
#define CPU_VEC_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "cpu/kernel.h"

#if defined ISA_avx512
#include "cpu/vec_avx512.h"
#elif defined ISA_avx2
#include "cpu/vec_avx2.h"
#elif defined ISA_sse2
#include "cpu/vec_sse2.h"
#elif defined ISA_neon
#include "cpu/vec_neon.h"
#else
#error "compile with -DISA_sse2, -DISA_avx2, -DISA_avx512 or -DISA_neon"
#endif

/* gemm becomes gemm_avx2: one copy of each function an instruction set. */
#define SYM3(name, isa) name##_##isa
#define SYM2(name, isa) SYM3(name, isa)
#define SYM(name) SYM2(name, ISA)

#define INLINE static inline __attribute__((always_inline))

/* EACHn applies a register operation to all registers of n vectors. */
#if R_COUNT == 1
#define MEMBERS(type) type a;
#define EACH0(f)             { f }
#define EACHP(f, p)          { f(p) }
#define EACH1(f, x)          { f((x).a) }
#define EACH2(f, x, y)       { f((x).a, (y).a) }
#define EACH3(f, x, y, z)    { f((x).a, (y).a, (z).a) }
#elif R_COUNT == 2
#define MEMBERS(type) type a, b;
#define EACH0(f)             { f, f }
#define EACHP(f, p)          { f(p), f((p) + 8) }
#define EACH1(f, x)          { f((x).a), f((x).b) }
#define EACH2(f, x, y)       { f((x).a, (y).a), f((x).b, (y).b) }
#define EACH3(f, x, y, z)    { f((x).a, (y).a, (z).a), \
                               f((x).b, (y).b, (z).b) }
#else
#define MEMBERS(type) type a, b, c, d;
#define EACH0(f)             { f, f, f, f }
#define EACHP(f, p)          { f(p), f((p) + 4), f((p) + 8), f((p) + 12) }
#define EACH1(f, x)          { f((x).a), f((x).b), f((x).c), f((x).d) }
#define EACH2(f, x, y)       { f((x).a, (y).a), f((x).b, (y).b), \
                               f((x).c, (y).c), f((x).d, (y).d) }
#define EACH3(f, x, y, z)    { f((x).a, (y).a, (z).a), \
                               f((x).b, (y).b, (z).b), \
                               f((x).c, (y).c, (z).c), \
                               f((x).d, (y).d, (z).d) }
#endif

struct vf { MEMBERS(rf) };
struct vi { MEMBERS(ri) };
struct vm { MEMBERS(rm) };

#define VEC1(name, out, in, f) INLINE struct out \
    name(struct in x) { return (struct out)EACH1(f, x); }
#define VEC2(name, out, in, f) INLINE struct out \
    name(struct in x, struct in y) { return (struct out)EACH2(f, x, y); }

VEC2(v_add, vf, vf, r_add)
VEC2(v_sub, vf, vf, r_sub)
VEC2(v_mul, vf, vf, r_mul)
VEC2(v_div, vf, vf, r_div)
VEC2(v_atleast, vf, vf, r_atleast)  /* x, but no less than k: (k, x) */
VEC2(v_atmost, vf, vf, r_atmost)    /* NaN stays; k must not be zero */
VEC1(v_sqrt, vf, vf, r_sqrt)
VEC2(v_lt, vm, vf, r_lt)
VEC2(v_le, vm, vf, r_le)
VEC2(v_eq, vm, vf, r_eq)
VEC1(v_isnan, vm, vf, r_isnan)
VEC2(vm_or, vm, vm, rm_or)
VEC2(vm_and, vm, vm, rm_and)
VEC1(v_bits, vi, vf, r_bits)        /* the same bits as integers */
VEC1(v_float, vf, vi, r_float)      /* and back */
VEC1(vi_cvt, vf, vi, r_cvt)         /* the value, rounded to nearest */
VEC2(vi_add, vi, vi, ri_add)
VEC2(vi_sub, vi, vi, ri_sub)
VEC2(vi_and, vi, vi, ri_and)
VEC2(vi_or, vi, vi, ri_or)
VEC2(vi_xor, vi, vi, ri_xor)
VEC2(vi_gt, vm, vi, ri_gt)          /* signed */
VEC2(vi_eq, vm, vi, ri_eq)

/* Shifts by a constant: vi_sar keeps the sign, vi_shr brings in zeros. */
#define vi_shl(x, n) ((struct vi)EACH2N(ri_shl, x, n))
#define vi_shr(x, n) ((struct vi)EACH2N(ri_shr, x, n))
#define vi_sar(x, n) ((struct vi)EACH2N(ri_sar, x, n))
#if R_COUNT == 1
#define EACH2N(f, x, n) { f((x).a, n) }
#elif R_COUNT == 2
#define EACH2N(f, x, n) { f((x).a, n), f((x).b, n) }
#else
#define EACH2N(f, x, n) { f((x).a, n), f((x).b, n), f((x).c, n), f((x).d, n) }
#endif

/* x * y + z, one rounding. */
INLINE struct vf
v_fma(struct vf x, struct vf y, struct vf z)
{
    return (struct vf)EACH3(r_fma, x, y, z);
}

/* z - x * y, one rounding. */
INLINE struct vf
v_fnma(struct vf x, struct vf y, struct vf z)
{
    return (struct vf)EACH3(r_fnma, x, y, z);
}

/* m ? x : y */
INLINE struct vf
v_sel(struct vm m, struct vf x, struct vf y)
{
    return (struct vf)EACH3(r_sel, m, x, y);
}

INLINE struct vf
v_load(const float *p)
{
    return (struct vf)EACHP(r_load, p);
}

INLINE struct vi
vi_load(const int32_t *p)
{
    return (struct vi)EACHP(ri_load, p);
}

INLINE void
vi_store(int32_t *p, struct vi x)
{
    ri_store(p, x.a);
#if R_COUNT > 1
    ri_store(p + 16 / R_COUNT, x.b);
#endif
#if R_COUNT > 2
    ri_store(p + 8, x.c);
    ri_store(p + 12, x.d);
#endif
}

INLINE void
v_store(float *p, struct vf x)
{
    r_store(p, x.a);
#if R_COUNT > 1
    r_store(p + 16 / R_COUNT, x.b);
#endif
#if R_COUNT > 2
    r_store(p + 8, x.c);
    r_store(p + 12, x.d);
#endif
}

INLINE struct vf
v_set1(float x)
{
    rf r = r_set1(x);

    return (struct vf)EACH0(r);
}

INLINE struct vi
vi_set1(int32_t x)
{
    ri r = ri_set1(x);

    return (struct vi)EACH0(r);
}

/* Is any lane set? */
INLINE bool
vm_any(struct vm m)
{
#if R_COUNT == 1
    return rm_any(m.a);
#elif R_COUNT == 2
    return rm_any(rm_or(m.a, m.b));
#else
    return rm_any(rm_or(rm_or(m.a, m.b), rm_or(m.c, m.d)));
#endif
}

INLINE struct vf
v_zero(void)
{
    return v_set1(0.0f);
}

INLINE struct vf
v_neg(struct vf x)
{
    return v_float(vi_xor(v_bits(x), vi_set1(INT32_MIN)));
}

INLINE struct vf
v_abs(struct vf x)
{
    return v_float(vi_and(v_bits(x), vi_set1(INT32_MAX)));
}

/* The first argument on ties; NaN if either is. */
INLINE struct vf
v_min(struct vf x, struct vf y)
{
    return v_sel(vm_or(v_le(x, y), v_isnan(x)), x, y);
}

INLINE struct vf
v_max(struct vf x, struct vf y)
{
    return v_sel(vm_or(v_le(y, x), v_isnan(x)), x, y);
}

/* +0 below TRIM_BELOW in magnitude; NaN stays. */
INLINE struct vf
v_trim(struct vf x)
{
    return v_sel(v_lt(v_abs(x), v_set1(TRIM_BELOW)), v_zero(), x);
}

/* Lanes whose number is less than n. */
INLINE struct vm
v_first(int n)
{
    static const int32_t iota[LANES] = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    };

    return vi_gt(vi_set1(n), vi_load(iota));
}

/* The fixed tree over lanes: i + (i+8), then + 4, + 2, + 1. */
INLINE float
v_sum(struct vf x)
{
    float t[LANES];

    v_store(t, x);
    for (int n = LANES / 2; n > 0; n /= 2)
        for (int i = 0; i < n; i++)
            t[i] = t[i] + t[i + n];
    return t[0];
}

#endif

/* vec_neon.h - register operations of AArch64 NEON: four registers a vector. */
#include <arm_neon.h>

typedef float32x4_t rf;
typedef int32x4_t ri;
typedef uint32x4_t rm;
#define R_COUNT 4

#define r_load(p)     vld1q_f32(p)
#define r_store(p, x) vst1q_f32(p, x)
#define r_set1        vdupq_n_f32
#define r_add         vaddq_f32
#define r_sub         vsubq_f32
#define r_mul         vmulq_f32
#define r_div         vdivq_f32
#define r_sqrt        vsqrtq_f32
#define r_atleast     vmaxq_f32
#define r_atmost      vminq_f32
#define r_fma(x, y, z)  vfmaq_f32(z, x, y)
#define r_fnma(x, y, z) vfmsq_f32(z, x, y)
#define r_lt          vcltq_f32
#define r_le          vcleq_f32
#define r_eq          vceqq_f32
#define r_isnan(x)    vmvnq_u32(vceqq_f32(x, x))
#define r_sel(m, x, y) vbslq_f32(m, x, y)
#define rm_or         vorrq_u32
#define rm_and        vandq_u32
#define rm_any(x)     (vmaxvq_u32(x) != 0)

#define r_bits        vreinterpretq_s32_f32
#define r_float       vreinterpretq_f32_s32
#define r_cvt         vcvtq_f32_s32
#define ri_load(p)    vld1q_s32(p)
#define ri_store(p, x) vst1q_s32(p, x)
#define ri_set1       vdupq_n_s32
#define ri_add        vaddq_s32
#define ri_sub        vsubq_s32
#define ri_and        vandq_s32
#define ri_or         vorrq_s32
#define ri_xor        veorq_s32
#define ri_shl(x, n)  vshlq_n_s32(x, n)
#define ri_shr(x, n)  vreinterpretq_s32_u32( \
                          vshrq_n_u32(vreinterpretq_u32_s32(x), n))
#define ri_sar(x, n)  vshrq_n_s32(x, n)
#define ri_gt         vcgtq_s32
#define ri_eq         vceqq_s32

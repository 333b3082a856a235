/* vec_avx512.h - register operations of AVX-512: one register a vector. */
#include <immintrin.h>

typedef __m512 rf;
typedef __m512i ri;
typedef __mmask16 rm;
#define R_COUNT 1

#define r_load(p)     _mm512_loadu_ps(p)
#define r_store(p, x) _mm512_storeu_ps(p, x)
#define r_set1        _mm512_set1_ps
#define r_add         _mm512_add_ps
#define r_sub         _mm512_sub_ps
#define r_mul         _mm512_mul_ps
#define r_div         _mm512_div_ps
#define r_sqrt        _mm512_sqrt_ps
/* x86 gives the second operand if either is NaN. */
#define r_atleast(k, x) _mm512_max_ps(k, x)
#define r_atmost(k, x) _mm512_min_ps(k, x)
#define r_fma         _mm512_fmadd_ps
#define r_fnma        _mm512_fnmadd_ps
#define R_SCALE       _mm512_scalef_ps
#define r_lt(x, y)    _mm512_cmp_ps_mask(x, y, _CMP_LT_OQ)
#define r_le(x, y)    _mm512_cmp_ps_mask(x, y, _CMP_LE_OQ)
#define r_eq(x, y)    _mm512_cmp_ps_mask(x, y, _CMP_EQ_OQ)
#define r_isnan(x)    _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q)
#define r_sel(m, x, y) _mm512_mask_blend_ps(m, y, x)
#define rm_or(x, y)   ((rm)((x) | (y)))
#define rm_and(x, y)  ((rm)((x) & (y)))
#define rm_any(x)     ((x) != 0)

#define r_bits        _mm512_castps_si512
#define r_float       _mm512_castsi512_ps
#define r_cvt         _mm512_cvtepi32_ps
#define ri_load(p)    _mm512_loadu_si512(p)
#define ri_store(p, x) _mm512_storeu_si512(p, x)
#define ri_set1       _mm512_set1_epi32
#define ri_add        _mm512_add_epi32
#define ri_sub        _mm512_sub_epi32
#define ri_and        _mm512_and_si512
#define ri_or         _mm512_or_si512
#define ri_xor        _mm512_xor_si512
#define ri_shl(x, n)  _mm512_slli_epi32(x, n)
#define ri_shr(x, n)  _mm512_srli_epi32(x, n)
#define ri_sar(x, n)  _mm512_srai_epi32(x, n)
#define ri_gt         _mm512_cmpgt_epi32_mask
#define ri_eq         _mm512_cmpeq_epi32_mask

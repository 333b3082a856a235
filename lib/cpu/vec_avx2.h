/* vec_avx2.h - register operations of AVX2 with FMA: two registers a vector. */
#include <immintrin.h>

typedef __m256 rf;
typedef __m256i ri;
typedef __m256 rm;
#define R_COUNT 2

#define r_load(p)     _mm256_loadu_ps(p)
#define r_store(p, x) _mm256_storeu_ps(p, x)
#define r_set1        _mm256_set1_ps
#define r_add         _mm256_add_ps
#define r_sub         _mm256_sub_ps
#define r_mul         _mm256_mul_ps
#define r_div         _mm256_div_ps
#define r_sqrt        _mm256_sqrt_ps
/* x86 gives the second operand if either is NaN. */
#define r_atleast(k, x) _mm256_max_ps(k, x)
#define r_atmost(k, x) _mm256_min_ps(k, x)
#define r_fma         _mm256_fmadd_ps
#define r_fnma        _mm256_fnmadd_ps
#define r_lt(x, y)    _mm256_cmp_ps(x, y, _CMP_LT_OQ)
#define r_le(x, y)    _mm256_cmp_ps(x, y, _CMP_LE_OQ)
#define r_eq(x, y)    _mm256_cmp_ps(x, y, _CMP_EQ_OQ)
#define r_isnan(x)    _mm256_cmp_ps(x, x, _CMP_UNORD_Q)
#define r_sel(m, x, y) _mm256_blendv_ps(y, x, m)
#define rm_or         _mm256_or_ps
#define rm_and        _mm256_and_ps
#define rm_any(x)     (_mm256_movemask_ps(x) != 0)

#define r_bits        _mm256_castps_si256
#define r_float       _mm256_castsi256_ps
#define r_cvt         _mm256_cvtepi32_ps
#define ri_load(p)    _mm256_loadu_si256((const __m256i *)(p))
#define ri_store(p, x) _mm256_storeu_si256((__m256i *)(p), x)
#define ri_set1       _mm256_set1_epi32
#define ri_add        _mm256_add_epi32
#define ri_sub        _mm256_sub_epi32
#define ri_and        _mm256_and_si256
#define ri_or         _mm256_or_si256
#define ri_xor        _mm256_xor_si256
#define ri_shl(x, n)  _mm256_slli_epi32(x, n)
#define ri_shr(x, n)  _mm256_srli_epi32(x, n)
#define ri_sar(x, n)  _mm256_srai_epi32(x, n)
#define ri_gt(x, y)   _mm256_castsi256_ps(_mm256_cmpgt_epi32(x, y))
#define ri_eq(x, y)   _mm256_castsi256_ps(_mm256_cmpeq_epi32(x, y))

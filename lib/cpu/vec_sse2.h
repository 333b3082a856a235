/*
 * vec_sse2.h - register operations of SSE2, the least any x86-64 has: four
 * registers a vector, and a fused multiply-add made from doubles.
 */
#include <emmintrin.h>

typedef __m128 rf;
typedef __m128i ri;
typedef __m128 rm;
#define R_COUNT 4

#define r_load(p)     _mm_loadu_ps(p)
#define r_store(p, x) _mm_storeu_ps(p, x)
#define r_set1        _mm_set1_ps
#define r_add         _mm_add_ps
#define r_sub         _mm_sub_ps
#define r_mul         _mm_mul_ps
#define r_div         _mm_div_ps
#define r_sqrt        _mm_sqrt_ps
/* x86 gives the second operand if either is NaN. */
#define r_atleast(k, x) _mm_max_ps(k, x)
#define r_atmost(k, x) _mm_min_ps(k, x)
#define r_lt          _mm_cmplt_ps
#define r_le          _mm_cmple_ps
#define r_eq          _mm_cmpeq_ps
#define r_isnan(x)    _mm_cmpunord_ps(x, x)
#define r_sel(m, x, y) _mm_or_ps(_mm_and_ps(m, x), _mm_andnot_ps(m, y))
#define rm_or         _mm_or_ps
#define rm_and        _mm_and_ps
#define rm_any(x)     (_mm_movemask_ps(x) != 0)

#define r_bits        _mm_castps_si128
#define r_float       _mm_castsi128_ps
#define r_cvt         _mm_cvtepi32_ps
#define ri_load(p)    _mm_loadu_si128((const __m128i *)(p))
#define ri_store(p, x) _mm_storeu_si128((__m128i *)(p), x)
#define ri_set1       _mm_set1_epi32
#define ri_add        _mm_add_epi32
#define ri_sub        _mm_sub_epi32
#define ri_and        _mm_and_si128
#define ri_or         _mm_or_si128
#define ri_xor        _mm_xor_si128
#define ri_shl(x, n)  _mm_slli_epi32(x, n)
#define ri_shr(x, n)  _mm_srli_epi32(x, n)
#define ri_sar(x, n)  _mm_srai_epi32(x, n)
#define ri_gt(x, y)   _mm_castsi128_ps(_mm_cmpgt_epi32(x, y))
#define ri_eq(x, y)   _mm_castsi128_ps(_mm_cmpeq_epi32(x, y))

/*
 * x * y + z of two doubles that hold floats, rounded to odd in double.
 * The product of two floats is exact in double; TwoSum splits the sum into
 * s and its error e.  Rounding to odd (truncate, then set the last bit if
 * anything was cut off) leaves enough for one correct rounding to float, also
 * to a subnormal.  An infinite or NaN s has a NaN e, which compares false.
 */
static inline __attribute__((always_inline)) __m128d
r_fma_odd(__m128d x, __m128d y, __m128d z)
{
    const __m128d zero = _mm_setzero_pd();
    const __m128i one = _mm_set1_epi64x(1);
    __m128d p = _mm_mul_pd(x, y);
    __m128d s = _mm_add_pd(p, z);
    __m128d t = _mm_sub_pd(s, p);
    __m128d e = _mm_add_pd(_mm_sub_pd(p, _mm_sub_pd(s, t)), _mm_sub_pd(z, t));
    __m128i cut = _mm_and_si128(one, _mm_castpd_si128(
            _mm_or_pd(_mm_cmplt_pd(e, zero), _mm_cmpgt_pd(e, zero))));
    __m128i apart = _mm_srli_epi64(_mm_castpd_si128(_mm_xor_pd(e, s)), 63);
    __m128i bits = _mm_sub_epi64(_mm_castpd_si128(s),
                                 _mm_and_si128(apart, cut));

    return _mm_castsi128_pd(_mm_or_si128(bits, cut));
}

static inline __attribute__((always_inline)) __m128
r_fma(__m128 x, __m128 y, __m128 z)
{
    __m128d lo = r_fma_odd(_mm_cvtps_pd(x), _mm_cvtps_pd(y), _mm_cvtps_pd(z));
    __m128d hi = r_fma_odd(_mm_cvtps_pd(_mm_movehl_ps(x, x)),
                           _mm_cvtps_pd(_mm_movehl_ps(y, y)),
                           _mm_cvtps_pd(_mm_movehl_ps(z, z)));

    return _mm_movelh_ps(_mm_cvtpd_ps(lo), _mm_cvtpd_ps(hi));
}

static inline __attribute__((always_inline)) __m128
r_fnma(__m128 x, __m128 y, __m128 z)
{
    return r_fma(_mm_xor_ps(x, _mm_set1_ps(-0.0f)), y, z);
}

/*
 * functions.h - what each element-wise operator is, of one number each, from
 * docs/numerics.md and from its definition; nothing of it comes from lib/.
 *
 *   FLOAT_id    of floats a, b, c (and the whole power k): to the bit
 *   DOUBLE_id   of doubles a, b, c (and k): as libm has it
 *   ERROR_id    how far floats may be from the truth
 *
 * Of a derivative (D_...) a is the adjoint that it multiplies, b the argument
 * of the function or its value, whichever ops.def says, c its second argument.
 */
#ifndef REF_FUNCTIONS_H
#define REF_FUNCTIONS_H

#include <math.h>
#include <stdbool.h>

#include "ref/ref_math.h"

/* In units of the last place; or, where the function crosses zero and cannot
 * be relatively right, of 2^-24; or not looked at, only bit for bit. */
struct error {
    double most;
    bool absolute;
};

#define ULPS(x) { x, false }
#define PARTS(x) { x, true }         /* of 2^-24 */
#define TO_THE_BIT { -1, false }

static inline double
ref_double_sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

/* The normal distribution function and its density. */
static inline double
ref_normal(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

static inline double
ref_density(double x)
{
    return exp(-x * x / 2) * 0.39894228040143267794;
}

static inline double
ref_power(double x, int k)
{
    return k ? pow(x, k) : 1;
}

/* ---- arithmetic ----------------------------------------------------------*/

#define FLOAT_ADD a + b
#define FLOAT_SUB a - b
#define FLOAT_MUL a * b
#define FLOAT_DIV a / b
#define FLOAT_NEG -a
#define FLOAT_POW ref_powi(a, k)
#define FLOAT_D_POW a * ((float)k * ref_powi(b, k - 1))
#define FLOAT_DETACH a
#define FLOAT_SIGN a > 0.0f ? 1.0f : a < 0.0f ? -1.0f : a + 0.0f
#define FLOAT_MOV a
#define FLOAT_TRIM fabsf(a) < 0x1p-100f ? 0.0f : a
#define FLOAT_MULADD a * b + c
#define FLOAT_MULSUB c - a * b
#define FLOAT_MUL_D_SIGMOID (a * b) * (c * (1.0f - c))
#define FLOAT_MUL_D_TANH (a * b) * fmaf(-c, c, 1.0f)

#define DOUBLE_ADD a + b
#define DOUBLE_SUB a - b
#define DOUBLE_MUL a * b
#define DOUBLE_DIV a / b
#define DOUBLE_NEG -a
#define DOUBLE_POW ref_power(a, k)
#define DOUBLE_D_POW a * (k ? k * ref_power(b, k - 1) : 0)
#define DOUBLE_DETACH a
#define DOUBLE_SIGN a > 0 ? 1 : a < 0 ? -1 : a
#define DOUBLE_MOV a
#define DOUBLE_TRIM fabs(a) < 0x1p-100 ? 0 : a

#define ERROR_D_POW TO_THE_BIT

/* ---- functions, each with its derivative ---------------------------------*/

#define FLOAT_SIGMOID ref_sigmoid(a)
#define DOUBLE_SIGMOID ref_double_sigmoid(a)
#define ERROR_SIGMOID ULPS(1.7)
#define FLOAT_D_SIGMOID a * (b * (1.0f - b))
#define DOUBLE_D_SIGMOID a * (b * (1 - b))
#define ERROR_D_SIGMOID ULPS(1.5)

#define FLOAT_TANH ref_tanh(a)
#define DOUBLE_TANH tanh(a)
#define ERROR_TANH ULPS(1.9)
#define FLOAT_D_TANH a * fmaf(-b, b, 1.0f)
#define DOUBLE_D_TANH a * (1 - b * b)
#define ERROR_D_TANH ULPS(0.5)

#define FLOAT_RELU a <= 0.0f ? 0.0f : a
#define DOUBLE_RELU a <= 0 ? 0 : a
#define ERROR_RELU ULPS(0)
#define FLOAT_D_RELU b > 0.0f ? a : 0.0f
#define DOUBLE_D_RELU b > 0 ? a : 0
#define ERROR_D_RELU ULPS(0)

#define FLOAT_GELU ref_gelu(a)
#define DOUBLE_GELU a * ref_normal(a)
#define ERROR_GELU ULPS(2.0)
#define FLOAT_D_GELU a * ref_d_gelu(b)
#define DOUBLE_D_GELU a * (ref_normal(b) + b * ref_density(b))
#define ERROR_D_GELU PARTS(2.5)

#define FLOAT_SWISH ref_swish(a)
#define DOUBLE_SWISH a * ref_double_sigmoid(a)
#define ERROR_SWISH ULPS(2.0)
#define FLOAT_D_SWISH a * ref_d_swish(b)
#define DOUBLE_D_SWISH \
    a * (ref_double_sigmoid(b) * (1 + b * ref_double_sigmoid(-b)))
#define ERROR_D_SWISH PARTS(3.5)

#define FLOAT_SOFTPLUS ref_softplus(a)
#define DOUBLE_SOFTPLUS (a > 0 ? a : 0) + log1p(exp(-fabs(a)))
#define ERROR_SOFTPLUS ULPS(1.8)
#define FLOAT_D_SOFTPLUS a * ref_sigmoid(b)
#define DOUBLE_D_SOFTPLUS a * ref_double_sigmoid(b)
#define ERROR_D_SOFTPLUS ULPS(1.7)

#define FLOAT_EXP ref_exp(a)
#define DOUBLE_EXP exp(a)
#define ERROR_EXP ULPS(1.1)

#define FLOAT_LOG ref_log(a)
#define DOUBLE_LOG log(a)
#define ERROR_LOG ULPS(0.9)

#define FLOAT_SQUARE a * a
#define DOUBLE_SQUARE a * a
#define ERROR_SQUARE ULPS(0.5)
#define FLOAT_D_SQUARE a * (b + b)
#define DOUBLE_D_SQUARE a * (2 * b)
#define ERROR_D_SQUARE ULPS(0)

#define FLOAT_SQRT sqrtf(a)
#define DOUBLE_SQRT sqrt(a)
#define ERROR_SQRT ULPS(0.5)
#define FLOAT_D_SQRT a / (b + b)
#define DOUBLE_D_SQRT a / (2 * b)
#define ERROR_D_SQRT TO_THE_BIT      /* b + b overflows */

#define FLOAT_ABS fabsf(a)
#define DOUBLE_ABS fabs(a)
#define ERROR_ABS ULPS(0)
#define FLOAT_D_ABS b > 0.0f ? a : b < 0.0f ? -a : 0.0f
#define DOUBLE_D_ABS b > 0 ? a : b < 0 ? -a : 0
#define ERROR_D_ABS ULPS(0)

#define FLOAT_SIN ref_sin(a, 0)
#define DOUBLE_SIN sin(a)
#define ERROR_SIN ULPS(1.6)
#define FLOAT_D_SIN a * ref_sin(b, 1)
#define DOUBLE_D_SIN a * cos(b)
#define ERROR_D_SIN ULPS(1.6)

#define FLOAT_COS ref_sin(a, 1)
#define DOUBLE_COS cos(a)
#define ERROR_COS ULPS(1.6)
#define FLOAT_D_COS a * -ref_sin(b, 0)
#define DOUBLE_D_COS a * -sin(b)
#define ERROR_D_COS ULPS(1.6)

#define FLOAT_ERF ref_erf(a)
#define DOUBLE_ERF erf(a)
#define ERROR_ERF ULPS(1.2)
#define FLOAT_D_ERF a * ref_d_erf(b)
#define DOUBLE_D_ERF a * (exp(-b * b) * 1.1283791670955125739)
#define ERROR_D_ERF ULPS(1.9)

/* ---- functions of two arguments ------------------------------------------*/

#define FLOAT_MIN a <= b || isnan(a) ? a : b
#define DOUBLE_MIN a <= b ? a : b
#define FLOAT_D_MIN_A b <= c ? a : 0.0f
#define DOUBLE_D_MIN_A b <= c ? a : 0
#define ERROR_D_MIN_A TO_THE_BIT
#define FLOAT_D_MIN_B b <= c ? 0.0f : a
#define DOUBLE_D_MIN_B b <= c ? 0 : a
#define ERROR_D_MIN_B TO_THE_BIT

#define FLOAT_MAX a >= b || isnan(a) ? a : b
#define DOUBLE_MAX a >= b ? a : b
#define FLOAT_D_MAX_A b >= c ? a : 0.0f
#define DOUBLE_D_MAX_A b >= c ? a : 0
#define ERROR_D_MAX_A TO_THE_BIT
#define FLOAT_D_MAX_B b >= c ? 0.0f : a
#define DOUBLE_D_MAX_B b >= c ? 0 : a
#define ERROR_D_MAX_B TO_THE_BIT

#endif

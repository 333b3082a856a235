/*
 * op_text.h - what each element-wise operator of ops.def is to a kernel: a
 * text TEXT_id of the numbers a, b, c, and k where there is a whole power.
 * The functions are those of math.cu.  docs/numerics.md, sections 6 and 7, say
 * the same; a derivative's first argument is the adjoint that it multiplies.
 * An operator without a text does not compile (emit.c).
 */
#ifndef CUDA_OP_TEXT_H
#define CUDA_OP_TEXT_H

#define TEXT_MOV "a"
#define TEXT_DETACH "a"
#define TEXT_SIGN "0.0f < a ? 1.0f : a < 0.0f ? -1.0f : a + 0.0f"
#define TEXT_TRIM "trim(a)"
#define TEXT_ADD "a + b"
#define TEXT_SUB "a - b"
#define TEXT_MUL "a * b"
#define TEXT_DIV "a / b"
#define TEXT_NEG "-a"
#define TEXT_POW "whole_power(a, k)"
#define TEXT_MULADD "a * b + c"                    /* two roundings */
#define TEXT_MULSUB "c - a * b"

#define TEXT_SIGMOID "f_sigmoid(a)"
#define TEXT_TANH "f_tanh(a)"
#define TEXT_RELU "a <= 0.0f ? 0.0f : a"
#define TEXT_GELU "f_gelu(a)"
#define TEXT_SWISH "f_swish(a)"
#define TEXT_SOFTPLUS "f_softplus(a)"
#define TEXT_EXP "f_exp(a)"
#define TEXT_LOG "f_log(a)"
#define TEXT_SQUARE "a * a"
#define TEXT_SQRT "sqrtf(a)"
#define TEXT_ABS "fabsf(a)"
#define TEXT_SIN "f_sin(a)"
#define TEXT_COS "f_cos(a)"
#define TEXT_ERF "f_erf(a)"
#define TEXT_MIN "a <= b || a != a ? a : b"
#define TEXT_MAX "a >= b || a != a ? a : b"

/* b is the argument of the function, or its value where ops.def says so. */
#define TEXT_D_SIGMOID "a * (b * (1.0f - b))"
#define TEXT_D_TANH "a * fmaf(-b, b, 1.0f)"
#define TEXT_D_RELU "0.0f < b ? a : 0.0f"
#define TEXT_D_GELU "a * f_d_gelu(b)"
#define TEXT_D_SWISH "a * f_d_swish(b)"
#define TEXT_D_SOFTPLUS "a * f_sigmoid(b)"
#define TEXT_D_SQUARE "a * (b + b)"
#define TEXT_D_SQRT "a / (b + b)"
#define TEXT_D_ABS "0.0f < b ? a : b < 0.0f ? -a : 0.0f"
#define TEXT_D_SIN "a * f_cos(b)"
#define TEXT_D_COS "a * -f_sin(b)"
#define TEXT_D_ERF "a * f_d_erf(b)"
#define TEXT_D_POW "a * ((float)k * whole_power(b, k - 1))"
#define TEXT_D_MIN_A "b <= c ? a : 0.0f"
#define TEXT_D_MIN_B "b <= c ? 0.0f : a"
#define TEXT_D_MAX_A "c <= b ? a : 0.0f"
#define TEXT_D_MAX_B "c <= b ? 0.0f : a"
#define TEXT_MUL_D_SIGMOID "(a * b) * (c * (1.0f - c))"
#define TEXT_MUL_D_TANH "(a * b) * fmaf(-c, c, 1.0f)"

/* Those that differ by row are written by emit.c. */
#define TEXT_DROP NULL
#define TEXT_ONEHOT NULL

#endif

/*
 * ew_body.h - what each element-wise operator of ops.def does to vectors:
 * BODY_id of the arguments a, b, c.  Those of whole powers have the power in
 * k, those that differ by row are in ew_rows.c.  docs/numerics.md, sections 6
 * and 7, says the same for one number; a derivative's first argument is the
 * adjoint that it multiplies.
 */
#ifndef CPU_KERNELS_EW_BODY_H
#define CPU_KERNELS_EW_BODY_H

#define BODY_MOV a
#define BODY_SIGN v_sel(v_lt(v_zero(), a), v_set1(1.0f), \
                        v_sel(v_lt(a, v_zero()), v_set1(-1.0f), \
                              v_add(a, v_zero())))     /* NaN stays */
#define BODY_DETACH a
#define BODY_TRIM v_trim(a)
#define BODY_ADD v_add(a, b)
#define BODY_SUB v_sub(a, b)
#define BODY_MUL v_mul(a, b)
#define BODY_DIV v_div(a, b)
#define BODY_NEG v_neg(a)
#define BODY_POW vm_powi(a, k)
#define BODY_MULADD v_add(v_mul(a, b), c)          /* two roundings */
#define BODY_MULSUB v_sub(c, v_mul(a, b))

#define BODY_SIGMOID vm_sigmoid(a)
#define BODY_TANH vm_tanh(a)
#define BODY_RELU v_sel(v_le(a, v_zero()), v_zero(), a)
#define BODY_GELU vm_gelu(a)
#define BODY_SWISH vm_swish(a)
#define BODY_SOFTPLUS vm_softplus(a)
#define BODY_EXP vm_exp(a)
#define BODY_LOG vm_log(a)
#define BODY_SQUARE v_mul(a, a)
#define BODY_SQRT v_sqrt(a)
#define BODY_ABS v_abs(a)
#define BODY_SIN vm_sin(a)
#define BODY_COS vm_cos(a)
#define BODY_ERF vm_erf(a)
#define BODY_MIN v_min(a, b)
#define BODY_MAX v_max(a, b)

/* b is the argument of the function, or its value where ops.def says so. */
#define BODY_D_SIGMOID v_mul(a, v_mul(b, v_sub(v_set1(1.0f), b)))
#define BODY_D_TANH v_mul(a, v_fnma(b, b, v_set1(1.0f)))
#define BODY_D_RELU v_sel(v_lt(v_zero(), b), a, v_zero())
#define BODY_D_GELU v_mul(a, vm_d_gelu(b))
#define BODY_D_SWISH v_mul(a, vm_d_swish(b))
#define BODY_D_SOFTPLUS v_mul(a, vm_sigmoid(b))
#define BODY_D_SQUARE v_mul(a, v_add(b, b))
#define BODY_D_SQRT v_div(a, v_add(b, b))
#define BODY_D_ABS v_sel(v_lt(v_zero(), b), a, \
                         v_sel(v_lt(b, v_zero()), v_neg(a), v_zero()))
#define BODY_D_SIN v_mul(a, vm_cos(b))
#define BODY_D_COS v_mul(a, v_neg(vm_sin(b)))
#define BODY_D_ERF v_mul(a, vm_d_erf(b))
#define BODY_D_POW v_mul(a, v_mul(v_set1((float)k), vm_powi(b, k - 1)))
#define BODY_D_MIN_A v_sel(v_le(b, c), a, v_zero())
#define BODY_D_MIN_B v_sel(v_le(b, c), v_zero(), a)
#define BODY_D_MAX_A v_sel(v_le(c, b), a, v_zero())
#define BODY_D_MAX_B v_sel(v_le(c, b), v_zero(), a)
#define BODY_MUL_D_SIGMOID v_mul(v_mul(a, b), v_mul(c, \
                                 v_sub(v_set1(1.0f), c)))
#define BODY_MUL_D_TANH v_mul(v_mul(a, b), v_fnma(c, c, v_set1(1.0f)))

#endif

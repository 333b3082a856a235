/* ew_math.c - element-wise operations with elementary functions in them. */
#include "cpu/vmath.h"
#include "ew.h"

void
SYM(ew_math)(const struct ew_tile *t)
{
    int k = t->op->power;

    switch ((enum ew_code)t->op->code) {
    case EW_POWI:
        EW_1(t, vm_powi(a, k));
        break;
    case EW_D_POWI:
        EW_2(t, v_mul(a, v_mul(v_set1((float)k), vm_powi(b, k - 1))));
        break;
    case EW_SIGMOID:
        EW_1(t, vm_sigmoid(a));
        break;
    case EW_TANH:
        EW_1(t, vm_tanh(a));
        break;
    case EW_GELU:
        EW_1(t, vm_gelu(a));
        break;
    case EW_SWISH:
        EW_1(t, vm_swish(a));
        break;
    case EW_SOFTPLUS:
        EW_1(t, vm_softplus(a));
        break;
    case EW_EXP:
        EW_1(t, vm_exp(a));
        break;
    case EW_LOG:
        EW_1(t, vm_log(a));
        break;
    case EW_SIN:
        EW_1(t, vm_sin(a));
        break;
    case EW_COS:
        EW_1(t, vm_cos(a));
        break;
    case EW_ERF:
        EW_1(t, vm_erf(a));
        break;
    case EW_D_GELU:
        EW_2(t, v_mul(a, vm_d_gelu(b)));
        break;
    case EW_D_SWISH:
        EW_2(t, v_mul(a, vm_d_swish(b)));
        break;
    case EW_D_SOFTPLUS:
        EW_2(t, v_mul(a, vm_sigmoid(b)));
        break;
    case EW_D_SIN:
        EW_2(t, v_mul(a, vm_cos(b)));
        break;
    case EW_D_COS:
        EW_2(t, v_mul(a, v_neg(vm_sin(b))));
        break;
    case EW_D_ERF:
        EW_2(t, v_mul(a, vm_d_erf(b)));
        break;
    default:
        __builtin_unreachable();
    }
}

/* func.c - the functions of the language, by name and in double. */
#include <math.h>
#include <string.h>

#include "base/dmath.h"
#include "cell/syntax.h"

/* In the order of enum ex_func; drop and detach are operators of their own. */
static const char *const words[] = {
    "sigmoid", "tanh", "relu", "gelu", "swish", "softplus", "exp", "log",
    "square", "sqrt", "abs", "sin", "cos", "erf", "min", "max",
    "detach", "drop", NULL,
};

const char *
func_name(enum ex_func f)
{
    return words[f];
}

const char *const *
func_words(void)
{
    return words;
}

int
func_find(const char *name, int *nargs)
{
    for (int f = 0; f <= FN_MAX; f++)
        if (!strcmp(words[f], name)) {
            *nargs = f >= FN_MIN ? 2 : 1;
            return f;
        }
    return -1;
}

static double
sigmoid(double x)
{
    return 1 / (1 + d_exp(-x));
}

/* For constants only: what runs at every step is the backend's. */
double
func_value(enum ex_func f, double a, double b)
{
    switch (f) {
    case FN_SIGMOID: return sigmoid(a);
    case FN_TANH: return d_tanh(a);
    case FN_RELU: return a > 0 ? a : 0;
    case FN_GELU: return a * 0.5 * (1 + d_erf(a / sqrt(2)));
    case FN_SWISH: return a * sigmoid(a);
    case FN_SOFTPLUS: return (a > 0 ? a : 0) + d_log(1 + d_exp(-fabs(a)));
    case FN_EXP: return d_exp(a);
    case FN_LOG: return d_log(a);
    case FN_SQUARE: return a * a;
    case FN_SQRT: return sqrt(a);
    case FN_ABS: return fabs(a);
    case FN_SIN: return d_sin(a);
    case FN_COS: return d_cos(a);
    case FN_ERF: return d_erf(a);
    case FN_MIN: return b < a ? b : a;
    case FN_MAX: return b > a ? b : a;
    }
    return 0;
}

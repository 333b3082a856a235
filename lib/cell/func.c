/* func.c - the functions of the language, by name and in double. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/dmath.h"
#include "cell/syntax.h"

/* In the order of enum ex_func; drop and detach are operators of their own. */
static const char *const words[] = {
    "sigmoid", "tanh", "relu", "gelu", "swish", "softplus", "exp", "log",
    "square", "sqrt", "abs", "sin", "cos", "erf", "min", "max",
    "detach", "drop", NULL,
};

/* The same, for people. */
static const char *const about[] = {
    "sigmoid(x)   1 / (1 + e^-x)",
    "tanh(x)",
    "relu(x)      x if x > 0, else 0",
    "gelu(x)      x (1 + erf(x / sqrt 2)) / 2",
    "swish(x)     x sigmoid(x); also called silu",
    "softplus(x)  log(1 + e^x)",
    "exp(x)",
    "log(x)       natural",
    "square(x)    x^2",
    "sqrt(x)",
    "abs(x)",
    "sin(x)",
    "cos(x)",
    "erf(x)",
    "min(x, y)    element by element",
    "max(x, y)    element by element",
    "detach(x)    x, a constant for the gradient",
    "drop(x, p)   in training 0 with probability p (0.5 if not given), else "
        "x / (1 - p)",
    NULL,
};

/* What others call them, and functions that others have and the language has
 * not: those would find a neighbour that means something else. */
static const struct { const char *name, *ours; } others[] = {
    { "silu", "swish" }, { "logistic", "sigmoid" }, { "ln", "log" },
    { "dropout", "drop" }, { "stop_gradient", "detach" },
    { "rectify", "relu" }, { "fabs", "abs" }, { "minimum", "min" },
    { "maximum", "max" }, { "pow", "^" }, { "power", "^" },
    { "concat", "[a; b]" }, { "cat", "[a; b]" }, { "sqr", "square" },
    { "softmax", NULL }, { "sum", NULL }, { "mean", NULL }, { "norm", NULL },
    { "layernorm", NULL }, { "layer_norm", NULL }, { "rmsnorm", NULL },
    { "dot", NULL }, { "outer", NULL }, { "var", NULL }, { "std", NULL },
    { "sign", NULL }, { "floor", NULL }, { "ceil", NULL }, { "round", NULL },
    { "mod", NULL }, { "step", NULL }, { "clip", NULL }, { "clamp", NULL },
    { "tan", NULL }, { "sinh", NULL }, { "cosh", NULL }, { "asin", NULL },
    { "acos", NULL }, { "atan", NULL }, { "arctan", NULL }, { "elu", NULL },
    { "selu", NULL }, { "celu", NULL }, { "mish", NULL }, { "prelu", NULL },
    { "leaky_relu", NULL }, { "hard_sigmoid", NULL }, { "hardtanh", NULL },
    { "log2", NULL }, { "log10", NULL }, { "log1p", NULL }, { "exp2", NULL },
    { "expm1", NULL }, { "sparsemax", NULL }, { "cumsum", NULL },
    { "cumax", NULL }, { "transpose", NULL }, { "prod", NULL },
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

const char *const *
func_list(void)
{
    return about;
}

bool
func_foreign(const char *name, const char **ours)
{
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (!strcasecmp(others[i].name, name)) {
            *ours = others[i].ours;
            return true;
        }
    return false;
}

bool
func_miscased(const char *name, const char **ours)
{
    for (int i = 0; words[i]; i++)
        if (!strcasecmp(words[i], name)) {
            *ours = words[i];
            return true;
        }
    return func_foreign(name, ours);
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

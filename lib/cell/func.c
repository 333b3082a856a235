/* func.c - the functions of the language, by name and in double. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/dmath.h"
#include "cell/syntax.h"

/* Every function: what it is called, what may stand in its brackets, and what
 * it is for people. */
static const struct {
    const char *name, *call, *text;
    enum op op;
    int least, most;             /* arguments */
} functions[] = {
#define OP_FUNC(id, name, work, value, slope, reads, text) \
    { name, "(x)", text, OP_##id, 1, 1 },
#define OP_FUNC2(id, name, work, value, slope, slope2, text) \
    { name, "(x, y)", text, OP_##id, 2, 2 },
#define OP_FLAG(id, name, call, n, work, text) \
    { name, call, text, OP_##id, 1, n },
#define OP_OVER(id, name, text) { name, "(x, k)", text, OP_##id, 1, 2 },
#define OP_SPELT OP_OVER
#include "cell/ops.def"
};

enum { FUNCTIONS = sizeof functions / sizeof *functions };

static const char *const words[] = {
#define OP_FUNC(id, name, ...) name,
#define OP_FUNC2(id, name, ...) name,
#define OP_FLAG(id, name, ...) name,
#define OP_OVER(id, name, ...) name,
#define OP_SPELT OP_OVER
#include "cell/ops.def"
    NULL
};

/* What others call them, and functions that others have and the language has
 * not: those would find a neighbour that means something else.  (Our own come
 * before these.) */
static const struct { const char *name, *ours; } others[] = {
    { "silu", "swish" }, { "logistic", "sigmoid" }, { "ln", "log" },
    { "dropout", "drop" }, { "stop_gradient", "detach" },
    { "rectify", "relu" }, { "fabs", "abs" }, { "minimum", "min" },
    { "maximum", "max" }, { "pow", "^" }, { "power", "^" },
    { "concat", "[a; b]" }, { "cat", "[a; b]" }, { "sqr", "square" },
    { "layer_norm", "layernorm" }, { "rms_norm", "rmsnorm" },
    { "average", "mean" }, { "sgn", "sign" }, { "norm", NULL },
    { "amin", NULL },
    { "dot", NULL }, { "outer", NULL }, { "var", NULL }, { "std", NULL },
    { "floor", NULL }, { "ceil", NULL }, { "round", NULL },
    { "mod", NULL }, { "step", NULL }, { "clip", NULL }, { "clamp", NULL },
    { "tan", NULL }, { "sinh", NULL }, { "cosh", NULL }, { "asin", NULL },
    { "acos", NULL }, { "atan", NULL }, { "arctan", NULL }, { "elu", NULL },
    { "selu", NULL }, { "celu", NULL }, { "mish", NULL }, { "prelu", NULL },
    { "leaky_relu", NULL }, { "hard_sigmoid", NULL }, { "hardtanh", NULL },
    { "log2", NULL }, { "log10", NULL }, { "log1p", NULL }, { "exp2", NULL },
    { "expm1", NULL }, { "sparsemax", NULL },
    { "cumax", NULL }, { "transpose", NULL }, { "prod", NULL },
};

const char *const *
func_words(void)
{
    return words;
}

void
func_print(FILE *out)
{
    for (int i = 0; i < FUNCTIONS; i++) {
        int n = fprintf(out, "%s%s", functions[i].name, functions[i].call);

        fprintf(out, "%*s%s\n", 17 - n, "", functions[i].text);
    }
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

bool
func_may_be_name(enum op f)
{
    return op_rows[f].kind == KIND_OVER || op_rows[f].kind == KIND_SPELT ||
           f == OP_SIGN;
}

bool
func_find(const char *name, enum op *op, int *least, int *most)
{
    for (int i = 0; i < FUNCTIONS; i++)
        if (!strcmp(functions[i].name, name)) {
            *op = functions[i].op;
            *least = functions[i].least;
            *most = functions[i].most;
            return true;
        }
    return false;
}

/* For constants only: what runs at every step is the backend's. */
double
func_value(enum op f, double x, double y)
{
    switch (f) {
#define OP_FUNC(id, name, work, value, ...) case OP_##id: return value;
#define OP_FUNC2(id, name, work, value, ...) case OP_##id: return value;
#include "cell/ops.def"
    case OP_SIGN: return (x > 0) - (x < 0);
    default: return NAN;         /* detach and drop */
    }
}

/*
 * How far the float functions are from the truth (libm in double), over all
 * exponents: the figures docs/numerics.md states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cpu/kernel.h"
#include "ref_math.h"

static double
sigmoid(double x)
{
    return 1.0 / (1.0 + exp(-x));
}

static double
softplus(double x)
{
    return (x > 0.0 ? x : 0.0) + log1p(exp(-fabs(x)));
}

static double
gelu(double x)
{
    return x * 0.5 * erfc(-x / sqrt(2.0));
}

static double
swish(double x)
{
    return x * sigmoid(x);
}

static double
d_gelu(double x)
{
    return 0.5 * erfc(-x / sqrt(2.0))
        + x * exp(-x * x / 2.0) * 0.39894228040143267794;
}

static double
d_swish(double x)
{
    return sigmoid(x) * (1.0 + x * sigmoid(-x));
}

static double
d_erf(double x)
{
    return exp(-x * x) * 1.1283791670955125739;
}

/* Most units in the last place; where the function crosses zero and cannot
 * be relatively right, most units of 2^-24 instead (`absolute`). */
static const struct {
    const char *name;
    int code;
    double (*f)(double);
    double most;
    bool absolute;
} functions[] = {
    { "exp", EW_EXP, exp, 1.1, false },
    { "log", EW_LOG, log, 0.9, false },
    { "sigmoid", EW_SIGMOID, sigmoid, 1.7, false },
    { "tanh", EW_TANH, tanh, 1.9, false },
    { "softplus", EW_SOFTPLUS, softplus, 1.8, false },
    { "sin", EW_SIN, sin, 1.6, false },
    { "cos", EW_COS, cos, 1.6, false },
    { "erf", EW_ERF, erf, 1.2, false },
    { "gelu", EW_GELU, gelu, 2.0, false },
    { "swish", EW_SWISH, swish, 2.0, false },
    { "d_gelu", EW_D_GELU, d_gelu, 2.5, true },
    { "d_swish", EW_D_SWISH, d_swish, 3.5, true },
    { "d_erf", EW_D_ERF, d_erf, 1.9, false },
    { "d_softplus", EW_D_SOFTPLUS, sigmoid, 1.7, false },
};

static double
unit(double y, bool absolute)
{
    int e;

    if (absolute)
        return 0x1p-24;
    if (fabs(y) < 0x1p-126)
        return 0x1p-149;
    frexp(y, &e);
    return ldexp(1.0, e - 24);
}

/* Every stride-th float: all signs, exponents, infinities by chance. */
static void
measure(const struct kernels *k, int which, uint32_t stride)
{
    enum { N = 4096 };
    static _Alignas(64) float x[N], y[N];
    int code = functions[which].code;
    struct ew_op op = { .code = (uint8_t)code, .nargs = 1,
        .d = { .where = EA_ARRAY, .arr = 1 }, .a = { .where = EA_ARRAY } };
    struct ew_prog prog = { 1, 0, N, &op };
    struct ew_ctx ctx = { .rows = 1, .base = { x, y } };
    double worst = 0.0, at = 0.0;

    if (code >= EW_D_SIGMOID) {
        op.nargs = 2;
        op.b = op.a;
        op.a = (struct ew_arg){ .where = EA_CONST, .k = 1.0f };
    }
    for (uint64_t u = 0; u < 1ull << 32;) {
        for (int i = 0; i < N; i++, u += stride)
            x[i] = float_of(u >> 32 ? 0 : (uint32_t)u);
        k->ew(&prog, &ctx);
        for (int i = 0; i < N; i++) {
            double truth = functions[which].f((double)x[i]);
            bool nan = isnan(y[i]);

            if (isinf(y[i]) || isinf((float)truth))
                nan = fabs(truth) < 0x1.fffffep127;
            else if (!nan && !isnan(truth)) {
                double off = fabs((double)y[i] - truth)
                    / unit(truth, functions[which].absolute);

                at = off > worst ? (double)x[i] : at;
                worst = off > worst ? off : worst;
            }
            if (nan && !isnan(truth))
                fail_msg("%s(%a) is %a, want %a", functions[which].name,
                         (double)x[i], (double)y[i], truth);
        }
    }
    print_message("# %-10s %.3f %s at %a\n", functions[which].name, worst,
                  functions[which].absolute ? "of 2^-24" : "ulp", at);
    assert_true(worst <= functions[which].most);
}

/* ULP_STRIDE=1 looks at every float (an hour). */
static void
accuracy(void **state)
{
    const struct kernels *k = kernels_pick();
    const char *s = getenv("ULP_STRIDE");

    (void)state;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        measure(k, (int)i, s ? (uint32_t)strtoul(s, NULL, 10) : 2053);
}

/* Where the formulas would stumble: what happens is part of the contract. */
static void
ends(void **state)
{
    static const struct {
        int code;
        float x, y;
    } points[] = {
        { EW_EXP, INFINITY, INFINITY }, { EW_EXP, -INFINITY, 0.0f },
        { EW_EXP, 88.8f, INFINITY }, { EW_EXP, 0.0f, 1.0f },
        { EW_EXP, -103.9f, 0x1p-149f },
        { EW_LOG, 0.0f, -INFINITY }, { EW_LOG, -0.0f, -INFINITY },
        { EW_LOG, INFINITY, INFINITY }, { EW_LOG, -1.0f, NAN },
        { EW_LOG, 1.0f, 0.0f }, { EW_LOG, -INFINITY, NAN },
        { EW_SIGMOID, INFINITY, 1.0f }, { EW_SIGMOID, -INFINITY, 0.0f },
        { EW_SIGMOID, 0.0f, 0.5f }, { EW_SIGMOID, -0.0f, 0.5f },
        { EW_TANH, INFINITY, 1.0f }, { EW_TANH, -INFINITY, -1.0f },
        { EW_TANH, -0.0f, -0.0f },
        { EW_SOFTPLUS, INFINITY, INFINITY }, { EW_SOFTPLUS, -INFINITY, 0.0f },
        { EW_SIN, INFINITY, NAN }, { EW_COS, -INFINITY, NAN },
        { EW_SIN, -0.0f, 0.0f },
        { EW_ERF, INFINITY, 1.0f }, { EW_ERF, -INFINITY, -1.0f },
        { EW_ERF, -0.0f, -0.0f },
        { EW_GELU, INFINITY, INFINITY }, { EW_GELU, -INFINITY, -0.0f },
        { EW_SWISH, INFINITY, INFINITY }, { EW_SWISH, -INFINITY, 0.0f },
        { EW_RELU, -0.0f, 0.0f }, { EW_RELU, NAN, NAN },
        { EW_RELU, -INFINITY, 0.0f }, { EW_SQRT, -0.0f, -0.0f },
        { EW_SQRT, -1.0f, NAN }, { EW_EXP, NAN, NAN }, { EW_LOG, NAN, NAN },
        { EW_TANH, NAN, NAN }, { EW_SIGMOID, NAN, NAN },
        { EW_GELU, NAN, NAN }, { EW_SWISH, NAN, NAN }, { EW_ERF, NAN, NAN },
        { EW_SOFTPLUS, NAN, NAN }, { EW_SIN, NAN, NAN }, { EW_COS, NAN, NAN },
    };
    const struct kernels *k = kernels_pick();

    (void)state;
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        _Alignas(64) float y[LANES];
        struct ew_op op = { .code = (uint8_t)points[i].code, .nargs = 1,
            .d = { .where = EA_ARRAY, .arr = 0 },
            .a = { .where = EA_CONST, .k = points[i].x } };
        struct ew_prog prog = { 1, 0, 1, &op };
        struct ew_ctx ctx = { .rows = 1, .base = { y } };

        k->ew(&prog, &ctx);
        if (isnan(points[i].y) ? !isnan(y[0])
                               : bits_of(y[0]) != bits_of(points[i].y))
            fail_msg("operation %d of %a is %a, want %a", points[i].code,
                     (double)points[i].x, (double)y[0], (double)points[i].y);
    }
}

/* FNV-1a of sin and cos of numbers beyond 2^17, where ref_math.h stops: the
 * same on every instruction set, and as it was. */
static void
far(void **state)
{
    static const char *const isas[] = { "sse2", "avx2", "avx512", "neon" };
    enum { N = 8192 };
    static _Alignas(64) float x[N], y[N];

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        x[i] = float_of(i << 31 | (0x48000000 + i * 112500));
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        const struct kernels *k = kernels_named(isas[i]);
        uint64_t hash = 0xcbf29ce484222325;

        for (int code = EW_SIN; k && code <= EW_COS; code++) {
            struct ew_op op = { .code = (uint8_t)code, .nargs = 1,
                .d = { .where = EA_ARRAY, .arr = 1 },
                .a = { .where = EA_ARRAY } };
            struct ew_prog prog = { 1, 0, N, &op };
            struct ew_ctx ctx = { .rows = 1, .base = { x, y } };

            k->ew(&prog, &ctx);
            for (int j = 0; j < N; j++)
                hash = (hash ^ bits_of(y[j])) * 0x100000001b3;
        }
        if (k && hash != 0xf587fe1340b043d7)
            fail_msg("%s: %#llx", isas[i], (unsigned long long)hash);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accuracy), cmocka_unit_test(far),
        cmocka_unit_test(ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * How far the float functions are from the truth (libm in double), over all
 * exponents: the figures docs/numerics.md states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ref/functions.h"
#include "unit/isas.h"

/* The functions of one argument and their derivatives, of an adjoint of 1. */
static const struct {
    const char *name;
    enum op code;
    struct error error;
} functions[] = {
#define OP_FUNC(id, name, ...) { name, OP_##id, ERROR_##id },
#define OP_SLOPE(id, name, ...) { name, OP_##id, ERROR_##id },
#include "cell/ops.def"
};

/* Of x alone: a function's argument is a, what a derivative reads b. */
static double
true_value(enum op code, double x)
{
    bool slope = op_rows[code].kind == KIND_SLOPE;
    double a = slope ? 1 : x, b = x, c = 0;
    int k = 0;

    switch (code) {
#define CASE(id, ...) case OP_##id: return DOUBLE_##id;
#define OP_FUNC CASE
#define OP_SLOPE CASE
#include "cell/ops.def"
    default: return NAN;
    }
}

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
    enum op code = functions[which].code;
    struct error most = functions[which].error;
    struct ew_op op = { .code = (uint8_t)code, .nargs = 1,
        .d = { .where = EA_ARRAY, .arr = 1 }, .a = { .where = EA_ARRAY } };
    struct ew_prog prog = { 1, 0, N, &op };
    struct ew_ctx ctx = { .rows = 1, .base = { x, y } };
    double worst = 0.0, at = 0.0;

    if (op_rows[code].kind == KIND_SLOPE) {
        op.nargs = 2;
        op.b = op.a;
        op.a = (struct ew_arg){ .where = EA_CONST, .k = 1.0f };
    }
    for (uint64_t u = 0; u < 1ull << 32;) {
        for (int i = 0; i < N; i++, u += stride)
            x[i] = float_of(u >> 32 ? 0 : (uint32_t)u);
        k->ew(&prog, &ctx);
        for (int i = 0; i < N; i++) {
            double truth = true_value(code, (double)x[i]);
            bool nan = isnan(y[i]);

            if (isinf(y[i]) || isinf((float)truth))
                nan = fabs(truth) < 0x1.fffffep127;
            else if (!nan && !isnan(truth)) {
                double off = fabs((double)y[i] - truth)
                    / unit(truth, most.absolute);

                at = off > worst ? (double)x[i] : at;
                worst = off > worst ? off : worst;
            }
            if (nan && !isnan(truth))
                fail_msg("%s(%a) is %a, want %a", functions[which].name,
                         (double)x[i], (double)y[i], truth);
        }
    }
    print_message("# %-10s %.3f %s at %a\n", functions[which].name, worst,
                  most.absolute ? "of 2^-24" : "ulp", at);
    assert_true(worst <= most.most);
}

/* ULP_STRIDE=1 looks at every float (an hour). */
static void
accuracy(void **state)
{
    const struct kernels *k = kernels_pick();
    const char *s = getenv("ULP_STRIDE");

    (void)state;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (functions[i].error.most >= 0)
            measure(k, (int)i, s ? (uint32_t)strtoul(s, NULL, 10) : 2053);
}

/* Where the formulas would stumble: what happens is part of the contract. */
static void
ends(void **state)
{
    static const struct {
        enum op code;
        float x, y;
    } points[] = {
        { OP_EXP, INFINITY, INFINITY }, { OP_EXP, -INFINITY, 0.0f },
        { OP_EXP, 88.8f, INFINITY }, { OP_EXP, 0.0f, 1.0f },
        { OP_EXP, -103.9f, 0x1p-149f },
        { OP_LOG, 0.0f, -INFINITY }, { OP_LOG, -0.0f, -INFINITY },
        { OP_LOG, INFINITY, INFINITY }, { OP_LOG, -1.0f, NAN },
        { OP_LOG, 1.0f, 0.0f }, { OP_LOG, -INFINITY, NAN },
        { OP_SIGMOID, INFINITY, 1.0f }, { OP_SIGMOID, -INFINITY, 0.0f },
        { OP_SIGMOID, 0.0f, 0.5f }, { OP_SIGMOID, -0.0f, 0.5f },
        { OP_TANH, INFINITY, 1.0f }, { OP_TANH, -INFINITY, -1.0f },
        { OP_TANH, -0.0f, -0.0f },
        { OP_SOFTPLUS, INFINITY, INFINITY }, { OP_SOFTPLUS, -INFINITY, 0.0f },
        { OP_SIN, INFINITY, NAN }, { OP_COS, -INFINITY, NAN },
        { OP_SIN, -0.0f, 0.0f },
        { OP_ERF, INFINITY, 1.0f }, { OP_ERF, -INFINITY, -1.0f },
        { OP_ERF, -0.0f, -0.0f },
        { OP_GELU, INFINITY, INFINITY }, { OP_GELU, -INFINITY, -0.0f },
        { OP_SWISH, INFINITY, INFINITY }, { OP_SWISH, -INFINITY, 0.0f },
        { OP_RELU, -0.0f, 0.0f }, { OP_RELU, NAN, NAN },
        { OP_RELU, -INFINITY, 0.0f }, { OP_SQRT, -0.0f, -0.0f },
        { OP_SQRT, -1.0f, NAN }, { OP_EXP, NAN, NAN }, { OP_LOG, NAN, NAN },
        { OP_TANH, NAN, NAN }, { OP_SIGMOID, NAN, NAN },
        { OP_GELU, NAN, NAN }, { OP_SWISH, NAN, NAN }, { OP_ERF, NAN, NAN },
        { OP_SOFTPLUS, NAN, NAN }, { OP_SIN, NAN, NAN }, { OP_COS, NAN, NAN },
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
            fail_msg("%s of %a is %a, want %a", op_name(points[i].code),
                     (double)points[i].x, (double)y[0], (double)points[i].y);
    }
}

/* FNV-1a of sin and cos of numbers beyond 2^17, where ref/ref_math.h stops: the
 * same on every instruction set, and as it was. */
static void
far(void **state)
{
    enum { N = 8192 };
    static _Alignas(64) float x[N], y[N];

    (void)state;
    for (uint32_t i = 0; i < N; i++)
        x[i] = float_of(i << 31 | (0x48000000 + i * 112500));
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        const struct kernels *k = kernels_named(isas[i]);
        uint64_t hash = 0xcbf29ce484222325;

        for (enum op code = OP_SIN; k && code <= OP_COS; code++) {
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

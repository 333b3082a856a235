/*
 * Every element-wise operator of every instruction set this machine has,
 * against ref/functions.h, bit for bit (a NaN equals a NaN: their payloads
 * differ between machines and reach no file).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/rng.h"
#include "ref/functions.h"
#include "unit/isas.h"

enum { ROWS = 9, STRIDE = 272, ROOM = ROWS * STRIDE };

/* Often special, often of a size that nets have, sometimes any bits. */
static float
draw(struct rng *r)
{
    static const uint32_t special[] = {
        0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000,
        0xff800000, 0x7fc00000, 0x00000001, 0x80000001, 0x007fffff,
        0x00800000, 0x7f7fffff, 0xff7fffff, 0x3f000000, 0x40490fdb,
        0xc2d00000, 0x42b17218, 0x4b000000,
    };
    uint32_t kind = rng_below(r, 8);

    if (kind == 0)
        return float_of(special[rng_below(r, sizeof special / 4)]);
    if (kind == 1)
        return float_of(rng_u32(r));
    return (rng_float(r) - 0.5f) * (kind < 4 ? 2.0f : kind < 6 ? 20.0f
                                                              : 250.0f);
}

static float
want(const struct ew_op *op, float a, float b, float c)
{
    int k = op->power;

    switch ((enum op)op->code) {
#define CASE(id, ...) case OP_##id: return FLOAT_##id;
#define CASE_PLAIN CASE
#define CASE_MATH CASE
#define CASE_ROWS(id, n)                /* by_row() looks at these */
#include "cpu/kernels/ew_cases.h"
    default: fail_msg("operator %s has no kernel", op_name(op->code));
    }
    return 0.0f;
}

static bool
is_trig(enum op code)
{
    return code == OP_SIN || code == OP_COS || code == OP_D_SIN
        || code == OP_D_COS;
}

static bool
by_rows(enum op code)
{
    switch (code) {
#undef CASE_PLAIN
#undef CASE_MATH
#undef CASE_ROWS
#define CASE_PLAIN(id, n)
#define CASE_MATH(id, n)
#define CASE_ROWS(id, n) case OP_##id: return true;
#include "cpu/kernels/ew_cases.h"
    default: return false;
    }
}

static void
same(const char *isa, const struct ew_op *op, float got, float expect,
     float a, float b, float c)
{
    if (bits_of(got) == bits_of(expect) || (isnan(got) && isnan(expect)))
        return;
    fail_msg("%s, %s (k = %d) of %a, %a, %a: %a, want %a", isa,
             op_name(op->code), op->power, (double)a, (double)b, (double)c,
             (double)got, (double)expect);
}

struct place {
    struct ew_arg arg;
    const float *base;
    ptrdiff_t stride;
};

/* An argument somewhere: its own array, an array of one row, a constant. */
static struct place
somewhere(struct rng *r, int i, float (*x)[ROOM])
{
    struct place p = {
        { .where = EA_ARRAY, .arr = (uint8_t)i }, x[i], STRIDE,
    };

    if (rng_below(r, 4) == 0)
        p.stride = 0;
    if (rng_below(r, 5) == 0) {
        p.arg.where = EA_CONST;
        p.arg.k = draw(r);
    }
    return p;
}

static float
value(const struct place *p, int row, int j)
{
    return p->arg.where == EA_CONST ? p->arg.k : p->base[row * p->stride + j];
}

/* One operation; its result goes through a scratch slot when `slot`. */
static void
one(const struct kernels *k, struct rng *r, enum op code, float (*x)[ROOM])
{
    int rows = 1 + (int)rng_below(r, ROWS), size = 1 + (int)rng_below(r, 256);
    struct ew_op op[2] = { { .code = (uint8_t)code } };
    struct ew_ctx ctx = { .rows = rows };
    bool slot = rng_below(r, 2);
    struct ew_prog prog = { 1 + slot, slot, size, op };
    struct place in[3];

    for (int i = 0; i < ROOM; i++)
        for (int a = 0; a < 3; a++)
            x[a][i] = draw(r);
    if (is_trig(code))
        for (int i = 0; i < ROOM; i++)
            for (int a = 0; a < 3; a++)
                if (fabsf(x[a][i]) > 0x1p17f && isfinite(x[a][i]))
                    x[a][i] = 1.0f;
    for (int i = 0; i < 3; i++) {
        in[i] = somewhere(r, i, x);
        if (is_trig(code) && in[i].arg.where == EA_CONST)
            in[i].arg.k = 3.0f;
        ctx.base[i] = x[i];
        ctx.stride[i] = in[i].stride;
    }
    ctx.base[3] = x[3];
    ctx.stride[3] = STRIDE;
    op[0].nargs = (uint8_t)op_rows[code].nargs;
    op[0].power = (int16_t)((int)rng_below(r, 9) - 3);
    op[0].trim = rng_below(r, 3) == 0;
    op[0].a = in[0].arg;
    op[0].b = in[1].arg;
    op[0].c = in[2].arg;
    op[0].d = (struct ew_arg){ .where = EA_ARRAY, .arr = 3 };
    if (slot) {
        op[1] = (struct ew_op){ .code = OP_MOV, .nargs = 1, .d = op[0].d };
        op[0].d = op[1].a = (struct ew_arg){ .where = EA_SLOT };
    }
    k->ew(&prog, &ctx);
    for (int row = 0; row < rows; row++)
        for (int j = 0; j < size; j++) {
            float a = value(&in[0], row, j), b = value(&in[1], row, j);
            float c = value(&in[2], row, j), y = want(op, a, b, c);

            if (op[0].trim && fabsf(y) < 0x1p-100f)
                y = 0.0f;
            same(k->isa, op, x[3][row * STRIDE + j], y, a, b, c);
        }
}

static void
operations(void **state)
{
    static _Alignas(64) float x[4][ROOM];

    (void)state;
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        const struct kernels *k = kernels_named(isas[i]);
        struct rng r;

        if (!k) {
            print_message("%s: not here, skipped\n", isas[i]);
            continue;
        }
        rng_init(&r, 1, RNG_STATS, 0, 0);
        for (enum op code = 0; code < OPS; code++)
            for (int n = 0; op_elementwise(code) && !by_rows(code) && n < 60;
                 n++)
                one(k, &r, code, x);
    }
}

/* Dropout and one-hot, whose rows differ. */
static void
by_row(void **state)
{
    enum { N = 200, V = 30 };
    static _Alignas(64) float in[ROOM], out[2][ROOM];
    const struct ew_arg d = { .where = EA_SLOT };
    struct ew_op op[4] = {
        { .code = OP_DROP, .nargs = 1, .d = d, .a.where = EA_ARRAY,
          .p = 0.3, .scale = 1.0f / 0.7f, .site = 5 },
        { .code = OP_MOV, .nargs = 1, .a = d },
        { .code = OP_ONEHOT, .power = 1, .d = d },
        { .code = OP_MOV, .nargs = 1, .a = d },
    };
    int32_t tok[2 * ROWS];
    uint32_t place[ROWS];
    struct ew_prog prog = { 4, 1, N, op };
    const struct ew_drop drop = { 0x123456789abcdef0, 77 };
    struct ew_ctx ctx = {
        .rows = ROWS, .tok = tok, .tok_stride = 2, .place = place,
        .base = { in, out[0], out[1] },
        .stride = { STRIDE, STRIDE, STRIDE },
        .drop = &drop,
    };
    struct rng r;

    (void)state;
    for (int i = 0; i < 2; i++)
        op[2 * i + 1].d = (struct ew_arg){
            .where = EA_ARRAY, .arr = (uint8_t)(i + 1),
        };
    rng_init(&r, 2, RNG_STATS, 0, 0);
    for (int i = 0; i < ROOM; i++)
        in[i] = rng_float(&r) - 0.5f;
    for (int i = 0; i < ROWS; i++) {
        tok[2 * i] = (int32_t)rng_below(&r, V);
        place[i] = rng_u32(&r);
    }
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        const struct kernels *k = kernels_named(isas[i]);
        int kept = 0;

        if (!k)
            continue;
        memset(out, 0xff, sizeof out);
        k->ew(&prog, &ctx);
        for (int row = 0; row < ROWS; row++)
            for (int j = 0; j < N; j++) {
                int at = row * STRIDE + j;
                uint32_t w[4];
                bool keep;

                philox(drop.seed,
                       (uint64_t)(5u << 16 | (uint32_t)j / 4) << 32
                       | place[row], 77, RNG_DROP, w);
                keep = w[j % 4] >= 0.3 * 0x1p32;
                kept += keep;
                assert_true(out[0][at] == (keep ? in[at] * op[0].scale : 0));
                assert_true(out[1][at] == (j == tok[2 * row]));
            }
        assert_in_range(kept, ROWS * N * 6 / 10, ROWS * N * 8 / 10);
    }
}

/* A word is kept from p * 2^32 on, not from what p is as a float: with p half a
 * word below, at, and half a word above the word that is drawn. */
static void
dropped_from(void **state)
{
    enum { N = 40 };
    static _Alignas(64) float in[STRIDE], out[STRIDE];
    struct ew_op op = {
        .code = OP_DROP, .nargs = 1, .scale = 1, .site = 2,
        .a.where = EA_ARRAY, .d = { .where = EA_ARRAY, .arr = 1 },
    };
    uint32_t place = 9;
    const struct ew_drop drop = { 5, 3 };
    struct ew_prog prog = { 1, 0, N, &op };
    struct ew_ctx ctx = {
        .rows = 1, .place = &place, .base = { in, out },
        .stride = { STRIDE, STRIDE }, .drop = &drop,
    };

    (void)state;
    for (int i = 0; i < STRIDE; i++)
        in[i] = 1;
    for (size_t i = 0; i < sizeof isas / sizeof *isas; i++) {
        const struct kernels *k = kernels_named(isas[i]);

        for (int j = 0; k && j < N; j++) {
            uint32_t w[4];

            philox(5, (uint64_t)(2u << 16 | (uint32_t)j / 4) << 32 | place, 3,
                   RNG_DROP, w);
            for (int half = -1; half <= 1; half++) {
                op.p = (w[j % 4] + half * 0.5) / 0x1p32;
                k->ew(&prog, &ctx);
                assert_true(out[j] == (half <= 0));
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations),
        cmocka_unit_test(by_row),
        cmocka_unit_test(dropped_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

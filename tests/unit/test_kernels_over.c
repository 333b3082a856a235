/*
 * Operators over units of every instruction set, one net and a fleet, against
 * loops written from docs/numerics.md, bit for bit.
 */
#include "kernel_try.h"

enum { ROWS = 3, MOST = 70, STRIDE = 80 };

static float
tree_sum(const float *x, int n, int step)
{
    float s[16] = { 0 };

    for (int j = 0; j < n; j++)
        s[j % 16] = s[j % 16] + x[j * step];
    for (int half = 8; half; half /= 2)
        for (int i = 0; i < half; i++)
            s[i] = s[i] + s[i + half];
    return s[0];
}

static float
most(const float *x, int n, int step)
{
    float m = x[0];

    for (int j = 0; j < n; j++) {
        if (isnan(x[j * step]))
            return x[j * step];
        m = x[j * step] > m ? x[j * step] : m;
    }
    return m + 0.0f;
}

/* d of one head, whose units stand `step` floats apart. */
static void
wanted(enum op op, int n, int step, const float *a, const float *b,
       const float *c, float *d)
{
    float s = 0, m = op == OP_D_AMAX ? most(b, n, step) : 0;
    bool had = false;

    for (int i = 0; i < n; i++) {
        int j = op == OP_D_CUMSUM || op == OP_D_CUMPROD ? n - 1 - i : i;

        switch (op) {
        case OP_SUM: d[j] = tree_sum(a, n, step); break;
        case OP_AMAX: d[j] = most(a, n, step); break;
        case OP_D_AMAX:
            d[j] = !had && b[j * step] == m ? tree_sum(a, n, step) : 0.0f;
            had |= b[j * step] == m;
            break;
        case OP_CUMSUM: d[j] = s = i ? s + a[j * step] : a[0]; break;
        case OP_CUMPROD: d[j] = s = i ? s * a[j * step] : a[0]; break;
        case OP_D_CUMSUM:
            d[j] = s = i ? a[j * step] + s : a[j * step];
            break;
        default:
            s = i ? a[j * step] + b[(j + 1) * step] * s : a[j * step];
            d[j] = j ? s * c[(j - 1) * step] : s;
        }
    }
}

static float
some(struct rng *r)
{
    static const float special[] = { 0.0f, -0.0f, 1.0f, INFINITY, -INFINITY,
                                     NAN, 0x1p-140f, 3e38f };

    return below(r, 12) ? rng_float(r) - 0.5f : special[below(r, 8)];
}

static void
one(const struct kernels *k, struct rng *r, enum op op, int lanes)
{
    static _Alignas(64) float x[4][ROWS * STRIDE * LANES + LANES];
    int heads = 1 + below(r, 4), units = 1 + below(r, MOST / heads);
    struct over o = { .op = op, .rows = ROWS, .heads = heads, .units = units,
                      .lanes = lanes,
                      .d = { x[3], STRIDE * lanes } };

    for (int i = 0; i < 4; i++)
        for (int j = 0; j < ROWS * STRIDE * LANES; j++)
            x[i][j] = some(r);
    for (int i = 0; i < op_rows[op].nargs; i++)
        o.arg[i] = (struct over_rows){ x[i], below(r, 3) ? STRIDE * lanes
                                                         : 0 };
    k->over(&o);
    for (int row = 0; row < ROWS; row++)
        for (int h = 0; h < heads; h++)
            for (int l = 0; l < lanes; l++) {
                const float *a[3];
                float d[MOST];
                ptrdiff_t off = (ptrdiff_t)h * units * lanes + l;

                for (int i = 0; i < 3; i++)
                    a[i] = x[i] + row * o.arg[i].stride + off;
                wanted(op, units, lanes, a[0], a[1], a[2], d);
                for (int j = 0; j < units; j++)
                    same(k->isa, op_name(op), row, h * units + j,
                         x[3][row * STRIDE * lanes + off + j * lanes], d[j]);
            }
}

static void
operators(void **unused)
{
    (void)unused;
    EACH_ISA(k) {
        struct rng r;

        rng_init(&r, 17, RNG_STATS, 0, 0);
        for (enum op op = 0; op < OPS; op++)
            for (int n = 0; op_over(op) && n < 200; n++)
                one(k, &r, op, n % 4 ? 1 : LANES);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operators),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * The kernels of fleets on every instruction set this machine has: products
 * against plain loops, softmax against that of a single net, bit for bit.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/rng.h"
#include "unit/isas.h"

static void
fill(struct rng *r, float *x, size_t n, float scale)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (rng_float(r) - 0.5f) * scale;
}

static void
same(const char *isa, const char *what, const float *a, const float *b,
     size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], sizeof *a) && !(isnan(a[i]) && isnan(b[i])))
            fail_msg("%s, %s: %zu is %a, want %a", isa, what, i,
                     (double)a[i], (double)b[i]);
}

/* Every 16th number from the lane's on, and back. */
static void
take(float *one, const float *all, size_t n, int lane)
{
    for (size_t i = 0; i < n; i++)
        one[i] = all[i * LANES + (size_t)lane];
}

/* ---- products ------------------------------------------------------------*/

enum { MOST = 23, DEEP = 30, FLOATS = MOST * (DEEP + 2) * LANES };

/* W's element (column n, depth k) of a segment is w + n * ns + k * ks. */
struct block {
    const float *w;
    ptrdiff_t ns, ks;
    float sign;
};

static void
plain_product(const struct gemm *g, const struct block *b)
{
    for (int r = 0; r < g->rows; r++)
        for (int i = 0; i < g->nvec * LANES; i++) {
            int n = i / LANES, l = i % LANES;
            float *to = g->c + r * g->crs + g->coff[n] + l, c = 0;
            int t = g->tok ? g->tok[r] : r;
            const float *init = g->init + t * g->irs + g->ioff[n] + l;

            if (g->mode == GEMM_CHAIN)
                c = *init;
            if (g->mode == GEMM_SUM && g->set)
                *to = 0;
            for (int s = 0; s < g->nseg; s++) {
                const struct gemm_seg *x = &g->seg[s];

                if (g->mode == GEMM_SUM && s && x->begins) {
                    *to = *to + c;
                    c = 0;
                }
                for (int k = 0; k < x->k; k++)
                    c = fmaf(b[s].sign * b[s].w[n * b[s].ns + k * b[s].ks + l],
                             x->a[r * x->rs + k * x->ks + l], c);
            }
            c = g->mode == GEMM_ADD ? *init + c : g->mode == GEMM_SUM ?
                *to + c : c;
            if (g->trim && fabsf(c) < 0x1p-100f)
                c = 0;
            *to = c;
        }
}

/* Packed, or (every second sum) where the weights are. */
static void
product(const struct kernels *k, struct rng *r, int i, struct gemm *g,
        float *a, const float *w, float *packed, float *got, float *want)
{
    bool turned = i % 5 == 0, bare = i % 8 == 3;
    int k0 = 1 + (int)rng_below(r, DEEP / 2), k1 = i % 4 ? 0 : DEEP / 2;
    const struct block b[2] = {
        { w, turned || bare ? LANES : DEEP * LANES,
          turned || bare ? MOST * LANES : LANES, i % 3 || bare ? 1 : -1 },
        { w + LANES, bare ? LANES : DEEP * LANES, bare ? MOST * LANES : LANES,
          i % 3 == 1 && !bare ? -1 : 1 },
    };
    struct gemm_seg seg[2] = {
        { a, DEEP * LANES, LANES, k0, true, b[0].w },
        { a + k0 * LANES, DEEP * LANES, LANES, k1, i % 3, b[1].w },
    };
    int depth = 0;

    g->seg = seg;
    g->b = packed;
    g->bk = bare ? MOST * LANES : 0;
    for (int s = 0; s < g->nseg; s++)
        depth += seg[s].k;
    for (int s = 0, at = 0; s < g->nseg; at += seg[s++].k)
        k->pack(LANES, packed, depth, at, 0, b[s].w, b[s].ns, b[s].ks,
                g->nvec, seg[s].k, b[s].sign);
    g->c = want;
    plain_product(g, b);
    g->c = got;
    k->gemm(g);
    same(k->isa, "product", got, want, FLOATS);
}

static void
products(void **unused)
{
    float *a = xaligned(FLOATS, sizeof *a), *w = xaligned(FLOATS, sizeof *w);
    float *init = xaligned(FLOATS, sizeof *init);
    float *packed = xaligned(FLOATS, sizeof *packed);
    float *got = xaligned(FLOATS, sizeof *got);
    float *want = xaligned(FLOATS, sizeof *want);
    ptrdiff_t off[MOST];
    int32_t tok[MOST];
    struct rng r;

    (void)unused;
    rng_init(&r, 5, RNG_TASK, 0, 0);
    fill(&r, w, FLOATS, 2);
    for (int i = 0; i < MOST; i++) {
        off[i] = (MOST - 1 - i) * LANES;
        tok[i] = (int32_t)rng_below(&r, MOST);
    }
    EACH_ISA(k)
        for (int i = 0; i < 400; i++) {
            bool tiny = i % 100 > 60, sum = i % 4 == 3;
            struct gemm g = {
                .nets = LANES, .rows = 1 + (int)rng_below(&r, MOST),
                .nvec = 1 + (int)rng_below(&r, MOST),
                .nseg = i % 7 == 0 ? 0 : i % 4 ? 1 : 2,
                .crs = (MOST + 1) * LANES, .coff = off, .init = init,
                .ioff = off, .irs = i % 3 ? 0 : MOST * LANES,
                .mode = (enum gemm_mode)(i % 4), .set = i % 16 < 8,
                .tok = i % 5 == 2 ? tok : NULL, .tok_stride = 1,
                .trim = tiny && !sum,
            };

            if (i % 100 == 0 || i % 100 == 61) {
                fill(&r, a, FLOATS, tiny ? 0x1p-98f : 2);
                fill(&r, init, FLOATS, tiny ? 0x1p-98f : 2);
            }
            fill(&r, got, FLOATS, 2);
            memcpy(want, got, FLOATS * sizeof *want);
            product(k, &r, i, &g, a, w, packed, got, want);
        }
    free(a);
    free(w);
    free(init);
    free(packed);
    free(got);
    free(want);
}

static void
look_ups(void **unused)
{
    static float w[MOST * 3 * LANES], from[MOST * LANES], got[MOST * LANES];
    struct rng r;

    (void)unused;
    rng_init(&r, 6, RNG_TASK, 0, 0);
    fill(&r, w, MOST * 3 * LANES, 2);
    fill(&r, from, MOST * LANES, 2);
    EACH_ISA(k)
        for (int way = 0; way < 8; way++) {
            int nets = way & 4 ? LANES : 1, n = MOST * nets;
            float want[MOST * LANES];

            for (int i = 0; i < n; i++) {
                float x = w[i / nets * 3 * nets + i % nets];

                x = way & 1 ? -x : x;
                want[i] = way & 2 ? from[i] + x : x;
            }
            k->look(nets, got, way & 2 ? from : NULL, w, 3 * nets, MOST,
                    way & 1 ? -1 : 1);
            same(k->isa, "look-up", got, want, (size_t)n);
        }
}

/* ---- softmax -------------------------------------------------------------*/

enum { ROWS = 9, CLASSES = 40 };

static void
check_softmax(const struct kernels *k, struct rng *r, int classes,
              float count, float scale)
{
    static _Alignas(64) float x[ROWS * CLASSES * LANES];
    static _Alignas(64) float d[ROWS * CLASSES * LANES];
    static _Alignas(64) float one[ROWS * 48], done[ROWS * 48];
    float want[CLASSES], got[CLASSES];
    double loss[ROWS * LANES], alone[ROWS];
    uint8_t hit[ROWS * LANES], right[ROWS];
    int32_t target[ROWS];
    ptrdiff_t ls = classes * LANES;

    fill(r, x, ROWS * CLASSES * LANES, scale);
    for (int i = 0; i < ROWS; i++)
        target[i] = (int32_t)rng_below(r, (uint32_t)classes);
    x[3] = 1000;                          /* certain, and beyond any doubt */
    x[ls + 4] = INFINITY;
    x[ls + 5] = NAN;
    for (int j = 0; j < classes; j++)     /* all the same: the first counts */
        x[2 * ls + j * LANES + 6] = 0.25f;
    for (int j = 0; j < classes; j++)
        x[3 * ls + j * LANES + 7] = -INFINITY;
    k->softmax(LANES, ROWS, classes, x, ls, target, count, loss, hit, d, ls,
               NULL, 0);
    for (int l = 0; l < LANES; l++) {
        for (int i = 0; i < ROWS; i++)
            take(one + i * 48, x + i * ls, (size_t)classes, l);
        k->softmax(1, ROWS, classes, one, 48, target, count, alone, right,
                   done, 48, NULL, 0);
        for (int i = 0; i < ROWS; i++) {
            take(got, d + i * ls, (size_t)classes, l);
            memcpy(want, done + i * 48, (size_t)classes * sizeof *want);
            same(k->isa, "softmax", got, want, (size_t)classes);
            assert_true(loss[i * LANES + l] == alone[i] ||
                        (isnan(loss[i * LANES + l]) && isnan(alone[i])));
            assert_int_equal(hit[i * LANES + l], right[i]);
        }
    }
}

static void
softmaxes(void **unused)
{
    static const int classes[] = { 1, 2, 3, 10, 15, 16, 17, 31, 33, 40 };
    struct rng r;

    (void)unused;
    rng_init(&r, 7, RNG_TASK, 0, 0);
    EACH_ISA(k)
        for (int i = 0; i < 40; i++)
            check_softmax(k, &r, classes[i % 10], i % 3 ? 1 : 12,
                          i % 4 ? 3 : 60);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products),
        cmocka_unit_test(look_ups),
        cmocka_unit_test(softmaxes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

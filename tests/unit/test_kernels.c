/*
 * Products, packing, sums and softmax of every instruction set this machine
 * has, against plain loops written from docs/numerics.md, bit for bit.
 * (Element-wise operations: test_kernels_ew.c; optimizers: test_kernels_opt.c.)
 */
#include "base/die.h"
#include "base/dmath.h"
#include "unit/kernel_try.h"

/* ---- products ------------------------------------------------------------*/

enum { MAXN = 96, MAXK = 300, MAXROWS = 70, MAXSEG = 3, CROW = 160 };

struct product {
    struct gemm g;
    struct gemm_seg seg[MAXSEG];
    int n, depth;
    float a[MAXSEG][MAXROWS * MAXK];
    float w[MAXN * MAXK];                   /* w[j * MAXK + i]: unpacked */
    _Alignas(64) float init[MAXROWS * CROW];
    _Alignas(64) float c[MAXROWS * CROW], before[MAXROWS * CROW];
    ptrdiff_t coff[CROW / LANES], ioff[CROW / LANES];
    int32_t tok[MAXROWS * 2];
    struct prefetch prefetch;                     /* asked for: of no effect */
    struct prefetch_part part[2];
};

/* Segments, strided like rows (ks = 1), like columns (rs = 1) or loosely. */
static void
draw_segments(struct product *p, struct rng *r)
{
    p->g.nseg = below(r, MAXSEG + 1);
    p->g.seg = p->seg;
    p->depth = 0;
    for (int s = 0; s < p->g.nseg; s++) {
        int k = below(r, below(r, 4) ? 20 : MAXK / MAXSEG);
        int kind = below(r, 3);

        fill(r, p->a[s], MAXROWS * MAXK);
        p->seg[s].a = p->a[s] + below(r, 3);
        p->seg[s].k = k;
        p->seg[s].rs = kind == 0 ? k + 1 : kind == 1 ? 1 : 2;
        p->seg[s].ks = kind == 0 ? 1 : kind == 1 ? MAXROWS : 2 * MAXROWS;
        p->depth += k;
    }
}

static void
draw_product(struct product *p, struct rng *r)
{
    struct gemm *g = &p->g;
    int order[CROW / LANES];

    g->nets = 1;
    g->rows = below(r, 8) ? 1 + below(r, 20) : 1 + below(r, MAXROWS);
    p->n = 1 + below(r, 70);
    g->nvec = (p->n + LANES - 1) / LANES;
    draw_segments(p, r);
    fill(r, p->w, MAXN * MAXK);
    fill(r, p->init, MAXROWS * CROW);
    fill(r, p->c, MAXROWS * CROW);
    memcpy(p->before, p->c, sizeof p->c);
    for (int v = 0; v < CROW / LANES; v++)
        order[v] = v;
    for (int v = 0; v < g->nvec; v++) {     /* vectors lie in any order */
        int w = v + below(r, CROW / LANES - v), t = order[v];

        order[v] = order[w];
        order[w] = t;
        p->coff[v] = p->ioff[v] = order[v] * LANES;
    }
    g->c = p->c;
    g->crs = CROW;
    g->coff = p->coff;
    g->mode = (enum gemm_mode)below(r, 4);
    g->set = below(r, 2);
    for (int i = 0; i < g->nseg; i++)
        p->seg[i].begins = i == 0 || below(r, 2);
    g->init = p->init;
    g->irs = below(r, 3) ? CROW : 0;
    g->ioff = p->ioff;
    g->tok = below(r, 2) ? p->tok : NULL;
    g->tok_stride = 1 + below(r, 2);
    p->part[0].p = p->part[1].p = p->before;
    p->part[0].end = p->part[1].end = p->before + below(r, 1000);
    p->prefetch = (struct prefetch){ p->a[0], p->a[0] + below(r, 1000),
                               1 + below(r, 4), 64, 128, p->part,
                               p->part + 2 };
    g->prefetch = below(r, 2) ? &p->prefetch : NULL;
    for (int i = 0; i < 2 * MAXROWS; i++)
        p->tok[i] = below(r, MAXROWS);
    g->trim = g->mode != GEMM_SUM && below(r, 2);
    for (int i = 0; g->trim && i < MAXROWS * CROW; i++)
        p->init[i] *= 0x1p-99f;
    for (int s = 0; s < MAXSEG && g->trim; s++)
        for (int i = 0; i < MAXROWS * MAXK; i++)
            p->a[s][i] *= 0x1p-99f;
    if (g->mode == GEMM_ADD && below(r, 2)) {
        g->init = p->c;
        g->irs = CROW;
        g->tok = NULL;
    }
}

/* B from w, in blocks as an engine packs them: by segment and by halves of
 * the columns, from either orientation, some with their sign turned. */
static float *
packed(const struct kernels *k, struct product *p, struct rng *r)
{
    float *b = xaligned(k->pack_size(p->depth, p->g.nvec) + 1, sizeof *b);
    float *turned = xcalloc(MAXN * MAXK, sizeof *turned);
    int first = p->n > LANES ? LANES : p->n;

    for (int i = 0; i < MAXK; i++)
        for (int j = 0; j < MAXN; j++)
            turned[i * MAXN + j] = -p->w[j * MAXK + i];
    for (int s = 0, k0 = 0; s < p->g.nseg; k0 += p->seg[s++].k)
        for (int j = 0; j < p->n; j = j ? p->n : first) {
            int n = j ? p->n - first : first;

            if (below(r, 2))
                k->pack(1, b, p->depth, k0, j / LANES,
                        p->w + j * MAXK + k0, MAXK, 1, n, p->seg[s].k, 1.0f);
            else
                k->pack(1, b, p->depth, k0, j / LANES,
                        turned + k0 * MAXN + j, 1, MAXN, n, p->seg[s].k,
                        -1.0f);
        }
    p->g.b = b;
    free(turned);
    return b;
}

static float
element(const struct product *p, int r, int j)
{
    const struct gemm *g = &p->g;
    const float *init = g->init == p->c ? p->before : g->init;
    float acc = 0.0f, start, sum;
    int depth = 0;

    init += (g->tok ? g->tok[r * g->tok_stride] : r) * g->irs;
    start = init[g->ioff[j / LANES] + j % LANES];
    if (g->mode == GEMM_CHAIN)
        acc = start;
    sum = g->set ? 0 : p->before[r * CROW + g->coff[j / LANES] + j % LANES];
    for (int s = 0; s < g->nseg; s++) {
        if (g->mode == GEMM_SUM && s > 0 && p->seg[s].begins) {
            sum += acc;
            acc = 0;
        }
        for (int k = 0; k < p->seg[s].k; k++, depth++)
            acc = fmaf(p->seg[s].a[r * p->seg[s].rs + k * p->seg[s].ks],
                       p->w[j * MAXK + depth], acc);
    }
    if (g->mode == GEMM_SUM)
        return sum + acc;
    if (g->mode == GEMM_ADD)
        acc = start + acc;
    return g->trim ? cut(acc, 0x1p-100f) : acc;
}

static void
check_product(const char *isa, const struct product *p)
{
    static float want[MAXROWS * CROW];
    const struct gemm *g = &p->g;

    memcpy(want, p->before, sizeof want);
    for (int r = 0; r < g->rows; r++)
        for (int j = 0; j < g->nvec * LANES; j++) {
            int at = r * CROW + g->coff[j / LANES] + j % LANES;

            want[at] = j < p->n ? element(p, r, j) : p->c[at];
        }
    for (int i = 0; i < MAXROWS * CROW; i++)
        same(isa, "gemm", i / CROW, i % CROW, p->c[i], want[i]);
}

static void
products(void **state)
{
    static struct product p;

    (void)state;
    EACH_ISA(k) {
        struct rng r;

        rng_init(&r, 3, RNG_STATS, 0, 0);
        for (int n = 0; n < 400; n++) {
            float *b;

            draw_product(&p, &r);
            b = packed(k, &p, &r);
            k->gemm(&p.g);
            check_product(k->isa, &p);
            free(b);
        }
    }
}

/* A float whose exponent is near that of x, or any bits. */
static float
near(struct rng *r, float x)
{
    uint32_t u = rng_u32(r);
    int e = (int)(bits_of(x) >> 23 & 0xff) + below(r, 60) - 30;

    if (u % 16 == 0 || e < 0 || e > 255)
        return float_of(rng_u32(r));
    return float_of((u & 0x807fffff) | (uint32_t)e << 23);
}

/* 1 + 2^-j or 2 - 2^-j times 2^e, with e of either sign: products of two such,
 * added to a number 2^24 as large, come within a hair of a tie, where rounding
 * twice shows. */
static float
sparse(struct rng *r, int e)
{
    uint32_t j = 1u << below(r, 23), m = below(r, 2) ? j : 0x800000 - j;

    return float_of((uint32_t)(e + 127) << 23 | (rng_u32(r) & 0x80000000) | m);
}

/* One fused multiply-add, millions of times: SSE2 has to make it itself. */
static void
fused(void **state)
{
    enum { ROWS = 48, V = 64, N = V * LANES, ROUNDS = 250 };
    static _Alignas(64) float b[N], c[ROWS][N], init[ROWS][N];
    static float a[ROWS];
    static ptrdiff_t off[V];

    (void)state;
    for (int v = 0; v < V; v++)
        off[v] = v * LANES;
    EACH_ISA(k) {
        struct gemm_seg seg = { a, 1, 1, 1, true, NULL };
        struct gemm g = {
            .rows = ROWS, .nvec = V, .nseg = 1, .seg = &seg, .b = b,
            .c = c[0], .crs = N, .coff = off, .mode = GEMM_CHAIN,
            .init = init[0], .irs = N, .ioff = off,
        };
        struct rng r;

        rng_init(&r, 4, RNG_STATS, 0, 0);
        for (int n = 0; n < ROUNDS; n++) {
            bool ties = n % 3 == 0;
            int low = n % 2 ? -75 : 0;      /* half the least subnormal */

            for (int i = 0; i < ROWS; i++)
                a[i] = ties ? sparse(&r, low) : float_of(rng_u32(&r));
            for (int j = 0; j < N; j++)
                b[j] = ties ? sparse(&r, low) : near(&r, 0x1p-60f);
            for (int i = 0; i < ROWS; i++)
                for (int j = 0; j < N; j++)
                    init[i][j] = !ties ? near(&r, a[i] * b[j])
                        : low ? float_of(rng_u32(&r) & 0x80ffffff)
                              : sparse(&r, 22 + below(&r, 4));
            k->gemm(&g);
            for (int i = 0; i < ROWS; i++)
                for (int j = 0; j < N; j++)
                    same(k->isa, "fma", i, j, c[i][j],
                         fmaf(a[i], b[j], init[i][j]));
        }
    }
}

/* ---- sums, softmax -------------------------------------------------------*/

static void
column_sums(void **state)
{
    enum { ROWS = 40, STRIDE = 160 };
    static _Alignas(64) float x[ROWS * STRIDE], acc[STRIDE], want[STRIDE];
    uint8_t use[ROWS];

    (void)state;
    EACH_ISA(k) {
        struct rng r;

        rng_init(&r, 5, RNG_STATS, 0, 0);
        for (int n = 0; n < 100; n++) {
            int rows = below(&r, ROWS + 1), size = 1 + below(&r, STRIDE);
            bool all = below(&r, 2);

            fill(&r, x, ROWS * STRIDE);
            fill(&r, acc, STRIDE);
            memcpy(want, acc, sizeof want);
            for (int i = 0; i < ROWS; i++)
                use[i] = (uint8_t)below(&r, 2);
            k->colsum(acc, x, STRIDE, rows, size, all ? NULL : use);
            for (int j = 0; j < STRIDE; j++) {
                float s = 0.0f;

                for (int i = 0; i < rows; i++)
                    if (all || use[i])
                        s = s + x[i * STRIDE + j];
                if (j < size)
                    want[j] = want[j] + s;
                same(k->isa, "colsum", 0, j, acc[j], want[j]);
            }
        }
    }
}

/* 16 partial sums, then halves onto halves. */
static float
tree(const float *e, int n)
{
    float s[LANES] = { 0.0f };

    for (int j = 0; j < n; j++)
        s[j % LANES] = s[j % LANES] + e[j];
    for (int half = LANES / 2; half; half /= 2)
        for (int i = 0; i < half; i++)
            s[i] = s[i] + s[i + half];
    return s[0];
}

static void
softmax_row(const char *isa, const float *x, int n, int target, float count,
            double loss, bool correct, const float *d, const float *p)
{
    float e[400], m = -INFINITY, s;
    int best = -1;
    double want;

    for (int j = 0; j < n; j++)
        if (x[j] > m || isnan(x[j]))
            m = isnan(m) ? m : x[j];
    for (int j = 0; j < n && best < 0; j++)
        if (x[j] == m)
            best = j;
    for (int j = 0; j < n; j++)
        e[j] = ref_exp(x[j] - m);
    s = tree(e, n);
    want = d_log((double)s) - ((double)x[target] - (double)m);
    if (!(loss == want || (isnan(loss) && isnan(want))))
        fail_msg("%s: loss %a, want %a", isa, loss, want);
    assert_int_equal(correct, best == target && !isnan(s));
    for (int j = 0; j < (n + LANES - 1) / LANES * LANES; j++) {
        float y = j < n ? e[j] / s : isnan(s) ? NAN : 0.0f;

        if (j >= n && isnan(s))
            continue;
        same(isa, "probs", target, j, p[j], y);
        same(isa, "dlogits", target, j, d[j],
             cut((y - (j == target ? 1.0f : 0.0f)) / count, 0x1p-100f));
    }
}

static void
softmax(void **state)
{
    enum { ROWS = 5, STRIDE = 400 };
    static _Alignas(64) float x[ROWS * STRIDE], d[ROWS * STRIDE];
    static _Alignas(64) float p[ROWS * STRIDE];

    (void)state;
    EACH_ISA(k) {
        struct rng r;

        rng_init(&r, 6, RNG_STATS, 0, 0);
        for (int n = 0; n < 300; n++) {
            int classes = 1 + below(&r, below(&r, 2) ? 40 : 390);
            float count = (float)(1 + below(&r, 1000));
            int32_t target[ROWS];
            double loss[ROWS];
            uint8_t correct[ROWS];

            for (int i = 0; i < ROWS * STRIDE; i++)
                x[i] = rintf((rng_float(&r) - 0.5f) * (n % 4 ? 40 : 300)) *
                       0.5f;
            if (n % 10 == 1)
                x[below(&r, STRIDE)] = NAN;
            if (n % 10 == 2)
                x[below(&r, STRIDE)] = INFINITY;
            if (n % 10 == 3)
                for (int j = 0; j < STRIDE; j++)
                    x[j] = -INFINITY;
            for (int i = 0; i < ROWS; i++)
                target[i] = below(&r, classes);
            k->softmax(1, ROWS, classes, x, STRIDE, target, count, loss,
                       correct, d, STRIDE, p, STRIDE);
            for (int i = 0; i < ROWS; i++)
                softmax_row(k->isa, x + i * STRIDE, classes, target[i], count,
                            loss[i], correct[i], d + i * STRIDE,
                            p + i * STRIDE);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products),
        cmocka_unit_test(fused),
        cmocka_unit_test(column_sums),
        cmocka_unit_test(softmax),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * gemm.c - products: every element one chain of fused multiply-adds.
 *
 * Packed B is [column vector][k][16 lanes].  A register tile is R rows times
 * V column vectors; any R, V gives the same bits, so the shape is chosen for
 * speed alone.  Panels of V vectors stay in L1 or L2 while the rows of a
 * block, kept in L2, pass by.
 */
#include "parts.h"

/* Most vectors a tile of R rows can be wide, by the registers there are
 * (accumulators, B's vectors, one element of A); index 0 is unused. */
#if defined ISA_avx512
enum { RMAX = 14, VMAX = 8 };
static const uint8_t widest[RMAX + 1] = {
    0, 8, 8, 6, 4, 4, 4, 3, 3, 2, 2, 2, 2, 2, 2,
};
#elif defined ISA_sse2
enum { RMAX = 4, VMAX = 1 };
static const uint8_t widest[RMAX + 1] = { 0, 1, 1, 1, 1 };
#else
enum { RMAX = 6, VMAX = 4 };
static const uint8_t widest[RMAX + 1] = { 0, 4, 2, 2, 1, 1, 1 };
#endif

struct tile {
    const struct gemm *g;
    ptrdiff_t deep;         /* floats between column vectors of B */
    int r0, v0;
    int tallest;            /* rows of a tile at most */
    const float *ahead, *enough;    /* the next panel's first vector of B, as
                                       much as this tile asks for */
};

INLINE const float *
init_row(const struct gemm *g, int r)
{
    return g->init + (g->tok ? g->tok[r * g->tok_stride] : r) * g->irs;
}

#define UNROLL _Pragma("GCC unroll 16")

/* Ask for memory into the second-level cache: it comes while products are
 * added up.  (Into the first level, it would push out what they read.) */
#define ASK(p) __builtin_prefetch(p, 0, 2)

/* A chain of this many k, and it has asked for so many lines of each of V
 * vectors of the next panel: as fast as the third level gives them. */
enum { STRIDE = 8 };
#define LINES(V) (V < 4 ? 4 / V : 1)

INLINE void
step(struct vf acc[RMAX][VMAX], const float *a[(RMAX + 2) / 3],
     const float **b, ptrdiff_t rs, ptrdiff_t ks, ptrdiff_t deep,
     const int R, const int V)
{
    struct vf y[VMAX];

    UNROLL
    for (int v = 0; v < V; v++)
        y[v] = v_load(*b + v * deep);
    UNROLL
    for (int r = 0; r < R; r++) {
        struct vf x = v_set1(a[r / 3][r % 3 * rs]);

        UNROLL
        for (int v = 0; v < V; v++)
            acc[r][v] = v_fma(x, y[v], acc[r][v]);
    }
    UNROLL
    for (int i = 0; i < (R + 2) / 3; i++)
        a[i] += ks;
    *b += LANES;
}

/* One segment: acc[r][v] = fma(A[r][k], B[k][v], acc[r][v]), k ascending.
 * Every third row has a pointer; the two after it are one and two strides
 * on, which x86 addresses without further registers. */
INLINE void
chain(struct vf acc[RMAX][VMAX], const struct gemm_seg *s, struct tile *t,
      const float *b, const int R, const int V)
{
    const ptrdiff_t rs = s->rs, ks = s->ks, deep = t->deep;
    const float *a[(RMAX + 2) / 3];

    UNROLL
    for (int i = 0; i < (R + 2) / 3; i++)
        a[i] = s->a + (t->r0 + 3 * i) * rs;
    for (int k = 0, stop; k < s->k; k = stop) {
        stop = s->k;
        if (t->ahead < t->enough) {
            if (stop > k + STRIDE)
                stop = k + STRIDE;
            for (int i = 0; i < V * LINES(V); i++)
                ASK(t->ahead + i / LINES(V) * deep + i % LINES(V) * LANES);
            t->ahead += LINES(V) * LANES;
        }
        for (int i = k; i < stop; i++)
            step(acc, a, &b, rs, ks, deep, R, V);
    }
}

INLINE void
zero(struct vf acc[RMAX][VMAX], const int R, const int V)
{
    UNROLL
    for (int r = 0; r < R; r++) {
        UNROLL
        for (int v = 0; v < V; v++)
            acc[r][v] = v_zero();
    }
}

/* C += acc, or +0 + acc. */
INLINE void
add_up(struct vf acc[RMAX][VMAX], const struct tile *t, bool set,
       const int R, const int V)
{
    const struct gemm *g = t->g;

    UNROLL
    for (int r = 0; r < R; r++) {
        float *row = g->c + (t->r0 + r) * g->crs;

        UNROLL
        for (int v = 0; v < V; v++) {
            float *c = row + g->coff[t->v0 + v];

            if (g->coff[t->v0 + v] >= 0)
                v_store(c, v_add(set ? v_zero() : v_load(c), acc[r][v]));
        }
    }
}

/* The lines of C that the tile will write: else the stores or sums at its end
 * would wait for them. */
INLINE void
ask_c(const struct tile *t, const int R, const int V)
{
    const struct gemm *g = t->g;

    UNROLL
    for (int r = 0; r < R; r++) {
        UNROLL
        for (int v = 0; v < V; v++)
            ASK(g->c + (t->r0 + r) * g->crs + g->coff[t->v0 + v]);
    }
}

INLINE void
tile(struct tile *t, const int R, const int V)
{
    const struct gemm *g = t->g;
    const float *b = g->b + t->v0 * t->deep;
    struct vf acc[RMAX][VMAX];
    bool set = g->set;

    if (t->deep >= 64 * LANES)
        ask_c(t, R, V);

    zero(acc, R, V);
    if (g->mode == GEMM_CHAIN) {
        UNROLL
        for (int r = 0; r < R; r++) {
            const float *row = init_row(g, t->r0 + r);

            UNROLL
            for (int v = 0; v < V; v++)
                if (g->ioff[t->v0 + v] >= 0)
                    acc[r][v] = v_load(row + g->ioff[t->v0 + v]);
        }
    }
    for (int i = 0; i < g->nseg; i++) {
        if (g->mode == GEMM_SUM && i > 0 && g->seg[i].begins) {
            add_up(acc, t, set, R, V);
            zero(acc, R, V);
            set = false;
        }
        chain(acc, &g->seg[i], t, b, R, V);
        b += (ptrdiff_t)g->seg[i].k * LANES;
    }
    if (g->mode == GEMM_SUM) {
        add_up(acc, t, set, R, V);
        return;
    }
    UNROLL
    for (int r = 0; r < R; r++) {
        float *c = g->c + (t->r0 + r) * g->crs;

        if (g->mode == GEMM_ADD) {
            const float *row = init_row(g, t->r0 + r);

            UNROLL
            for (int v = 0; v < V; v++)
                if (g->ioff[t->v0 + v] >= 0)
                    acc[r][v] = v_add(v_load(row + g->ioff[t->v0 + v]),
                                      acc[r][v]);
        }
        UNROLL
        for (int v = 0; v < V; v++)
            if (g->coff[t->v0 + v] >= 0)
                v_store(c + g->coff[t->v0 + v], acc[r][v]);
    }
}

#define TILE(R, V) \
static void tile_##R##_##V(struct tile *t) { tile(t, R, V); }
#define NAME(R, V) [R][V] = tile_##R##_##V,
#if defined ISA_avx512
#define WIDE1(F, R) F(R, 1) F(R, 2)
#define WIDE2(F, R) WIDE1(F, R) F(R, 3)
#define WIDE3(F, R) WIDE2(F, R) F(R, 4)
#define WIDE4(F, R) WIDE3(F, R) F(R, 5) F(R, 6)
#define WIDE5(F, R) WIDE4(F, R) F(R, 7) F(R, 8)
#define TILES(F) \
    WIDE5(F, 1) WIDE5(F, 2) WIDE4(F, 3) WIDE3(F, 4) WIDE3(F, 5) WIDE3(F, 6) \
    WIDE2(F, 7) WIDE2(F, 8) WIDE1(F, 9) WIDE1(F, 10) WIDE1(F, 11) \
    WIDE1(F, 12) WIDE1(F, 13) WIDE1(F, 14)
#elif defined ISA_sse2
#define TILES(F) F(1, 1) F(2, 1) F(3, 1) F(4, 1)
#else
#define TILES(F) \
    F(1, 1) F(1, 2) F(1, 3) F(1, 4) F(2, 1) F(2, 2) F(3, 1) F(3, 2) \
    F(4, 1) F(5, 1) F(6, 1)
#endif

TILES(TILE)

static void (*const tiles[RMAX + 1][VMAX + 1])(struct tile *) = {
    TILES(NAME)
};

/* Rows r0..r0+rows-1: tiles as even in height and width as can be. */
static void
rows_of(struct tile *t, int r0, int rows)
{
    int ntiles = (rows + t->tallest - 1) / t->tallest;
    int high = rows / ntiles, more = rows % ntiles;
    int wide = widest[high + (more > 0)];
    int nvec = t->g->nvec, npanels = (nvec + wide - 1) / wide;
    /* Each tile's part of the next panel, if panels are too large to stay. */
    ptrdiff_t part = t->deep < 256 * LANES ? 0 :
                     (t->deep / ntiles / (4 * LANES) + 1) * (4 * LANES);

    t->v0 = 0;
    for (int p = 0; p < npanels; p++) {
        int v = nvec / npanels + (p < nvec % npanels);
        const float *next = t->g->b + (t->v0 + v) * t->deep;

        t->r0 = r0;
        for (int i = 0; i < ntiles; i++) {
            int r = high + (i < more);

            t->ahead = next + i * part;
            t->enough = p + 1 < npanels ? t->ahead + part : t->ahead;
            tiles[r][v](t);
            t->r0 += r;
        }
        t->v0 += v;
    }
}

void
SYM(gemm)(const struct gemm *g)
{
    struct tile t = { .g = g, .tallest = RMAX };
    int depth = 0, block;

    for (int i = 0; i < g->nseg; i++) {
        depth += g->seg[i].k;
        /* Rows 4 KB apart fall on the same lines of an L1 of 8 ways. */
        if (g->seg[i].rs % 1024 == 0 && g->seg[i].k > LANES && RMAX > 6)
            t.tallest = 6;
    }
    if (g->rows <= 0 || g->nvec <= 0)
        return;
    t.deep = (ptrdiff_t)depth * LANES;
    if (g->rows <= t.tallest && g->nvec <= widest[g->rows]) {
        t.r0 = t.v0 = 0;                /* one tile: without the divisions */
        tiles[g->rows][g->nvec](&t);
        return;
    }
    /* A block of A fits in half an L2 of 512 KB. */
    block = depth ? 65536 / depth / RMAX * RMAX : g->rows;
    if (block < 4 * RMAX)
        block = 4 * RMAX;
    for (int r = 0; r < g->rows; r += block)
        rows_of(&t, r, g->rows - r < block ? g->rows - r : block);
}

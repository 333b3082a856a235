/*
 * gemm.c - products: every element one chain of fused multiply-adds.
 *
 * A net's vector is 16 columns of B, and an element of A goes to all lanes; a
 * fleet's is one column, and an element of A is a vector, too: a lane is a net.
 * Packed B is [column vector][k][16 lanes].  A register tile is R rows times
 * V column vectors; any R, V gives the same bits, so the shape is chosen for
 * speed alone.  Panels of V vectors stay in L1 or L2 while the rows of a
 * block, kept in L2, pass by.
 */
#include "parts.h"

/* Most vectors a tile of R rows can be wide, by the registers there are
 * (accumulators, B's vectors, one element of A), of a net and of a fleet, which
 * loads a vector a row: its tiles are not as tall.  Index 0 is unused. */
#if defined ISA_avx512
enum { RMAX = 14, VMAX = 8, FLEET_RMAX = 5 };
static const uint8_t widest[2][RMAX + 1] = {
    { 0, 8, 8, 6, 4, 4, 4, 3, 3, 2, 2, 2, 2, 2, 2 }, { 0, 8, 8, 6, 5, 5 },
};
#elif defined ISA_sse2
enum { RMAX = 4, VMAX = 2, FLEET_RMAX = 1 };
static const uint8_t widest[2][RMAX + 1] = { { 0, 1, 1, 1, 1 }, { 0, 2 } };
#else
enum { RMAX = 6, VMAX = 4, FLEET_RMAX = 2 };
static const uint8_t widest[2][RMAX + 1] = {
    { 0, 4, 2, 2, 1, 1, 1 }, { 0, 4, 2 },
};
#endif

enum {
    B_NEAR = 1 << 17,       /* floats of a packed B that stays in the
                               second-level cache */
    C_DEPTH = 64,           /* products as deep have the time to ask for C */
};

struct tile {
    const struct gemm *g;
    ptrdiff_t deep, bk;     /* floats between column vectors of B; between k */
    int r0, v0;
    int tallest;            /* rows of a tile at most */
    struct prefetch *prefetch;    /* what it asks for */
};

INLINE const float *
init_row(const struct gemm *g, int r)
{
    return g->init + (g->tok ? g->tok[r * g->tok_stride] : r) * g->irs;
}

#define UNROLL _Pragma("GCC unroll 16")

/* Ask for memory into the second-level cache: it comes while products are
 * added up.  (Into the first level, it would push out what they read.) */
#define PREFETCH(p) __builtin_prefetch(p, 0, 2)

INLINE void
step(struct vf acc[RMAX][VMAX], const float *a[(RMAX + 2) / 3],
     const float **b, ptrdiff_t rs, ptrdiff_t ks, ptrdiff_t deep,
     ptrdiff_t bk, const int R, const int V, const bool fleet)
{
    struct vf y[VMAX];

    UNROLL
    for (int v = 0; v < V; v++)
        y[v] = v_load(*b + v * deep);
    UNROLL
    for (int r = 0; r < R; r++) {
        const float *at = a[r / 3] + r % 3 * rs;
        struct vf x = fleet ? v_load(at) : v_set1(*at);

        UNROLL
        for (int v = 0; v < V; v++)
            acc[r][v] = v_fma(x, y[v], acc[r][v]);
    }
    UNROLL
    for (int i = 0; i < (R + 2) / 3; i++)
        a[i] += ks;
    *b += fleet ? bk : LANES;
}

/* One segment: acc[r][v] = fma(A[r][k], B[k][v], acc[r][v]), k ascending.
 * Every third row has a pointer; the two after it are one and two strides
 * on, which x86 addresses without further registers. */
INLINE void
chain(struct vf acc[RMAX][VMAX], const struct gemm_seg *s,
      const struct tile *t, const float *b, const int R, const int V,
      const bool fleet)
{
    const ptrdiff_t rs = s->rs, ks = s->ks, deep = t->deep, bk = t->bk;
    const float *a[(RMAX + 2) / 3];
    struct prefetch *h = t->prefetch;

    UNROLL
    for (int i = 0; i < (R + 2) / 3; i++)
        a[i] = s->a + (t->r0 + 3 * i) * rs;
    for (int k = 0, stop; k < s->k; k = stop) {
        stop = s->k;
        if (h->p < h->end) {
            if (stop > k + PREFETCH_STRIDE)
                stop = k + PREFETCH_STRIDE;
            for (int i = 0; i < h->lines; i++) {
                PREFETCH(h->p + i * LANES);
                PREFETCH(h->p + h->half + i * LANES);
            }
            h->p += h->step;
            if (h->p >= h->end && h->next < h->last) {
                h->p = h->next->p;
                h->end = h->next++->end;
            }
        }
        for (int i = k; i < stop; i++)
            step(acc, a, &b, rs, ks, deep, bk, R, V, fleet);
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

INLINE void
trim_all(struct vf acc[RMAX][VMAX], const int R, const int V)
{
    UNROLL
    for (int r = 0; r < R; r++) {
        UNROLL
        for (int v = 0; v < V; v++)
            acc[r][v] = v_trim(acc[r][v]);
    }
}

/* Where the tile's vectors lie in a row: copied, so that no store to C makes
 * the compiler read it again. */
INLINE void
offsets(ptrdiff_t to[VMAX], const ptrdiff_t *from, const int V)
{
    UNROLL
    for (int v = 0; v < V; v++)
        to[v] = from[v];
}

/* acc = the tile's initial rows, or these + acc. */
INLINE void
begin(struct vf acc[RMAX][VMAX], const struct tile *t, bool add, const int R,
      const int V)
{
    const struct gemm *g = t->g;
    ptrdiff_t off[VMAX];

    offsets(off, g->ioff + t->v0, V);
    UNROLL
    for (int r = 0; r < R; r++) {
        const float *row = init_row(g, t->r0 + r);

        UNROLL
        for (int v = 0; v < V; v++) {
            struct vf x = v_load(row + off[v]);

            acc[r][v] = add ? v_add(x, acc[r][v]) : x;
        }
    }
}

/* C = acc; for a sum, C + acc, or +0 + acc. */
INLINE void
store(struct vf acc[RMAX][VMAX], const struct tile *t, bool sum, bool set,
      const int R, const int V)
{
    const struct gemm *g = t->g;
    float *row = g->c + t->r0 * g->crs;
    const ptrdiff_t crs = g->crs;
    ptrdiff_t off[VMAX];

    offsets(off, g->coff + t->v0, V);
    UNROLL
    for (int r = 0; r < R; r++, row += crs) {
        UNROLL
        for (int v = 0; v < V; v++)
            v_store(row + off[v], !sum ? acc[r][v] :
                    v_add(set ? v_zero() : v_load(row + off[v]), acc[r][v]));
    }
}

/* The lines of C that the tile will write: else the stores or sums at its end
 * would wait for them. */
INLINE void
prefetch_c(const struct tile *t, const int R, const int V)
{
    const struct gemm *g = t->g;
    const float *row = g->c + t->r0 * g->crs;

    UNROLL
    for (int r = 0; r < R; r++, row += g->crs) {
        UNROLL
        for (int v = 0; v < V; v++)
            PREFETCH(row + g->coff[t->v0 + v]);
    }
}

INLINE void
tile(const struct tile *t, const int R, const int V, const bool fleet)
{
    const struct gemm *g = t->g;
    const ptrdiff_t first = t->v0 * t->deep;
    const float *b = g->b + first;
    struct vf acc[RMAX][VMAX];
    bool sum = g->mode == GEMM_SUM, set = g->set;

    if (t->deep >= C_DEPTH * LANES)
        prefetch_c(t, R, V);
    if (g->mode == GEMM_CHAIN)
        begin(acc, t, false, R, V);
    else
        zero(acc, R, V);
    for (int i = 0; i < g->nseg; i++) {
        if (sum && i > 0 && g->seg[i].begins) {
            store(acc, t, true, set, R, V);
            zero(acc, R, V);
            set = false;
        }
        if (fleet && g->bk)
            b = g->seg[i].b + first;
        chain(acc, &g->seg[i], t, b, R, V, fleet);
        b += (ptrdiff_t)g->seg[i].k * LANES;
    }
    if (g->mode == GEMM_ADD)
        begin(acc, t, true, R, V);
    if (g->trim)
        trim_all(acc, R, V);
    store(acc, t, sum, set, R, V);
}

#define TILE(R, V) \
static void tile_##R##_##V(const struct tile *t) { tile(t, R, V, false); }
#define NAME(R, V) [R][V] = tile_##R##_##V,
#define FLEET(R, V) \
static void fleet_##R##_##V(const struct tile *t) { tile(t, R, V, true); }
#define FLEET_NAME(R, V) [R][V] = fleet_##R##_##V,
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
#define FLEET_TILES(F) \
    WIDE5(F, 1) WIDE5(F, 2) WIDE4(F, 3) WIDE3(F, 4) F(4, 5) WIDE3(F, 5) F(5, 5)
#elif defined ISA_sse2
#define TILES(F) F(1, 1) F(2, 1) F(3, 1) F(4, 1)
#define FLEET_TILES(F) F(1, 1) F(1, 2)
#else
#define TILES(F) \
    F(1, 1) F(1, 2) F(1, 3) F(1, 4) F(2, 1) F(2, 2) F(3, 1) F(3, 2) \
    F(4, 1) F(5, 1) F(6, 1)
#define FLEET_TILES(F) F(1, 1) F(1, 2) F(1, 3) F(1, 4) F(2, 1) F(2, 2)
#endif

TILES(TILE)
FLEET_TILES(FLEET)

typedef void tile_fn(const struct tile *);

static tile_fn *const tiles[2][RMAX + 1][VMAX + 1] = {
    { TILES(NAME) }, { FLEET_TILES(FLEET_NAME) },
};

/* Two lines of each of the next panel's first two vectors of B a time, so that
 * all of them have been asked for when the last of `ntiles` tiles is done. */
static void
prefetch_b(struct prefetch *h, const struct tile *t, int v, int tile,
           int ntiles)
{
    ptrdiff_t part = (t->deep / ntiles / (2 * LANES) + 1) * (2 * LANES);

    h->p = t->g->b + (t->v0 + v) * t->deep + tile * part;
    h->end = h->p + part;
    h->lines = 2;
    /* (a panel of one vector is the last) */
    h->half = t->v0 + v + 1 < t->g->nvec ? t->deep : 0;
    h->step = 2 * LANES;
}

/* Parts of at most `most`, as even as can be; the first `more` have one more.
 * (Dividing takes as long as a small tile.) */
struct split {
    int n, each, more;
};

INLINE struct split
split(int total, int most)
{
    struct split s = { 1, total, 0 };

    if (total > 2 * most) {
        s.n = (total + most - 1) / most;
        s.each = total / s.n;
        s.more = total % s.n;
    } else if (total > most) {
        s = (struct split){ 2, total / 2, total % 2 };
    }
    return s;
}

/* Rows r0..r0+rows-1: tiles as even in height and width as can be. */
static void
rows_of(struct tile *t, int r0, int rows)
{
    bool fleet = t->g->nets > 1;
    struct split high = split(rows, t->tallest), wide;
    int nvec = t->g->nvec;
    bool far = t->deep * nvec > B_NEAR;
    struct prefetch b = { t->g->b, t->g->b, 0, 0, 0, NULL, NULL };

    if (far || t->g->prefetch)
        t->prefetch = far ? &b : t->g->prefetch;

    wide = split(nvec, widest[fleet][high.each + (high.more > 0)]);
    t->v0 = 0;
    for (int p = 0; p < wide.n; p++) {
        int v = wide.each + (p < wide.more);

        t->r0 = r0;
        for (int i = 0; i < high.n; i++) {
            int r = high.each + (i < high.more);

            if (far && p + 1 < wide.n)
                prefetch_b(t->prefetch, t, v, i, high.n);
            tiles[fleet][r][v](t);
            t->r0 += r;
        }
        t->v0 += v;
    }
}

void
SYM(gemm)(const struct gemm *g)
{
    static const float here;
    static struct prefetch nothing = { &here, &here, 0, 0, 0, NULL, NULL };
                                    /* p is no less than end: never written */
    struct tile t = { .g = g, .tallest = g->nets > 1 ? FLEET_RMAX : RMAX,
                      .prefetch = &nothing };
    int depth = 0, block;

    for (int i = 0; i < g->nseg; i++) {
        depth += g->seg[i].k;
        /* Rows 4 KB apart fall on the same lines of an L1 of 8 ways. */
        if (g->seg[i].rs % 1024 == 0 && g->seg[i].k > LANES && t.tallest > 6)
            t.tallest = 6;
    }
    if (g->rows <= 0 || g->nvec <= 0)
        return;
    t.deep = g->bk ? LANES : (ptrdiff_t)depth * LANES;
    t.bk = g->bk ? g->bk : LANES;
    if (g->rows <= t.tallest && g->nvec <= widest[g->nets > 1][g->rows]) {
        t.r0 = t.v0 = 0;                /* one tile */
        tiles[g->nets > 1][g->rows][g->nvec](&t);
        return;
    }
    /* A block of A fits in half an L2 of 512 KB. */
    block = 4 * RMAX;
    if (g->rows > block && depth && 65536 / depth / RMAX * RMAX > block)
        block = 65536 / depth / RMAX * RMAX;
    for (int r = 0; r < g->rows; r += block)
        rows_of(&t, r, g->rows - r < block ? g->rows - r : block);
}

/*
 * fleet_gemm.c - products of a fleet: a vector is one number of each net, so
 * every element is a chain of fused multiply-adds over whole vectors.
 *
 * A register tile is R rows times N units; any shape gives the same bits.
 */
#include "parts.h"

/* Most units a tile of R rows can have, by the registers there are. */
#if defined ISA_avx512
enum { RMAX = 5, NMAX = 5 };
static const uint8_t widest[RMAX + 1] = { 0, 5, 5, 5, 5, 5 };
#elif defined ISA_sse2
enum { RMAX = 1, NMAX = 2 };
static const uint8_t widest[RMAX + 1] = { 0, 2 };
#else
enum { RMAX = 2, NMAX = 4 };
static const uint8_t widest[RMAX + 1] = { 0, 4, 2 };
#endif

#define UNROLL _Pragma("GCC unroll 16")

INLINE void
chain(struct vf acc[RMAX][NMAX], const struct fleet_seg *s, int r0, int n0,
      const int R, const int N, const bool minus)
{
    const ptrdiff_t rs = s->rs, ns = s->ns;
    const float *a = s->a + r0 * rs, *w = s->w + n0 * ns;

    for (int k = 0; k < s->k; k++, a += s->ks, w += s->ws) {
        struct vf y[NMAX];

        UNROLL
        for (int n = 0; n < N; n++)
            y[n] = v_load(w + n * ns);
        UNROLL
        for (int r = 0; r < R; r++) {
            struct vf x = v_load(a + r * rs);

            UNROLL
            for (int n = 0; n < N; n++)
                acc[r][n] = minus ? v_fnma(y[n], x, acc[r][n])
                                  : v_fma(y[n], x, acc[r][n]);
        }
    }
}

INLINE const float *
init_row(const struct fleet_gemm *g, int r, int n)
{
    return g->init + r * g->irs + n * LANES;
}

INLINE void
tile(const struct fleet_gemm *g, int r0, int n0, const int R, const int N)
{
    struct vf acc[RMAX][NMAX];

    UNROLL
    for (int r = 0; r < R; r++) {
        UNROLL
        for (int n = 0; n < N; n++)
            acc[r][n] = g->mode == GEMM_CHAIN
                            ? v_load(init_row(g, r0 + r, n0 + n)) : v_zero();
    }
    for (int i = 0; i < g->nseg; i++) {
        if (g->seg[i].minus)
            chain(acc, &g->seg[i], r0, n0, R, N, true);
        else
            chain(acc, &g->seg[i], r0, n0, R, N, false);
    }
    UNROLL
    for (int r = 0; r < R; r++) {
        float *c = g->c + (r0 + r) * g->crs + n0 * LANES;

        UNROLL
        for (int n = 0; n < N; n++) {
            if (g->mode == GEMM_ADD)
                acc[r][n] = v_add(v_load(init_row(g, r0 + r, n0 + n)),
                                  acc[r][n]);
            if (g->trim)
                acc[r][n] = v_trim(acc[r][n]);
            v_store(c + n * LANES, acc[r][n]);
        }
    }
}

#define TILE(R, N) \
static void \
tile_##R##_##N(const struct fleet_gemm *g, int r0, int n0) \
{ \
    tile(g, r0, n0, R, N); \
}
#define NAME(R, N) [R][N] = tile_##R##_##N,
#if defined ISA_avx512
#define ROW(F, R) F(R, 1) F(R, 2) F(R, 3) F(R, 4) F(R, 5)
#define TILES(F) ROW(F, 1) ROW(F, 2) ROW(F, 3) ROW(F, 4) ROW(F, 5)
#elif defined ISA_sse2
#define TILES(F) F(1, 1) F(1, 2)
#else
#define TILES(F) F(1, 1) F(1, 2) F(1, 3) F(1, 4) F(2, 1) F(2, 2)
#endif

TILES(TILE)

static void (*const tiles[RMAX + 1][NMAX + 1])(const struct fleet_gemm *, int,
                                               int) = {
    TILES(NAME)
};

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

void
SYM(fleet_gemm)(const struct fleet_gemm *g)
{
    struct split rows, units;

    if (g->rows <= 0 || g->size <= 0)
        return;
    rows = split(g->rows, RMAX);
    units = split(g->size, widest[rows.each + (rows.more > 0)]);
    for (int p = 0, n0 = 0; p < units.n; p++) {
        int n = units.each + (p < units.more);

        for (int i = 0, r0 = 0; i < rows.n; i++) {
            int r = rows.each + (i < rows.more);

            tiles[r][n](g, r0, n0);
            r0 += r;
        }
        n0 += n;
    }
}

void
SYM(fleet_look)(float *c, const float *from, const float *w, ptrdiff_t ns,
                int size, bool minus)
{
    for (int n = 0; n < size; n++, w += ns) {
        struct vf x = v_load(w);

        if (minus)
            x = v_neg(x);
        if (from)
            x = v_add(v_load(from + n * LANES), x);
        v_store(c + n * LANES, x);
    }
}

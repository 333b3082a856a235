/* ew_rows.c - element-wise operations that depend on which row it is. */
#include "base/rng.h"
#include "ew.h"

enum { BLOCKS = 16 };       /* Philox blocks drawn side by side: 64 units */

/* Blocks first.. of a row, as base/rng.h has them, in the order of the units;
 * written so that the compiler works on all blocks at once. */
static void
draw(uint32_t out[BLOCKS][4], const struct ew_tile *t, uint32_t place,
     uint32_t first)
{
    uint32_t k0 = (uint32_t)t->ctx->drop->seed;
    uint32_t k1 = (uint32_t)(t->ctx->drop->seed >> 32);
    uint32_t c0[BLOCKS], c1[BLOCKS], c2[BLOCKS], c3[BLOCKS];

    for (uint32_t i = 0; i < BLOCKS; i++) {
        c0[i] = place;
        c1[i] = t->op->site << 16 | (first + i);
        c2[i] = t->ctx->drop->step;
        c3[i] = RNG_DROP;
    }
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < BLOCKS; i++) {
            uint64_t x = (uint64_t)0xd2511f53 * c0[i];
            uint64_t y = (uint64_t)0xcd9e8d57 * c2[i];

            c0[i] = (uint32_t)(y >> 32) ^ c1[i] ^ k0;
            c1[i] = (uint32_t)y;
            c2[i] = (uint32_t)(x >> 32) ^ c3[i] ^ k1;
            c3[i] = (uint32_t)x;
        }
        k0 += 0x9e3779b9;
        k1 += 0xbb67ae85;
    }
    for (int i = 0; i < BLOCKS; i++) {
        out[i][0] = c0[i];
        out[i][1] = c1[i];
        out[i][2] = c2[i];
        out[i][3] = c3[i];
    }
}

/* A unit is kept iff its word is at least p * 2^32. */
static void
drop(const struct ew_tile *t)
{
    double limit = t->op->p * 0x1p32;
    uint64_t least = (uint64_t)limit;
    float scale = t->op->scale;

    least += (double)least < limit;
    for (int r = 0; r < t->rows; r++) {
        uint32_t place = t->ctx->place[t->row0 + r];
        const float *a = t->a.p + r * t->a.row;
        float *d = t->d.p + r * t->d.row;

        for (int v = 0; v < t->nvec; v += BLOCKS / 4) {
            int n = t->nvec - v < BLOCKS / 4 ? t->nvec - v : BLOCKS / 4;
            uint32_t words[BLOCKS][4];
            const uint32_t *w = words[0];

            draw(words, t, place, (uint32_t)(t->col0 / 4 + v * 4));
            for (int i = 0; i < n; i++, w += LANES)
                for (int j = 0; j < LANES; j++) {
                    float y = a[(v + i) * t->a.vec + j] * scale;

                    d[(v + i) * LANES + j] = w[j] >= least ? y : 0.0f;
                }
        }
    }
}

INLINE int32_t
token(const struct ew_tile *t, int r)
{
    return t->ctx->tok[(t->row0 + r) * t->ctx->tok_stride];
}

static void
onehot(const struct ew_tile *t)
{
    for (int r = 0; r < t->rows; r++) {
        float *d = t->d.p + r * t->d.row;
        int32_t at = token(t, r) * t->op->power - t->col0;

        for (int v = 0; v < t->nvec; v++)
            v_store(d + v * LANES, v_zero());
        for (int i = at; i < at + t->op->power; i++)
            if (i >= 0 && i < t->nvec * LANES)
                d[i] = 1.0f;
    }
}

void
SYM(ew_rows)(const struct ew_tile *t)
{
    if (t->op->code == OP_DROP)
        drop(t);
    else
        onehot(t);
}

/*
 * ew.c - element-wise programs, interpreted tile by tile.
 *
 * A tile is small enough that all scratch slots stay in L1 while the program
 * runs over it, and large enough that choosing an operation costs little.
 */
#include "ew.h"
#include "ew_body.h"

enum {
    TILE_MIN = 8,           /* vectors an operand, at 64 slots */
    TILE_MAX = 64,
    TILE_SUM = 320,         /* vectors of all slots of a tile: 20 KB */
};

/* The operators of little work here; the others are called. */
static void
plain(const struct ew_tile *t)
{
    switch ((enum op)t->op->code) {
#define CASE_PLAIN(id, n) case OP_##id: EW_##n(t, BODY_##id); break;
#define CASE_MATH(id, n) case OP_##id: SYM(ew_math)(t); break;
#define CASE_ROWS(id, n) case OP_##id: SYM(ew_rows)(t); break;
#include "ew_cases.h"
    default:
        __builtin_unreachable();
    }
}

/* A tile's way through its program. */
struct walk {
    struct ew_tile t;
    float *slots;
    ptrdiff_t slot_size;
    int rows, nvec;
    float *copies;              /* where the next constant's go */
};

/* Where an operand's part of the tile lies; false if its rows have gaps. */
INLINE bool
place(struct walk *w, struct ew_operand *o, const struct ew_arg *x)
{
    ptrdiff_t width = (ptrdiff_t)w->nvec * LANES;

    o->vec = LANES;
    if (x->where == EA_SLOT) {
        o->p = w->slots + x->off * w->slot_size;
        o->row = width;
        return true;
    }
    if (x->where == EA_ARRAY) {
        const struct ew_ctx *ctx = w->t.ctx;

        o->row = ctx->stride[x->arr];
        o->p = ctx->base[x->arr] + w->t.row0 * o->row + x->off + w->t.col0;
        return o->row == width;
    }
    v_store(w->copies, v_set1(x->k));
    o->p = w->copies;
    o->row = o->vec = 0;
    w->copies += LANES;
    return true;
}

/* The operands of an operation on this tile. */
INLINE void
aim(struct walk *w, const struct ew_op *op)
{
    struct ew_tile *t = &w->t;
    bool whole = place(w, &t->d, &op->d);

    t->op = op;
    if (op->nargs > 0)
        whole &= place(w, &t->a, &op->a);
    if (op->nargs > 1)
        whole &= place(w, &t->b, &op->b);
    if (op->nargs > 2)
        whole &= place(w, &t->c, &op->c);
    /* Rows that follow each other without gaps are one long row. */
    whole &= op->code < OP_DROP;
    t->rows = whole ? 1 : w->rows;
    t->nvec = whole ? w->nvec * w->rows : w->nvec;
}

static void
run_tile(struct walk *w, const struct ew_prog *prog)
{
    _Alignas(64) float copies[3 * LANES];

    for (const struct ew_op *op = prog->ops; op < prog->ops + prog->nops;
         op++) {
        w->copies = copies;
        aim(w, op);
        plain(&w->t);
    }
}

/* A walk of one tile. */
INLINE void
one_tile(struct walk *w, const struct ew_prog *p, const struct ew_ctx *ctx)
{
    w->t.ctx = ctx;
    w->t.row0 = w->t.col0 = 0;
    w->rows = ctx->rows;
    w->nvec = (p->size + LANES - 1) / LANES;
    w->slot_size = (ptrdiff_t)w->rows * w->nvec * LANES;
}

void
SYM(ew_make)(const struct ew_prog *p, const struct ew_ctx *ctx, float *slots,
             float *constants, struct ew_tile *tile)
{
    struct walk w = { .slots = slots, .copies = constants };

    one_tile(&w, p, ctx);
    for (int i = 0; i < p->nops; i++) {
        aim(&w, &p->ops[i]);
        tile[i] = w.t;
    }
}

void
SYM(ew_run)(const struct ew_tile *tile, int n)
{
    for (int i = 0; i < n; i++)
        plain(&tile[i]);
}

void
SYM(ew)(const struct ew_prog *p, const struct ew_ctx *ctx)
{
    _Alignas(64) float slots[EW_SLOTS];
    int nvec = (p->size + LANES - 1) / LANES;
    int most, wide, high;
    struct walk w;              /* not cleared: that would cost a tiny net */

    if (nvec <= 0)
        return;
    w.slots = slots;
    if (ew_few(p, ctx->rows)) {
        one_tile(&w, p, ctx);
        run_tile(&w, p);
        return;
    }
    w.t.ctx = ctx;
    most = p->nslots ? TILE_SUM / p->nslots : TILE_MAX;
    most = most > TILE_MAX ? TILE_MAX : most < TILE_MIN ? TILE_MIN : most;
    w.slot_size = (ptrdiff_t)most * LANES;
    wide = nvec < most ? nvec : most;
    high = most / wide;
    for (int r = 0; r < ctx->rows; r += high) {
        w.t.row0 = r;
        w.rows = ctx->rows - r < high ? ctx->rows - r : high;
        for (int v = 0; v < nvec; v += wide) {
            w.t.col0 = v * LANES;
            w.nvec = nvec - v < wide ? nvec - v : wide;
            run_tile(&w, p);
        }
    }
}

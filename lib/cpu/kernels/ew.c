/*
 * ew.c - element-wise programs, interpreted tile by tile.
 *
 * A tile is small enough that all scratch slots stay in L1 while the program
 * runs over it, and large enough that choosing an operation costs little.
 */
#include "ew.h"

enum {
    SCRATCH = 8192,         /* floats for all slots: 32 KB */
    TILE_MIN = 8,           /* vectors an operand, at 64 slots */
    TILE_MAX = 64,
    TILE_SUM = 320,         /* vectors of all slots of a tile: 20 KB */
};

static void
plain(const struct ew_tile *t)
{
    const struct vf zero = v_zero();

    switch ((enum ew_code)t->op->code) {
    case EW_MOV:
        EW_1(t, a);
        break;
    case EW_ADD:
        EW_2(t, v_add(a, b));
        break;
    case EW_SUB:
        EW_2(t, v_sub(a, b));
        break;
    case EW_MUL:
        EW_2(t, v_mul(a, b));
        break;
    case EW_DIV:
        EW_2(t, v_div(a, b));
        break;
    case EW_MULADD:
        EW_3(t, v_add(v_mul(a, b), c));
        break;
    case EW_MULSUB:
        EW_3(t, v_sub(c, v_mul(a, b)));
        break;
    case EW_NEG:
        EW_1(t, v_neg(a));
        break;
    case EW_MIN:
        EW_2(t, v_min(a, b));
        break;
    case EW_MAX:
        EW_2(t, v_max(a, b));
        break;
    case EW_RELU:
        EW_1(t, v_sel(v_le(a, zero), zero, a));
        break;
    case EW_SQUARE:
        EW_1(t, v_mul(a, a));
        break;
    case EW_SQRT:
        EW_1(t, v_sqrt(a));
        break;
    case EW_ABS:
        EW_1(t, v_abs(a));
        break;
    case EW_D_SIGMOID:
        EW_2(t, v_mul(a, v_mul(b, v_sub(v_set1(1.0f), b))));
        break;
    case EW_D_TANH:
        EW_2(t, v_mul(a, v_fnma(b, b, v_set1(1.0f))));
        break;
    case EW_D_RELU:
        EW_2(t, v_sel(v_lt(zero, b), a, zero));
        break;
    case EW_D_SQUARE:
        EW_2(t, v_mul(a, v_add(b, b)));
        break;
    case EW_D_SQRT:
        EW_2(t, v_div(a, v_add(b, b)));
        break;
    case EW_D_ABS:
        EW_2(t, v_sel(v_lt(zero, b), a,
                      v_sel(v_lt(b, zero), v_neg(a), zero)));
        break;
    case EW_D_MIN_A:
        EW_3(t, v_sel(v_le(b, c), a, zero));
        break;
    case EW_D_MIN_B:
        EW_3(t, v_sel(v_le(b, c), zero, a));
        break;
    case EW_D_MAX_A:
        EW_3(t, v_sel(v_le(c, b), a, zero));
        break;
    case EW_D_MAX_B:
        EW_3(t, v_sel(v_le(c, b), zero, a));
        break;
    case EW_DROP:
    case EW_ONEHOT:
    case EW_GATHER:
        SYM(ew_rows)(t);
        break;
    default:
        SYM(ew_math)(t);
    }
}

/* Where an operand's part of the tile lies; `copies` is room for a constant. */
INLINE struct ew_operand
place(const struct ew_arg *x, const struct ew_tile *t, float *slots,
      ptrdiff_t slot_size, float *copies)
{
    const struct ew_ctx *ctx = t->ctx;
    struct ew_operand o = { copies, 0, 0 };

    if (x->where == EA_SLOT) {
        o.p = slots + x->off * slot_size;
        o.row = (ptrdiff_t)t->nvec * LANES;
        o.vec = LANES;
    } else if (x->where == EA_ARRAY) {
        o.row = ctx->stride[x->arr];
        o.p = ctx->base[x->arr] + t->row0 * o.row + x->off + t->col0;
        o.vec = LANES;
    } else {
        v_store(copies, v_set1(x->k));
    }
    return o;
}

INLINE bool
runs_on(const struct ew_operand *o, ptrdiff_t width)
{
    return o->row == width || !o->vec;
}

static void
run_tile(const struct ew_prog *prog, struct ew_tile t, float *slots,
         ptrdiff_t slot_size)
{
    _Alignas(64) float copies[3][LANES];
    int rows = t.rows, nvec = t.nvec;
    ptrdiff_t width = (ptrdiff_t)nvec * LANES;

    for (int i = 0; i < prog->nops; i++) {
        const struct ew_op *op = &prog->ops[i];

        t.op = op;
        t.rows = rows;
        t.nvec = nvec;
        t.d = place(&op->d, &t, slots, slot_size, copies[0]);
        t.b = t.c = t.d;
        if (op->nargs > 0)
            t.a = place(&op->a, &t, slots, slot_size, copies[0]);
        else
            t.a = t.d;
        if (op->nargs > 1)
            t.b = place(&op->b, &t, slots, slot_size, copies[1]);
        if (op->nargs > 2)
            t.c = place(&op->c, &t, slots, slot_size, copies[2]);
        /* Rows that follow each other without gaps are one long row. */
        if (rows > 1 && op->code < EW_DROP && runs_on(&t.d, width)
            && runs_on(&t.a, width) && runs_on(&t.b, width)
            && runs_on(&t.c, width)) {
            t.nvec = nvec * rows;
            t.rows = 1;
        }
        plain(&t);
    }
}

void
SYM(ew)(const struct ew_prog *p, const struct ew_ctx *ctx)
{
    _Alignas(64) float slots[SCRATCH];
    int nvec = (p->size + LANES - 1) / LANES;
    int most = p->nslots ? TILE_SUM / p->nslots : TILE_MAX;
    int wide, high;
    struct ew_tile t = { .ctx = ctx };

    most = most > TILE_MAX ? TILE_MAX : most < TILE_MIN ? TILE_MIN : most;
    if (nvec <= 0)
        return;
    wide = nvec < most ? nvec : most;
    high = most / wide;
    for (t.row0 = 0; t.row0 < ctx->rows; t.row0 += high) {
        t.rows = ctx->rows - t.row0 < high ? ctx->rows - t.row0 : high;
        for (int v = 0; v < nvec; v += wide) {
            t.col0 = v * LANES;
            t.nvec = nvec - v < wide ? nvec - v : wide;
            run_tile(p, t, slots, (ptrdiff_t)most * LANES);
        }
    }
}

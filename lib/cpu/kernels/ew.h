/*
 * ew.h - one operation over one tile (kernels/ew.c walks the tiles).
 *
 * The operation reads and writes `rows` rows of `nvec` vectors.  An operand's
 * row r begins at p + r * row; its vectors stand `vec` floats apart: 16, or 0
 * for a constant, whose 16 copies lie at p.  d may be one of the arguments.
 */
#ifndef CPU_KERNELS_EW_H
#define CPU_KERNELS_EW_H

#include "parts.h"

struct ew_operand {
    float *p;
    ptrdiff_t row, vec;
};

struct ew_tile {
    int rows, nvec;
    int row0, col0;              /* the run's row and unit it begins at */
    struct ew_operand d, a, b, c;
    const struct ew_op *op;
    const struct ew_ctx *ctx;
};

/* Operations with elementary functions in them (ew_math.c). */
void SYM(ew_math)(const struct ew_tile *t);
/* Operations that depend on which row it is (ew_rows.c). */
void SYM(ew_rows)(const struct ew_tile *t);

/* For every vector of the tile: load what `args` names, d = expr. */
#define EW_LOOP(t, args, expr) do { \
    const struct ew_tile t_ = *(t); \
    for (int r_ = 0; r_ < t_.rows; r_++) \
        for (ptrdiff_t v_ = 0; v_ < t_.nvec; v_++) { \
            args \
            v_store(t_.d.p + r_ * t_.d.row + v_ * LANES, expr); \
        } \
} while (0)

#define EW_ARG(x) struct vf x = v_load(t_.x.p + r_ * t_.x.row + v_ * t_.x.vec);
#define EW_1(t, expr) EW_LOOP(t, EW_ARG(a), expr)
#define EW_2(t, expr) EW_LOOP(t, EW_ARG(a) EW_ARG(b), expr)
#define EW_3(t, expr) EW_LOOP(t, EW_ARG(a) EW_ARG(b) EW_ARG(c), expr)

#endif

/* ew.h - one operation over one tile (kernels/ew.c walks the tiles). */
#ifndef CPU_KERNELS_EW_H
#define CPU_KERNELS_EW_H

#include "parts.h"

/* Operations with elementary functions in them (ew_math.c). */
void SYM(ew_math)(const struct ew_tile *t);
/* Operations that depend on which row it is (ew_rows.c). */
void SYM(ew_rows)(const struct ew_tile *t);

/* For every vector of the tile: load the arguments, d = expr, trimmed if the
 * operation says so.  (Fields are read one by one: a copy of the whole struct
 * would wait for the stores that made it.) */
#define EW_LOOP(t, declare, load, expr) do { \
    const int rows_ = (t)->rows; \
    const ptrdiff_t nvec_ = (t)->nvec; \
    const struct ew_tile *const t_ = (t); \
    float *d_ = t_->d.p; \
    const ptrdiff_t drow_ = t_->d.row; \
    const bool trim_ = t_->op->trim; \
    declare \
    for (int r_ = 0; r_ < rows_; r_++) \
        for (ptrdiff_t v_ = 0; v_ < nvec_; v_++) { \
            load \
            const struct vf y_ = expr; \
            v_store(d_ + r_ * drow_ + v_ * LANES, trim_ ? v_trim(y_) : y_); \
        } \
} while (0)

#define EW_DECLARE(x) \
    const float *const x##_ = t_->x.p; \
    const ptrdiff_t x##row_ = t_->x.row, x##vec_ = t_->x.vec;
#define EW_LOAD(x) struct vf x = v_load(x##_ + r_ * x##row_ + v_ * x##vec_);
#define EW_1(t, expr) EW_LOOP(t, EW_DECLARE(a), EW_LOAD(a), expr)
#define EW_2(t, expr) EW_LOOP(t, EW_DECLARE(a) EW_DECLARE(b), \
                              EW_LOAD(a) EW_LOAD(b), expr)
#define EW_3(t, expr) EW_LOOP(t, \
        EW_DECLARE(a) EW_DECLARE(b) EW_DECLARE(c), \
        EW_LOAD(a) EW_LOAD(b) EW_LOAD(c), expr)

#endif

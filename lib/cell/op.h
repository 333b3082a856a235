/*
 * op.h - the operators of ops.def: one number each for the language, the
 * graph and the kernels, and what is known of it.
 */
#ifndef CELL_OP_H
#define CELL_OP_H

#include <stdbool.h>

enum op {
#define OP_LEAF(id, ...) OP_##id,
#define OP_SHAPE(id, ...) OP_##id,
#define OP_ARITH(id, ...) OP_##id,
#define OP_FUNC(id, ...) OP_##id,
#define OP_FUNC2(id, ...) OP_##id,
#define OP_FLAG(id, ...) OP_##id,
#define OP_OVER(id, ...) OP_##id,
#define OP_SPELT(id, ...) OP_##id,
#define OP_OVER_SLOPE(id, ...) OP_##id,
#define OP_SLOPE(id, ...) OP_##id,
#define OP_MADE(id, ...) OP_##id,
#include "cell/ops.def"
    OPS
};

enum op_kind {
    KIND_LEAF, KIND_SHAPE, KIND_ARITH, KIND_FUNC, KIND_FLAG, KIND_OVER,
    KIND_SPELT, KIND_OVER_SLOPE, KIND_SLOPE, KIND_MADE,
};

enum op_reads { READS_ARGS, READS_VALUE };

struct op_row {
    const char *name;        /* "sigmoid", "sigmoid'", "+" */
    enum op_kind kind;
    int nargs;               /* of an element-wise operator, or one over units
                                */
    /* KIND_FUNC: the derivative by each argument.  Its own arguments are the
     * adjoint of the value and what it reads. */
    enum op slope[2];
    enum op_reads reads;
};

extern const struct op_row op_rows[OPS];

static inline const char *
op_name(enum op op)
{
    return op_rows[op].name;
}

static inline bool
op_elementwise(enum op op)
{
    enum op_kind k = op_rows[op].kind;

    return k == KIND_ARITH || k == KIND_FUNC || k == KIND_FLAG ||
           k == KIND_SLOPE || k == KIND_MADE;
}

/* Over a vector's units, made by a kernel of its own. */
static inline bool
op_over(enum op op)
{
    return op_rows[op].kind == KIND_OVER ||
           op_rows[op].kind == KIND_OVER_SLOPE;
}

#endif

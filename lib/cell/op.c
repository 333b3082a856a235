/* op.c - the rows of ops.def as a table; see op.h. */
#include "cell/op.h"

const struct op_row op_rows[OPS] = {
#define OP_LEAF(id, word) [OP_##id] = { .name = word, .kind = KIND_LEAF },
#define OP_SHAPE(id, word) [OP_##id] = { .name = word, .kind = KIND_SHAPE },
#define OP_ARITH(id, word, n, work) \
    [OP_##id] = { .name = word, .kind = KIND_ARITH, .nargs = n },
#define OP_FUNC(id, word, work, value, by, what, text) \
    [OP_##id] = { .name = word, .kind = KIND_FUNC, .nargs = 1, \
                  .slope = { OP_##by }, .reads = READS_##what },
#define OP_FUNC2(id, word, work, value, by, by2, text) \
    [OP_##id] = { .name = word, .kind = KIND_FUNC, .nargs = 2, \
                  .slope = { OP_##by, OP_##by2 } },
#define OP_FLAG(id, word, call, n, work, text) \
    [OP_##id] = { .name = word, .kind = KIND_FLAG, .nargs = 1 },
#define OP_OVER(id, word, text) \
    [OP_##id] = { .name = word, .kind = KIND_OVER, .nargs = 1 },
#define OP_SPELT(id, word, text) \
    [OP_##id] = { .name = word, .kind = KIND_SPELT, .nargs = 1 },
#define OP_OVER_SLOPE(id, word, n) \
    [OP_##id] = { .name = word, .kind = KIND_OVER_SLOPE, .nargs = n },
#define OP_SLOPE(id, word, n, work) \
    [OP_##id] = { .name = word, .kind = KIND_SLOPE, .nargs = n },
#define OP_MADE(id, word, n, work) \
    [OP_##id] = { .name = word, .kind = KIND_MADE, .nargs = n },
#include "cell/ops.def"
};

/* table.c - the table of one instruction set. */
#include "parts.h"

#define TEXT2(x) #x
#define TEXT(x) TEXT2(x)

extern const struct kernels SYM(kernels);

const struct kernels SYM(kernels) = {
    .isa = TEXT(ISA),
    .gemm = SYM(gemm),
    .pack_size = SYM(pack_size),
    .pack = SYM(pack),
    .ew = SYM(ew),
    .ew_make = SYM(ew_make),
    .ew_run = SYM(ew_run),
    .over = SYM(over),
    .colsum = SYM(colsum),
    .look = SYM(look),
    .scatter = SYM(scatter),
    .drain = SYM(drain),
    .softmax = SYM(softmax),
    .clip = SYM(clip),
    .update = SYM(update),
    .peak = SYM(peak),
};

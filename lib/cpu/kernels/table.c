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
    .scatter = SYM(scatter),
    .drain = SYM(drain),
    .softmax = SYM(softmax),
    .clip = SYM(clip),
    .update = SYM(update),
    .fleet_gemm = SYM(fleet_gemm),
    .fleet_look = SYM(fleet_look),
    .peak = SYM(peak),
};

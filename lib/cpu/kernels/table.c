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
    .squares = SYM(squares),
    .sgd = SYM(sgd),
    .momentum = SYM(momentum),
    .adagrad = SYM(adagrad),
    .rmsprop = SYM(rmsprop),
    .adam = SYM(adam),
    .fleet_gemm = SYM(fleet_gemm),
    .fleet_look = SYM(fleet_look),
    .fleet_softmax = SYM(fleet_softmax),
    .fleet_clip = SYM(fleet_clip),
    .fleet_step = SYM(fleet_step),
    .peak = SYM(peak),
};

/* isas.h - the kernels of every instruction set that this machine has. */
#ifndef ISAS_H
#define ISAS_H

#include <stddef.h>

#include "cpu/kernel.h"

static const char *const isas[] = { "sse2", "avx2", "avx512", "neon" };

#define EACH_ISA(k) \
    for (size_t i_ = 0; i_ < sizeof isas / sizeof *isas; i_++) \
        for (const struct kernels *k = kernels_named(isas[i_]); k; k = NULL)

#endif

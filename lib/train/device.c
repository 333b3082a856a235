/* device.c - the one place that names the devices. */
#include "train/device.h"

#include <string.h>

#include "base/die.h"
#include "cpu/cpu.h"
#include "cuda/cuda.h"

/* `emulated` is for tests. */
static const struct backend *const backends[] = {
    &backend_cpu, &backend_cuda, &backend_emulated,
};

const struct backend *
device_pick(const char *name)
{
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++)
        if (!strcmp(name, backends[i]->name))
            return backends[i];
    die(RC_USAGE, "--device: '%s' is not cpu or cuda; try '%s --help'",
        name, prog);
}

/* device.c - the one place that names the devices. */
#include "train/device.h"

#include <string.h>

#include "base/die.h"
#include "cpu/cpu.h"

const struct backend *
device_pick(const char *name)
{
    if (!strcmp(name, "cuda"))
        die(RC_DEVICE, "--device cuda: this build has no GPU engine; use cpu");
    if (strcmp(name, backend_cpu.name))
        die(RC_USAGE, "--device: '%s' is not cpu or cuda; try '%s --help'",
            name, prog);
    return &backend_cpu;
}

/* device.h - the devices there are, by name. */
#ifndef TRAIN_DEVICE_H
#define TRAIN_DEVICE_H

#include "graph/backend.h"

/* As --device names them; ends the program where there is no such, or this
 * build or machine has none. */
const struct backend *device_pick(const char *name);

#endif

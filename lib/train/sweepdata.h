/*
 * sweepdata.h - what data of one's own adds to a sweep's configs.
 *
 * A config must determine its run, and where no task made the data that takes
 * the data's hash and its number of rows (data.h).  A description that names
 * its files, "data": {"train": PATH, "val": PATH, "test": PATH}, has them read
 * here and all of that filled in, as train does when it is given the files.
 */
#ifndef TRAIN_SWEEPDATA_H
#define TRAIN_SWEEPDATA_H

#include <jansson.h>

#include "train/data.h"

struct sweep_data {
    struct data_options files;
    const char *where;         /* the description's name */
    json_t *opened;            /* configs by what of them concerns data */
};

/* `object` is the description's "data"; it is borrowed.  Dies on a key that is
 * none of the three, or without "train". */
void sweep_data_init(struct sweep_data *d, const json_t *object,
                     const char *where);
/* A new config: `config` with what the data adds. */
json_t *sweep_data_fill(struct sweep_data *d, const json_t *config);
void sweep_data_release(struct sweep_data *d);

#endif

/*
 * learning.h - learning curves out of results and log lines.
 */
#ifndef STATS_LEARNING_H
#define STATS_LEARNING_H

#include "stats/chart.h"

/*
 * What a file of a run's says of `key` by update.  A result has it in its
 * "curve" (loss, average ...), or else in "validations" (val_loss ...); log
 * lines, as train prints them, have it beside their "step".  The caller frees
 * x, y and name (the path without folders and ".json").  Dies where the file
 * knows nothing of the key, naming those it has.
 */
void learning_read(const char *path, const char *key,
                   struct chart_series *s);

#endif

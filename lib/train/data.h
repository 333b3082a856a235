/*
 * data.h - a run's data: what train is fed with, the sets it is judged by,
 * and what of this belongs into the config.
 *
 * The config must determine the run, so whatever the data adds (the task of
 * the stream's header, the number of rows, or the hash of a set that no task
 * made) is filled in where the config leaves it open, and compared where it
 * does not.
 */
#ifndef TRAIN_DATA_H
#define TRAIN_DATA_H

#include <jansson.h>

#include "train/feed.h"
#include "train/set.h"

struct data_options {
    const char *stream;       /* path or "-"; NULL with a source */
    const char *source;       /* command or NULL */
    const char *val, *test;   /* paths or NULL */
    const struct stream_info *init;   /* what the weights to start from know
                                         of their data, or NULL */
};

struct data {
    struct feed *train;
    struct set *val, *test;   /* NULL: none */
};

/* Open and read everything but a pipe's batches.  Returns a new config with
 * what was added; `where` names the old one in messages. */
json_t *data_open(struct data *d, const struct data_options *o,
                  const json_t *config, const char *where);
/* `config` as data_open() would complete it, had it been given in place of
 * the one that became `opened`; the two agree in all that concerns data. */
json_t *data_config(const struct data_options *o, const json_t *opened,
                    const json_t *config, const char *where);
void data_close(struct data *d);

/* A set out of a file ("-": standard input), or of a split of a source.
 * rows 0: all.  Used by eval, too.  net: NULL, or of the net that is to answer
 * (batch_reader_open_for). */
struct set *data_set_file(const char *path, int64_t rows,
                          const struct stream_info *net);
struct set *data_set_source(const char *command, const char *split,
                            int64_t rows, int batch, const json_t *task);

#endif

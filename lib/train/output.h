/*
 * output.h - the files a run leaves: model, side file, result, in this order,
 * so that a result stands for a complete run.
 *
 * RESULT.json has beside it RESULT.checkpoint while it is under way,
 * RESULT.checkpoint.lock while somebody works on it, and RESULT.meta with
 * times and host names at the end.  Beside what is no regular file, a FIFO or
 * a device, nothing is made.
 */
#ifndef TRAIN_OUTPUT_H
#define TRAIN_OUTPUT_H

#include <jansson.h>
#include <stdbool.h>

#include "base/clash.h"

struct output {
    const char *result, *save;       /* or NULL */
    char *checkpoint, *lock, *meta;  /* or NULL */
    int lock_fd;                     /* -1: not locked */
};

/* `checkpoint` NULL: beside the result, else beside the model. */
void output_init(struct output *o, const char *result, const char *save,
                 const char *checkpoint);
void output_release(struct output *o);
/* Dies if two of its files, or of those told before, are one. */
void output_clash(const struct output *o, struct clash *c);

/* Wait until nobody else works on this run (or leave with one line if
 * `no_wait`), and clear away what a killed process left half written. */
void output_lock(struct output *o, bool no_wait);
/* Before the program's end, if it goes on to other runs. */
void output_unlock(struct output *o);

/* The result if this very run is complete already (caller decrefs), else
 * NULL.  Dies if the file holds another run's. */
json_t *output_done(const struct output *o, const char *id);

/* Side file and result; what was only needed on the way is removed.  Returns
 * the result's text (the caller frees). */
char *output_finish(const struct output *o, const json_t *result,
                    const json_t *meta);
/* Remove the checkpoint, if what is there is one of run `id`. */
void output_clear(const struct output *o, const char *id);

#endif

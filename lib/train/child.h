/*
 * child.h - a program that makes data on request (`--source 'gentask ..
 * --serve'`): request lines in, tensor records out.
 *
 *     struct child *c = child_start("gentask copy --serve");
 *     child_ask(c, "train", 0, 17, 8, 64, NULL);
 *     batch_read(child_reader(c), &b);      eight times
 *     child_stop(c);
 */
#ifndef TRAIN_CHILD_H
#define TRAIN_CHILD_H

#include <jansson.h>
#include <stdint.h>

#include "stream/batch.h"

struct child;

/* Run by `sh -c` in a process group of its own, so that Ctrl-C reaches only
 * us; it should end when its request pipe closes.  Reads the header. */
struct child *child_start(const char *command);
struct batch_reader *child_reader(struct child *c);    /* borrowed */

/* One request line; docs/formats.md.  `set` (settings of the task that
 * differ) may be NULL. */
void child_ask(struct child *c, const char *split, int64_t pass,
               int64_t first, int64_t count, int batch, const json_t *set);

/* Close both pipes and wait half a second for it; then it is ended, with all
 * that it has started, as it is when the program ends. */
void child_stop(struct child *c);

#endif

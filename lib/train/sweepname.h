/* sweepname.h - parts of sweep.c: readable names, and objects laid over each
 * other. */
#ifndef TRAIN_SWEEPNAME_H
#define TRAIN_SWEEPNAME_H

#include "train/sweep.h"

/* The template with every {path} replaced by the config's value (of what was
 * given, else of all settings); {experiment}, {name} and {trial} are known
 * too.  Anything but letters, digits, '.', '_', '+', '-' becomes '-'; of a
 * cell's path only the file's stem is kept.  The caller frees. */
char *sweep_stem(const struct sweep *s, const json_t *given,
                 const json_t *config, const char *experiment, long trial,
                 const char *file);

/* Keys of `set` (dotted paths or nested objects) put into `given`. */
void sweep_lay_over(json_t *given, const json_t *set);

/* Remember which paths vary, each once, in order. */
void sweep_note_keys(struct sweep *s, const json_t *grid, const char *file);

#endif

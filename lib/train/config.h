/*
 * config.h - what a run is: one sparse JSON object, from which its id comes.
 *
 *     json_t *c = config_complete(flags, "command line", NULL);
 *     config_id(c, hex);                      the run's name
 *     json_t *s = config_settings(c);         all defaults filled in
 *
 * A complete config carries the canonical text of its cells, so that nothing
 * outside it is looked up again and the id covers the equations.
 */
#ifndef TRAIN_CONFIG_H
#define TRAIN_CONFIG_H

#include <jansson.h>
#include <stdbool.h>

#include "base/keys.h"

/* Every setting of a run.  A default never changes. */
extern const struct key train_keys[];

/*
 * A new object: checked, defaults left out, each cell's canonical text under
 * `cells` (the text already there, else the one cell_find() finds), names of
 * files cut to their stems, options checked and those at their default left
 * out.  A key `id` is let through and dropped.  `where` names the config in
 * messages.  If `origins` is not NULL, it gets for each cell that was looked
 * up NAME: {"file": .., "text": ..}, so that later messages can name lines of
 * the file instead of the canonical text.
 */
json_t *config_complete(const json_t *config, const char *where,
                        json_t *origins);

/* `over`'s values on top of `base`'s, objects joined key by key; new. */
json_t *config_join(const json_t *base, const json_t *over);

/* SHA-256 of the canonical text without `id`. */
void config_id(const json_t *config, char hex[65]);

json_t *config_settings(const json_t *config);

/* The config in `file` names the id `id`, but the full one, with all that
 * the data adds, has another: dies with the keys that it lacks. */
_Noreturn void config_blame(const char *file, const json_t *part,
                            const json_t *full, const char *id);

/* ---- the stack of layers ------------------------------------------------*/

struct layer {
    char name[32];        /* "encoder.0", "layers.1", "decoder.0", "head" */
    char cell[96];        /* a key of `cells` */
    int size;             /* 0: as wide as the target (the head) */
    bool first, last;     /* of the recurrent stack */
};

enum { LAYERS_MAX = 256 };

/* Fills out (LAYERS_MAX places) from bottom to top; returns how many.  Dies
 * on a list that cannot be read. */
int config_layers(const json_t *settings, const char *where,
                  struct layer *out);

#endif

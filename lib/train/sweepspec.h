/*
 * sweepspec.h - what every part of a sweep's description is asked.
 *
 * `file` names the description in messages.
 */
#ifndef TRAIN_SWEEPSPEC_H
#define TRAIN_SWEEPSPEC_H

#include <jansson.h>

/* Dies unless `v` is an object with no key but those in `known`, which ends
 * with NULL; `what` it is, as in "an experiment". */
void spec_keys(const json_t *v, const char *const *known, const char *file,
               const char *what);

/* v's value at `key`, borrowed; NULL where there is none.  Dies if it is of
 * another type, one of the first four, or missing and `must` be there. */
const json_t *spec_need(const json_t *v, const char *key, json_type type,
                        int must, const char *file);

/* All settings of a run, to be looked for in. */
struct spec_view {
    json_t *settings;     /* of its complete config, defaults filled in */
    json_t *all;          /* with what the description says besides: options at
                             their defaults, which the config leaves out */
};

/* `given`: what the description says of the run. */
void spec_view_init(struct spec_view *v, const json_t *given,
                    const json_t *config);
/* Has the run all values of the object `part`, objects looked into? */
int spec_view_contains(const struct spec_view *v, const json_t *part);
void spec_view_release(struct spec_view *v);

#endif

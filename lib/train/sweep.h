/*
 * sweep.h - a sweep's description, and the configs it stands for.
 *
 *   {"name": "copy",
 *    "base": {"batch": 64, "task": {"name": "copy"}},
 *    "data": {"train": "a.jsonl", "val": "b.jsonl", "test": "c.jsonl"},
 *    "grid": {"cell": ["lstm", "gru"], "task.len": [100, 200]},
 *    "exclude": [{"cell": "gru", "task": {"len": 200}}],
 *    "experiments": [{"name": "wide", "set": {"size": 512},
 *                     "grid": {"cell": ["gru"]}}],
 *    "seeds": 3, "base_seed": 42,
 *    "template": "{cell}-T{task.len}-s{seed}"}
 *
 * Only "name" and "base" must be there.  An experiment is the base with its
 * `set` laid over it and its grid in place of lists of the same key; without
 * experiments there is one, with no name.  Order: experiments as written, grid
 * keys as written with the last varying fastest, seeds fastest of all, unless
 * "order" says another (sweeporder.h).  A grid key "a,b" sets both, from
 * pairs.  `exclude` leaves out configs that contain
 * one of its objects (defaults count as contained).  `data` names files that
 * no task of ours made; what they add is filled in (sweepdata.h).
 */
#ifndef TRAIN_SWEEP_H
#define TRAIN_SWEEP_H

#include <stdint.h>

#include <jansson.h>

struct sweep_run {
    json_t *config;       /* complete: canonical, with its "id" */
    json_t *given;        /* what the description says of it */
    char *name;           /* template filled in, "-", 8 digits of the id */
    uint64_t rank;        /* its place in the description's order */
};

struct sweep {
    char *name;
    json_t *spec;
    int nkeys;
    char **keys;          /* paths that vary: grid keys, then "seed" */
    int n, room;
    struct sweep_run *runs;
};

/* Expand PATH ("-": standard input).  Dies, naming the file, on unknown keys,
 * two equal configs, or names that do not tell two configs apart.  `seeds`
 * above 0 takes the place of the description's. */
void sweep_read(struct sweep *s, const char *path, long seeds);
void sweep_release(struct sweep *s);

#endif

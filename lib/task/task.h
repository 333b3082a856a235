/*
 * task.h - what a task is: a table of settings, and a function that makes any
 * batch of any split from nothing but the settings and a number.
 *
 * Every sequence is a pure function of (task.seed, split, pass, index), so a
 * resumed run or a served request needs no state.  One file a task; task.c
 * lists them.
 */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include "base/keys.h"
#include "base/rng.h"
#include "stream/batch.h"

enum split { SPLIT_TRAIN, SPLIT_VAL, SPLIT_TEST };

/* Which sequences: rows first .. first+rows-1 of one pass of one split. */
struct draw {
    uint64_t seed;
    enum split split;
    uint32_t pass;
    uint64_t first;
    int rows;
};

struct task {
    const char *name;        /* "copy" */
    const char *about;       /* one line */
    const struct key *keys;  /* its own settings (len, symbols ...) */
    /* Check the settings against each other (dies) and give kinds and sizes;
     * fills info->input .. target_size and info->continues only. */
    void (*info)(const json_t *settings, struct stream_info *info);
    /* Make the rows asked for; b is released by the caller. */
    void (*make)(const json_t *settings, const struct stream_info *info,
                 const struct draw *d, struct batch *b);
};

const struct task *const *task_list(void);         /* NULL-ended */
const struct task *task_find(const char *name);    /* dies: near names */

/* Random numbers of one row: rng_init with purpose RNG_TASK, step = split and
 * pass, index = row * 2^32 (a row may draw 2^32 blocks). */
void task_rng(struct rng *r, const struct draw *d, int row);

#endif

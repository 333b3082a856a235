/*
 * task.h - what a task is: a table of settings, and functions that make any
 * batch of any split from nothing but the settings and a number.
 *
 * Every sequence is a pure function of (task.seed, split, pass, index), so a
 * resumed run or a served request needs no state.  One file a task; task.c
 * lists them; source.h runs one.
 */
#ifndef TASK_TASK_H
#define TASK_TASK_H

#include <stdio.h>

#include "base/keys.h"
#include "base/rng.h"
#include "stream/batch.h"

enum split { SPLIT_TRAIN, SPLIT_VAL, SPLIT_TEST };

/* Which sequences of one pass of one split: rows first .. first+rows-1.  In a
 * task that continues, every batch has rows 0 .. rows-1, and `block` says
 * which piece of each (equal to the batch's index). */
struct draw {
    uint64_t seed;
    enum split split;
    uint32_t pass;
    uint64_t first;
    int64_t block;
    int rows;
};

struct source;   /* source.h: a task under way, with its settings */

struct task {
    const char *name;        /* "copy" */
    const char *about;       /* one line */
    const struct key *keys;  /* its settings (len, symbols ...), with
                                TASK_SEED as the last row */
    /* Check s->info.task (filled settings) against itself, dying through
     * source_bad(); fill s->info.input .. target_size and .continues,
     * s->steps, and what else the task knows of symbols, names, self. */
    void (*open)(struct source *s);
    /* Make the rows asked for, in the shape that batch_shape() gives b. */
    void (*make)(struct source *s, const struct draw *d, struct batch *b);
    /* Batches in a pass of a split; NULL: endless. */
    int64_t (*batches)(const struct source *s, enum split split);
    void (*close)(struct source *s);     /* frees s->self; NULL: nothing */
    /* What row i of a draw is made of, for people: a new object, "about" in
     * its line of JSON; and as a graph for Graphviz.  NULL: nothing more to
     * say, nothing to draw. */
    json_t *(*about_row)(struct source *s, const struct draw *d, int i);
    void (*dot)(struct source *s, const struct draw *d, int i, FILE *out);
    bool reads;              /* files, by --file */
};

/* The last row of every task's table; seeds fit a double exactly. */
#define TASK_SEED \
    { "seed", KEY_INT, "1", 0, 9007199254740991.0, NULL, "N", \
      "seed of the sequences drawn" }

const struct task *const *task_list(void);         /* NULL-ended */
/* Dies, naming near ones: with RC_USAGE if where is NULL (a command line),
 * else as bad input from the file `where`. */
const struct task *task_find(const char *name, const char *where);

/* A task object {"name":"copy","len":20,"seed":3}, checked (unknown keys,
 * types, ranges; dies naming `where`), as a new object with all defaults
 * filled in, or with all defaults left out.  "name" always stays. */
json_t *task_settings(const json_t *task, const char *where);
json_t *task_sparse(const json_t *task, const char *where);

const char *split_name(enum split split);          /* "train" */
enum split split_find(const char *name);           /* dies: RC_USAGE */

/* Random numbers of one row: rng_init with purpose RNG_TASK, step = 4 pass +
 * split, index = row * 2^32 (a row may draw 2^32 blocks). */
void task_rng(struct rng *r, const struct draw *d, uint64_t row);

#endif

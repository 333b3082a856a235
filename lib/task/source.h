/*
 * source.h - a task under way: settings in, batches out, in any order.
 *
 *   struct source s;
 *   source_open(&s, task_object, 64, NULL, NULL);
 *   source_make(&s, SPLIT_TRAIN, 0, 17, &b);     batch 17, whenever asked
 *   source_close(&s);
 */
#ifndef TASK_SOURCE_H
#define TASK_SOURCE_H

#include "task/task.h"

/* What a task may read; either may be NULL. */
struct task_files {
    const char *const *paths;  /* texts or rules, NULL-ended */
    const char *vocabulary;    /* byte pairs: read, or made if missing */
};

struct source {
    const struct task *task;
    const char *where;         /* the config's file; NULL: a command line */
    const struct task_files *files;    /* or NULL; borrowed */
    struct stream_info info;   /* .task: the settings, filled in; .given: those
                                  not at their defaults; .about: symbols and
                                  floor */
    int64_t steps;             /* of the longest row */
    bool language;             /* each target is the input after it */
    json_t *symbols;           /* array of strings, one a class: how they are
                                  written (characters U+0001..U+00FF are
                                  bytes, U+0100 is byte 0); NULL: classes
                                  are bytes */
    double floor;              /* mean loss of the best predictor, nats a
                                  scored step; NaN: not known */
    void *self;                /* the task's own */
};

/* `task`: a task object, checked here; `where`, `files`: borrowed.  Dies on
 * anything wrong, and on batches of more than 2^31 steps in all. */
void source_open(struct source *s, const json_t *task, int batch,
                 const char *where, const struct task_files *files);
/* Batch number `index` (>= 0) of a pass into b, which begins as { 0 } and is
 * used again; the caller releases it. */
void source_make(struct source *s, enum split split, uint32_t pass,
                 int64_t index, struct batch *b);
/* What the rows of that batch are made of: a new array of an object each, or
 * NULL where there is nothing to say; and drawn, a graph for Graphviz a row
 * (dies where the task has none). */
json_t *source_about(struct source *s, enum split split, uint32_t pass,
                     int64_t index, int rows);
void source_dot(struct source *s, enum split split, uint32_t pass,
                int64_t index, int rows, FILE *out);
/* Batches in a pass of a split; -1: endless. */
int64_t source_batches(const struct source *s, enum split split);
/* How many batches there are to write from `first` on: `count` if it is not
 * negative, else to the end of the pass (-1: endless).  Dies if the pass has
 * fewer, naming `where` (NULL: RC_USAGE). */
int64_t source_count(const struct source *s, enum split split, int64_t first,
                     int64_t count, const char *where);
/* Change some settings (an object of the task's keys) or the batch (0: keep)
 * from now on.  Dies if that would change what the header has promised: the
 * kinds, the sizes, or whether it continues. */
void source_set(struct source *s, const json_t *set, int batch,
                const char *where);
void source_close(struct source *s);

/* Settings that do not fit each other: one line, RC_USAGE or bad input. */
_Noreturn void source_bad(const struct source *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif

/*
 * meaning.h - what a unit of a net could stand for: the numbers that describe
 * where in a text of a memory task we are.
 *
 *   struct meaning *m = meanings_new(l, &n);     "cell 4", "full cells" ...
 *   meanings_of(l, &state, value);               value[i] of m[i]
 */
#ifndef TASK_MEANING_H
#define TASK_MEANING_H

#include <stdint.h>

#include "task/legal.h"

enum meaning_kind { MEANING_CELL, MEANING_LINE, MEANING_COUNTER,
                    MEANING_FLAG };

struct meaning {
    char name[48];
    enum meaning_kind kind;
    int values;              /* takes 0 .. values - 1 */
};

/* All meanings of a task; the caller frees. */
struct meaning *meanings_new(const struct legal *l, int *n);
void meanings_of(const struct legal *l, const struct legal_state *s,
                 int32_t *value /* (n) */);

const char *meaning_kind_name(enum meaning_kind k);    /* "cell" */

/* For the tasks. */
void meaning_set(struct meaning *m, enum meaning_kind kind, int values,
                 const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif

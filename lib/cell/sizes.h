/*
 * sizes.h - inside the cell room: unknown sizes that are found to be equal,
 * or to add up.
 *
 * A variable is a number of units, 0 while unknown.  Equal ones are joined
 * (union-find), so that whatever is learned about one holds for all.
 */
#ifndef CELL_SIZES_H
#define CELL_SIZES_H

#include <stdbool.h>

struct size_sum;

struct sizes {
    int n, cap;
    int *parent, *value;
    int nsums, sums_cap;
    struct size_sum *sums;
};

void sizes_release(struct sizes *s);
int size_new(struct sizes *s);
int size_get(struct sizes *s, int var);           /* 0: unknown */
bool size_same(struct sizes *s, int a, int b);    /* known to be equal */
/* False if it is known to be something else (nothing changes then). */
bool size_set(struct sizes *s, int var, int value);
bool size_join(struct sizes *s, int a, int b);
/* whole = the sum of the parts; `tag` comes back if they disagree. */
void size_add_up(struct sizes *s, int whole, const int *part, int n,
                 const void *tag);
/* Draw what conclusions the sums allow.  Returns whether there were any.  A
 * sum that cannot hold: *bad gets its tag, *want what the whole has and *have
 * what its known parts come to, and *open how many parts are not known. */
bool size_conclude(struct sizes *s, const void **bad, int *want, int *have,
                   int *open);

#endif

/* nucleus.c - the classes that are not drawn from get probability 0. */
#include "graph/nucleus.h"

#include <stdlib.h>

#include "base/die.h"

struct ranked {
    float p;
    int class;
};

/* The likeliest first; of equals the first class. */
static int
by_rank(const void *x, const void *y)
{
    const struct ranked *a = x, *b = y;

    if (a->p != b->p)
        return a->p < b->p ? 1 : -1;
    return (a->class > b->class) - (a->class < b->class);
}

bool
nucleus_needed(const struct nucleus *k, int n)
{
    return (k->top_k && k->top_k < n) || k->top_p < 1;
}

/* How many of the first `most` reach the share of what they have together. */
static int
reach(const struct ranked *r, int most, double share)
{
    double all = 0, sum = 0;

    for (int i = 0; i < most; i++)
        all += (double)r[i].p;
    for (int i = 0; i < most; i++) {
        sum += (double)r[i].p;
        if (sum >= share * all)
            return i + 1;
    }
    return most;
}

void
nucleus_cut(const struct nucleus *k, int n, float *p)
{
    struct ranked *r = xcalloc((size_t)n, sizeof *r);
    int most = k->top_k && k->top_k < n ? (int)k->top_k : n;

    for (int i = 0; i < n; i++)
        r[i] = (struct ranked){ p[i], i };
    qsort(r, (size_t)n, sizeof *r, by_rank);
    if (k->top_p < 1)
        most = reach(r, most, k->top_p);
    for (int i = most; i < n; i++)
        p[r[i].class] = 0;
    free(r);
}

#include "base/sort.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

struct sort {
    size_t size;
    int (*compare)(const void *a, const void *b, void *ctx);
    void *ctx;
};

/* Sort n items of `at`, with room for as many at `spare`. */
static void
merge_sort(const struct sort *s, char *at, char *spare, size_t n)
{
    size_t half = n / 2 * s->size, all = n * s->size, i = 0, j = half;

    if (n < 2)
        return;
    merge_sort(s, at, spare, n / 2);
    merge_sort(s, at + half, spare, n - n / 2);
    memcpy(spare, at, all);
    for (char *to = at; to < at + all; to += s->size) {
        bool left = j == all || (i < half &&
            s->compare(spare + i, spare + j, s->ctx) <= 0);
        size_t *from = left ? &i : &j;

        memcpy(to, spare + *from, s->size);
        *from += s->size;
    }
}

void
sort_stable(void *items, size_t n, size_t size,
            int (*compare)(const void *a, const void *b, void *ctx),
            void *ctx)
{
    struct sort s = { size, compare, ctx };
    char *spare = xcalloc(n, size);

    merge_sort(&s, items, spare, n);
    free(spare);
}

/* permute.c - the group that two permutations generate. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "group/group.h"

/* Where a permutation stands among those found; n if it is new. */
static int
find(const uint8_t *all, int n, const uint8_t *perm, size_t m)
{
    int i = 0;

    while (i < n && memcmp(all + (size_t)i * m, perm, m))
        i++;
    return i;
}

/* (a b)(i) = a(b(i)) */
static void
compose(uint8_t *out, const uint8_t *a, const uint8_t *b, int m)
{
    for (int i = 0; i < m; i++)
        out[i] = a[b[i]];
}

int
group_generate(struct group *g, const uint8_t *a, const uint8_t *b, int m)
{
    size_t size = (size_t)m;
    uint8_t *all = xcalloc((GROUP_ORDER + 1) * size, 1);
    int n = 1;

    for (int i = 0; i < m; i++)
        all[i] = (uint8_t)i;
    for (int at = 0; at < n && n <= GROUP_ORDER; at++)
        for (int i = 0; i < 2 && n <= GROUP_ORDER; i++) {
            uint8_t *new = all + (size_t)n * size;

            compose(new, all + (size_t)at * size, i ? b : a, m);
            if (find(all, n, new, size) == n)
                n++;
        }
    if (n <= GROUP_ORDER) {
        uint8_t *product = all + (size_t)n * size;

        g->n = n;
        g->table = xcalloc((size_t)n * (size_t)n, sizeof *g->table);
        for (int u = 0; u < n; u++)
            for (int v = 0; v < n; v++) {
                compose(product, all + (size_t)u * size,
                        all + (size_t)v * size, m);
                g->table[u * n + v] = (uint16_t)find(all, n, product, size);
            }
    }
    free(all);
    return n <= GROUP_ORDER ? n : 0;
}

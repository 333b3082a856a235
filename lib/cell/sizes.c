/* sizes.c - union-find over sizes, and sums of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cell/sizes.h"
#include "cell/syntax.h"

struct size_sum {
    int whole, part[EX_ARGS], n;
    const void *tag;
};

void
sizes_release(struct sizes *s)
{
    free(s->parent);
    free(s->value);
    free(s->sums);
    memset(s, 0, sizeof *s);
}

int
size_new(struct sizes *s)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 256;
        s->parent = xrealloc(s->parent, s->cap, sizeof *s->parent);
        s->value = xrealloc(s->value, s->cap, sizeof *s->value);
    }
    s->parent[s->n] = s->n;
    s->value[s->n] = 0;
    return s->n++;
}

static int
root(struct sizes *s, int v)
{
    while (s->parent[v] != v)
        v = s->parent[v] = s->parent[s->parent[v]];
    return v;
}

int
size_get(struct sizes *s, int var)
{
    return s->value[root(s, var)];
}

bool
size_same(struct sizes *s, int a, int b)
{
    return root(s, a) == root(s, b);
}

bool
size_set(struct sizes *s, int var, int value)
{
    int *v = &s->value[root(s, var)];

    if (*v && *v != value)
        return false;
    *v = value;
    return true;
}

bool
size_join(struct sizes *s, int a, int b)
{
    a = root(s, a);
    b = root(s, b);
    if (a == b)
        return true;
    if (s->value[a] && s->value[b] && s->value[a] != s->value[b])
        return false;
    if (!s->value[a])
        s->value[a] = s->value[b];
    s->parent[b] = a;
    return true;
}

void
size_add_up(struct sizes *s, int whole, const int *part, int n,
            const void *tag)
{
    struct size_sum *sum;

    if (s->nsums == s->sums_cap) {
        s->sums_cap = s->sums_cap ? 2 * s->sums_cap : 64;
        s->sums = xrealloc(s->sums, s->sums_cap, sizeof *s->sums);
    }
    sum = &s->sums[s->nsums++];
    sum->whole = whole;
    sum->n = n;
    sum->tag = tag;
    memcpy(sum->part, part, n * sizeof *part);
}

/* The one unknown that is left, possibly several times among the parts. */
static bool
conclude_sum(struct sizes *s, const struct size_sum *sum, int *want,
             int *have, int *open, bool *ok)
{
    int whole = size_get(s, sum->whole), unknown = -1, times = 0;
    int64_t known = 0;

    for (int i = 0; i < sum->n; i++) {
        int r = root(s, sum->part[i]);

        known += s->value[r];
        if (s->value[r])
            continue;
        if (unknown >= 0 && r != unknown)
            return false;
        unknown = r;
        times++;
    }
    if (times && !whole)
        return false;
    *want = whole;
    *open = times;
    *have = known > MAX_SIZE ? MAX_SIZE + 1 : (int)known;
    if (!times) {
        *ok = known <= MAX_SIZE && (!whole || whole == known);
        return *ok && size_set(s, sum->whole, (int)known) && !whole;
    }
    *ok = whole > known && (whole - known) % times == 0;
    return *ok && size_set(s, unknown, (int)((whole - known) / times));
}

bool
size_conclude(struct sizes *s, const void **bad, int *want, int *have,
              int *open)
{
    bool any = false;

    *bad = NULL;
    /* There and back: what is known may flow either way through a chain. */
    for (int k = 0; k < 2 * s->nsums; k++) {
        int i = k < s->nsums ? k : 2 * s->nsums - 1 - k;
        bool ok = true;

        any |= conclude_sum(s, &s->sums[i], want, have, open, &ok);
        if (!ok) {
            *bad = s->sums[i].tag;
            return any;
        }
    }
    return any;
}

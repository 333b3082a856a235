/* table.c - hash tables that only grow; doubled when half full. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/table.h"

enum { FIRST_SIZE = 1024 };

static size_t
place(const struct table *t, uint32_t key)
{
    uint64_t h = key * UINT64_C(0x9e3779b97f4a7c15);
    size_t i = (size_t)(h >> 32) & (t->size - 1);

    while (t->slot[i].key != UINT32_MAX && t->slot[i].key != key)
        i = (i + 1) & (t->size - 1);
    return i;
}

static void
make(struct table *t, size_t size)
{
    t->slot = xcalloc(size, sizeof *t->slot);
    memset(t->slot, 0xff, size * sizeof *t->slot);
    t->size = size;
}

void
table_init(struct table *t)
{
    t->n = 0;
    make(t, FIRST_SIZE);
}

static void
grow(struct table *t)
{
    struct table old = *t;

    make(t, old.size * 2);
    for (size_t i = 0; i < old.size; i++)
        if (old.slot[i].key != UINT32_MAX)
            t->slot[place(t, old.slot[i].key)] = old.slot[i];
    free(old.slot);
}

uint32_t *
table_at(struct table *t, uint32_t key, uint32_t value)
{
    size_t i;

    if (2 * t->n >= t->size)
        grow(t);
    i = place(t, key);
    if (t->slot[i].key == UINT32_MAX) {
        t->slot[i].key = key;
        t->slot[i].value = value;
        t->n++;
    }
    return &t->slot[i].value;
}

uint32_t
table_get(const struct table *t, uint32_t key)
{
    size_t i = place(t, key);

    return t->slot[i].key == key ? t->slot[i].value : UINT32_MAX;
}

void
table_release(struct table *t)
{
    free(t->slot);
}

/* FNV-1a. */
static uint32_t
hash_bytes(const unsigned char *p, size_t n)
{
    uint32_t h = 2166136261u;

    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * 16777619u;
    return h ^ h >> 15;
}

static struct bytes_slot *
bytes_place(const struct bytes_table *t, const unsigned char *p, size_t n,
            uint32_t hash)
{
    size_t i = hash & (t->size - 1);

    for (;; i = (i + 1) & (t->size - 1)) {
        struct bytes_slot *s = &t->slot[i];

        if (!s->bytes || (s->hash == hash && s->n == n
                          && memcmp(s->bytes, p, n) == 0))
            return s;
    }
}

void
bytes_table_init(struct bytes_table *t)
{
    t->n = 0;
    t->size = FIRST_SIZE;
    t->slot = xcalloc(t->size, sizeof *t->slot);
}

static void
bytes_grow(struct bytes_table *t)
{
    struct bytes_table old = *t;

    t->size *= 2;
    t->slot = xcalloc(t->size, sizeof *t->slot);
    for (size_t i = 0; i < old.size; i++) {
        const struct bytes_slot *s = &old.slot[i];

        if (s->bytes)
            *bytes_place(t, s->bytes, s->n, s->hash) = *s;
    }
    free(old.slot);
}

struct bytes_slot *
bytes_table_add(struct bytes_table *t, const unsigned char *bytes, size_t n)
{
    uint32_t hash = hash_bytes(bytes, n);
    struct bytes_slot *s;

    if (2 * t->n >= t->size)
        bytes_grow(t);
    s = bytes_place(t, bytes, n, hash);
    if (!s->bytes) {
        *s = (struct bytes_slot){ bytes, (uint32_t)n, hash, 0 };
        t->n++;
    }
    return s;
}

void
bytes_table_release(struct bytes_table *t)
{
    free(t->slot);
}

/* table.h - two hash tables (open addressing) that only grow: from 32-bit
 * numbers, and from byte strings that live elsewhere. */
#ifndef TASK_TABLE_H
#define TASK_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct table {
    struct { uint32_t key, value; } *slot;
    size_t size, n;          /* slots, a power of two; used ones */
};

void table_init(struct table *t);
/* Where the value of `key` is; a new key gets `value`.  Valid until the next
 * call.  The key 2^32 - 1 is not allowed. */
uint32_t *table_at(struct table *t, uint32_t key, uint32_t value);
/* The value of `key`; UINT32_MAX if there is none. */
uint32_t table_get(const struct table *t, uint32_t key);
void table_release(struct table *t);

struct bytes_slot {
    const unsigned char *bytes;    /* borrowed; NULL: free */
    uint32_t n, hash;
    int64_t value;                 /* starts at 0 */
};

struct bytes_table {
    struct bytes_slot *slot;
    size_t size, n;
};

void bytes_table_init(struct bytes_table *t);
/* The slot of these bytes, new or not; valid until the next call. */
struct bytes_slot *bytes_table_add(struct bytes_table *t,
                                   const unsigned char *bytes, size_t n);
void bytes_table_release(struct bytes_table *t);

#endif

/*
 * mask.h - where the loss counts in a window, listed once: the mask is read
 * when the window comes, and whoever needs its places or their number (the
 * head, the loss, its sums) goes through the list.
 *
 * The order is that of sums: microbatch after microbatch, in each time
 * ascending, then row.
 */
#ifndef CPU_MASK_H
#define CPU_MASK_H

#include <stddef.h>
#include <stdint.h>

#include "graph/sizes.h"

struct mask {               /* begins as { 0 } */
    int rows, steps;
    uint32_t n;             /* places */
    uint32_t *first;        /* (microbatches, steps + 1): the number of the
                               first place at a step of a microbatch, and at
                               its end */
    uint8_t *row;           /* (n): each place's row in its microbatch */
    size_t room_first, room_row;
};

/* scored: (rows,steps), `stride` bytes from row to row.  Takes memory only for
 * windows that are larger than all before. */
void mask_list(struct mask *m, const uint8_t *scored, int rows, int steps,
               size_t stride);
void mask_release(struct mask *m);

/* The places at step t of microbatch k are numbers mask_at(m, k, t) ..
 * mask_at(m, k, t + 1) - 1. */
static inline uint32_t
mask_at(const struct mask *m, int k, int t)
{
    return m->first[(size_t)k * ((size_t)m->steps + 1) + (size_t)t];
}

/* Places in rows row0 .. row0+n-1, which are whole microbatches (the last may
 * be the window's last). */
uint32_t mask_rows(const struct mask *m, int row0, int n);

#endif

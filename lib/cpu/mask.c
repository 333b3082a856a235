/* mask.c - the places of a window where the loss counts. */
#include "cpu/mask.h"

#include <stdlib.h>

#include "base/die.h"

_Static_assert(MICROBATCH <= UINT8_MAX + 1, "a row is a byte");

static void
reserve(struct mask *m, size_t first, size_t row)
{
    if (first > m->room_first) {
        free(m->first);
        m->first = xcalloc(first, sizeof *m->first);
        m->room_first = first;
    }
    if (row > m->room_row) {
        free(m->row);
        m->row = xcalloc(row, 1);
        m->room_row = row;
    }
}

void
mask_list(struct mask *m, const uint8_t *scored, int rows, int steps,
          size_t stride)
{
    size_t blocks = ((size_t)rows + MICROBATCH - 1) / MICROBATCH;
    uint32_t *first, n = 0;

    /* one more: each row is written before it is known whether it counts */
    reserve(m, blocks * ((size_t)steps + 1), (size_t)rows * (size_t)steps + 1);
    m->rows = rows;
    m->steps = steps;
    first = m->first;
    for (int r0 = 0; r0 < rows; r0 += MICROBATCH) {
        int k = rows - r0 < MICROBATCH ? rows - r0 : MICROBATCH;
        const uint8_t *at = scored + (size_t)r0 * stride;

        for (int t = 0; t < steps; t++) {
            *first++ = n;
            for (int r = 0; r < k; r++) {
                m->row[n] = (uint8_t)r;
                n += at[(size_t)r * stride + (size_t)t] != 0;
            }
        }
        *first++ = n;
    }
    m->n = n;
}

void
mask_release(struct mask *m)
{
    free(m->first);
    free(m->row);
}

uint32_t
mask_rows(const struct mask *m, int row0, int n)
{
    int last = (row0 + n - 1) / MICROBATCH;

    return mask_at(m, last, m->steps) - mask_at(m, row0 / MICROBATCH, 0);
}

/* lines_out.c - rows of JSON lines as batches. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "stream/batch_parts.h"
#include "stream/lines.h"

enum { FREE_PADDING = 1 << 18 };     /* places */

/* Row i of b, which has zeros there; without a target in the whole row these
 * stay. */
static void
copy_row(const struct lines *l, struct batch *b, int i)
{
    const struct row *row = &l->rows[l->first + i];
    size_t at = (size_t)i * (size_t)b->steps, n = (size_t)row->steps;
    size_t in = (size_t)l->info->input_size;
    size_t out = (size_t)l->info->target_size;

    b->length[i] = row->steps;
    memcpy(b->scored + at, row->scored, n);
    if (row->tokens)
        memcpy(b->tokens + at, row->tokens, n * sizeof *row->tokens);
    if (row->vectors)
        memcpy(b->vectors + at * in, row->vectors,
               n * in * sizeof *row->vectors);
    if (row->classes)
        memcpy(b->classes + at, row->classes, n * sizeof *row->classes);
    if (row->values)
        memcpy(b->values + at * out, row->values,
               n * out * sizeof *row->values);
}

static void
free_row(struct row *row)
{
    free(row->tokens);
    free(row->vectors);
    free(row->classes);
    free(row->values);
    free(row->scored);
}

/* How many rows from `first` on make a batch: those that continue have batches
 * of their own, others go together as long as the padding of the short ones
 * is not much more than what is there. */
static int
batch_rows(const struct lines *l)
{
    double sum = 0, longest = 0;
    int n = 0;

    if (l->info->continues)
        return l->info->batch;
    for (; l->first + n < l->n; n++) {
        double steps = l->rows[l->first + n].steps;

        longest = steps > longest ? steps : longest;
        sum += steps;
        if (n && longest * (n + 1) > 2 * sum + FREE_PADDING)
            break;
    }
    return n;
}

bool
lines_next(struct lines *l, struct batch *b)
{
    int n = batch_rows(l), longest = 0;

    if (l->first == l->n)
        return false;
    for (int i = 0; i < n; i++)
        if (l->rows[l->first + i].steps > longest)
            longest = l->rows[l->first + i].steps;
    batch_shape(b, l->info, n, longest);
    b->index = l->batches++;
    for (int i = 0; i < n; i++) {
        copy_row(l, b, i);
        free_row(&l->rows[l->first + i]);
    }
    l->first += n;
    return true;
}

void
lines_free(struct lines *l)
{
    if (!l)
        return;
    for (int i = l->first; i < l->n; i++)
        free_row(&l->rows[i]);
    free(l->rows);
    free(l);
}

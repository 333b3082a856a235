/* batch_try.h - read a file of batches to its end, in a child (unit/child.h)
 * where that may end the program. */
#ifndef BATCH_TRY_H
#define BATCH_TRY_H

#include "stream/batch.h"

static inline void
batch_try(void *path)
{
    struct batch_reader *r = batch_reader_open(path);
    struct batch b = { 0 };

    while (batch_read(r, &b))
        batch_release(&b);
    batch_reader_close(r);
}

#endif

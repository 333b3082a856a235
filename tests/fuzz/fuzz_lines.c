/* JSON lines: the batch of what is taken is in range, and comes again from a
 * tensor stream of it. */
#include "batches.h"
#include "fuzz.h"

static void
one(const char *text, size_t n)
{
    check_input(text, n, true);
}

const struct harness harness = { .one = one };

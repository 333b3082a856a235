/* allocs.c - malloc and its kin, counted and handed to those of glibc. */
#include "unit/allocs.h"

#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && \
    !defined __SANITIZE_THREAD__
#include "allocs/counted.h"

enum { COUNTED = 1 };
#else
enum { COUNTED = 0 };

static const long count = 0;
#endif

bool
allocs_counted(void)
{
    return COUNTED;
}

long
allocs(void)
{
    return count;
}

/* allocs.c - malloc and its kin, counted and handed to those of glibc. */
#include "unit/allocs.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_long count;

#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && \
    !defined __SANITIZE_THREAD__
enum { COUNTED = 1 };

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);
void *aligned_alloc(size_t align, size_t n);
int posix_memalign(void **p, size_t align, size_t n);

void *
malloc(size_t n)
{
    count++;
    return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
    count++;
    return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
    count++;
    return __libc_realloc(p, n);
}

void *
aligned_alloc(size_t align, size_t n)
{
    count++;
    return __libc_memalign(align, n);
}

int
posix_memalign(void **p, size_t align, size_t n)
{
    count++;
    *p = __libc_memalign(align, n);
    return *p ? 0 : ENOMEM;
}
#else
enum { COUNTED = 0 };
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

/*
 * counted.h - malloc and its kin, counted in `count` and handed to those of
 * glibc.  For one source file of a program (tests/unit/allocs.c) or of what is
 * preloaded into one (tests/allocs/count.c).
 */
#ifndef ALLOCS_COUNTED_H
#define ALLOCS_COUNTED_H

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

static atomic_long count;

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

#endif

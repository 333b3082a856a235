/*
 * malloc.c - a library to be preloaded that lets one allocation fail.
 *
 *   INJECT_ALLOC=N    the Nth call of malloc, calloc, realloc or memalign
 *                     and its kin returns NULL; N+: that one and all after it
 *   INJECT_COUNT=FILE the number of calls is written there at the end
 *
 * Children do not inherit it.  Its constructor also tells tests/inject/call.c
 * that the loader is done and the program begins.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inject/mark.h"

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

static atomic_long calls;
static long fails = -1;
static int all_after;
static const char *count_file;

static int
refuse(void)
{
    long n = atomic_fetch_add(&calls, 1) + 1;

    if (fails < 0 || n < fails || (n > fails && !all_after))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *
malloc(size_t n)
{
    return refuse() ? NULL : __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
    return refuse() ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
    return refuse() ? NULL : __libc_realloc(p, n);
}

void *
memalign(size_t align, size_t n)
{
    return refuse() ? NULL : __libc_memalign(align, n);
}

void *
aligned_alloc(size_t align, size_t n)
{
    return memalign(align, n);
}

int
posix_memalign(void **p, size_t align, size_t n)
{
    void *got = memalign(align, n);

    if (!got)
        return ENOMEM;
    *p = got;
    return 0;
}

__attribute__((constructor)) static void
begin(void)
{
    const char *s = getenv("INJECT_ALLOC");
    char *end = "";
    long n = s ? strtol(s, &end, 10) : -1;

    count_file = getenv("INJECT_COUNT");
    all_after = *end == '+';
    unsetenv("LD_PRELOAD");
    unsetenv("INJECT_ALLOC");
    unsetenv("INJECT_COUNT");
    syscall(SYS_getpid, INJECT_MARK);
    atomic_store(&calls, 0);
    fails = n;
}

__attribute__((destructor)) static void
finish(void)
{
    char text[32];
    int fd, n = snprintf(text, sizeof text, "%ld\n", atomic_load(&calls));

    if (!count_file)
        return;
    fd = open(count_file, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    if (fd < 0 || write(fd, text, (size_t)n) != n)
        _exit(126);
    close(fd);
}

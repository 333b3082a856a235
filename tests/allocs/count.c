/* count.c - preloaded: how often a program asks for memory, written into the
 * file that ALLOCS_COUNT names when it ends; not its children's. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long count;

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

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

static void begin(void) __attribute__((constructor));
static void end(void) __attribute__((destructor));

static void
begin(void)
{
    unsetenv("LD_PRELOAD");
}

static void
end(void)
{
    const char *path = getenv("ALLOCS_COUNT");
    char line[32];
    int n = snprintf(line, sizeof line, "%ld\n", (long)count);
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
                         0666) : -1;

    if (fd < 0 || write(fd, line, (size_t)n) != n)
        _exit(99);
}

/* shared.c - files in memory and comparisons for harnesses. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/json.h"
#include "fuzz.h"

/* Above all that an execution opens, so that what it leaves open can be told
 * from them. */
enum { SLOTS = 4, FIRST = 100 };

static char names[SLOTS][32];

void
fuzz_fail(const char *file, int line, const char *what)
{
    char text[400];
    int n = snprintf(text, sizeof text, "%s:%d: wrong: %s\n", file, line,
                     what);

    /* Not stderr: that may be ours. */
    if (write(STDERR_FILENO, text, (size_t)n) < 0)
        _exit(99);
    abort();
}

static void
open_slot(int slot)
{
    int fd = memfd_create("fuzz", 0);

    if (fd < 0 || dup2(fd, FIRST + slot) < 0)
        fuzz_fail(__FILE__, __LINE__, "memfd_create");
    close(fd);
    snprintf(names[slot], sizeof names[slot], "/proc/self/fd/%d",
             FIRST + slot);
}

const char *
fuzz_file(int slot, const void *data, size_t n)
{
    if (!names[slot][0])
        open_slot(slot);
    if (ftruncate(FIRST + slot, 0) ||
            (n && pwrite(FIRST + slot, data, n, 0) != (ssize_t)n))
        fuzz_fail(__FILE__, __LINE__, "writing a file in memory");
    return names[slot];
}

int
fuzz_fd(int slot)
{
    return open(names[slot], O_RDONLY | O_CLOEXEC);
}

char *
fuzz_bytes(int slot, size_t *n)
{
    struct stat st;
    char *p;

    if (fstat(FIRST + slot, &st))
        fuzz_fail(__FILE__, __LINE__, "fstat");
    *n = (size_t)st.st_size;
    p = xcalloc(*n + 1, 1);
    if (pread(FIRST + slot, p, *n, 0) != (ssize_t)*n)
        fuzz_fail(__FILE__, __LINE__, "reading a file in memory");
    return p;
}

bool
fuzz_same_json(const json_t *a, const json_t *b)
{
    char *s = json_text(a, false), *t = json_text(b, false);
    bool same = !strcmp(s, t);

    free(s);
    free(t);
    return same;
}

size_t
fuzz_splice(char *data, size_t size, size_t max, size_t at, size_t cut,
            const char *with, size_t n)
{
    if (size - cut + n > max)
        return size;
    memmove(data + at + n, data + at + cut, size - at - cut);
    memcpy(data + at, with, n);
    return size - cut + n;
}

char *
fuzz_find(char *data, size_t n, const char *what)
{
    return memmem(data, n, what, strlen(what));
}

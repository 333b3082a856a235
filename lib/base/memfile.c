#include "base/memfile.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

struct memfile {
    FILE *stream;
    char *text;
    size_t n, cap;
    bool ending;         /* out of memory: the exit flushes what is left */
};

/* Dies by itself: stdio does not always tell that a write has failed. */
static ssize_t
put(void *cookie, const char *s, size_t n)
{
    struct memfile *m = cookie;

    if (m->ending)
        return (ssize_t)n;
    if (m->n + n + 1 > m->cap) {
        m->ending = true;
        m->cap = (m->n + n + 1) * 2;
        m->text = xrealloc(m->text, m->cap, 1);
        m->ending = false;
    }
    memcpy(m->text + m->n, s, n);
    m->n += n;
    m->text[m->n] = 0;
    return (ssize_t)n;
}

struct memfile *
memfile_open(void)
{
    struct memfile *m = xcalloc(1, sizeof *m);

    m->text = xcalloc(1, 1);
    m->stream = fopencookie(m, "w", (cookie_io_functions_t){ .write = put });
    if (!m->stream)
        die(RC_DATA, "no memory for a text:");
    return m;
}

FILE *
memfile_stream(struct memfile *m)
{
    return m->stream;
}

char *
memfile_close(struct memfile *m, size_t *n)
{
    char *text;

    if (fclose(m->stream))
        die(RC_DATA, "no memory for a text:");
    text = m->text;
    if (n)
        *n = m->n;
    free(m);
    return text;
}

/* text.c - finds a text by its name. */
#include "cuda/text.h"

#include <assert.h>
#include <string.h>

const char *
cuda_text(const char *name)
{
    const struct cuda_text *t = cuda_texts;

    while (t->name && strcmp(t->name, name))
        t++;
    assert(t->name);
    return t->text;
}

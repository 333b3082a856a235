/* A safetensors file: what is read is written, and read again the same. */
#include <string.h>

#include "fuzz.h"
#include "stream/safetensors.h"
#include "sums.h"

static void
check_same(const struct safetensors *a, const struct safetensors *b)
{
    fuzz_check(fuzz_same_json(a->metadata, b->metadata));
    fuzz_check(a->n == b->n);
    for (int i = 0; i < a->n; i++) {
        const struct tensor *t = &a->tensors[i], *u;

        u = st_find(b, t->name);
        fuzz_check(u && t->dtype == u->dtype && t->ndim == u->ndim &&
                   t->bytes == u->bytes);
        fuzz_check(!memcmp(t->shape, u->shape, sizeof t->shape[0] *
                           (size_t)t->ndim));
        fuzz_check(!t->bytes || !memcmp(t->data, u->data, t->bytes));
    }
}

static void
one(const char *text, size_t n)
{
    const char *out;
    struct safetensors a, b;

    st_read(fuzz_file(0, text, n), &a);
    out = fuzz_file(1, NULL, 0);
    st_write(out, a.metadata, a.tensors, a.n);
    st_read(out, &b);
    check_same(&a, &b);
    st_release(&a);
    st_release(&b);
}

const struct harness harness = { .one = one, .mend = mend_safetensors };

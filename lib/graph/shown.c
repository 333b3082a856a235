/* shown.c - which names have a value at every place; see shown.h. */
#include "graph/shown.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/die.h"

static int
by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)*(const char *const *)a;
    uintptr_t y = (uintptr_t)*(const char *const *)b;

    return x < y ? -1 : x > y;
}

void
shown_add(struct shown *r, const struct cell_case *c)
{
    bool *alone = xcalloc((size_t)c->n + 1, sizeof *alone);

    for (int i = 0; i < c->n; i++) {
        const struct ex *x = &c->ex[i];

        alone[i] = x->op != OP_INPUT && x->op != OP_STATE &&
                   x->op != OP_MATVEC && x->op != OP_CONCAT &&
                   x->op != OP_SLICE && x->op != OP_DROP;
        for (int k = 0; k < x->nargs; k++)
            alone[i] &= alone[x->arg[k]];
    }
    r->name = xrealloc(r->name, (size_t)(r->n + c->nnamed) + 1,
                       sizeof *r->name);
    for (int i = 0; i < c->nnamed; i++)
        if (!alone[c->named[i].node])
            r->name[r->n++] = c->named[i].name;
    free(alone);
}

void
shown_sort(struct shown *r)
{
    if (r->n)
        qsort(r->name, (size_t)r->n, sizeof *r->name, by_address);
}

bool
shown_has(const struct shown *r, const char *name)
{
    return r->n && bsearch(&name, r->name, (size_t)r->n, sizeof name,
                           by_address);
}

void
shown_free(struct shown *r)
{
    free(r->name);
}

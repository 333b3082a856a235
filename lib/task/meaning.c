#include <stdarg.h>
#include <stdio.h>

#include "base/die.h"
#include "task/meaning.h"
#include "task/rules.h"

struct meaning *
meanings_new(const struct legal *l, int *n)
{
    struct meaning *m;

    *n = l->rules->meanings(l, NULL);
    m = xcalloc((size_t)*n, sizeof *m);
    l->rules->meanings(l, m);
    return m;
}

void
meanings_of(const struct legal *l, const struct legal_state *s,
            int32_t *value)
{
    l->rules->mean(l, s, value);
}

const char *
meaning_kind_name(enum meaning_kind k)
{
    static const char *const names[] = { "cell", "line", "counter", "flag" };

    return names[k];
}

void
meaning_set(struct meaning *m, enum meaning_kind kind, int values,
            const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(m->name, sizeof m->name, fmt, ap);
    va_end(ap);
    m->kind = kind;
    m->values = values;
}

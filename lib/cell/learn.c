/* learn.c - which names are learned without being declared: biases. */
#include "cell/syntax.h"

/* A name with a `b` that nothing else explains. */
static bool
may_be_bias(const struct cell *c, const struct expr *e)
{
    return e->op == X_NAME && c->sym[e->sym].role == ROLE_NONE &&
           c->sym[e->sym].name[0] == 'b';
}

/* Is it anything that differs from step to step?  Numbers, options and learned
 * vectors do not. */
static bool
varies(const struct cell *c, const struct expr *e)
{
    if (e->op == X_MATVEC || e->op == X_PRIME)
        return true;
    if (e->op == X_NAME)
        return c->sym[e->sym].role == ROLE_INPUT ||
               c->sym[e->sym].role == ROLE_STATE ||
               c->sym[e->sym].role == ROLE_VALUE;
    for (int i = 0; i < e->nargs; i++)
        if (varies(c, e->arg[i]))
            return true;
    return false;
}

static bool
is_sum(const struct expr *e)
{
    return e->op == X_ADD || e->op == X_SUB || e->op == X_NEG;
}

static bool
sum_varies(const struct cell *c, const struct expr *e)
{
    if (!is_sum(e))
        return varies(c, e);
    for (int i = 0; i < e->nargs; i++)
        if (sum_varies(c, e->arg[i]))
            return true;
    return false;
}

static void
take_terms(struct cell *c, const struct expr *e)
{
    if (is_sum(e))
        for (int i = 0; i < e->nargs; i++)
            take_terms(c, e->arg[i]);
    else if (may_be_bias(c, e))
        cell_role(c, e->sym, ROLE_VECTOR, e->line);
}

/* Sums as wide as they are bracketed: parts of one are not looked at as sums
 * of their own. */
static void
look_for_sums(struct cell *c, const struct expr *e, bool inside)
{
    if (is_sum(e) && !inside && sum_varies(c, e))
        take_terms(c, e);
    for (int i = 0; i < e->nargs; i++)
        look_for_sums(c, e->arg[i], is_sum(e));
}

static void
take_biases(void *arg, const struct stmt *s)
{
    struct cell *c = arg;

    if (s->kind == S_ASSIGN || s->kind == S_OUTPUT)
        look_for_sums(c, s->value, false);
    if (s->kind == S_STATE && s->value && may_be_bias(c, s->value))
        cell_role(c, s->value->sym, ROLE_VECTOR, s->line);
}

void
cell_take_biases(struct cell *c)
{
    each_stmt(c, NULL, AT_ALL, take_biases, c);
}

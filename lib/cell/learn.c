/*
 * learn.c - which names are learned without being declared, and whether what
 * is learned can be.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cell/syntax.h"

/* ---- biases -------------------------------------------------------------*/

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

/* ---- equations that nothing reads ---------------------------------------*/

struct live {
    const struct cell *c;
    bool *name;                 /* by symbol: something that counts reads it */
    int *todo, ntodo;           /* read, but what makes it not yet looked at */
    const struct stmt **at;     /* (n) all assignments */
    int *head, *link, n;        /* of each symbol's, by symbol and number */
    bool learned;
};

static void
read_name(void *arg, const struct expr *e)
{
    struct live *l = arg;

    if ((e->op != X_NAME && e->op != X_PRIME) || l->name[e->sym])
        return;
    l->name[e->sym] = true;
    l->todo[l->ntodo++] = e->sym;
}

static void
read_output(void *arg, const struct stmt *s)
{
    if (s->kind == S_OUTPUT)
        each_expr(s->value, read_name, arg);
}

static void
collect(void *arg, const struct stmt *s)
{
    struct live *l = arg;

    if (s->kind != S_ASSIGN)
        return;
    l->at[l->n] = s;
    l->link[l->n] = l->head[s->sym];
    l->head[s->sym] = l->n++;
}

static void
find_learned(void *arg, const struct expr *e)
{
    struct live *l = arg;

    if (e->op == X_MATVEC ||
        (e->op == X_NAME && l->c->sym[e->sym].role == ROLE_VECTOR))
        l->learned = true;
}

static void
refuse_dead(void *arg, const struct stmt *s)
{
    struct live *l = arg;

    if (s->kind != S_ASSIGN || l->name[s->sym])
        return;
    l->learned = false;
    each_expr(s->value, find_learned, l);
    if (l->learned)
        die_at(l->c->file, s->line, "nothing that reaches the output reads "
               "'%s%s': what it learns from would never come; use it or "
               "remove it", l->c->sym[s->sym].name, s->prime ? "'" : "");
}

/* ---- equations that another takes the place of --------------------------*/

/* By symbol: its last assignment that nothing has read yet, and the list of
 * statements that it stands in. */
struct unread {
    const struct stmt *stmt, *list;
};

struct again {
    struct live live;           /* for find_learned() */
    struct unread *by;
};

/* A state's name alone is its value before the step. */
static void
note_read(void *arg, const struct expr *e)
{
    struct again *a = arg;
    bool state = (e->op == X_NAME || e->op == X_PRIME) &&
                 a->live.c->sym[e->sym].role == ROLE_STATE;

    if (e->op == (state ? X_PRIME : X_NAME))
        a->by[e->sym].stmt = NULL;
}

static void
refuse_again(struct again *a, const struct stmt *list)
{
    for (const struct stmt *s = list; s; s = s->next) {
        struct unread *u;

        if (s->kind == S_ASSIGN || s->kind == S_OUTPUT)
            each_expr(s->value, note_read, a);
        refuse_again(a, s->body);
        refuse_again(a, s->other);
        if (s->kind != S_ASSIGN)
            continue;
        u = &a->by[s->sym];
        a->live.learned = false;
        if (u->stmt && u->list == list)
            each_expr(u->stmt->value, find_learned, &a->live);
        if (a->live.learned)
            die_at(a->live.c->file, u->stmt->line, "'%s%s' is assigned again "
                   "in line %d before anything reads it: what it learns from "
                   "would never come", a->live.c->sym[s->sym].name,
                   s->prime ? "'" : "", s->line);
        *u = (struct unread){ s, list };
    }
}

/* Whatever the options: all branches of an `if` count as read. */
void
cell_check_reached(struct cell *c)
{
    size_t syms = (size_t)c->nsyms + 1, stmts = (size_t)c->nstmts + 1;
    struct live l = {
        .c = c, .name = xcalloc(syms, sizeof *l.name),
        .todo = xcalloc(syms, sizeof *l.todo),
        .at = xcalloc(stmts, sizeof *l.at),
        .head = xcalloc(syms, sizeof *l.head),
        .link = xcalloc(stmts, sizeof *l.link),
    };
    struct again again = { .live = { .c = c } };

    for (size_t k = 0; k < syms; k++)
        l.head[k] = -1;
    each_stmt(c, NULL, AT_ALL, collect, &l);
    each_stmt(c, NULL, AT_ALL, read_output, &l);
    while (l.ntodo) {
        int sym = l.todo[--l.ntodo];

        for (int k = l.head[sym]; k >= 0; k = l.link[k])
            each_expr(l.at[k]->value, read_name, &l);
    }
    each_stmt(c, NULL, AT_ALL, refuse_dead, &l);
    again.by = xcalloc(syms, sizeof *again.by);
    refuse_again(&again, c->body);
    free(again.by);
    free(l.name);
    free(l.todo);
    free(l.at);
    free(l.head);
    free(l.link);
}

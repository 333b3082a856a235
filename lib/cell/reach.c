/*
 * reach.c - does all that is learned reach the output?
 *
 * Each assignment is a node that leads to what it reads as that stands there.
 * Where branches meet, a node leads to each value that a name may have then;
 * a state's value before the step leads to that at the end of the one before.
 * What no output leads to would never learn.  All branches of an `if` may be
 * taken: the options say later which.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cell/syntax.h"

struct node {
    const struct stmt *stmt;    /* ASSIGN, or NULL */
    const struct stmt *again;   /* assigns the same name next */
    int first, n;               /* of edge[]: what it reads */
    bool live;
};

struct change { int var, node; };

struct reach {
    const struct cell *c;
    struct node *node;
    int n, node_cap, *edge, nedges, edge_cap;
    int *now;                   /* by variable: its node, or -1 */
    struct change *before;      /* what branches have changed, to be undone */
    struct change *after;       /* what they came to */
    int nbefore, before_cap, nafter, after_cap;
    int *branch, nbranches;     /* by variable: the last that changed it */
    bool *read, learned;        /* by variable: has it a value that counts? */
    int *early;                 /* by variable: a line before its first value */
};

/* A variable: a symbol's value, or a state's at the end of the step. */
static int
variable(int sym, bool prime)
{
    return 2 * sym + prime;
}

static int
new_node(struct reach *r, const struct stmt *s)
{
    if (r->n == r->node_cap) {
        r->node_cap = 2 * r->node_cap + 64;
        r->node = xrealloc(r->node, (size_t)r->node_cap, sizeof *r->node);
    }
    r->node[r->n] = (struct node){ .stmt = s, .first = r->nedges };
    return r->n++;
}

/* Let a node read what is `from`; only the last one may get more. */
static void
leads_to(struct reach *r, int node, int from)
{
    if (r->nedges == r->edge_cap) {
        r->edge_cap = 2 * r->edge_cap + 64;
        r->edge = xrealloc(r->edge, (size_t)r->edge_cap, sizeof *r->edge);
    }
    r->edge[r->nedges++] = from;
    r->node[node].n++;
}

static void
push(struct change **list, int *n, int *cap, struct change x)
{
    if (*n == *cap) {
        *cap = 2 * *cap + 64;
        *list = xrealloc(*list, (size_t)*cap, sizeof **list);
    }
    (*list)[(*n)++] = x;
}

static void
set(struct reach *r, int var, int node)
{
    push(&r->before, &r->nbefore, &r->before_cap,
         (struct change){ var, r->now[var] });
    r->now[var] = node;
}

static void
read_name(void *arg, const struct expr *e)
{
    struct reach *r = arg;

    int var;

    if (e->op != X_NAME && e->op != X_PRIME)
        return;
    var = variable(e->sym, e->op == X_PRIME);
    if (r->now[var] >= 0)
        leads_to(r, r->n - 1, r->now[var]);
    else if (!r->early[var])
        r->early[var] = e->line;
}

static void
assign(struct reach *r, const struct stmt *s)
{
    int var = variable(s->sym, s->prime), old = r->now[var];
    int node = new_node(r, s);

    each_expr(s->value, read_name, r);
    if (old >= 0 && r->node[old].stmt)
        r->node[old].again = s;
    set(r, var, node);
}

/* ---- branches -----------------------------------------------------------*/

static void list(struct reach *r, const struct stmt *s);

/* Run a branch, and take back what it changed: that goes to r->after. */
static void
branch(struct reach *r, const struct stmt *body)
{
    int mark = r->nbefore, number;

    list(r, body);
    number = ++r->nbranches;
    while (r->nbefore > mark) {
        struct change x = r->before[--r->nbefore];

        if (r->branch[x.var] != number) {
            r->branch[x.var] = number;
            push(&r->after, &r->nafter, &r->after_cap,
                 (struct change){ x.var, r->now[x.var] });
        }
        r->now[x.var] = x.node;
    }
}

static int
by_variable(const void *pa, const void *pb)
{
    const struct change *a = pa, *b = pb;

    return a->var != b->var ? (a->var > b->var) - (a->var < b->var) :
           (a->node > b->node) - (a->node < b->node);
}

/* What holds after `n` branches, whose changes stand in r->after from mark. */
static void
join(struct reach *r, int mark, int n)
{
    int end = r->nafter;

    if (end > mark)
        qsort(r->after + mark, (size_t)(end - mark), sizeof *r->after,
              by_variable);
    for (int i = mark, k; i < end; i = k) {
        int var = r->after[i].var, node = new_node(r, NULL);

        for (k = i; k < end && r->after[k].var == var; k++)
            leads_to(r, node, r->after[k].node);
        if (k - i < n && r->now[var] >= 0)
            leads_to(r, node, r->now[var]);
        set(r, var, node);
    }
    r->nafter = mark;
}

static void
list(struct reach *r, const struct stmt *s)
{
    for (; s; s = s->next) {
        int mark = r->nafter, n = 0;

        if (s->kind == S_ASSIGN) {
            assign(r, s);
        } else if (s->kind == S_OUTPUT) {
            new_node(r, NULL);
            r->node[r->n - 1].live = true;
            each_expr(s->value, read_name, r);
        } else if (s->kind == S_IF) {
            branch(r, s->body);
            branch(r, s->other);
            join(r, mark, 2);
        } else if (s->kind == S_AT) {
            for (const struct stmt *b = s->body; b; b = b->next) {
                branch(r, b->body);
                n += 1 + (!b->next && b->at);   /* and all other steps */
            }
            join(r, mark, n);
        }
    }
}

/* ---- from the outputs ---------------------------------------------------*/

static void
from_outputs(struct reach *r)
{
    int *todo = xcalloc((size_t)r->n + 1, sizeof *todo), n = 0;

    for (int i = 0; i < r->n; i++)
        if (r->node[i].live)
            todo[n++] = i;
    while (n) {
        const struct node *x = &r->node[todo[--n]];

        for (int k = 0; k < x->n; k++) {
            struct node *y = &r->node[r->edge[x->first + k]];

            if (!y->live) {
                y->live = true;
                todo[n++] = r->edge[x->first + k];
            }
        }
    }
    free(todo);
    for (int i = 0; i < r->n; i++)
        if (r->node[i].live && r->node[i].stmt)
            r->read[variable(r->node[i].stmt->sym, r->node[i].stmt->prime)] =
                true;
}

static void
find_learned(void *arg, const struct expr *e)
{
    struct reach *r = arg;

    if (e->op == X_MATVEC ||
        (e->op == X_NAME && r->c->sym[e->sym].role == ROLE_VECTOR))
        r->learned = true;
}

static void
refuse(struct reach *r, const struct node *x)
{
    const struct stmt *s = x->stmt;
    const char *name = r->c->sym[s->sym].name, *prime = s->prime ? "'" : "";
    int var = variable(s->sym, s->prime);

    r->learned = false;
    each_expr(s->value, find_learned, r);
    if (r->learned && r->early[var])
        die_at(r->c->file, r->early[var], "'%s%s' is used before it is "
               "assigned", name, prime);
    if (r->learned && x->again && r->read[var])
        die_at(r->c->file, s->line, "'%s%s' is assigned again in line %d "
               "before anything that reaches the output reads it: what it "
               "learns from would never come", name, prime, x->again->line);
    if (r->learned)
        die_at(r->c->file, s->line, "nothing that reaches the output reads "
               "'%s%s': what it learns from would never come; use it or "
               "remove it", name, prime);
}

static void
state_node(void *arg, const struct stmt *s)
{
    struct reach *r = arg;

    if (s->kind == S_STATE)
        r->now[variable(s->sym, false)] = new_node(r, s);
}

static void
refuse_start(struct reach *r, const struct node *x)
{
    const struct stmt *s = x->stmt;

    r->learned = false;
    if (s->value)
        each_expr(s->value, find_learned, r);
    if (r->learned)
        die_at(r->c->file, s->line, "nothing that reaches the output reads "
               "state '%s': its start would never learn",
               r->c->sym[s->sym].name);
}

void
cell_check_reached(struct cell *c)
{
    struct reach r = { .c = c };
    size_t vars = 2 * (size_t)c->nsyms + 2;
    int nstates;

    r.now = xcalloc(vars, sizeof *r.now);
    r.branch = xcalloc(vars, sizeof *r.branch);
    r.read = xcalloc(vars, sizeof *r.read);
    r.early = xcalloc(vars, sizeof *r.early);
    memset(r.now, -1, vars * sizeof *r.now);
    each_stmt(c, NULL, AT_ALL, state_node, &r);
    nstates = r.n;
    list(&r, c->body);
    for (int i = 0; i < nstates; i++) {
        int end = r.now[variable(r.node[i].stmt->sym, true)];

        r.node[i].first = r.nedges;
        if (end >= 0)
            leads_to(&r, i, end);
    }
    from_outputs(&r);
    for (int i = 0; i < r.n; i++) {
        if (r.node[i].live || !r.node[i].stmt)
            continue;
        if (i < nstates)
            refuse_start(&r, &r.node[i]);
        else
            refuse(&r, &r.node[i]);
    }
    free(r.node);
    free(r.edge);
    free(r.now);
    free(r.before);
    free(r.after);
    free(r.branch);
    free(r.read);
    free(r.early);
}

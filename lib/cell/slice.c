/*
 * slice.c - `x[from:to]`, some of a vector's units: its syntax, its node, and
 * its bounds, which are sizes and are known when these are.
 */
#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "cell/resolve.h"

/* The token stands in a slice: no blanks around it (cell_join). */
static void
tie(struct parser *p, int mark, const struct expr *of)
{
    struct token *t = &p->c->tok[p->pos];

    if (!at_mark(p, mark) && mark == ':')
        die_at(p->c->file, t->line, "'%s' and '[' stand side by side: write "
               "'*' for a product, or '%s[0:8]' for some of its units",
               cell_quote(p->c, &p->c->arena, of),
               cell_quote(p->c, &p->c->arena, of));
    need_mark(p, mark, "a slice's bounds");
    t->tied = mark != ']';
}

struct expr *
parse_slice(struct parser *p, struct expr *of)
{
    struct expr *e;

    if (!at_mark(p, '['))
        return of;
    e = arena_get(&p->c->arena, 1, sizeof *e);
    *e = *of;
    e->op = X_SLICE;
    e->sym = -1;
    e->arg = arena_get(&p->c->arena, 1, sizeof *e->arg);
    e->arg[0] = of;
    e->nargs = 1;
    e->depth = of->depth + 1;
    e->bound = arena_get(&p->c->arena, 2, sizeof *e->bound);
    tie(p, '[', of);
    e->bound[0] = parse_expr(p);
    tie(p, ':', of);
    e->bound[1] = parse_expr(p);
    tie(p, ']', of);
    e->tok1 = p->pos - 1;
    return e;
}

void
slice_new(struct resolver *r, int node, const struct expr *e, int of)
{
    r->slice = xrealloc(r->slice, (size_t)r->nslices + 1, sizeof *r->slice);
    r->slice[r->nslices++] = (struct slice){
        .at = (int)(r->cs - r->out->e.cases), .node = node, .src = e,
        .of = r->node_var[of], .var = r->node_var[node],
    };
}

static const char *
quote(struct resolver *r, const struct expr *e)
{
    return cell_quote(r->c, &r->out->arena, e);
}

/* A bound's value; false if a size in it is not known yet. */
static bool
bound(struct resolver *r, const struct slice *s, int i, double *x)
{
    struct number_env env = { .c = r->c, .set = r->set, .width = width_known,
                              .arg = r, .known = true };
    const struct expr *e = s->src->bound[i];

    *x = number_value(&env, e);
    if (env.known && (*x != floor(*x) || fabs(*x) > MAX_SIZE))
        die_at(r->c->file, e->line, "'%s' in '%s' comes to %g: units are "
               "counted by whole numbers, from 0", quote(r, e),
               quote(r, s->src), *x);
    return env.known;
}

bool
slice_solve(struct resolver *r, struct slice *s)
{
    double from, to;
    int line = s->src->line;

    if (!bound(r, s, 0, &from) || !bound(r, s, 1, &to))
        return false;
    if (!(from >= 0 && from < to))
        die_at(r->c->file, line, "'%s' goes from unit %g to before unit %g: "
               "there is none", quote(r, s->src), from, to);
    s->from = (int)from;
    s->to = (int)to;
    if (!size_set(&r->sizes, s->var, s->to - s->from))
        die_at(r->c->file, line, "'%s' has %d units, %d are needed",
               quote(r, s->src), s->to - s->from,
               size_get(&r->sizes, s->var));
    return s->done = true;
}

void
slice_finish(struct resolver *r, const struct slice *s)
{
    int size = size_get(&r->sizes, s->of);

    if (!s->done)
        die_at(r->c->file, s->src->line, "'%s' cannot be told: a name in its "
               "bounds has no size", quote(r, s->src));
    if (size && s->to > size)
        die_at(r->c->file, s->src->line, "'%s' ends at unit %d, '%s' has %d",
               quote(r, s->src), s->to, quote(r, s->src->arg[0]), size);
    r->out->e.cases[s->at].ex[s->node].index = s->from;
}

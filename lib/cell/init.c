/* init.c - how parameters start, and their share of the learning rate. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cell/resolve.h"

/* ---- fan_in ------------------------------------------------------------ */

static struct cell_param *
param_of(struct resolver *r, const struct expr *e)
{
    int k = e->op == X_MATVEC || e->op == X_NAME ? r->param[e->sym] : -1;

    return k < 0 ? NULL : &r->out->e.params[k];
}

static bool
is_sum(const struct expr *e)
{
    return e->op == X_ADD || e->op == X_SUB || e->op == X_NEG;
}

/* Columns of all products of a sum; a transposed matrix has its rows as
 * columns, a matrix of heads those of one. */
static int
columns(struct resolver *r, const struct expr *e)
{
    int64_t n = 0;

    if (e->op == X_MATVEC)
        return e->transposed ? param_of(r, e)->rows / param_of(r, e)->heads
                             : param_of(r, e)->cols;
    for (int i = 0; is_sum(e) && i < e->nargs; i++)
        n += columns(r, e->arg[i]);
    return n > MAX_WEIGHTS ? MAX_WEIGHTS : (int)n;
}

/* `e` is a term of a sum with `cols` columns in all; 0: a sum begins here.
 * A parameter that stands in several sums goes by the first. */
static void
read_fan(struct resolver *r, const struct expr *e, int cols)
{
    struct cell_param *p = param_of(r, e);

    if (!cols)
        cols = columns(r, e);
    if (p && !p->fan_in)
        p->fan_in = cols;
    for (int i = 0; i < e->nargs; i++)
        read_fan(r, e->arg[i], is_sum(e) ? cols : 0);
}

static void
read_fans(void *arg, const struct stmt *s)
{
    if (s->kind == S_ASSIGN || s->kind == S_OUTPUT)
        read_fan(arg, s->value, 0);
}

/* ---- init -------------------------------------------------------------- */

static bool
for_matrices(enum init_kind k)
{
    return k == INIT_ORTHOGONAL || k == INIT_XAVIER_UNIFORM ||
           k == INIT_XAVIER_NORMAL || k == INIT_IDENTITY;
}

static bool
for_vectors(enum init_kind k)
{
    return k == INIT_CHRONO || k == INIT_FORMULA;
}

static double
init_number(struct resolver *r, const struct stmt *s, const struct expr *e)
{
    struct number_env env = { .c = r->c, .set = r->set, .known = true,
                              .width = width_final, .arg = r->out };
    double x = number_value(&env, e);

    if (!env.known)
        die_at(r->c->file, s->line, "'%s': a name in it has no size",
               cell_quote(r->c, &r->out->arena, e));
    if (!isfinite(x))
        die_at(r->c->file, s->line, "'%s' is not a finite number",
               cell_quote(r->c, &r->out->arena, e));
    return x;
}

static void
look_for_index(void *arg, const struct expr *e)
{
    struct number_env *env = arg;

    if (e->op == X_NAME) {
        const char *name = env->c->sym[e->sym].name;

        env->formula |= !strcmp(name, "i") || !strcmp(name, "n");
    }
}

/* `= formula` without the index is a constant. */
static void
read_formula(struct resolver *r, const struct stmt *s, struct cell_param *to)
{
    struct number_env env = { .c = r->c };
    struct resolved *d = r->out;

    each_expr(s->value, look_for_index, &env);
    if (!env.formula) {
        to->init = INIT_CONSTANT;
        to->a = init_number(r, s, s->value);
        return;
    }
    to->formula = d->nformulas;
    d->formula = xrealloc(d->formula, d->nformulas + 1, sizeof *d->formula);
    d->formula[d->nformulas++] = s->value;
}

double
init_formula(const struct equations *e, int formula, int i, int n)
{
    const struct resolved *d = (const struct resolved *)e;
    struct number_env env = { .c = d->c, .set = d->set, .known = true,
                              .width = width_final, .arg = (void *)d,
                              .formula = true, .i = i, .n = n };

    return number_value(&env, d->formula[formula]);
}

static void
check_init(struct resolver *r, const struct stmt *s, const struct cell_param *p)
{
    const char *file = r->c->file;

    if (p->init == INIT_NORMAL && p->a < 0)
        die_at(file, s->line, "normal(%g): a standard deviation is not "
               "negative", p->a);
    if (p->init == INIT_UNIFORM && p->a > p->b)
        die_at(file, s->line, "uniform(%g, %g): the lower bound comes first",
               p->a, p->b);
    if (p->init == INIT_CHRONO && p->a <= 2)
        die_at(file, s->line, "chrono(%g): the longest time must be above 2",
               p->a);
    if (s->sign < 0 && p->init != INIT_CHRONO)
        die_at(file, s->line, "a '-' before the kind goes with chrono only");
    if (p->sign < 0 && p->init != INIT_CHRONO)
        die_at(file, s->line, "'-%s': a '-' goes with chrono only", p->name);
}

static bool
is_glob(const char *s)
{
    return strpbrk(s, "*?") != NULL;
}

/* A glob takes in only what the kind is for; a name must be that. */
static bool
fits(struct resolver *r, const struct stmt *s, const struct target *t,
     const struct cell_param *p)
{
    bool matrix_only = for_matrices(s->init);
    bool vector_only = for_vectors(s->init);

    if (s->init == INIT_FORMULA && p->matrix) {
        struct number_env env = { .c = r->c };

        each_expr(s->value, look_for_index, &env);
        vector_only = env.formula;
    }
    if (!(p->matrix ? vector_only : matrix_only))
        return true;
    if (!is_glob(t->glob))
        die_at(r->c->file, s->line, "'%s' is a %s: this init is for %s",
               p->name, p->matrix ? "matrix" : "vector",
               p->matrix ? "vectors" : "matrices");
    return false;
}

struct stacks {
    struct resolver *r;
    int n;
};

/* Kinds for which a list in brackets means more than its parts. */
static bool
stacks_up(enum init_kind k)
{
    return k == INIT_ORTHOGONAL || k == INIT_XAVIER_UNIFORM ||
           k == INIT_XAVIER_NORMAL || k == INIT_CHRONO;
}

static void
start_param(struct resolver *r, const struct stmt *s, const struct target *t,
            struct cell_param *p)
{
    p->init = s->init;
    p->a = s->arg[0] ? init_number(r, s, s->arg[0]) : 0;
    p->b = s->arg[1] ? init_number(r, s, s->arg[1]) : 0;
    p->sign = s->sign * t->sign;
    p->stack = -1;
    p->place = 0;
    p->formula = -1;
    if (s->init == INIT_FORMULA)
        read_formula(r, s, p);
    check_init(r, s, p);
}

/* Members of a stack lie below one another, or side by side. */
static void
check_stack(struct resolver *r, const struct stmt *s, int stack)
{
    const struct equations *e = &r->out->e;
    const struct cell_param *first = NULL;
    bool below = true, beside = true;

    for (int i = 0; i < e->nparams; i++) {
        const struct cell_param *p = &e->params[i];

        if (p->stack != stack)
            continue;
        if (!first)
            first = p;
        below &= p->cols == first->cols;
        beside &= p->rows == first->rows;
        if (s->init == INIT_CHRONO && !beside)
            die_at(r->c->file, s->line, "'%s' has %d units, '%s' has %d: one "
                   "draw for both needs the same size", first->name,
                   first->rows, p->name, p->rows);
        if (!below && !beside)
            die_at(r->c->file, s->line, "'%s' of %d x %d and '%s' of %d x %d "
                   "cannot be stacked: rows or columns must agree",
                   first->name, first->rows, first->cols, p->name, p->rows,
                   p->cols);
    }
}

static void
read_init(void *arg, const struct stmt *s)
{
    struct stacks *st = arg;
    struct equations *e = &st->r->out->e;
    bool stacked = s->list && stacks_up(s->init);
    int stack = st->n, place = 0;

    if (s->kind != S_INIT)
        return;
    for (int k = 0; k < s->ntargets; k++)
        for (int i = 0; i < e->nparams; i++) {
            struct cell_param *p = &e->params[i];

            if (!glob_match(s->target[k].glob, p->name) ||
                !fits(st->r, s, &s->target[k], p))
                continue;
            if (stacked && place && p->stack == stack)
                continue;           /* named twice: the first time counts */
            if (stacked && p->heads > 1)
                die_at(st->r->c->file, s->line, "'%s' has heads, which are "
                       "drawn one by one: name it without the list's brackets",
                       p->name);
            start_param(st->r, s, &s->target[k], p);
            p->stack = stacked ? stack : -1;
            p->place = stacked ? place++ : 0;
        }
    if (stacked)
        check_stack(st->r, s, st->n++);
}

static void
read_rate(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;
    struct equations *e = &r->out->e;
    double rate;

    if (s->kind != S_RATE)
        return;
    rate = init_number(r, s, s->value);
    if (rate < 0)
        die_at(r->c->file, s->line, "a rate is not negative");
    for (int k = 0; k < s->ntargets; k++) {
        if (s->target[k].sign < 0)
            die_at(r->c->file, s->line, "a '-' goes with init only");
        for (int i = 0; i < e->nparams; i++)
            if (glob_match(s->target[k].glob, e->params[i].name))
                e->params[i].rate = rate;
    }
}

/* `param a = 0.9` is an init that any init statement overrides. */
static void
read_param(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;
    struct cell_param *p;

    if (s->kind != S_PARAM || !s->value || r->param[s->sym] < 0)
        return;
    p = &r->out->e.params[r->param[s->sym]];
    p->init = INIT_CONSTANT;
    p->a = init_number(r, s, s->value);
}

void
read_inits(struct resolver *r)
{
    struct equations *e = &r->out->e;
    struct stacks st = { r, 0 };

    each_stmt(r->c, r->set, AT_ALL, read_fans, r);
    for (int i = 0; i < e->nparams; i++)
        if (!e->params[i].fan_in)
            e->params[i].fan_in = e->params[i].rows;
    each_stmt(r->c, r->set, AT_ALL, read_param, r);
    each_stmt(r->c, r->set, AT_ALL, read_init, &st);
    each_stmt(r->c, r->set, AT_ALL, read_rate, r);
}

/* resolve.c - syntax, sizes and options to equations. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cell/resolve.h"

const char *
sym_name(const struct resolver *r, int sym)
{
    return r->c->sym[sym].name;
}

const char *
case_text(const struct resolver *r)
{
    char *s, *t;

    if (r->out->e.ncases == 1)
        return "";
    s = r->cs->at ? xasprintf(" (at step %d)", r->cs->at)
                  : xstrdup(" (at steps that no 'at' names)");
    t = arena_text(&r->out->arena, s, strlen(s));
    free(s);
    return t;
}

/* ---- what exists ------------------------------------------------------- */

static void
add_width(struct resolver *r, const struct stmt *s, const struct expr *value)
{
    r->width = xrealloc(r->width, r->nwidths + 1, sizeof *r->width);
    r->width[r->nwidths++] = (struct width){
        .var = r->var[s->sym], .line = s->line, .value = value,
        .name = sym_name(r, s->sym),
    };
}

static void
collect_widths(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;

    if (s->kind == S_SIZE)
        add_width(r, s, s->value);
    else if (s->width)
        add_width(r, s, s->width);
}

static void
collect_states(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;
    struct equations *e = &r->out->e;
    const char *name;
    char *prime;

    if (s->kind != S_STATE)
        return;
    name = sym_name(r, s->sym);
    if (r->state[s->sym] >= 0)
        die_at(r->c->file, s->line, "'state %s' a second time", name);
    r->state[s->sym] = e->nstates;
    e->states = xrealloc(e->states, e->nstates + 1, sizeof *e->states);
    r->prime = xrealloc(r->prime, e->nstates + 1, sizeof *r->prime);
    prime = arena_get(&r->out->arena, strlen(name) + 2, 1);
    strcpy(prime, name);
    strcat(prime, "'");
    r->prime[e->nstates] = prime;
    e->states[e->nstates++] = (struct cell_state){
        .name = arena_text(&r->out->arena, name, strlen(name)),
        .param = -1,
    };
}

static void
add_param(struct resolver *r, int sym, bool matrix, int line)
{
    struct equations *e = &r->out->e;
    const struct stmt *made = r->made[sym];
    const char *name = sym_name(r, made ? made->from : sym);

    if (r->param[sym] >= 0)
        return;
    r->param[sym] = e->nparams;
    if (matrix)
        r->cols[sym] = made ? r->var[sym] : size_new(&r->sizes);
    e->params = xrealloc(e->params, e->nparams + 1, sizeof *e->params);
    e->params[e->nparams++] = (struct cell_param){
        .name = arena_text(&r->out->arena, name, strlen(name)),
        .matrix = matrix, .cols = 1, .heads = r->heads[sym] ? r->heads[sym] : 1,
        .derive = made ? made->how : DERIVE_NONE,
        .sign = 1, .stack = -1, .formula = -1,
        .rate = 1, .line = line,
    };
}

static void
collect_param(void *arg, const struct expr *e)
{
    struct resolver *r = arg;

    if (e->op == X_MATVEC ||
        (e->op == X_NAME && r->c->sym[e->sym].role == ROLE_VECTOR))
        add_param(r, e->sym, e->op == X_MATVEC, e->line);
}

static void
collect_params(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;

    if (s->kind == S_ASSIGN || s->kind == S_OUTPUT || s->kind == S_STATE)
        if (s->value)
            each_expr(s->value, collect_param, r);
}

/* Where a state starts. */
static void
read_start(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;
    struct cell_state *st;

    if (s->kind != S_STATE || !s->value)
        return;
    st = &r->out->e.states[r->state[s->sym]];
    if (s->value->op == X_NAME && r->param[s->value->sym] >= 0) {
        int p = r->param[s->value->sym];

        st->param = p;
        need_same(r, s->line, s->value, r->var[s->value->sym], s->value,
                  r->var[s->sym]);
    } else {
        struct number_env env = { .c = r->c, .set = r->set,
                                  .width = width_known, .arg = r,
                                  .known = true };

        st->num = number_value(&env, s->value);
        if (!isfinite(st->num))
            die_at(r->c->file, s->line, "the initial value of '%s' is not a "
                   "finite number", st->name);
    }
}

/* ---- cases ------------------------------------------------------------- */

static void
collect_cases(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;
    struct equations *e = &r->out->e;
    int k;

    if (s->kind != S_BRANCH || !s->at)
        return;
    for (k = 0; k < e->ncases && e->cases[k].at <= s->at; k++)
        if (e->cases[k].at == s->at)
            return;
    if (e->ncases == MAX_CASES - 1)
        die_at(r->c->file, s->line, "more than %d different steps",
               MAX_CASES - 1);
    memmove(e->cases + k + 1, e->cases + k,
            (e->ncases - k) * sizeof *e->cases);
    e->cases[k].at = s->at;
    e->ncases++;
}

/* ---- sizes ------------------------------------------------------------- */

double
width_known(void *arg, int sym, bool *known)
{
    struct resolver *r = arg;
    int n = r->var[sym] < 0 ? 0 : size_get(&r->sizes, r->var[sym]);

    if (!n)
        *known = false;
    return n;
}

double
width_final(void *arg, int sym, bool *known)
{
    const struct resolved *d = arg;

    if (!d->width[sym])
        *known = false;
    return d->width[sym];
}

static bool
solve_width(struct resolver *r, struct width *w)
{
    struct number_env env = { .c = r->c, .set = r->set, .width = width_known,
                              .arg = r, .known = true };
    double x = number_value(&env, w->value);
    const char *text;

    if (!env.known)
        return false;
    text = cell_quote(r->c, &r->out->arena, w->value);
    if (!(x >= 1 && x <= MAX_SIZE) || x != floor(x))
        die_at(r->c->file, w->line, "'%s' comes to %g: a size is a whole "
               "number in 1..%d", text, x, MAX_SIZE);
    if (!size_set(&r->sizes, w->var, (int)x))
        die_at(r->c->file, w->line, "'%s' has %d units, '%s' needs %d",
               w->name, size_get(&r->sizes, w->var), text, (int)x);
    return w->done = true;
}

static void
solve(struct resolver *r)
{
    bool any = true;

    while (any) {
        const void *bad;
        int want, have, open;

        any = size_conclude(&r->sizes, &bad, &want, &have, &open);
        if (bad) {
            const struct expr *e = bad;

            if (e->op != X_CONCAT && have <= MAX_SIZE && !open)
                die_at(r->c->file, e->line, "'%s' has %d units, %d are needed",
                       cell_quote(r->c, &r->out->arena, e), want, have);
            if (e->op != X_CONCAT && have <= MAX_SIZE)
                die_at(r->c->file, e->line, "'%s' has %d units: they do not "
                       "make heads of the same size",
                       cell_quote(r->c, &r->out->arena, e), want);
            if (have > MAX_SIZE)
                die_at(r->c->file, e->line, "'%s' has more than %d units",
                       cell_quote(r->c, &r->out->arena, e), MAX_SIZE);
            if (open)
                die_at(r->c->file, e->line, "'%s' needs %d units, %d of them "
                       "for the parts whose size is known: what is left does "
                       "not do for the other%s", cell_quote(r->c,
                       &r->out->arena, e), want, have, open > 1 ? "s" : "");
            die_at(r->c->file, e->line, "the parts of '%s' come to %d units, "
                   "but it needs %d", cell_quote(r->c, &r->out->arena, e),
                   have, want);
        }
        for (int i = 0; i < r->nwidths; i++)
            if (!r->width[i].done)
                any |= solve_width(r, &r->width[i]);
        for (int i = 0; i < r->nslices; i++)
            if (!r->slice[i].done)
                any |= slice_solve(r, &r->slice[i]);
    }
}

/* States that nothing says a size of have the layer's. */
static void
default_states(struct resolver *r)
{
    for (int i = 0; i < r->c->nsyms; i++) {
        bool told = false;

        if (r->state[i] < 0)
            continue;
        for (int k = 0; k < r->nwidths; k++)
            told |= r->width[k].var == r->var[i];
        if (!told)
            size_set(&r->sizes, r->var[i], r->args->size);
    }
}

/* A node whose size nobody can tell: name a vector to give a size to. */
static _Noreturn void
cannot_tell(struct resolver *r, int node)
{
    int var = r->node_var[node];
    const struct expr *e = r->src[node];

    for (int k = node; k < r->cs->n; k++)
        if (r->node_var[k] >= 0 && r->cs->ex[k].name &&
            size_same(&r->sizes, var, r->node_var[k]))
            die_at(r->c->file, e->line, "the size of '%s' cannot be told; add "
                   "'size %s = ...'", r->cs->ex[k].name, r->cs->ex[k].name);
    die_at(r->c->file, e->line, "the size of '%s' cannot be told; give it a "
           "name and a size, as in 'u : 64 = %s'",
           cell_quote(r->c, &r->out->arena, e),
           cell_quote(r->c, &r->out->arena, e));
}

/* Sizes of the nodes in r->cs, when all are known. */
static void
fill_case(struct resolver *r)
{
    for (int k = 0; k < r->cs->n; k++) {
        int var = r->node_var[k];

        if (var < 0)
            continue;
        r->cs->ex[k].size = size_get(&r->sizes, var);
        if (!r->cs->ex[k].size)
            cannot_tell(r, k);
    }
    for (int k = 0; k < r->cs->n; k++) {
        over_fill(r, k);
        heads_fill(r, k);
    }
}

static void
fill_rest(struct resolver *r)
{
    struct equations *e = &r->out->e;

    e->output_size = size_get(&r->sizes, r->output_var);
    for (int i = 0; i < r->c->nsyms; i++) {
        int n = r->var[i] < 0 ? 0 : size_get(&r->sizes, r->var[i]);

        r->out->width[i] = n;
        if (r->state[i] >= 0)
            e->states[r->state[i]].size = n;
        if (r->param[i] < 0)
            continue;
        e->params[r->param[i]].rows = n;
        if (r->cols[i] >= 0)
            e->params[r->param[i]].cols = size_get(&r->sizes, r->cols[i]);
        if ((double)n * e->params[r->param[i]].cols > MAX_WEIGHTS)
            die_at(r->c->file, e->params[r->param[i]].line, "matrix '%s' of "
                   "%d x %d is too large: %d numbers at most; take a smaller "
                   "size", sym_name(r, i), n, e->params[r->param[i]].cols,
                   MAX_WEIGHTS);
    }
}

/* ---- the whole --------------------------------------------------------- */

static int *
minus_ones(int n)
{
    int *v = xcalloc(n + 1, sizeof *v);

    memset(v, 0xff, n * sizeof *v);
    return v;
}

static void
resolver_init(struct resolver *r, const struct cell *c,
              const struct cell_args *args)
{
    int n = c->nsyms;

    r->out = xcalloc(1, sizeof *r->out);
    r->c = r->out->c = c;
    r->args = args;
    r->set = r->out->set = settings_read(c, args);
    r->out->width = xcalloc(n + 1, sizeof *r->out->width);
    r->var = minus_ones(n);
    r->cols = minus_ones(n);
    r->heads = xcalloc(n + 1, sizeof *r->heads);
    r->head_rows = minus_ones(n);
    r->made = xcalloc(n + 1, sizeof *r->made);
    r->param = minus_ones(n);
    r->state = minus_ones(n);
    r->leaf = minus_ones(n);
    r->now = xcalloc(n + 1, sizeof *r->now);
    r->next = xcalloc(n + 1, sizeof *r->next);
    r->output_var = size_new(&r->sizes);
    for (int i = 0; i < n; i++)
        if (c->sym[i].role != ROLE_NONE && c->sym[i].role != ROLE_OPTION)
            r->var[i] = size_new(&r->sizes);
}

static void
resolver_release(struct resolver *r)
{
    sizes_release(&r->sizes);
    free(r->var);
    free(r->cols);
    free(r->heads);
    free(r->head_rows);
    free(r->made);
    free(r->param);
    free(r->state);
    free(r->leaf);
    free(r->now);
    free(r->next);
    free(r->width);
    free(r->slice);
    free(r->prime);
}

/* All cases are built before any size is final: what one tells holds for the
 * others. */
static void
resolve_cases(struct resolver *r)
{
    struct equations *e = &r->out->e;
    int *var[MAX_CASES];
    const struct expr **src[MAX_CASES];

    for (int k = 0; k < e->ncases; k++) {
        r->cs = &e->cases[k];
        r->node_var = NULL;
        r->src = NULL;
        build_case(r, r->cs->at);
        var[k] = r->node_var;
        src[k] = r->src;
    }
    solve(r);
    if (!size_get(&r->sizes, r->output_var)) {
        size_set(&r->sizes, r->output_var, r->args->size);
        solve(r);
    }
    for (int k = 0; k < e->ncases; k++) {
        r->cs = &e->cases[k];
        r->node_var = var[k];
        r->src = src[k];
        fill_case(r);
        free(var[k]);
        free(src[k]);
    }
    for (int k = 0; k < r->nslices; k++)
        slice_finish(r, &r->slice[k]);
    for (int k = 0; k < r->nwidths; k++)
        if (!r->width[k].done)
            die_at(r->c->file, r->width[k].line, "'%s' cannot be told: a name "
                   "in it has no size", cell_quote(r->c, &r->out->arena,
                                                   r->width[k].value));
}

struct equations *
cell_resolve(const struct cell *c, const struct cell_args *args)
{
    struct resolver r = { .c = NULL };
    struct equations *e;

    resolver_init(&r, c, args);
    e = &r.out->e;
    e->cell = (struct cell *)c;
    e->input_size = args->input_size;
    e->size = args->size;
    e->input_token = args->input_token;
    e->ndrops = c->ndrops;
    if (args->input_size < 1 || args->input_size > MAX_SIZE ||
        args->size < 1 || args->size > MAX_SIZE)
        die_at(c->file, 0, "a layer of %d units on an input of %d: sizes are "
               "in 1..%d", args->size, args->input_size, MAX_SIZE);
    each_stmt(c, r.set, AT_ALL, collect_states, &r);
    each_stmt(c, r.set, AT_ALL, heads_read, &r);
    each_stmt(c, r.set, AT_ALL, collect_params, &r);
    each_stmt(c, r.set, AT_ALL, collect_widths, &r);
    e->cases = xcalloc(MAX_CASES, sizeof *e->cases);
    each_stmt(c, r.set, AT_ALL, collect_cases, &r);
    e->ncases++;                    /* all other steps */
    for (int i = 0; i < c->nsyms; i++)
        if (c->sym[i].role == ROLE_INPUT)
            size_set(&r.sizes, r.var[i], args->input_size);
    default_states(&r);
    solve(&r);
    each_stmt(c, r.set, AT_ALL, read_start, &r);
    resolve_cases(&r);
    fill_rest(&r);
    read_inits(&r);
    resolver_release(&r);
    return e;
}

void
equations_free(struct equations *e)
{
    struct resolved *d = (struct resolved *)e;

    if (!e)
        return;
    for (int k = 0; k < e->ncases; k++) {
        free(e->cases[k].ex);
        free(e->cases[k].next);
        free(e->cases[k].named);
    }
    free(e->cases);
    free(e->params);
    free(e->states);
    free(d->set);
    free(d->width);
    free(d->formula);
    arena_release(&d->arena);
    free(d);
}

/* nodes.c - one case's expressions to nodes, and what sizes must agree. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cell/resolve.h"

static const char *
quote(struct resolver *r, const struct expr *e)
{
    return cell_quote(r->c, &r->out->arena, e);
}

/* ---- sizes that must agree --------------------------------------------- */

/* Of a sum, the term to show: the last that is not a bare number. */
static const struct expr *
shown(const struct expr *e)
{
    while (e->op == X_ADD || e->op == X_SUB)
        e = e->arg[e->arg[1]->op != X_NUM];
    return e;
}

void
need_same(struct resolver *r, int line, const struct expr *a, int va,
          const struct expr *b, int vb)
{
    if (size_join(&r->sizes, va, vb))
        return;
    a = shown(a);
    b = shown(b);
    die_at(r->c->file, line, "'%s' has %d %s, '%s' needs %d", quote(r, a),
           size_get(&r->sizes, va), a->op == X_MATVEC ? "rows" : "units",
           quote(r, b), size_get(&r->sizes, vb));
}

/* A matrix has as many columns (transposed: rows) as its argument units. */
static void
need_columns(struct resolver *r, const struct expr *e, int var)
{
    int cols = e->transposed ? r->var[e->sym] : r->cols[e->sym];

    if (!size_join(&r->sizes, cols, var))
        die_at(r->c->file, e->line, "'%s' has %d %s, '%s' has %d units",
               sym_name(r, e->sym), size_get(&r->sizes, cols),
               e->transposed ? "rows" : "columns", quote(r, e->arg[0]),
               size_get(&r->sizes, var));
}

/* ---- nodes ------------------------------------------------------------- */

int
node_new(struct resolver *r, enum op op, const struct expr *src, int var)
{
    struct cell_case *cs = r->cs;
    int k = cs->n++;

    if (++r->nnodes > MAX_NODES)
        die_at(r->c->file, src->line, "more than %d operators in all cases",
               MAX_NODES);
    if (k == r->cap) {
        r->cap = r->cap ? 2 * r->cap : 256;
        cs->ex = xrealloc(cs->ex, r->cap, sizeof *cs->ex);
        r->node_var = xrealloc(r->node_var, r->cap, sizeof *r->node_var);
        r->src = xrealloc(r->src, r->cap, sizeof *r->src);
    }
    cs->ex[k] = (struct ex){ .op = op, .line = src->line, .param = -1,
                             .index = -1 };
    r->node_var[k] = var;
    r->src[k] = src;
    return k;
}

static struct val
of_node(int node)
{
    return (struct val){ .kind = VAL_NODE, .node = node };
}

static struct val
of_number(struct resolver *r, const struct expr *e, double x)
{
    if (!isfinite(x))
        die_at(r->c->file, e->line, "'%s' is not a finite number",
               quote(r, e));
    return (struct val){ .kind = VAL_NUMBER, .num = x };
}

/* A node for a value that may be a number. */
static int
node_of(struct resolver *r, struct val v, const struct expr *src)
{
    int k;

    if (v.kind == VAL_NODE)
        return v.node;
    k = node_new(r, OP_NUM, src, -1);
    r->cs->ex[k].num = v.num;
    return k;
}

void
node_arg(struct resolver *r, int node, int arg)
{
    struct ex *x = &r->cs->ex[node];

    if (x->nargs == EX_ARGS)
        die_at(r->c->file, x->line, "more than %d parts in '%s'", EX_ARGS,
               quote(r, r->src[node]));
    x->arg[x->nargs++] = arg;
}

/* ---- expressions ------------------------------------------------------- */

static struct val
build_leaf(struct resolver *r, const struct expr *e, enum op op)
{
    int k = r->leaf[e->sym];

    if (k < 0) {
        k = r->leaf[e->sym] = node_new(r, op, e, r->var[e->sym]);
        r->cs->ex[k].param = r->param[e->sym];
        r->cs->ex[k].index = r->state[e->sym];
    }
    return of_node(k);
}

static struct val
build_name(struct resolver *r, const struct expr *e)
{
    const struct symbol *s = &r->c->sym[e->sym];
    struct val v = e->op == X_PRIME ? r->next[e->sym] : r->now[e->sym];

    if (e->op == X_NAME) {
        switch (s->role) {
        case ROLE_INPUT: return build_leaf(r, e, OP_INPUT);
        case ROLE_VECTOR: return build_leaf(r, e, OP_PARAM);
        case ROLE_OPTION: return of_number(r, e, r->set[e->sym].num);
        case ROLE_NONE: return of_number(r, e, 3.14159265358979323846);
        case ROLE_STATE:
            if (r->state[e->sym] < 0)
                die_at(r->c->file, e->line, "no 'state %s' is in force here: "
                       "an option has switched it off", s->name);
            return build_leaf(r, e, OP_STATE);
        default: break;
        }
    }
    if (v.kind == VAL_NONE && e->op == X_NAME && s->line < e->line)
        die_at(r->c->file, e->line, "'%s' is not assigned: line %d is not in "
               "force%s", s->name, s->line, case_text(r));
    if (v.kind == VAL_NONE)
        die_at(r->c->file, e->line, "'%s%s' is used before it is assigned%s",
               s->name, e->op == X_PRIME ? "'" : "", case_text(r));
    return v;
}

static struct val
build_matvec(struct resolver *r, const struct expr *e)
{
    struct val v = node_build(r, e->arg[0]);
    int k;

    if (v.kind == VAL_NUMBER)
        die_at(r->c->file, e->line, "matrix '%s' acts on a vector, but '%s' "
               "is a number", sym_name(r, e->sym), quote(r, e->arg[0]));
    if (r->heads[e->sym] > 1)
        return heads_build(r, e, v.node);
    need_columns(r, e, r->node_var[v.node]);
    k = node_new(r, OP_MATVEC, e, e->transposed ? r->cols[e->sym]
                                            : r->var[e->sym]);
    r->cs->ex[k].param = r->param[e->sym];
    r->cs->ex[k].transposed = e->transposed;
    node_arg(r, k, v.node);
    return of_node(k);
}

static enum op
node_op(const struct expr *e)
{
    switch (e->op) {
    case X_ADD: return OP_ADD;
    case X_SUB: return OP_SUB;
    case X_MUL: return OP_MUL;
    case X_DIV: return OP_DIV;
    case X_NEG: return OP_NEG;
    case X_POW: return OP_POW;
    default: return e->func;
    }
}

/* Operators and functions of one or two arguments. */
static struct val
build_operator(struct resolver *r, const struct expr *e)
{
    struct val v[2] = { { VAL_NONE, 0, 0 }, { VAL_NONE, 0, 0 } };
    int k, arg[2], var = -1, numbers = 0;

    for (int i = 0; i < e->nargs; i++) {
        v[i] = node_build(r, e->arg[i]);
        numbers += v[i].kind == VAL_NUMBER;
        if (v[i].kind == VAL_NODE)
            var = r->node_var[v[i].node];
    }
    if (numbers == e->nargs) {
        struct expr num[2] = { { .op = X_NUM, .num = v[0].num },
                               { .op = X_NUM, .num = v[1].num } };
        struct expr *p[2] = { &num[0], &num[1] }, copy = *e;
        struct number_env env = { .c = r->c, .known = true };

        copy.arg = p;
        return of_number(r, e, number_value(&env, &copy));
    }
    if (e->nargs == 2 && !numbers)
        need_same(r, e->line, e->arg[0], r->node_var[v[0].node], e->arg[1],
                  r->node_var[v[1].node]);
    for (int i = 0; i < e->nargs; i++)
        arg[i] = node_of(r, v[i], e->arg[i]);
    k = node_new(r, node_op(e), e, var);
    r->cs->ex[k].power = e->power;
    for (int i = 0; i < e->nargs; i++)
        node_arg(r, k, arg[i]);
    return of_node(k);
}

static struct val
build_drop(struct resolver *r, const struct expr *e)
{
    struct val v = node_build(r, e->arg[0]), p = { VAL_NUMBER, 0.5, 0 };
    bool drop = e->op == X_DROP;
    int k;

    if (e->nargs > 1)
        p = node_build(r, e->arg[1]);
    if (p.kind != VAL_NUMBER || !(p.num >= 0 && p.num < 1))
        die_at(r->c->file, e->line, "'%s' is not a rate of dropout: a number "
               "from 0 to below 1", quote(r, e->arg[1]));
    if (v.kind == VAL_NUMBER && !drop)
        return v;
    if (v.kind == VAL_NUMBER)
        die_at(r->c->file, e->line, "'drop' needs a vector, but '%s' is a "
               "number", quote(r, e->arg[0]));
    k = node_new(r, drop ? OP_DROP : OP_DETACH, e, r->node_var[v.node]);
    r->cs->ex[k].index = drop ? e->site : -1;
    r->cs->ex[k].num = drop ? p.num : 0;
    node_arg(r, k, v.node);
    return of_node(k);
}

static struct val
build_concat(struct resolver *r, const struct expr *e)
{
    int node[EX_ARGS], part[EX_ARGS], k;

    for (int i = 0; i < e->nargs; i++) {
        struct val v = node_build(r, e->arg[i]);

        if (v.kind == VAL_NUMBER)
            die_at(r->c->file, e->line, "'%s' is a number: only vectors can "
                   "be parts of '[...]'", quote(r, e->arg[i]));
        node[i] = v.node;
        part[i] = r->node_var[v.node];
    }
    k = node_new(r, OP_CONCAT, e, size_new(&r->sizes));
    size_add_up(&r->sizes, r->node_var[k], part, e->nargs, e);
    for (int i = 0; i < e->nargs; i++) {
        const struct ex x = r->cs->ex[node[i]];

        if (x.op != OP_CONCAT)
            node_arg(r, k, node[i]);
        for (int j = 0; x.op == OP_CONCAT && j < x.nargs; j++)
            node_arg(r, k, x.arg[j]);
    }
    return of_node(k);
}

static struct val
build_slice(struct resolver *r, const struct expr *e)
{
    struct val v = node_build(r, e->arg[0]);
    int k;

    if (v.kind == VAL_NUMBER)
        die_at(r->c->file, e->line, "'%s' is a number: it has no units to "
               "take", quote(r, e->arg[0]));
    k = node_new(r, OP_SLICE, e, size_new(&r->sizes));
    node_arg(r, k, v.node);
    slice_new(r, k, e, v.node);
    return of_node(k);
}

struct val
node_build(struct resolver *r, const struct expr *e)
{
    switch (e->op) {
    case X_NUM: return of_number(r, e, e->num);
    case X_NAME: case X_PRIME: return build_name(r, e);
    case X_MATVEC: return build_matvec(r, e);
    case X_DROP: case X_DETACH: return build_drop(r, e);
    case X_OVER: return over_build(r, e);
    case X_CONCAT: return build_concat(r, e);
    case X_SLICE: return build_slice(r, e);
    default: return build_operator(r, e);
    }
}

/* ---- statements -------------------------------------------------------- */

/* Every assignment is noted; last_names() leaves those that hold. */
static void
name_node(struct resolver *r, int node, const char *name)
{
    struct cell_case *cs = r->cs;

    if (!cs->ex[node].name)
        cs->ex[node].name = name;
    if (!(cs->nnamed & (cs->nnamed - 1)))          /* full: twice as many */
        cs->named = xrealloc(cs->named, 2 * (size_t)cs->nnamed + 1,
                             sizeof *cs->named);
    cs->named[cs->nnamed++] = (struct cell_name){ name, node };
}

static int
by_name(const void *pa, const void *pb)
{
    const struct cell_name *const *a = pa, *const *b = pb;

    if ((*a)->name != (*b)->name)
        return (*a)->name < (*b)->name ? -1 : 1;
    return *a < *b ? -1 : 1;
}

/* A symbol's text stands in one place, so that equal names are one pointer. */
static void
last_names(struct cell_case *cs)
{
    int n = cs->nnamed;
    struct cell_name **order = xcalloc((size_t)n + 1, sizeof *order);

    for (int i = 0; i < n; i++)
        order[i] = &cs->named[i];
    qsort(order, (size_t)n, sizeof *order, by_name);
    for (int i = 0; i + 1 < n; i++)
        if (order[i]->name == order[i + 1]->name)
            order[i]->node = -1;
    free(order);
    cs->nnamed = 0;
    for (int i = 0; i < n; i++)
        if (cs->named[i].node >= 0)
            cs->named[cs->nnamed++] = cs->named[i];
}

/* 'Uz h' has 128 rows, 'z' needs 64 */
static void
need_size(struct resolver *r, const struct stmt *s, int node, const char *name)
{
    int var = r->node_var[node], want = r->var[s->sym];
    const struct expr *e = shown(s->value);

    if (!size_join(&r->sizes, var, want))
        die_at(r->c->file, s->line, "'%s' has %d %s, '%s' needs %d",
               quote(r, e), size_get(&r->sizes, var),
               e->op == X_MATVEC ? "rows" : "units", name,
               size_get(&r->sizes, want));
}

static void
build_stmt(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;
    struct val v;

    if (s->kind != S_ASSIGN && s->kind != S_OUTPUT)
        return;
    v = node_build(r, s->value);
    if (v.kind == VAL_NUMBER && (s->kind == S_OUTPUT || s->prime))
        die_at(r->c->file, s->line, "'%s' is a number: a vector is needed",
               quote(r, s->value));
    if (s->kind == S_OUTPUT) {
        if (r->cs->output >= 0)
            die_at(r->c->file, s->line, "a second 'output'%s", case_text(r));
        r->cs->output = v.node;
        if (!size_join(&r->sizes, r->node_var[v.node], r->output_var))
            die_at(r->c->file, s->line, "the output has %d units here and %d "
                   "at other steps", size_get(&r->sizes, r->node_var[v.node]),
                   size_get(&r->sizes, r->output_var));
    } else if (s->prime) {
        if (r->state[s->sym] < 0)
            die_at(r->c->file, s->line, "no 'state %s' is in force here: an "
                   "option has switched it off", sym_name(r, s->sym));
        need_size(r, s, v.node, r->prime[r->state[s->sym]]);
        name_node(r, v.node, r->prime[r->state[s->sym]]);
        r->next[s->sym] = v;
    } else {
        if (v.kind == VAL_NODE) {
            need_size(r, s, v.node, sym_name(r, s->sym));
            name_node(r, v.node, sym_name(r, s->sym));
        }
        r->now[s->sym] = v;
    }
}

void
build_case(struct resolver *r, int at)
{
    int n = r->c->nsyms;

    r->cap = 0;
    r->cs->at = at;
    r->cs->output = -1;
    memset(r->now, 0, n * sizeof *r->now);
    memset(r->next, 0, n * sizeof *r->next);
    for (int i = 0; i < n; i++)
        r->leaf[i] = -1;
    each_stmt(r->c, r->set, at, build_stmt, r);
    last_names(r->cs);
    if (r->cs->output < 0)
        die_at(r->c->file, 0, "no 'output' is in force%s", case_text(r));
    r->cs->next = xcalloc(r->out->e.nstates + 1, sizeof *r->cs->next);
    for (int i = 0; i < n; i++) {
        if (r->state[i] < 0)
            continue;
        if (r->next[i].kind != VAL_NODE)
            die_at(r->c->file, r->c->sym[i].line, "state '%s' gets no next "
                   "value: assign %s'%s", sym_name(r, i), sym_name(r, i),
                   case_text(r));
        r->cs->next[r->state[i]] = r->next[i].node;
    }
}

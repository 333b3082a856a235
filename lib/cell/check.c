/*
 * check.c - what every name is, and that it stands where it may.
 *
 * Looks at the whole text, whatever the options: a cell that is wrong under
 * some setting is refused under all.  (Sizes and the order of assignments
 * depend on the setting; resolve.c sees to them.)
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/near.h"
#include "cell/syntax.h"

static const char *
role_text(enum role r)
{
    static const char *const text[] = {
        "a word", "the input", "a state", "an assigned name",
        "a learned vector", "a learned matrix", "an option", "a size",
    };

    return text[r];
}

/* ---- roles ------------------------------------------------------------- */

void
cell_role(struct cell *c, int sym, enum role role, int line)
{
    struct symbol *s = &c->sym[sym];

    if (s->role == role && role != ROLE_INPUT && role != ROLE_OPTION)
        return;
    if (s->role != ROLE_NONE)
        die_at(c->file, line, "'%s' is already %s (line %d)", s->name,
               role_text(s->role), s->line);
    s->role = role;
    s->line = line;
}

/* What makes a matrix does nothing else. */
static void
declare_matrix(struct cell *c, const struct stmt *s)
{
    cell_role(c, s->sym, ROLE_MATRIX, s->line);
    if (!s->how)
        return;
    cell_role(c, s->from, ROLE_MATRIX, s->line);
    c->sym[s->sym].made = true;
    c->sym[s->from].makes = s->line;
    if (c->sym[s->from].made)
        die_at(c->file, s->line, "'%s' is made of another matrix: '%s' needs a "
               "learned one", c->sym[s->from].name, c->sym[s->sym].name);
}

static void
declare(void *arg, const struct stmt *s)
{
    struct cell *c = arg;

    switch (s->kind) {
    case S_INPUT:
        cell_role(c, s->sym, ROLE_INPUT, s->line);
        break;
    case S_STATE:
        cell_role(c, s->sym, ROLE_STATE, s->line);
        break;
    case S_PARAM:
        cell_role(c, s->sym, ROLE_VECTOR, s->line);
        break;
    case S_MATRIX:
        declare_matrix(c, s);
        break;
    case S_OPTION:
        cell_role(c, s->sym, ROLE_OPTION, s->line);
        c->sym[s->sym].dflt = (struct value){
            .type = s->value->op == X_BOOL ? OPT_BOOL :
                    s->value->op == X_NUM  ? OPT_NUMBER : OPT_WORD,
            .num = s->value->num,
            .sym = s->value->op == X_NAME ? s->value->sym : 0,
        };
        break;
    default:
        break;
    }
}

static void
declare_assigned(void *arg, const struct stmt *s)
{
    struct cell *c = arg;
    const struct symbol *y;

    if (s->kind != S_ASSIGN)
        return;
    y = &c->sym[s->sym];
    if (s->prime && y->role != ROLE_STATE)
        die_at(c->file, s->line, "'%s'' needs 'state %s': only states have a "
               "value at the end of the step", y->name, y->name);
    if (!s->prime && y->role == ROLE_STATE)
        die_at(c->file, s->line, "'%s' is a state: assign its next value, "
               "'%s''", y->name, y->name);
    if (!s->prime)
        cell_role(c, s->sym, ROLE_VALUE, s->line);
}

/* `size u = 64` may speak of a vector.  One called b... is learned if it
 * stands in a sum, which is seen only after those are looked at. */
static void
declare_sizes(void *arg, const struct stmt *s)
{
    struct cell *c = arg;
    const struct symbol *y = s->kind == S_SIZE ? &c->sym[s->sym] : NULL;

    if (y && ((y->role == ROLE_NONE && y->name[0] != 'b') ||
              y->role == ROLE_OPTION || y->role == ROLE_INPUT))
        cell_role(c, s->sym, ROLE_SIZE, s->line);
}

static void
declare_late_sizes(void *arg, const struct stmt *s)
{
    struct cell *c = arg;

    if (s->kind == S_SIZE && c->sym[s->sym].role == ROLE_NONE)
        cell_role(c, s->sym, ROLE_SIZE, s->line);
}

/* ---- expressions ------------------------------------------------------- */

static _Noreturn void
unknown(const struct cell *c, const struct expr *e, bool number)
{
    const char **names = xcalloc(c->nsyms + 1, sizeof *names), *near;
    int n = 0;

    for (int i = 0; i < c->nsyms; i++)
        if (c->sym[i].role != ROLE_NONE)
            names[n++] = c->sym[i].name;
    near = near_names(c->sym[e->sym].name, names, n);
    free(names);
    if (*near)
        die_at(c->file, e->line, "unknown name '%s'; did you mean %s?",
               c->sym[e->sym].name, near);
    if (number)
        die_at(c->file, e->line, "unknown name '%s'", c->sym[e->sym].name);
    die_at(c->file, e->line, "unknown name '%s': assign it before, or declare "
           "it ('param %s')%s", c->sym[e->sym].name, c->sym[e->sym].name,
           c->sym[e->sym].name[0] == 'b' ? "; undeclared, a name with a 'b' is "
           "learned only where it is added, as in 'W x + b'" : "");
}

static void
check_vector_name(struct cell *c, const struct expr *e)
{
    struct symbol *s = &c->sym[e->sym];

    if (is_capital(s->name) && s->role != ROLE_OPTION)
        die_at(c->file, e->line, "matrix '%s' needs something to act on, as "
               "in '%s x'", s->name, s->name);
    if (e->op == X_PRIME && s->role != ROLE_STATE)
        die_at(c->file, e->line, "'%s'' needs 'state %s': only states have a "
               "value at the end of the step", s->name, s->name);
    if (!strcmp(s->name, "pi"))
        return;
    if (s->role == ROLE_NONE)
        unknown(c, e, false);
    if (s->role == ROLE_SIZE)
        die_at(c->file, e->line, "'%s' is a size, not a value", s->name);
    if (s->role == ROLE_OPTION && s->dflt.type != OPT_NUMBER)
        die_at(c->file, e->line, "option '%s' is not a number", s->name);
    s->used = true;
}

/* One node of an expression of vectors. */
static void
check_vector(void *arg, const struct expr *e)
{
    struct cell *c = arg;

    if (e->op == X_NAME || e->op == X_PRIME)
        check_vector_name(c, e);
    if (e->op == X_MATVEC) {
        cell_role(c, e->sym, ROLE_MATRIX, e->line);
        c->sym[e->sym].used = true;
        if (c->sym[e->sym].makes)
            die_at(c->file, e->line, "'%s' makes another matrix (line %d): it "
                   "cannot act itself", c->sym[e->sym].name,
                   c->sym[e->sym].makes);
    }
}

/* Where numbers are wanted: what names may mean there. */
struct numbers {
    struct cell *c;
    bool widths, formula, functions;
    const char *where;
};

static void
check_number_name(const struct numbers *k, const struct expr *e)
{
    const struct symbol *s = &k->c->sym[e->sym];

    if (!strcmp(s->name, "pi") && k->functions)
        return;
    if (k->formula && (!strcmp(s->name, "i") || !strcmp(s->name, "n")))
        return;
    if (s->role == ROLE_OPTION && s->dflt.type != OPT_NUMBER)
        die_at(k->c->file, e->line, "option '%s' is not a number", s->name);
    if (s->role == ROLE_MATRIX || (s->role == ROLE_NONE &&
                                   is_capital(s->name)))
        die_at(k->c->file, e->line, "'%s' is no number: %s takes numbers and "
               "numeric options", s->name, k->where);
    if (s->role == ROLE_NONE)
        unknown(k->c, e, true);
    if (s->role != ROLE_OPTION && !k->widths)
        die_at(k->c->file, e->line, "'%s' is %s: %s takes numbers and numeric "
               "options", s->name, role_text(s->role), k->where);
}

static void
check_number(void *arg, const struct expr *e)
{
    struct numbers *k = arg;

    switch (e->op) {
    case X_NUM: case X_ADD: case X_SUB: case X_MUL: case X_DIV: case X_NEG:
        return;
    case X_NAME:
        check_number_name(k, e);
        return;
    case X_POW: case X_FUNC:
        if (k->functions)
            return;
        break;
    default:
        break;
    }
    die_at(k->c->file, e->line, "'%s' cannot stand in %s",
           cell_quote(k->c, &k->c->arena, e), k->where);
}

static void
check_vectors(void *arg, const struct stmt *s)
{
    struct cell *c = arg;
    struct numbers start = { c, false, false, true, "an initial value" };

    if (s->kind == S_ASSIGN || s->kind == S_OUTPUT)
        each_expr(s->value, check_vector, c);
    if (s->kind != S_STATE || !s->value)
        return;
    /* a learned vector or a number */
    if (s->value->op == X_NAME && c->sym[s->value->sym].role != ROLE_OPTION) {
        check_vector_name(c, s->value);
        if (c->sym[s->value->sym].role != ROLE_VECTOR)
            die_at(c->file, s->line, "'%s' is %s: a state starts at a number "
                   "or at a learned vector", c->sym[s->value->sym].name,
                   role_text(c->sym[s->value->sym].role));
    } else {
        each_expr(s->value, check_number, &start);
    }
}

static void
check_bounds(void *arg, const struct expr *e)
{
    struct numbers bound = { arg, true, false, false, "a slice's bounds" };

    for (int i = 0; e->op == X_SLICE && i < 2; i++)
        each_expr(e->bound[i], check_number, &bound);
}

static void
check_numbers(void *arg, const struct stmt *s)
{
    struct cell *c = arg;
    struct numbers size = { c, true, false, false, "a size" };
    struct numbers kind = { c, true, false, true, "'init'" };
    struct numbers form = { c, true, true, true, "a formula" };
    struct numbers rate = { c, true, false, true, "'rate'" };
    struct numbers heads = { c, false, false, false, "a number of heads" };

    if (s->kind == S_ASSIGN || s->kind == S_OUTPUT)
        each_expr(s->value, check_bounds, c);
    if (s->width)
        each_expr(s->width, check_number, &size);
    if (s->kind == S_SIZE)
        each_expr(s->value, check_number, &size);
    if (s->kind == S_RATE)
        each_expr(s->value, check_number, &rate);
    if (s->kind == S_MATRIX && s->value)
        each_expr(s->value, check_number, &heads);
    if (s->kind == S_INIT && s->value)
        each_expr(s->value, check_number, &form);
    for (int i = 0; s->kind == S_INIT && i < 2; i++)
        if (s->arg[i])
            each_expr(s->arg[i], check_number, &kind);
}

/* ---- init and rate name parameters ------------------------------------- */

struct params {
    const struct cell *c;
    const char *name[MAX_PARAMS];
    int n;
};

static void
check_targets(void *arg, const struct stmt *s)
{
    const struct params *p = arg;
    const struct cell *c = p->c;

    if ((s->kind == S_PARAM || s->kind == S_MATRIX) && !c->sym[s->sym].used)
        die_at(c->file, s->line, "%s '%s' is never used",
               s->kind == S_PARAM ? "param" : "matrix", c->sym[s->sym].name);
    for (int i = 0; i < s->ntargets; i++) {
        const char *glob = s->target[i].glob, *near;
        int k = 0;

        while (k < p->n && !glob_match(glob, p->name[k]))
            k++;
        if (k < p->n)
            continue;
        near = near_names(glob, p->name, p->n);
        die_at(c->file, s->line, "no learned matrix or vector is called "
               "'%s'%s%s%s", glob, *near ? "; did you mean " : "", near,
               *near ? "?" : "");
    }
}

static void
check_all_targets(const struct cell *c)
{
    struct params p = { .c = c };

    for (int k = 0; k < c->nsyms; k++) {
        const struct symbol *s = &c->sym[k];

        if ((s->role != ROLE_VECTOR && s->role != ROLE_MATRIX) || s->made)
            continue;
        if (p.n == MAX_PARAMS)
            die_at(c->file, s->line, "more than %d learned matrices and "
                   "vectors", MAX_PARAMS);
        p.name[p.n++] = s->name;
    }
    each_stmt(c, NULL, AT_ALL, check_targets, &p);
}

/* ---- conditions -------------------------------------------------------- */

static enum opt_type condition_type(struct cell *c, const struct expr *e);

static void
need_type(struct cell *c, const struct expr *e, enum opt_type type,
          const char *what)
{
    if (condition_type(c, e) != type)
        die_at(c->file, e->line, "'%s' is not %s",
               cell_quote(c, &c->arena, e), what);
}

static enum opt_type
operand_type(struct cell *c, const struct expr *e)
{
    const struct symbol *s = &c->sym[e->sym];
    const char **names, *near;
    int n = 0;

    if (is_keyword(s->name))      /* first_layer, last_layer */
        return OPT_BOOL;
    if (s->role == ROLE_OPTION)
        return s->dflt.type;
    names = xcalloc(c->nsyms + 2, sizeof *names);
    for (int i = 0; i < c->nsyms; i++)
        if (c->sym[i].role == ROLE_OPTION)
            names[n++] = c->sym[i].name;
    names[n++] = "first_layer";
    names[n++] = "last_layer";
    near = near_names(s->name, names, n);
    free(names);
    die_at(c->file, e->line, "no option is called '%s'%s%s%s", s->name,
           *near ? "; did you mean " : "", near, *near ? "?" : "");
}

static enum opt_type
condition_type(struct cell *c, const struct expr *e)
{
    enum opt_type t;

    switch (e->op) {
    case X_NUM:
        return OPT_NUMBER;
    case X_BOOL:
        return OPT_BOOL;
    case X_NAME:
        return operand_type(c, e);
    case X_EQ: case X_NE:
        t = condition_type(c, e->arg[0]);
        if (t != OPT_WORD)
            need_type(c, e->arg[1], t, t == OPT_BOOL ? "true or false"
                                                     : "a number");
        else if (e->arg[1]->op != X_NAME)
            die_at(c->file, e->line, "'%s' is not a word",
                   cell_quote(c, &c->arena, e->arg[1]));
        return OPT_BOOL;
    case X_LT: case X_GT:
        need_type(c, e->arg[0], OPT_NUMBER, "a number");
        need_type(c, e->arg[1], OPT_NUMBER, "a number");
        return OPT_BOOL;
    default:
        for (int i = 0; i < e->nargs; i++)
            need_type(c, e->arg[i], OPT_BOOL, "true or false");
        return OPT_BOOL;
    }
}

static void
check_conditions(struct cell *c, const struct stmt *s)
{
    for (; s; s = s->next) {
        if (s->kind == S_IF)
            need_type(c, s->value, OPT_BOOL, "true or false");
        check_conditions(c, s->body);
        check_conditions(c, s->other);
    }
}

/* ---- the whole --------------------------------------------------------- */

struct seen {
    const struct cell *c;
    bool input, output, state;
};

static void
look(void *arg, const struct stmt *s)
{
    struct seen *seen = arg;

    if (s->kind == S_INPUT && seen->input)
        die_at(seen->c->file, s->line, "a second 'input'");
    seen->input |= s->kind == S_INPUT;
    seen->output |= s->kind == S_OUTPUT;
    seen->state |= s->kind == S_STATE;
}

bool
cell_has_state(const struct cell *c)
{
    struct seen seen = { .c = c };

    each_stmt(c, NULL, AT_ALL, look, &seen);
    return seen.state;
}

void
cell_check(struct cell *c)
{
    struct seen seen = { .c = c };

    each_stmt(c, NULL, AT_ALL, look, &seen);
    if (!seen.input)
        die_at(c->file, 0, "no 'input' line: name the layer's input, as in "
               "'input x'");
    if (!seen.output)
        die_at(c->file, 0, "no 'output' line");
    each_stmt(c, NULL, AT_ALL, declare, c);
    each_stmt(c, NULL, AT_ALL, declare_assigned, c);
    each_stmt(c, NULL, AT_ALL, declare_sizes, c);
    cell_take_biases(c);
    each_stmt(c, NULL, AT_ALL, check_vectors, c);
    each_stmt(c, NULL, AT_ALL, declare_late_sizes, c);
    each_stmt(c, NULL, AT_ALL, check_numbers, c);
    check_all_targets(c);
    cell_check_reached(c);
    check_conditions(c, c->body);
}

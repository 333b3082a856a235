/* number.c - what options, conditions and expressions of numbers come to. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/near.h"
#include "cell/syntax.h"

/* ---- options ----------------------------------------------------------- */

/* A setting must be the default or a word some condition asks for. */
struct words {
    const struct cell *c;
    int sym;
    const char *found[32];
    int n;
};

static void
add_word(struct words *w, int sym)
{
    const char *name = w->c->sym[sym].name;

    for (int i = 0; i < w->n; i++)
        if (!strcmp(w->found[i], name))
            return;
    if (w->n < 32)
        w->found[w->n++] = name;
}

static void
collect_words(void *arg, const struct expr *e)
{
    struct words *w = arg;

    if ((e->op == X_EQ || e->op == X_NE) && e->arg[0]->sym == w->sym)
        add_word(w, e->arg[1]->sym);
}

static void
words_of(struct words *w, const struct stmt *s)
{
    for (; s; s = s->next) {
        if (s->kind == S_IF)
            each_expr(s->value, collect_words, w);
        words_of(w, s->body);
        words_of(w, s->other);
    }
}

static int
read_word(const struct cell *c, int sym, const char *text)
{
    struct words w = { .c = c, .sym = sym };
    const struct symbol *o = &c->sym[sym];
    char list[1024] = "";

    add_word(&w, o->dflt.sym);
    words_of(&w, c->body);
    for (int i = 0; i < w.n; i++) {
        if (!strcmp(w.found[i], text))
            for (int k = 0; k < c->nsyms; k++)
                if (!strcmp(c->sym[k].name, text))
                    return k;
        if (strlen(list) + MAX_NAME + 8 < sizeof list) {
            strcat(list, i ? ", " : "");
            strcat(list, w.found[i]);
        }
    }
    die_at(c->file, o->line, "option '%s' is one of %s, not '%s'", o->name,
           list, text);
}

static void
read_option(const struct cell *c, int sym, const json_t *v, struct value *out)
{
    const struct symbol *o = &c->sym[sym];

    if (o->dflt.type == OPT_BOOL) {
        if (!json_is_boolean(v))
            die_at(c->file, o->line, "option '%s' is true or false", o->name);
        out->num = json_is_true(v);
    } else if (o->dflt.type == OPT_NUMBER) {
        if (!json_is_number(v) || !isfinite(json_number_value(v)))
            die_at(c->file, o->line, "option '%s' is a number", o->name);
        out->num = json_number_value(v);
    } else {
        if (!json_is_string(v))
            die_at(c->file, o->line, "option '%s' is a word", o->name);
        out->sym = read_word(c, sym, json_string_value(v));
    }
}

struct value *
settings_read(const struct cell *c, const struct cell_args *args)
{
    struct value *set = xcalloc(c->nsyms + 1, sizeof *set);

    for (int i = 0; i < c->nsyms; i++) {
        const struct symbol *s = &c->sym[i];
        const json_t *v = json_object_get(args->options, s->name);

        set[i] = s->dflt;
        if (s->role == ROLE_OPTION && v)
            read_option(c, i, v, &set[i]);
        if (!strcmp(s->name, "first_layer"))
            set[i].num = args->first_layer;
        if (!strcmp(s->name, "last_layer"))
            set[i].num = args->last_layer;
    }
    return set;
}

json_t *
cell_options(const struct cell *c)
{
    json_t *out = json_object();

    for (int i = 0; i < c->nsyms; i++) {
        const struct symbol *s = &c->sym[i];
        double x = s->dflt.num;
        json_t *v;

        if (s->role != ROLE_OPTION)
            continue;
        if (s->dflt.type == OPT_BOOL)
            v = json_boolean(x != 0);
        else if (s->dflt.type == OPT_WORD)
            v = json_string(c->sym[s->dflt.sym].name);
        else if (x == floor(x) && fabs(x) < 9e15)
            v = json_integer((json_int_t)x);
        else
            v = json_real(x);
        json_object_set_new(out, s->name, v);
    }
    return out;
}

/* ---- conditions -------------------------------------------------------- */

static struct value
condition_value(const struct cell *c, const struct expr *e,
                const struct value *set)
{
    struct value a, b, out = { .type = OPT_BOOL };

    switch (e->op) {
    case X_NUM:
        return (struct value){ .type = OPT_NUMBER, .num = e->num };
    case X_BOOL:
        return (struct value){ .type = OPT_BOOL, .num = e->num };
    case X_NAME:
        if (c->sym[e->sym].role == ROLE_OPTION ||
            is_keyword(c->sym[e->sym].name))
            return set[e->sym];
        return (struct value){ .type = OPT_WORD, .sym = e->sym };
    default:
        break;
    }
    a = condition_value(c, e->arg[0], set);
    b = condition_value(c, e->arg[e->nargs - 1], set);
    switch (e->op) {
    case X_NOT: out.num = !a.num; break;
    case X_AND: out.num = a.num && b.num; break;
    case X_OR: out.num = a.num || b.num; break;
    case X_EQ: out.num = a.num == b.num && a.sym == b.sym; break;
    case X_NE: out.num = a.num != b.num || a.sym != b.sym; break;
    case X_LT: out.num = a.num < b.num; break;
    default: out.num = a.num > b.num; break;
    }
    return out;
}

bool
condition_holds(const struct cell *c, const struct expr *e,
                const struct value *set)
{
    return condition_value(c, e, set).num != 0;
}

/* ---- statements in force ----------------------------------------------- */

struct walk {
    const struct cell *c;
    const struct value *set;
    int at;
    void (*fn)(void *, const struct stmt *);
    void *arg;
};

static void walk_list(const struct walk *w, const struct stmt *s);

static void
walk_at(const struct walk *w, const struct stmt *s)
{
    const struct stmt *b;

    for (b = s->body; b; b = b->next) {
        if (w->at == AT_ALL) {
            w->fn(w->arg, b);
            walk_list(w, b->body);
        } else if (b->at == w->at || b->at == 0) {   /* 0 stands last */
            walk_list(w, b->body);
            return;
        }
    }
}

static void
walk_list(const struct walk *w, const struct stmt *s)
{
    for (; s; s = s->next) {
        if (s->kind == S_AT) {
            walk_at(w, s);
        } else if (s->kind != S_IF) {
            w->fn(w->arg, s);
        } else if (!w->set) {
            walk_list(w, s->body);
            walk_list(w, s->other);
        } else {
            walk_list(w, condition_holds(w->c, s->value, w->set) ? s->body
                                                                 : s->other);
        }
    }
}

void
each_stmt(const struct cell *c, const struct value *set, int at,
          void (*fn)(void *, const struct stmt *), void *arg)
{
    walk_list(&(struct walk){ c, set, at, fn, arg }, c->body);
}

/* ---- expressions of numbers -------------------------------------------- */

static double
name_value(struct number_env *env, const struct expr *e)
{
    const char *name = env->c->sym[e->sym].name;

    if (env->formula && !strcmp(name, "i"))
        return env->i;
    if (env->formula && !strcmp(name, "n"))
        return env->n;
    if (!strcmp(name, "pi"))
        return 3.14159265358979323846;
    if (env->c->sym[e->sym].role == ROLE_OPTION)
        return env->set[e->sym].num;
    return env->width(env->arg, e->sym, &env->known);
}

/* By repeated products, so that the bits are the same everywhere. */
static double
whole_power(double x, int n)
{
    double y = 1;

    for (int k = abs(n); k > 0; k--)
        y *= x;
    return n < 0 ? 1 / y : y;
}

double
number_value(struct number_env *env, const struct expr *e)
{
    double a = 0, b = 0;

    if (e->nargs > 0)
        a = number_value(env, e->arg[0]);
    if (e->nargs > 1)
        b = number_value(env, e->arg[1]);
    switch (e->op) {
    case X_NUM: return e->num;
    case X_NAME: return name_value(env, e);
    case X_ADD: return a + b;
    case X_SUB: return a - b;
    case X_MUL: return a * b;
    case X_DIV: return a / b;
    case X_NEG: return -a;
    case X_POW: return whole_power(a, e->power);
    case X_FUNC: return func_value(e->func, a, b);
    default: return NAN;      /* cell_check lets nothing else through */
    }
}

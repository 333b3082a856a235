/* parse.c - tokens to statements. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/near.h"
#include "cell/syntax.h"

static void parse_block(struct parser *p, struct list *l);

struct stmt *
stmt_add(struct parser *p, struct list *l, enum stmt_kind kind)
{
    struct stmt *s = arena_get(&p->c->arena, 1, sizeof *s);

    if (++p->c->nstmts > MAX_STATEMENTS)
        die_at(p->c->file, peek(p)->line, "more than %d statements",
               MAX_STATEMENTS);
    s->kind = kind;
    s->line = peek(p)->line;
    s->sym = -1;
    s->sign = 1;
    *l->end = s;
    l->end = &s->next;
    return s;
}

void
stmt_end(struct parser *p)
{
    if (peek(p)->kind != T_LINE && peek(p)->kind != T_END)
        die_at(p->c->file, peek(p)->line,
               "unexpected '%s' after the end of the statement",
               peek(p)->text);
    take(p);
}

/* A new name: lower case, no keyword, no function. */
static int
need_name(struct parser *p, const char *what)
{
    const struct token *t = take(p);
    int least, most;
    enum op f;

    if (t->kind != T_NAME)
        die_at(p->c->file, t->line, "'%s' needs a name, not %s", what,
               tok_text(p, t));
    if (is_keyword(t->text))
        die_at(p->c->file, t->line, "'%s' is a keyword: it cannot be a name",
               t->text);
    if (func_find(t->text, &f, &least, &most) && !func_may_be_name(f))
        die_at(p->c->file, t->line, "'%s' is a function: it cannot be a name",
               t->text);
    if (is_capital(t->text))
        die_at(p->c->file, t->line, "'%s': capitals are learned matrices; a "
               "value's name starts with a small letter", t->text);
    return t->sym;
}

static bool
is_constant(const struct expr *e)
{
    return e->op == X_NUM ||
           (e->op == X_NEG && e->arg[0]->op == X_NUM);
}

/* state NAME [: width] [= value], ... and the same for param */
static void
parse_declaration(struct parser *p, struct list *l, enum stmt_kind kind)
{
    const char *what = kind == S_STATE ? "state" : "param";

    do {
        struct stmt *s = stmt_add(p, l, kind);

        s->sym = need_name(p, what);
        if (take_mark(p, ':'))
            s->width = parse_expr(p);
        if (take_mark(p, '='))
            s->value = parse_expr(p);
        if (kind == S_PARAM && s->value && !is_constant(s->value))
            die_at(p->c->file, s->line, "a param starts at a number; for "
                   "anything else write 'init %s = ...'",
                   p->c->sym[s->sym].name);
        if (peek(p)->kind == T_NAME)
            die_at(p->c->file, peek(p)->line,
                   "expected ',' between two names, before '%s'",
                   peek(p)->text);
    } while (take_mark(p, ','));
    stmt_end(p);
}

static void
parse_option(struct parser *p, struct list *l)
{
    struct stmt *s = stmt_add(p, l, S_OPTION);
    const struct token *t = take(p);
    struct expr *e;
    int tok0;

    if (t->kind != T_NAME || is_keyword(t->text))
        die_at(p->c->file, t->line, "'option' needs a name, not %s",
               tok_text(p, t));
    s->sym = t->sym;
    need_mark(p, '=', "the option's name");
    tok0 = p->pos;
    e = arena_get(&p->c->arena, 1, sizeof *e);
    e->line = t->line;
    e->tok0 = e->tok1 = tok0;
    if (at_word(p, "true") || at_word(p, "false")) {
        e->op = X_BOOL;
        e->num = at_word(p, "true");
    } else if (peek(p)->kind == T_NAME && !is_keyword(peek(p)->text)) {
        e->op = X_NAME;
        e->sym = peek(p)->sym;
    } else {
        double sign = take_mark(p, '-') ? -1 : 1;

        if (peek(p)->kind != T_NUMBER)
            die_at(p->c->file, peek(p)->line, "an option is true, false, a "
                   "number or a word, not %s", tok_text(p, peek(p)));
        e->op = X_NUM;
        e->num = sign * peek(p)->num;
    }
    take(p);
    s->value = e;
    stmt_end(p);
}

static void
parse_targets(struct parser *p, struct stmt *s, const char *what)
{
    double all = take_mark(p, '-') ? -1 : 1;
    int n = 0, start;

    s->list = take_mark(p, '[');
    start = p->pos;
    for (; peek(p)->kind == T_WORD || at_mark(p, '-'); take(p))
        n += peek(p)->kind == T_WORD;
    if (s->list && !at_mark(p, ']'))
        die_at(p->c->file, peek(p)->line, "expected ']' before %s: names "
               "are separated by blanks", tok_text(p, peek(p)));
    s->target = arena_get(&p->c->arena, n + 1, sizeof *s->target);
    p->pos = start;
    for (; peek(p)->kind == T_WORD || at_mark(p, '-'); take(p)) {
        bool minus = take_mark(p, '-');
        const struct token *t = peek(p);

        if (t->kind != T_WORD || !*t->text || (all < 0 && s->list))
            die_at(p->c->file, t->line,
                   "'%s' needs names or globs after it", what);
        s->target[s->ntargets++] = (struct target){
            t->text, minus ? -all : all,
        };
        if (!s->list) {
            take(p);
            break;
        }
    }
    if (!s->ntargets)
        die_at(p->c->file, peek(p)->line,
               "'%s' needs names or globs after it", what);
    if (s->list)
        need_mark(p, ']', "the list of names");
}

static const struct kind {
    const char *name;
    int nargs;
} kinds[] = {   /* in the order of enum init_kind */
    { "uniform_fan", 0 }, { "orthogonal", 0 }, { "xavier_uniform", 0 },
    { "xavier_normal", 0 }, { "normal", 1 }, { "uniform", 2 },
    { "constant", 1 }, { "identity", 0 }, { "chrono", 1 },
};
enum { NKINDS = sizeof kinds / sizeof *kinds };

static int
find_kind(struct parser *p, const struct token *t)
{
    const char *names[NKINDS], *near;

    for (int k = 0; k < NKINDS; k++) {
        names[k] = kinds[k].name;
        if (t->kind == T_NAME && !strcmp(t->text, names[k]))
            return k;
    }
    if (t->kind != T_NAME)
        die_at(p->c->file, t->line, "expected a kind of init (or '= formula') "
               "before %s", tok_text(p, t));
    near = near_names(t->text, names, NKINDS);
    die_at(p->c->file, t->line, "no kind of init is called '%s'%s%s%s",
           t->text, *near ? "; did you mean " : "", near, *near ? "?" : "");
}

static void
parse_init(struct parser *p, struct list *l)
{
    struct stmt *s = stmt_add(p, l, S_INIT);
    const struct token *t;
    int n = 0, k;

    parse_targets(p, s, "init");
    if (take_mark(p, '=')) {
        s->init = INIT_FORMULA;
        s->value = parse_expr(p);
        stmt_end(p);
        return;
    }
    s->sign = take_mark(p, '-') ? -1 : 1;
    t = take(p);
    k = find_kind(p, t);
    s->init = (enum init_kind)k;
    if (take_mark(p, '(')) {
        do {
            if (n == kinds[k].nargs)
                break;
            s->arg[n++] = parse_expr(p);
        } while (take_mark(p, ','));
        if (n == kinds[k].nargs)
            need_mark(p, ')', "the kind's numbers");
    }
    if (n != kinds[k].nargs)
        die_at(p->c->file, t->line, "'%s' takes %d number%s", t->text,
               kinds[k].nargs, kinds[k].nargs == 1 ? "" : "s");
    stmt_end(p);
}

static void
parse_rate(struct parser *p, struct list *l)
{
    struct stmt *s = stmt_add(p, l, S_RATE);

    parse_targets(p, s, "rate");
    s->value = parse_expr(p);
    stmt_end(p);
}

static void
parse_assign(struct parser *p, struct list *l)
{
    struct stmt *s = stmt_add(p, l, S_ASSIGN);
    const struct token *t = peek(p);

    s->sym = need_name(p, "=");
    s->prime = take_mark(p, '\'');
    if (take_mark(p, ':'))
        s->width = parse_expr(p);
    if (!at_mark(p, '='))
        die_at(p->c->file, peek(p)->line, "expected '=' after '%s%s', not "
               "%s: a line is an equation or starts with a keyword",
               t->text, s->prime ? "'" : "", tok_text(p, peek(p)));
    take(p);
    s->value = parse_expr(p);
    stmt_end(p);
}

/* ---- blocks ------------------------------------------------------------ */

static void
need_end(struct parser *p, const char *what, int line)
{
    if (!at_word(p, "end"))
        die_at(p->c->file, line, "'%s' without its 'end' (found %s on line "
               "%d)", what, tok_text(p, peek(p)), peek(p)->line);
    take(p);
    stmt_end(p);
}

/* After `if`; takes everything up to and with the `end`. */
static void
parse_if(struct parser *p, struct list *l)
{
    struct stmt *s = stmt_add(p, l, S_IF);
    struct list body = { NULL, &body.first }, other = { NULL, &other.first };
    bool was = p->in_if;

    deeper(p);
    p->in_if = true;
    s->value = parse_condition(p);
    if (at_mark(p, '='))
        die_at(p->c->file, peek(p)->line, "'=' assigns: write '==' to "
               "compare");
    stmt_end(p);
    parse_block(p, &body);
    if (at_word(p, "else")) {
        take(p);
        if (at_word(p, "if")) {
            take(p);
            parse_if(p, &other);   /* its `end` is ours */
        } else {
            stmt_end(p);
            parse_block(p, &other);
            need_end(p, "if", s->line);
        }
    } else {
        need_end(p, "if", s->line);
    }
    s->body = body.first;
    s->other = other.first;
    p->in_if = was;
    p->depth--;
}

static int
parse_step(struct parser *p)
{
    const struct token *t = take(p);

    if (t->kind != T_NUMBER || t->num < 1 || t->num > 1e9 ||
        t->num != (int)t->num)
        die_at(p->c->file, t->line, "'at' needs a step's number from 1, not "
               "%s", tok_text(p, t));
    return (int)t->num;
}

static void
parse_branch(struct parser *p, struct stmt *block, struct list *l)
{
    struct stmt *s = stmt_add(p, l, S_BRANCH);
    struct list body = { NULL, &body.first };
    bool other = at_word(p, "otherwise");

    take(p);
    s->at = other ? 0 : parse_step(p);
    for (struct stmt *b = block->body; b != s; b = b->next) {
        if (b->at == 0)
            die_at(p->c->file, s->line, "'otherwise' must come last");
        if (b->at == s->at)
            die_at(p->c->file, s->line, "step %d twice: the first is on line "
                   "%d", s->at, b->line);
    }
    need_mark(p, ':', other ? "'otherwise'" : "the step's number");
    if (peek(p)->kind == T_LINE)
        take(p);
    parse_block(p, &body);
    s->body = body.first;
}

static void
parse_at(struct parser *p, struct list *l)
{
    struct stmt *s = stmt_add(p, l, S_AT);
    struct list branches = { NULL, &s->body };
    bool was = p->in_if;

    if (p->in_at)
        die_at(p->c->file, s->line, "'at' within 'at'");
    p->in_at = true;
    p->in_if = false;
    while (at_word(p, "at") || at_word(p, "otherwise"))
        parse_branch(p, s, &branches);
    need_end(p, "at", s->line);
    p->in_at = false;
    p->in_if = was;
}

static void
parse_stmt(struct parser *p, struct list *l)
{
    static const char *const words[] = {
        "input", "state", "option", "param", "size", "output", "init", "rate",
        "matrix",
    };
    enum { WORDS = sizeof words / sizeof *words };
    const struct token *t = take(p);
    struct stmt *s;
    int k = 0;

    if (t->kind != T_NAME)
        die_at(p->c->file, t->line, "a line starts with a name or a keyword, "
               "not %s", tok_text(p, t));
    while (k < WORDS && strcmp(words[k], t->text))
        k++;
    if (k < WORDS && p->in_at && k != S_OUTPUT)
        die_at(p->c->file, t->line, "'%s' cannot stand in an 'at' block",
               t->text);
    if (p->in_if && (k == S_INPUT || k == S_OPTION))
        die_at(p->c->file, t->line, "'%s' cannot stand in an 'if'", t->text);
    switch (k) {
    case S_INPUT:
        s = stmt_add(p, l, S_INPUT);
        s->sym = need_name(p, "input");
        stmt_end(p);
        return;
    case S_STATE: case S_PARAM:
        parse_declaration(p, l, (enum stmt_kind)k);
        return;
    case S_OPTION:
        parse_option(p, l);
        return;
    case S_SIZE:
        s = stmt_add(p, l, S_SIZE);
        s->sym = need_name(p, "size");
        need_mark(p, '=', "the size's name");
        s->value = parse_expr(p);
        stmt_end(p);
        return;
    case S_OUTPUT:
        s = stmt_add(p, l, S_OUTPUT);
        s->value = parse_expr(p);
        stmt_end(p);
        return;
    case S_INIT:
        parse_init(p, l);
        return;
    case S_RATE:
        parse_rate(p, l);
        return;
    case S_MATRIX:
        parse_matrices(p, l);
        return;
    }
    if (!strcmp(t->text, "if")) {
        parse_if(p, l);
        return;
    }
    p->pos--;
    parse_assign(p, l);
}

/* Up to (not with) the `else`, `end`, `at` or `otherwise` that ends it. */
static void
parse_block(struct parser *p, struct list *l)
{
    while (peek(p)->kind != T_END && !at_word(p, "end") &&
           !at_word(p, "else") && !at_word(p, "otherwise")) {
        if (!at_word(p, "at"))
            parse_stmt(p, l);
        else if (!p->in_at || p->in_if)
            parse_at(p, l);
        else
            break;
    }
}

void
cell_statements(struct cell *c)
{
    struct parser p = { .c = c };
    struct list body = { NULL, &c->body };

    parse_block(&p, &body);
    if (peek(&p)->kind != T_END)
        die_at(c->file, peek(&p)->line, "'%s' without an 'if' or 'at' before "
               "it", peek(&p)->text);
}

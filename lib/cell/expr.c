/* expr.c - expressions and conditions, by recursive descent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/near.h"
#include "cell/syntax.h"

const struct token *
peek(const struct parser *p)
{
    return &p->c->tok[p->pos];
}

/* Never goes past T_END. */
const struct token *
take(struct parser *p)
{
    const struct token *t = peek(p);

    p->pos += t->kind != T_END;
    return t;
}

bool
at_mark(const struct parser *p, int mark)
{
    return peek(p)->kind == T_MARK && peek(p)->mark == mark;
}

bool
at_word(const struct parser *p, const char *word)
{
    return peek(p)->kind == T_NAME && !strcmp(peek(p)->text, word);
}

bool
take_mark(struct parser *p, int mark)
{
    if (!at_mark(p, mark))
        return false;
    p->pos++;
    return true;
}

void
need_mark(struct parser *p, int mark, const char *after)
{
    if (!take_mark(p, mark))
        die_at(p->c->file, peek(p)->line, "expected '%c' after %s, not %s",
               mark, after, tok_text(p, peek(p)));
}

const char *
tok_text(struct parser *p, const struct token *t)
{
    char *s;

    if (t->kind == T_END || t->kind == T_LINE)
        return t->kind == T_END ? "the end of the file" : "the end of the line";
    s = arena_get(&p->c->arena, strlen(t->text) + 3, 1);
    sprintf(s, "'%s'", t->text);
    return s;
}

static struct expr *
make(struct parser *p, enum expr_op op, int tok0)
{
    struct expr *e = arena_get(&p->c->arena, 1, sizeof *e);

    e->op = op;
    e->tok0 = tok0;
    e->tok1 = p->pos - 1;
    e->line = p->c->tok[tok0].line;
    e->sym = -1;
    e->depth = 1;
    return e;
}

static void
give_args(struct parser *p, struct expr *e, struct expr **arg, int n)
{
    e->arg = arena_get(&p->c->arena, n, sizeof *e->arg);
    e->nargs = n;
    for (int i = 0; i < n; i++) {
        e->arg[i] = arg[i];
        if (arg[i]->depth >= e->depth)
            e->depth = arg[i]->depth + 1;
    }
    if (e->depth > MAX_DEPTH)
        die_at(p->c->file, e->line,
               "more than %d operators in a row: give a part a name",
               MAX_DEPTH);
}

static struct expr *
make_binary(struct parser *p, enum expr_op op, struct expr *a, struct expr *b)
{
    struct expr *e = make(p, op, a->tok0);

    give_args(p, e, (struct expr *[]){ a, b }, 2);
    return e;
}

static void
deeper(struct parser *p)
{
    if (++p->depth > MAX_NESTING)
        die_at(p->c->file, peek(p)->line, "nested more than %d deep",
               MAX_NESTING);
}

/* What a matrix may stand before. */
static bool
starts_operand(const struct parser *p)
{
    const struct token *t = peek(p);

    if (t->kind == T_NAME)
        return !is_keyword(t->text) || !strcmp(t->text, "pi");
    return t->kind == T_NUMBER || at_mark(p, '(') || at_mark(p, '[');
}

/* Up to the bracket that closes the one at token `open`. */
static void
close_bracket(struct parser *p, int mark, int open)
{
    const struct token *o = &p->c->tok[open], *t = peek(p);

    if (take_mark(p, mark))
        return;
    if (o->line != t->line)
        die_at(p->c->file, t->line, "expected '%c' before %s to close the "
               "'%s' of line %d", mark, tok_text(p, t), o->text, o->line);
    die_at(p->c->file, t->line, "expected '%c' before %s", mark,
           tok_text(p, t));
}

static struct expr *
parse_concat(struct parser *p)
{
    struct expr *arg[EX_ARGS], *e;
    int n = 0, open = p->pos++;

    do {
        if (n == EX_ARGS)
            die_at(p->c->file, peek(p)->line,
                   "more than %d parts in '[...]': put some in a name",
                   EX_ARGS);
        arg[n++] = parse_expr(p);
    } while (take_mark(p, ';'));
    close_bracket(p, ']', open);
    if (n == 1) {
        arg[0]->tok0 = open;
        arg[0]->tok1 = p->pos - 1;
        return arg[0];
    }
    e = make(p, X_CONCAT, open);
    give_args(p, e, arg, n);
    return e;
}

static _Noreturn void
bad_function(struct parser *p, const struct token *t)
{
    const char *const *words = func_words(), *near, *ours;
    int n = 0;

    while (words[n])
        n++;
    if (func_foreign(t->text, &ours)) {
        if (ours)
            die_at(p->c->file, t->line, "no function '%s'; here it is '%s'",
                   t->text, ours);
        die_at(p->c->file, t->line, "no function '%s': there are only those "
               "of 'train --list functions', element by element", t->text);
    }
    near = near_names(t->text, words, n);
    if (*near)
        die_at(p->c->file, t->line, "no function '%s'; did you mean %s?",
               t->text, near);
    die_at(p->c->file, t->line, "no function '%s' (train --list functions); "
           "for a product write '*'", t->text);
}

/* `ReLU(a)` would be a learned matrix that acts on a. */
static void
refuse_function(struct parser *p, const struct token *t)
{
    const char *ours;

    if (!func_miscased(t->text, &ours))
        return;
    if (ours)
        die_at(p->c->file, t->line, "no function '%s'; did you mean '%s'? "
               "(a learned matrix cannot be called like a function)", t->text,
               ours);
    die_at(p->c->file, t->line, "no function '%s' (train --list functions), "
           "and no matrix can be called so", t->text);
}

static struct expr *
parse_call(struct parser *p)
{
    const struct token *t = take(p);
    struct expr *arg[2], *e;
    int n = 0, lo, hi, open = p->pos++, site = 0;
    enum op f;

    if (!func_find(t->text, &f, &lo, &hi))
        bad_function(p, t);
    if (f == OP_DROP)
        site = p->c->ndrops++;        /* in the order of the text: before an
                                         inner one's */
    do {
        if (n == hi)
            die_at(p->c->file, t->line, "'%s' takes %s%d argument%s", t->text,
                   lo < hi ? "at most " : "", hi, hi > 1 ? "s" : "");
        arg[n++] = parse_expr(p);
    } while (take_mark(p, ','));
    close_bracket(p, ')', open);
    if (n < lo)
        die_at(p->c->file, t->line, "'%s' takes %d arguments", t->text, lo);
    e = make(p, f == OP_DROP ? X_DROP : f == OP_DETACH ? X_DETACH : X_FUNC,
             open - 1);
    e->func = f;
    e->site = site;
    give_args(p, e, arg, n);
    return e;
}

static struct expr *
parse_name(struct parser *p)
{
    int tok0 = p->pos;
    const struct token *t = take(p);
    bool prime = take_mark(p, '\'');
    struct expr *e = make(p, prime ? X_PRIME : X_NAME, tok0);

    e->sym = t->sym;
    return parse_slice(p, e);
}

static struct expr *
parse_apply(struct parser *p)
{
    const struct token *t = peek(p);
    struct expr *e;
    int tok0 = p->pos;

    deeper(p);
    if (t->kind == T_NUMBER) {
        take(p);
        e = make(p, X_NUM, tok0);
        e->num = t->num;
    } else if (take_mark(p, '(')) {
        e = parse_expr(p);
        close_bracket(p, ')', tok0);
        e->tok0 = tok0;         /* messages show the brackets */
        e->tok1 = p->pos - 1;
    } else if (at_mark(p, '[')) {
        e = parse_concat(p);
    } else if (t->kind == T_NAME && is_capital(t->text)) {
        take(p);
        if (at_mark(p, '\''))
            die_at(p->c->file, t->line, "'%s'': no matrix is transposed here",
                   t->text);
        if (starts_operand(p)) {
            struct expr *arg;

            refuse_function(p, t);
            arg = parse_apply(p);
            e = make(p, X_MATVEC, tok0);
            give_args(p, e, &arg, 1);
        } else {
            e = make(p, X_NAME, tok0);
        }
        e->sym = t->sym;
    } else if (starts_operand(p)) {
        const struct token *next = &p->c->tok[p->pos + 1];

        e = next->kind == T_MARK && next->mark == '(' ? parse_call(p)
                                                      : parse_name(p);
    } else if (t->kind == T_NAME) {
        die_at(p->c->file, t->line, "'%s' is a keyword: it cannot stand in "
               "an expression", t->text);
    } else {
        die_at(p->c->file, t->line, "expected a name, a number or a bracket "
               "before %s", tok_text(p, t));
    }
    p->depth--;
    return e;
}

static struct expr *
parse_power(struct parser *p)
{
    int tok0 = p->pos;
    struct expr *base = parse_apply(p), *e;
    const struct token *t;
    bool minus;

    if (!take_mark(p, '^'))
        return base;
    minus = take_mark(p, '-');
    t = take(p);
    if (t->kind != T_NUMBER || t->num > MAX_POWER ||
        t->num != (int)t->num)
        die_at(p->c->file, t->line, "%s%s is not a power: a whole number in "
               "-%d..%d", minus ? "-" : "", tok_text(p, t), MAX_POWER,
               MAX_POWER);
    e = make(p, X_POW, tok0);
    e->power = minus ? -(int)t->num : (int)t->num;
    give_args(p, e, &base, 1);
    if (at_mark(p, '^'))
        die_at(p->c->file, t->line, "a power of a power needs brackets");
    return e;
}

static struct expr *
parse_unary(struct parser *p)
{
    int tok0 = p->pos;
    struct expr *e, *arg;

    if (!take_mark(p, '-'))
        return parse_power(p);
    arg = parse_power(p);
    e = make(p, X_NEG, tok0);
    give_args(p, e, &arg, 1);
    return e;
}

static struct expr *
parse_term(struct parser *p)
{
    struct expr *e = parse_unary(p);

    for (;;) {
        if (take_mark(p, '*')) {
            e = make_binary(p, X_MUL, e, parse_unary(p));
        } else if (take_mark(p, '/')) {
            struct expr *by = parse_unary(p);

            if (by->op == X_NUM && by->num == 0)
                die_at(p->c->file, by->line, "'%s' is divided by 0",
                       cell_quote(p->c, &p->c->arena, e));
            e = make_binary(p, X_DIV, e, by);
        } else if (starts_operand(p)) {
            const struct expr *in = e->nargs ? e->arg[0] : e;

            if ((e->op == X_FUNC || e->op == X_DROP || e->op == X_DETACH) &&
                in->op == X_NAME && is_capital(p->c->sym[in->sym].name))
                die_at(p->c->file, peek(p)->line, "'%s': functions take "
                       "vectors, not matrices: let it act first, as in "
                       "'%s(%s x)'", cell_quote(p->c, &p->c->arena, e),
                       p->c->tok[e->tok0].text, p->c->sym[in->sym].name);
            die_at(p->c->file, peek(p)->line, "'%s' and %s stand side by "
                   "side: write '*' for a product (only matrices, which have "
                   "capitals, act on what follows)",
                   cell_quote(p->c, &p->c->arena, e), tok_text(p, peek(p)));
        } else {
            return e;
        }
    }
}

struct expr *
parse_expr(struct parser *p)
{
    struct expr *e = parse_term(p);

    for (;;) {
        if (take_mark(p, '+'))
            e = make_binary(p, X_ADD, e, parse_term(p));
        else if (take_mark(p, '-'))
            e = make_binary(p, X_SUB, e, parse_term(p));
        else
            return e;
    }
}

/* ---- conditions -------------------------------------------------------- */

static struct expr *
parse_operand(struct parser *p)
{
    int tok0 = p->pos;
    bool minus = take_mark(p, '-');
    const struct token *t = take(p);
    struct expr *e;

    if (t->kind == T_NUMBER) {
        e = make(p, X_NUM, tok0);
        e->num = minus ? -t->num : t->num;
    } else if (t->kind == T_NAME && !minus && (!strcmp(t->text, "true") ||
                                               !strcmp(t->text, "false"))) {
        e = make(p, X_BOOL, tok0);
        e->num = t->text[0] == 't';
    } else if (t->kind == T_NAME && !minus &&
               (!is_keyword(t->text) || strstr(t->text, "_layer"))) {
        e = make(p, X_NAME, tok0);
        e->sym = t->sym;
    } else {
        die_at(p->c->file, t->line, "expected an option or a number in the "
               "condition, not %s", tok_text(p, t));
    }
    return e;
}

static struct expr *
parse_comparison(struct parser *p)
{
    static const int marks[] = { MARK_EQ, MARK_NE, '<', '>' };
    static const enum expr_op ops[] = { X_EQ, X_NE, X_LT, X_GT };
    struct expr *e;
    int tok0 = p->pos;

    if (take_mark(p, '(')) {
        deeper(p);
        e = parse_condition(p);
        close_bracket(p, ')', tok0);
        p->depth--;
        return e;
    }
    e = parse_operand(p);
    for (int i = 0; i < 4; i++)
        if (take_mark(p, marks[i]))
            return make_binary(p, ops[i], e, parse_operand(p));
    return e;
}

static struct expr *
parse_not(struct parser *p)
{
    struct expr *e, *arg;
    int tok0 = p->pos;

    if (!at_word(p, "not"))
        return parse_comparison(p);
    take(p);
    deeper(p);
    arg = parse_not(p);
    p->depth--;
    e = make(p, X_NOT, tok0);
    give_args(p, e, &arg, 1);
    return e;
}

static struct expr *
parse_and(struct parser *p)
{
    struct expr *e = parse_not(p);

    while (at_word(p, "and")) {
        take(p);
        e = make_binary(p, X_AND, e, parse_not(p));
    }
    return e;
}

struct expr *
parse_condition(struct parser *p)
{
    struct expr *e = parse_and(p);

    while (at_word(p, "or")) {
        take(p);
        e = make_binary(p, X_OR, e, parse_and(p));
    }
    return e;
}

void
each_expr(const struct expr *e, void (*fn)(void *, const struct expr *),
          void *arg)
{
    fn(arg, e);
    for (int i = 0; i < e->nargs; i++)
        each_expr(e->arg[i], fn, arg);
}

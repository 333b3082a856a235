/* expr.c - expressions, by recursive descent. */
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

struct expr *
expr_new(struct parser *p, enum expr_op op, int tok0)
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

void
expr_args(struct parser *p, struct expr *e, struct expr **arg, int n)
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

struct expr *
expr_binary(struct parser *p, enum expr_op op, struct expr *a, struct expr *b)
{
    struct expr *e = expr_new(p, op, a->tok0);

    expr_args(p, e, (struct expr *[]){ a, b }, 2);
    return e;
}

void
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

void
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
    e = expr_new(p, X_CONCAT, open);
    expr_args(p, e, arg, n);
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
               "of 'train --list functions'", t->text);
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

static enum expr_op
call_op(enum op f)
{
    if (f == OP_DROP || f == OP_DETACH)
        return f == OP_DROP ? X_DROP : X_DETACH;
    return op_rows[f].kind == KIND_FUNC || f == OP_SIGN ? X_FUNC : X_OVER;
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
    e = expr_new(p, call_op(f), open - 1);
    e->func = f;
    e->site = site;
    expr_args(p, e, arg, n);
    return e;
}

static struct expr *parse_apply(struct parser *p);

static struct expr *
parse_name(struct parser *p)
{
    int tok0 = p->pos;
    const struct token *t = take(p);
    bool prime = take_mark(p, '\'');
    struct expr *e = expr_new(p, prime ? X_PRIME : X_NAME, tok0);

    e->sym = t->sym;
    return parse_slice(p, e);
}

/* `^T` after a matrix. */
static bool
take_transposed(struct parser *p, const struct token *matrix)
{
    const struct token *next = p->c->tok + p->pos + 1;

    if (at_mark(p, '\''))
        die_at(p->c->file, matrix->line, "'%s'': a prime is a state's next "
               "value; a transposed matrix is '%s^T'", matrix->text,
               matrix->text);
    if (!at_mark(p, '^') || next->kind != T_NAME || strcmp(next->text, "T"))
        return false;
    p->pos += 2;
    return true;
}

/* A matrix, and what it acts on. */
static struct expr *
parse_matrix(struct parser *p)
{
    int tok0 = p->pos;
    const struct token *t = take(p);
    bool transposed = take_transposed(p, t);
    struct expr *e, *arg;

    if (starts_operand(p)) {
        refuse_function(p, t);
        arg = parse_apply(p);
        e = expr_new(p, X_MATVEC, tok0);
        e->transposed = transposed;
        expr_args(p, e, &arg, 1);
    } else if (transposed) {
        die_at(p->c->file, t->line, "matrix '%s^T' needs something to act on, "
               "as in '%s^T x'", t->text, t->text);
    } else {
        e = expr_new(p, X_NAME, tok0);
    }
    e->sym = t->sym;
    return e;
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
        e = expr_new(p, X_NUM, tok0);
        e->num = t->num;
    } else if (take_mark(p, '(')) {
        e = parse_expr(p);
        close_bracket(p, ')', tok0);
        e->tok0 = tok0;         /* messages show the brackets */
        e->tok1 = p->pos - 1;
    } else if (at_mark(p, '[')) {
        e = parse_concat(p);
    } else if (t->kind == T_NAME && is_capital(t->text)) {
        e = parse_matrix(p);
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
    e = expr_new(p, X_POW, tok0);
    e->power = minus ? -(int)t->num : (int)t->num;
    expr_args(p, e, &base, 1);
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
    e = expr_new(p, X_NEG, tok0);
    expr_args(p, e, &arg, 1);
    return e;
}

static struct expr *
parse_term(struct parser *p)
{
    struct expr *e = parse_unary(p);

    for (;;) {
        if (take_mark(p, '*')) {
            e = expr_binary(p, X_MUL, e, parse_unary(p));
        } else if (take_mark(p, '/')) {
            struct expr *by = parse_unary(p);

            if (by->op == X_NUM && by->num == 0)
                die_at(p->c->file, by->line, "'%s' is divided by 0",
                       cell_quote(p->c, &p->c->arena, e));
            e = expr_binary(p, X_DIV, e, by);
        } else if (starts_operand(p)) {
            const struct expr *in = e->nargs ? e->arg[0] : e;

            if ((e->op == X_FUNC || e->op == X_DROP || e->op == X_DETACH ||
                 e->op == X_OVER) &&
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
            e = expr_binary(p, X_ADD, e, parse_term(p));
        else if (take_mark(p, '-'))
            e = expr_binary(p, X_SUB, e, parse_term(p));
        else
            return e;
    }
}

void
each_expr(const struct expr *e, void (*fn)(void *, const struct expr *),
          void *arg)
{
    fn(arg, e);
    for (int i = 0; i < e->nargs; i++)
        each_expr(e->arg[i], fn, arg);
}

/* condition.c - the conditions of `if`, by recursive descent. */
#include <string.h>

#include "base/die.h"
#include "cell/syntax.h"

static struct expr *
parse_operand(struct parser *p)
{
    int tok0 = p->pos;
    bool minus = take_mark(p, '-');
    const struct token *t = take(p);
    struct expr *e;

    if (t->kind == T_NUMBER) {
        e = expr_new(p, X_NUM, tok0);
        e->num = minus ? -t->num : t->num;
    } else if (t->kind == T_NAME && !minus && (!strcmp(t->text, "true") ||
                                               !strcmp(t->text, "false"))) {
        e = expr_new(p, X_BOOL, tok0);
        e->num = t->text[0] == 't';
    } else if (t->kind == T_NAME && !minus &&
               (!is_keyword(t->text) || strstr(t->text, "_layer"))) {
        e = expr_new(p, X_NAME, tok0);
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
            return expr_binary(p, ops[i], e, parse_operand(p));
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
    e = expr_new(p, X_NOT, tok0);
    expr_args(p, e, &arg, 1);
    return e;
}

static struct expr *
parse_and(struct parser *p)
{
    struct expr *e = parse_not(p);

    while (at_word(p, "and")) {
        take(p);
        e = expr_binary(p, X_AND, e, parse_not(p));
    }
    return e;
}

struct expr *
parse_condition(struct parser *p)
{
    struct expr *e = parse_and(p);

    while (at_word(p, "or")) {
        take(p);
        e = expr_binary(p, X_OR, e, parse_and(p));
    }
    return e;
}

/* lex.c - text to tokens. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "cell/syntax.h"

struct lexer {
    struct cell *c;
    const char *s;
    int line, depth, cap;
};

static bool
is_letter(int ch)
{
    return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z');
}

static bool
is_digit(int ch)
{
    return ch >= '0' && ch <= '9';
}

static bool
is_word(int ch)
{
    return is_letter(ch) || is_digit(ch) || ch == '_';
}

static struct token *
last(struct lexer *x)
{
    return x->c->ntok ? &x->c->tok[x->c->ntok - 1] : NULL;
}

static struct token *
emit(struct lexer *x, enum tok_kind kind, const char *s, size_t n)
{
    struct cell *c = x->c;
    struct token *t;

    if (c->ntok == MAX_TOKENS)
        die_at(c->file, x->line, "the cell has more than %d names, numbers "
               "and marks", MAX_TOKENS);
    if (c->ntok == x->cap) {
        x->cap = x->cap ? 2 * x->cap : 256;
        c->tok = xrealloc(c->tok, x->cap, sizeof *c->tok);
    }
    t = &c->tok[c->ntok++];
    *t = (struct token){ .kind = kind, .line = x->line, .sym = -1 };
    if (kind == T_NAME) {
        t->sym = cell_symbol(c, s, n);
        t->text = c->sym[t->sym].name;   /* arena: stays where it is */
    } else {
        t->text = arena_text(&c->arena, s, n);
    }
    return t;
}

/* A line whose last token is one of these goes on. */
static bool
goes_on(const struct token *t)
{
    static const char marks[] = "+-*/^=,;<>([";

    if (t->kind == T_NAME)
        return !strcmp(t->text, "and") || !strcmp(t->text, "or") ||
               !strcmp(t->text, "not");
    return t->kind == T_MARK && (t->mark > 255 || strchr(marks, t->mark));
}

static void
end_line(struct lexer *x)
{
    struct token *t = last(x);

    if (t && t->kind != T_LINE && !(x->depth > 0) && !goes_on(t))
        emit(x, T_LINE, "\n", 1);
}

static void
lex_number(struct lexer *x)
{
    const char *s = x->s;
    struct token *t;

    while (is_digit(*s))
        s++;
    if (*s == '.')
        for (s++; is_digit(*s); s++)
            ;
    if (*s == 'e' || *s == 'E') {
        const char *e = s + 1;

        e += *e == '+' || *e == '-';
        if (is_digit(*e)) {
            for (s = e; is_digit(*s); s++)
                ;
        }
    }
    if (s - x->s > MAX_NAME)
        die_at(x->c->file, x->line, "a number of more than %d letters",
               MAX_NAME);
    t = emit(x, T_NUMBER, x->s, s - x->s);
    if (is_word(*s) || *s == '.')
        die_at(x->c->file, x->line,
               "'%s%c': a number and a name need an operator between them",
               t->text, *s);
    t->num = strtod(t->text, NULL);
    if (!isfinite(t->num))
        die_at(x->c->file, x->line, "'%s' is too large: numbers go up "
               "to 1.797e308", t->text);
    if (json_vanishes(t->text, strlen(t->text)))
        die_at(x->c->file, x->line, "'%s' is too small: it would be 0; "
               "write 0, or 4.941e-324 or more", t->text);
    x->s = s;
}

static void
lex_word(struct lexer *x, enum tok_kind kind)
{
    const char *s = x->s;

    while (is_word(*s) || (kind == T_WORD && (*s == '*' || *s == '?')))
        s++;
    if (s - x->s > MAX_NAME)
        die_at(x->c->file, x->line, "a name of more than %d letters",
               MAX_NAME);
    emit(x, kind, x->s, s - x->s);
    x->s = s;
}

static _Noreturn void
bad_character(struct lexer *x)
{
    unsigned char ch = *x->s;

    if (ch > 32 && ch < 127)
        die_at(x->c->file, x->line, "unexpected '%c'", ch);
    die_at(x->c->file, x->line, "unexpected byte 0x%02x", ch);
}

/* True where '-' is a sign: no operand before it. */
static bool
is_sign(const struct token *t)
{
    if (!t || t->kind == T_LINE || t->kind == T_WORD)
        return true;
    if (t->kind == T_NAME)
        return is_keyword(t->text) && strcmp(t->text, "pi");
    return t->kind == T_MARK && t->mark != ')' && t->mark != ']' &&
           t->mark != '\'';
}

static void
lex_mark(struct lexer *x)
{
    bool sign = *x->s == '-' && is_sign(last(x));
    bool two = (*x->s == '=' || *x->s == '!') && x->s[1] == '=';
    struct token *t;

    if (!*x->s || !(two || strchr("+-*/^()[],;:='<>", *x->s)))
        bad_character(x);
    t = emit(x, T_MARK, x->s, two ? 2 : 1);
    t->mark = !two ? *x->s : *x->s == '=' ? MARK_EQ : MARK_NE;
    t->tight = sign;
    if (t->mark == '(' || t->mark == '[')
        x->depth++;
    if ((t->mark == ')' || t->mark == ']') && x->depth > 0)
        x->depth--;
    x->s += two ? 2 : 1;
}

static void
skip_blanks(struct lexer *x)
{
    for (;; x->s++) {
        if (*x->s == '#')
            x->s += strcspn(x->s, "\n");
        if (*x->s == '\n') {
            end_line(x);
            x->line++;
        } else if (*x->s != ' ' && *x->s != '\t' && *x->s != '\r') {
            return;
        }
    }
}

/* `init` and `rate` are followed by names that may hold `*` and `?`: one, or
 * a list in brackets. */
static void
lex_targets(struct lexer *x)
{
    int line = x->line;

    skip_blanks(x);
    if (x->line != line)
        return;
    if (*x->s == '-')
        lex_mark(x);
    if (*x->s != '[') {
        lex_word(x, T_WORD);
        return;
    }
    lex_mark(x);
    for (skip_blanks(x); is_word(*x->s) || (*x->s && strchr("*?-", *x->s));
         skip_blanks(x)) {
        if (*x->s == '-')
            lex_mark(x);
        else
            lex_word(x, T_WORD);
    }
}

static bool
takes_targets(struct lexer *x)
{
    const struct token *t = last(x);

    if (strcmp(t->text, "init") && strcmp(t->text, "rate"))
        return false;
    return x->c->ntok == 1 || t[-1].kind == T_LINE;
}

void
cell_lex(struct cell *c, const char *text)
{
    struct lexer x = { c, text, 1, 0, 0 };

    for (skip_blanks(&x); *x.s; skip_blanks(&x)) {
        if (is_letter(*x.s)) {
            lex_word(&x, T_NAME);
            if (takes_targets(&x))
                lex_targets(&x);
        } else if (is_digit(*x.s) || (*x.s == '.' && is_digit(x.s[1]))) {
            lex_number(&x);
        } else {
            lex_mark(&x);
        }
    }
    if (last(&x) && last(&x)->kind != T_LINE)
        emit(&x, T_LINE, "\n", 1);
    emit(&x, T_END, "", 0);
    if (c->ntok == 1)
        die_at(c->file, 0, "the cell is empty");
}

/* matrix.c - `matrix` statements: heads, and matrices made of learned ones. */
#include <string.h>

#include "base/die.h"
#include "cell/syntax.h"

static const struct token *
need_matrix(struct parser *p, const char *what)
{
    const struct token *t = take(p);

    if (t->kind != T_NAME || !is_capital(t->text))
        die_at(p->c->file, t->line, "'%s' needs a matrix's name, with a "
               "capital, not %s", what, tok_text(p, t));
    return t;
}

/* After `matrix U =`. */
static void
parse_made(struct parser *p, struct stmt *s, const struct token *matrix)
{
    static const char *const words[] = {      /* in enum derive's order */
        "", "cayley", "exp", "householder",
    };
    const struct token *t = take(p);
    int open = p->pos, k = 1;

    while (k < 4 && (t->kind != T_NAME || strcmp(t->text, words[k])))
        k++;
    if (k == 4)
        die_at(p->c->file, t->line, "'matrix %s =' needs 'cayley(A)', 'exp(A)' "
               "or 'householder(A)', not %s", matrix->text, tok_text(p, t));
    s->how = (enum derive)k;
    need_mark(p, '(', words[k]);
    s->from = need_matrix(p, words[k])->sym;
    close_bracket(p, ')', open);
}

/* matrix NAME : heads(number), NAME = cayley(NAME), ... */
void
parse_matrices(struct parser *p, struct list *l)
{
    do {
        struct stmt *s = stmt_add(p, l, S_MATRIX);
        const struct token *t = need_matrix(p, "matrix");
        int open;

        s->sym = t->sym;
        if (take_mark(p, '=')) {
            parse_made(p, s, t);
            continue;
        }
        need_mark(p, ':', "the matrix's name");
        open = p->pos + 1;
        if (strcmp(take(p)->text, "heads"))
            die_at(p->c->file, t->line, "'matrix %s :' needs 'heads(4)', a "
                   "number of heads, not %s", t->text,
                   tok_text(p, &p->c->tok[open - 1]));
        need_mark(p, '(', "'heads'");
        s->value = parse_expr(p);
        close_bracket(p, ')', open);
    } while (take_mark(p, ','));
    stmt_end(p);
}

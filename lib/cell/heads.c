/*
 * heads.c - matrices of heads, `matrix U : heads(4)`: a block a head, each for
 * its own part of what the matrix acts on.  `U v` is the products of the blocks
 * and the parts, one after another.
 */
#include <math.h>

#include "base/die.h"
#include "cell/resolve.h"

void
heads_read(void *arg, const struct stmt *s)
{
    struct resolver *r = arg;
    struct number_env env = { .c = r->c, .set = r->set, .known = true };
    double x;

    if (s->kind != S_MATRIX)
        return;
    if (r->heads[s->sym] || r->made[s->sym])
        die_at(r->c->file, s->line, "'matrix %s' a second time",
               sym_name(r, s->sym));
    for (int i = 0; s->how && i < r->c->nsyms; i++)
        if (r->made[i] && r->made[i]->from == s->from)
            die_at(r->c->file, s->line, "'%s' makes '%s' already: a matrix "
                   "makes one other", sym_name(r, s->from), sym_name(r, i));
    if (s->how) {
        r->made[s->sym] = s;
        return;
    }
    x = number_value(&env, s->value);
    if (!(x >= 1 && x <= EX_ARGS) || x != floor(x))
        die_at(r->c->file, s->line, "'%s' is not a number of heads: a whole "
               "number in 1..%d", cell_quote(r->c, &r->out->arena, s->value),
               EX_ARGS);
    r->heads[s->sym] = (int)x;
}

/* Part number b of node v: all matrices of as many heads share it. */
static int
part(struct resolver *r, const struct expr *e, int v, int b, int size)
{
    int heads = r->heads[e->sym], k;

    for (k = v + 1; k < r->cs->n; k++) {
        const struct ex *x = &r->cs->ex[k];

        if (x->op == OP_SLICE && x->head == b + 1 && x->of_heads == heads &&
            x->arg[0] == v) {
            size_join(&r->sizes, size, r->node_var[k]);
            return k;
        }
    }
    k = node_new(r, OP_SLICE, e, size);
    node_arg(r, k, v);
    r->cs->ex[k].head = b + 1;
    r->cs->ex[k].of_heads = heads;
    return k;
}

/* So many of them, one after another, are the whole. */
static void
add_up(struct resolver *r, int whole, int of_one, int heads, const void *tag)
{
    int size[EX_ARGS];

    for (int b = 0; b < heads; b++)
        size[b] = of_one;
    size_add_up(&r->sizes, whole, size, heads, tag);
}

struct val
heads_build(struct resolver *r, const struct expr *e, int v)
{
    int heads = r->heads[e->sym], of = r->cols[e->sym], out[EX_ARGS];
    int whole = r->var[e->sym], size, k;

    if (r->head_rows[e->sym] < 0) {
        r->head_rows[e->sym] = size_new(&r->sizes);
        add_up(r, whole, r->head_rows[e->sym], heads, e);
    }
    size = r->head_rows[e->sym];
    if (e->transposed) {
        of = size;
        size = r->cols[e->sym];
        whole = size_new(&r->sizes);
        add_up(r, whole, size, heads, e);
    }
    add_up(r, r->node_var[v], of, heads, e->arg[0]);
    for (int b = 0; b < heads; b++) {
        int s = part(r, e, v, b, of);

        k = node_new(r, OP_MATVEC, e, size);
        node_arg(r, k, s);
        r->cs->ex[k].param = r->param[e->sym];
        r->cs->ex[k].transposed = e->transposed;
        r->cs->ex[k].head = b + 1;
        r->cs->ex[k].of_heads = heads;
        out[b] = k;
    }
    k = node_new(r, OP_CONCAT, e, whole);
    for (int b = 0; b < heads; b++)
        node_arg(r, k, out[b]);
    return (struct val){ .kind = VAL_NODE, .node = k };
}

void
heads_fill(struct resolver *r, int k)
{
    struct ex *x = &r->cs->ex[k];

    if (x->op == OP_SLICE && x->head)
        x->index = (x->head - 1) * x->size;
}

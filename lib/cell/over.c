/*
 * over.c - functions over a vector's units, or over those of each of its heads:
 * their nodes.  Some are spelt out here by others and by element-wise functions
 * (docs/cells.md has the same spelling).
 */
#include <math.h>

#include "base/die.h"
#include "cell/resolve.h"

#define EPSILON 1e-5             /* of the norms: PyTorch's LayerNorm */

/* A function's expression on its way, over `heads` heads of node x. */
struct over {
    struct resolver *r;
    const struct expr *e;
    int x, heads;
};

static const char *
quote(const struct over *o, const struct expr *e)
{
    return cell_quote(o->r->c, &o->r->out->arena, e);
}

/* A node of x's size, a term of its own wherever it stands. */
static int
node(const struct over *o, enum op op, int a, int b)
{
    int k = node_new(o->r, op, o->e, o->r->node_var[o->x]);

    node_arg(o->r, k, a);
    if (b >= 0)
        node_arg(o->r, k, b);
    o->r->cs->ex[k].heads = op_over(op) ? o->heads : 0;
    o->r->cs->ex[k].apart = true;
    return k;
}

static int
number(const struct over *o, double x)
{
    int k = node_new(o->r, OP_NUM, o->e, -1);

    o->r->cs->ex[k].num = x;
    return k;
}

static int
mean(const struct over *o, int x)
{
    int units = number(o, 0), sum = node(o, OP_SUM, x, -1);

    o->r->cs->ex[units].index = x;       /* over_fill() counts */
    o->r->cs->ex[units].heads = o->heads;
    return node(o, OP_DIV, sum, units);
}

/* x / sqrt(mean(x^2) + EPSILON) */
static int
scaled(const struct over *o, int x)
{
    int m = mean(o, node(o, OP_SQUARE, x, -1));

    m = node(o, OP_ADD, m, number(o, EPSILON));
    return node(o, OP_DIV, x, node(o, OP_SQRT, m, -1));
}

/* What is subtracted changes nothing: it is no part of the gradient. */
static int
softmax(const struct over *o)
{
    int most = node(o, OP_DETACH, node(o, OP_AMAX, o->x, -1), -1);
    int e = node(o, OP_EXP, node(o, OP_SUB, o->x, most), -1);

    return node(o, OP_DIV, e, node(o, OP_SUM, e, -1));
}

static void
read_heads(struct over *o)
{
    struct val v = node_build(o->r, o->e->arg[1]);

    if (v.kind != VAL_NUMBER || v.num != floor(v.num) || v.num < 1 ||
        v.num > MAX_SIZE)
        die_at(o->r->c->file, o->e->line, "'%s' is not a number of heads: a "
               "whole number from 1", quote(o, o->e->arg[1]));
    o->heads = (int)v.num;
}

struct val
over_build(struct resolver *r, const struct expr *e)
{
    struct val v = node_build(r, e->arg[0]);
    struct over o = { r, e, v.node, 1 };
    int k;

    if (v.kind == VAL_NUMBER)
        die_at(r->c->file, e->line, "'%s' needs a vector, but '%s' is a "
               "number", op_name(e->func), quote(&o, e->arg[0]));
    if (e->nargs > 1)
        read_heads(&o);
    r->cs->ex[o.x].apart = true;
    switch (e->func) {
    case OP_MEAN:
        k = mean(&o, o.x);
        break;
    case OP_SOFTMAX:
        k = softmax(&o);
        break;
    case OP_LAYERNORM:
        k = scaled(&o, node(&o, OP_SUB, o.x, mean(&o, o.x)));
        break;
    case OP_RMSNORM:
        k = scaled(&o, o.x);
        break;
    default:
        k = node(&o, e->func, o.x, -1);
    }
    return (struct val){ .kind = VAL_NODE, .node = k };
}

void
over_fill(struct resolver *r, int k)
{
    struct ex *x = &r->cs->ex[k];
    int of = x->op == OP_NUM ? x->index : k;
    int size = of < 0 ? 0 : r->cs->ex[of].size;

    if (!x->heads)
        return;
    if (size % x->heads)
        die_at(r->c->file, x->line, "'%s' has %d units: they do not make %d "
               "heads of the same size", cell_quote(r->c, &r->out->arena,
               r->src[k]->arg[0]), size, x->heads);
    if (x->op == OP_NUM)
        x->num = size / x->heads;
}

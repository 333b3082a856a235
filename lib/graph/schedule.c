/*
 * schedule.c - the passes merge and fuse: items of a region in an order, as
 * few instructions as that order allows.
 *
 * Element-wise items that are ready go first, as many as possible in one run;
 * then copies; then one product, together with all others that are ready and
 * read the same vectors.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "graph/plan_build.h"

/* A run's scratch slots are at most its operations: no more than the kernels
 * have slots. */
enum { RUN_OPS = 64 };

struct sched {
    struct build *b;
    int region;
    struct plan_region *out;
};

/* Refs hold value numbers (place P_NONE) until place_rest(). */
static struct ref
later(int value)
{
    return (struct ref){ P_NONE, value, 0, 0 };
}

static bool
value_ready(const struct sched *s, int v)
{
    const struct build *b = s->b;

    if (v < 0 || b->val[v].region != s->region)
        return true;
    for (int i = 0; i < b->nitem; i++)       /* copies fill it in parts */
        if (b->item[i].dst == v && !b->item[i].done)
            return false;
    return true;
}

static bool
ready(const struct sched *s, const struct item *t)
{
    if (t->done || t->region != s->region || !value_ready(s, t->init_value))
        return false;
    for (int i = 0; i < t->nargs; i++)
        if (!value_ready(s, t->arg[i]))
            return false;
    for (int i = 0; i < t->nprod; i++)
        if (!value_ready(s, t->prod[i].value))
            return false;
    return true;
}

static int
position(int region, int instr)
{
    return region * 100000 + instr;
}

static void
used(struct sched *s, int v, int op)
{
    struct value *x;

    if (v < 0)
        return;
    x = &s->b->val[v];
    x->last = position(s->region, s->out->n);
    x->last_op = op;
}

static void
made(struct sched *s, int v, int op)
{
    struct value *x = &s->b->val[v];

    if (x->def < 0) {
        x->def = position(s->region, s->out->n);
        x->def_op = op;
    }
    used(s, v, op);
}

static struct instr *
new_instr(struct sched *s, enum instr_kind kind)
{
    struct plan_region *r = s->out;

    r->instr = xrealloc(r->instr, (size_t)r->n + 1, sizeof *r->instr);
    r->instr[r->n] = (struct instr){ .kind = kind };
    return &r->instr[r->n];
}

static void
add_op(struct instr *in, struct item *t)
{
    struct plan_op *o;

    in->ops = xrealloc(in->ops, (size_t)in->nops + 1, sizeof *in->ops);
    o = &in->ops[in->nops];
    *o = (struct plan_op){ .op = t->op, .onehot = t->onehot,
                           .nargs = t->nargs, .power = t->power,
                           .site = t->site, .p = t->p, .d = later(t->dst) };
    for (int i = 0; i < t->nargs; i++)
        o->a[i] = later(t->arg[i]);
    in->nops++;
    t->done = true;
}

/* How often the items read a value. */
static int
readers(const struct build *b, int v)
{
    int n = 0;

    for (int i = 0; i < b->nitem; i++) {
        const struct item *t = &b->item[i];

        n += t->init_value == v;
        for (int k = 0; k < t->nargs; k++)
            n += t->arg[k] == v;
        for (int k = 0; k < t->nprod; k++)
            n += t->prod[k].value == v;
    }
    return n;
}

/* The run's product that made value v and whose only reader is one operation
 * of this run; -1: none. */
static int
lone_product(const struct build *b, const struct instr *in, int v)
{
    const struct value *x = &b->val[v];

    if (x->keep || x->outside || x->ref.place != P_NONE || readers(b, v) != 1)
        return -1;
    for (int k = 0; k < in->nops; k++)
        if (in->ops[k].d.off == v)
            return in->ops[k].op == G_MUL ? k : -1;
    return -1;
}

/* An operation and the product it reads become one, with the same two
 * roundings: the product takes place where the operation stands. */
static void
join(struct instr *in, int at, int product, enum gop op, struct ref third)
{
    struct plan_op *o = &in->ops[at], p = in->ops[product];

    o->op = op;
    o->nargs = 3;
    o->a[0] = p.a[0];
    o->a[1] = p.a[1];
    o->a[2] = third;
    in->nops--;
    for (int k = product; k < in->nops; k++)
        in->ops[k] = in->ops[k + 1];
}

static bool
join_one(const struct build *b, struct instr *in, int at)
{
    const struct plan_op *o = &in->ops[at];
    int first, second;

    if (o->nargs != 2)
        return false;
    first = lone_product(b, in, o->a[0].off);
    second = lone_product(b, in, o->a[1].off);
    if (o->op == G_ADD && second >= 0)
        join(in, at, second, G_MULADD, o->a[0]);
    else if (o->op == G_ADD && first >= 0)
        join(in, at, first, G_MULADD, o->a[1]);
    else if (o->op == G_SUB && second >= 0)
        join(in, at, second, G_MULSUB, o->a[0]);
    else if (o->op == G_D_SIGMOID && first >= 0)
        join(in, at, first, G_MUL_D_SIGMOID, o->a[1]);
    else if (o->op == G_D_TANH && first >= 0)
        join(in, at, first, G_MUL_D_TANH, o->a[1]);
    else
        return false;
    return true;
}

static void
finish_run(struct sched *s, struct instr *in)
{
    for (int k = 0; k < in->nops; k++)
        if (join_one(s->b, in, k))
            k--;
    for (int k = 0; k < in->nops; k++) {
        for (int i = 0; i < in->ops[k].nargs; i++)
            used(s, in->ops[k].a[i].off, k);
        made(s, in->ops[k].d.off, k);
    }
}

/* One run of all that is ready, of the size of the first. */
static bool
fuse(struct sched *s)
{
    struct build *b = s->b;
    struct instr *in = NULL;
    bool more = true;

    while (more) {
        more = false;
        for (int i = 0; i < b->nitem; i++) {
            struct item *t = &b->item[i];

            if (t->kind != I_EW || !ready(s, t))
                continue;
            if (!in) {
                in = new_instr(s, I_EW);
                in->size = b->val[t->dst].size;
            }
            if (b->val[t->dst].size != in->size || in->nops == RUN_OPS)
                continue;
            add_op(in, t);
            more = true;
        }
    }
    if (in) {
        finish_run(s, in);
        s->out->n++;
    }
    return in != NULL;
}

static bool
copy(struct sched *s)
{
    struct build *b = s->b;

    for (int i = 0; i < b->nitem; i++) {
        struct item *t = &b->item[i];
        struct instr *in;

        if (t->kind != I_COPY || !ready(s, t))
            continue;
        in = new_instr(s, I_COPY);
        in->copy = (struct plan_copy){ later(t->dst), later(t->arg[0]),
                                       t->doff, t->aoff, t->n };
        made(s, t->dst, 0);
        used(s, t->arg[0], 1);
        s->b->val[t->dst].last_op = 1;
        t->done = true;
        s->out->n++;
        return true;
    }
    return false;
}

static enum place
category(const struct build *b, int v)
{
    if (v < 0)
        return P_NONE;
    if (b->val[v].ref.place != P_NONE)
        return b->val[v].ref.place;
    return b->val[v].keep ? P_KEEP : P_TEMP;
}

static bool
mergeable(const struct build *b, const struct item *a, const struct item *t)
{
    if (a->start != t->start || a->init != t->init || a->nprod != t->nprod ||
        category(b, a->dst) != category(b, t->dst) ||
        b->val[a->dst].size != b->val[t->dst].size)
        return false;
    if (a->init == INIT_ROWS &&
        category(b, a->init_value) != category(b, t->init_value))
        return false;
    for (int i = 0; i < a->nprod; i++)
        if (a->prod[i].value != t->prod[i].value ||
            a->prod[i].transposed != t->prod[i].transposed)
            return false;
    return true;
}

static void
add_out(struct sched *s, struct plan_gemm *g, struct item *t)
{
    struct plan_out *o;
    int n = g->nout * g->nseg;

    g->out = xrealloc(g->out, (size_t)g->nout + 1, sizeof *g->out);
    o = &g->out[g->nout];
    *o = (struct plan_out){ .d = later(t->dst),
                            .size = s->b->val[t->dst].size,
                            .init = later(t->init_value), .ntok = t->ntok };
    memcpy(o->tok, t->tok, sizeof o->tok);
    g->block = xrealloc(g->block, (size_t)(n + g->nseg) + 1,
                        sizeof *g->block);
    for (int i = 0; i < g->nseg; i++)
        g->block[n + i] = (struct plan_block){
            t->prod[i].param, t->prod[i].col0, t->prod[i].sign,
            t->prod[i].transposed };
    g->nout++;
    made(s, t->dst, 0);
    used(s, t->init_value, 1);
    s->b->val[t->dst].last_op = 1;
    t->done = true;
}

static bool
merge(struct sched *s)
{
    struct build *b = s->b;
    struct item *first = NULL;
    struct instr *in = NULL;
    bool *with = xcalloc((size_t)b->nitem + 1, sizeof *with);

    for (int i = 0; i < b->nitem; i++) {
        struct item *t = &b->item[i];

        if (t->kind != I_GEMM || !ready(s, t))
            continue;
        if (!first)
            first = t;
        with[i] = mergeable(b, first, t);
    }
    for (int i = 0; i < b->nitem; i++) {
        struct item *t = &b->item[i];

        if (!with[i])
            continue;
        if (!in) {
            in = new_instr(s, I_GEMM);
            in->gemm.start = t->start;
            in->gemm.init = t->init;
            in->gemm.nseg = t->nprod;
            in->gemm.seg = xcalloc((size_t)t->nprod + 1,
                                   sizeof *in->gemm.seg);
            for (int k = 0; k < t->nprod; k++) {
                in->gemm.seg[k] = (struct plan_seg){ later(t->prod[k].value),
                                                     t->prod[k].k };
                used(s, t->prod[k].value, 1);
            }
        }
        add_out(s, &in->gemm, t);
    }
    if (in)
        s->out->n++;
    free(with);
    return in != NULL;
}

void
schedule_region(struct build *b, int region, struct plan_region *out)
{
    struct sched s = { b, region, out };

    while (fuse(&s) || copy(&s) || merge(&s))
        ;
    for (int i = 0; i < b->nitem; i++)
        if (b->item[i].region == region && !b->item[i].done)
            die(RC_DATA, "internal: an operation of region %d cannot be "
                "ordered", region);
}

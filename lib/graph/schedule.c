/*
 * schedule.c - the passes merge and fuse: items of a region in an order, as
 * few instructions as that order allows.
 *
 * Element-wise items that are ready go first, as many as possible in one run;
 * then copies; then one product, together with all others that are ready and
 * read the same vectors.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "graph/plan_build.h"

/* A run's scratch slots are at most its operations: no more than the kernels
 * have slots. */
enum { RUN_OPS = 64 };

/* Items that may go next: a bit each. */
struct queue {
    uint64_t *bit;
    int n;
};

/* Who waits for whom.  reader[first[v] .. first[v + 1] - 1] are the items that
 * read value v, once for each time they do. */
struct schedule {
    struct build *b;
    int *first, *reader;
    int *makers;               /* per value: items that make it and are to come
                                  (copies fill it in parts) */
    int *waits;                /* per item: reads of values of its own region
                                  that are to come */
    struct queue ready[I_OVER + 1];    /* of the region under way */
    int done;                          /* its items so far */
    int region;
    struct plan_region *out;
};

/* ---- what is ready ------------------------------------------------------- */

static void
queue_put(struct queue *q, int item)
{
    q->bit[item / 64] |= 1ull << item % 64;
    q->n++;
}

/* The first item from number `from` on; -1: none. */
static int
queue_next(const struct queue *q, int from, int items)
{
    int words = (items + 63) / 64, w = from / 64;
    uint64_t word;

    if (!q->n || w >= words)
        return -1;
    word = q->bit[w] & ~0ull << from % 64;
    while (!word) {
        if (++w == words)
            return -1;
        word = q->bit[w];
    }
    return w * 64 + __builtin_ctzll(word);
}

static int
reads_of(const struct item *t)
{
    return 1 + t->nargs + t->nprod;
}

/* The value of an item's read number i, -1: none. */
static int
read_of(const struct item *t, int i)
{
    if (i == 0)
        return t->init_value;
    return i <= t->nargs ? t->arg[i - 1] : t->prod[i - 1 - t->nargs].value;
}

struct schedule *
schedule_open(struct build *b)
{
    struct schedule *s = xcalloc(1, sizeof *s);
    size_t values = (size_t)b->nval, items = (size_t)b->nitem;
    int *at = xcalloc(values + 1, sizeof *at);

    s->b = b;
    s->first = xcalloc(values + 1, sizeof *s->first);
    s->makers = xcalloc(values + 1, sizeof *s->makers);
    s->waits = xcalloc(items + 1, sizeof *s->waits);
    for (int k = 0; k <= I_OVER; k++)
        s->ready[k].bit = xcalloc(items / 64 + 1, sizeof(uint64_t));
    for (int i = 0; i < b->nitem; i++) {
        s->makers[b->item[i].dst]++;
        for (int k = 0, v; k < reads_of(&b->item[i]); k++)
            if ((v = read_of(&b->item[i], k)) >= 0)
                s->first[v + 1]++;
    }
    for (size_t v = 0; v < values; v++)
        s->first[v + 1] += s->first[v];
    memcpy(at, s->first, values * sizeof *at);
    s->reader = xcalloc((size_t)s->first[values] + 1, sizeof *s->reader);
    for (int i = 0; i < b->nitem; i++)
        for (int k = 0, v; k < reads_of(&b->item[i]); k++)
            if ((v = read_of(&b->item[i], k)) >= 0) {
                s->reader[at[v]++] = i;
                if (b->val[v].v.region == b->item[i].region)
                    s->waits[i]++;
            }
    free(at);
    return s;
}

void
schedule_close(struct schedule *s)
{
    for (int k = 0; k <= I_OVER; k++)
        free(s->ready[k].bit);
    free(s->first);
    free(s->reader);
    free(s->makers);
    free(s->waits);
    free(s);
}

/* The item goes now: those that waited for its value alone are ready. */
static void
done(struct schedule *s, int item)
{
    const struct item *t = &s->b->item[item];
    struct queue *q = &s->ready[t->kind];

    q->bit[item / 64] &= ~(1ull << item % 64);
    q->n--;
    s->done++;
    if (--s->makers[t->dst] || s->b->val[t->dst].v.region != s->region)
        return;
    for (int k = s->first[t->dst]; k < s->first[t->dst + 1]; k++) {
        int r = s->reader[k];

        if (s->b->item[r].region == s->region && --s->waits[r] == 0)
            queue_put(&s->ready[s->b->item[r].kind], r);
    }
}

static int
position(int region, int instr)
{
    return region * (1 << 24) + instr;
}

static void
used(struct schedule *s, int v, int op)
{
    struct value *x;

    if (v < 0)
        return;
    x = &s->b->val[v];
    x->v.last = position(s->region, s->out->n);
    x->v.last_op = op;
}

static void
made(struct schedule *s, int v, int op)
{
    struct value *x = &s->b->val[v];

    if (x->v.made < 0) {
        x->v.made = position(s->region, s->out->n);
        x->v.made_op = op;
    }
    used(s, v, op);
}

static struct instr *
new_instr(struct schedule *s, enum instr_kind kind)
{
    struct plan_region *r = s->out;

    r->instr = xrealloc(r->instr, (size_t)r->n + 1, sizeof *r->instr);
    r->instr[r->n] = (struct instr){ .kind = kind };
    return &r->instr[r->n];
}

static void
add_op(struct instr *in, const struct item *t)
{
    struct plan_op *o;

    in->ops = xrealloc(in->ops, (size_t)in->nops + 1, sizeof *in->ops);
    o = &in->ops[in->nops];
    *o = (struct plan_op){ .op = t->op, .nargs = t->nargs,
                           .power = t->power, .site = t->site, .p = t->p,
                           .d = t->dst };
    for (int i = 0; i < t->nargs; i++)
        o->a[i] = t->arg[i];
    in->nops++;
}

/* The run's operation that made value v, whose only reader is one of this run;
 * -1: none. */
static int
lone_maker(const struct schedule *s, const struct instr *in, int v)
{
    const struct value *x = &s->b->val[v];

    if (x->keep || x->outside || x->v.class != V_UNKNOWN ||
        s->first[v + 1] - s->first[v] != 1)
        return -1;
    for (int k = 0; k < in->nops; k++)
        if (in->ops[k].d == v && !in->ops[k].trim)
            return k;
    return -1;
}

static int
lone_product(const struct schedule *s, const struct instr *in, int v)
{
    int k = lone_maker(s, in, v);

    return k >= 0 && in->ops[k].op == OP_MUL ? k : -1;
}

static void
remove_op(struct instr *in, int at)
{
    in->nops--;
    for (int k = at; k < in->nops; k++)
        in->ops[k] = in->ops[k + 1];
}

/* An operation and the product it reads become one, with the same two
 * roundings: the product takes place where the operation stands. */
static void
join(struct instr *in, int at, int product, enum op op, int third)
{
    struct plan_op *o = &in->ops[at], p = in->ops[product];

    o->op = op;
    o->nargs = 3;
    o->a[0] = p.a[0];
    o->a[1] = p.a[1];
    o->a[2] = third;
    remove_op(in, product);
}

/* An operation and the trim that alone reads it become one. */
static bool
join_trim(const struct schedule *s, struct instr *in, int at)
{
    struct plan_op *o = &in->ops[at];
    int k = lone_maker(s, in, o->a[0]), d = o->d;

    if (k < 0 || in->ops[k].op == OP_DROP)
        return false;
    *o = in->ops[k];
    o->d = d;
    o->trim = true;
    remove_op(in, k);
    return true;
}

static bool
join_one(const struct schedule *s, struct instr *in, int at)
{
    const struct plan_op *o = &in->ops[at];
    int first, second;

    if (o->op == OP_TRIM)
        return join_trim(s, in, at);
    if (o->nargs != 2)
        return false;
    first = lone_product(s, in, o->a[0]);
    second = lone_product(s, in, o->a[1]);
    if (o->op == OP_ADD && second >= 0)
        join(in, at, second, OP_MULADD, o->a[0]);
    else if (o->op == OP_ADD && first >= 0)
        join(in, at, first, OP_MULADD, o->a[1]);
    else if (o->op == OP_SUB && second >= 0)
        join(in, at, second, OP_MULSUB, o->a[0]);
    else if (o->op == OP_D_SIGMOID && first >= 0)
        join(in, at, first, OP_MUL_D_SIGMOID, o->a[1]);
    else if (o->op == OP_D_TANH && first >= 0)
        join(in, at, first, OP_MUL_D_TANH, o->a[1]);
    else
        return false;
    return true;
}

static void
finish_run(struct schedule *s, struct instr *in)
{
    for (int k = 0; k < in->nops; k++)
        if (join_one(s, in, k))
            k--;
    for (int k = 0; k < in->nops; k++) {
        for (int i = 0; i < in->ops[k].nargs; i++)
            used(s, in->ops[k].a[i], k);
        made(s, in->ops[k].d, k);
    }
}

/* One run of all that is ready, of the size of the first: in the items' order,
 * again and again until there is no more. */
static bool
fuse(struct schedule *s)
{
    struct build *b = s->b;
    const struct queue *q = &s->ready[I_EW];
    struct instr *in;
    int i = queue_next(q, 0, b->nitem);
    bool more = true;

    if (i < 0)
        return false;
    in = new_instr(s, I_EW);
    in->size = b->val[b->item[i].dst].v.size;
    for (i = 0; more; i = 0)
        for (more = false; in->nops < RUN_OPS &&
                           (i = queue_next(q, i, b->nitem)) >= 0; i++) {
            if (b->val[b->item[i].dst].v.size != in->size)
                continue;
            add_op(in, &b->item[i]);
            done(s, i);
            more = true;
        }
    finish_run(s, in);
    s->out->n++;
    return true;
}

static bool
copy(struct schedule *s)
{
    int i = queue_next(&s->ready[I_COPY], 0, s->b->nitem);
    const struct item *t = &s->b->item[i < 0 ? 0 : i];
    struct instr *in;

    if (i < 0)
        return false;
    in = new_instr(s, I_COPY);
    in->copy = (struct plan_copy){ t->dst, t->arg[0], t->doff,
                                   t->aoff, t->n };
    made(s, t->dst, 0);
    used(s, t->arg[0], 1);
    s->b->val[t->dst].v.last_op = 1;
    done(s, i);
    s->out->n++;
    return true;
}

static bool
over(struct schedule *s)
{
    int i = queue_next(&s->ready[I_OVER], 0, s->b->nitem);
    const struct item *t = &s->b->item[i < 0 ? 0 : i];
    struct instr *in;

    if (i < 0)
        return false;
    in = new_instr(s, I_OVER);
    in->size = s->b->val[t->dst].v.size;
    in->heads = t->heads;
    add_op(in, t);
    made(s, t->dst, 0);
    for (int k = 0; k < t->nargs; k++)
        used(s, t->arg[k], 1);
    s->b->val[t->dst].v.last_op = 1;
    done(s, i);
    s->out->n++;
    return true;
}

static enum value_class
class_of(const struct build *b, int v)
{
    if (v < 0)
        return V_UNKNOWN;
    if (b->val[v].v.class != V_UNKNOWN)
        return b->val[v].v.class;
    return b->val[v].keep ? V_KEPT : V_TEMP;
}

static bool
mergeable(const struct build *b, const struct item *a, const struct item *t)
{
    if (a->start != t->start || a->init != t->init || a->trim != t->trim ||
        a->nprod != t->nprod ||
        class_of(b, a->dst) != class_of(b, t->dst) ||
        b->val[a->dst].v.size != b->val[t->dst].v.size)
        return false;
    if (a->init == INIT_ROWS &&
        class_of(b, a->init_value) != class_of(b, t->init_value))
        return false;
    for (int i = 0; i < a->nprod; i++)
        if (a->prod[i].value != t->prod[i].value)
            return false;
    return true;
}

static void
add_out(struct schedule *s, struct plan_gemm *g, const struct item *t)
{
    struct plan_out *o;
    int n = g->nout * g->nseg;

    g->out = xrealloc(g->out, (size_t)g->nout + 1, sizeof *g->out);
    o = &g->out[g->nout];
    *o = (struct plan_out){ .d = t->dst,
                            .size = s->b->val[t->dst].v.size,
                            .init = t->init_value, .ntok = t->ntok };
    memcpy(o->tok, t->tok, sizeof o->tok);
    g->block = xrealloc(g->block, (size_t)(n + g->nseg) + 1,
                        sizeof *g->block);
    for (int i = 0; i < g->nseg; i++)
        g->block[n + i] = (struct plan_block){
            t->prod[i].param, t->prod[i].row0, t->prod[i].col0,
            t->prod[i].sign, t->prod[i].transposed };
    g->nout++;
    made(s, t->dst, 0);
    used(s, t->init_value, 1);
    s->b->val[t->dst].v.last_op = 1;
}

static struct instr *
product(struct schedule *s, const struct item *t)
{
    struct instr *in = new_instr(s, I_GEMM);

    in->gemm.start = t->start;
    in->gemm.init = t->init;
    in->gemm.trim = t->trim;
    in->gemm.nseg = t->nprod;
    in->gemm.seg = xcalloc((size_t)t->nprod + 1, sizeof *in->gemm.seg);
    for (int k = 0; k < t->nprod; k++) {
        in->gemm.seg[k] = (struct plan_seg){ t->prod[k].value,
                                             t->prod[k].k };
        used(s, t->prod[k].value, 1);
    }
    return in;
}

static bool
merge(struct schedule *s)
{
    const struct build *b = s->b;
    const struct queue *q = &s->ready[I_GEMM];
    int first = queue_next(q, 0, b->nitem), n = 0, *with;
    struct instr *in;

    if (first < 0)
        return false;
    with = xcalloc((size_t)q->n, sizeof *with);
    for (int i = first; i >= 0; i = queue_next(q, i + 1, b->nitem))
        if (mergeable(b, &b->item[first], &b->item[i]))
            with[n++] = i;
    in = product(s, &b->item[first]);
    for (int i = 0; i < n; i++) {
        add_out(s, &in->gemm, &b->item[with[i]]);
        done(s, with[i]);
    }
    s->out->n++;
    free(with);
    return true;
}

void
schedule_region(struct schedule *s, int region, struct plan_region *out)
{
    const struct build *b = s->b;
    int items = 0;

    s->region = region;
    s->out = out;
    s->done = 0;
    for (int i = 0; i < b->nitem; i++) {
        if (b->item[i].region != region)
            continue;
        items++;
        if (!s->waits[i])
            queue_put(&s->ready[b->item[i].kind], i);
    }
    while (fuse(s) || copy(s) || over(s) || merge(s))
        ;
    if (s->done < items)
        die(RC_DATA, "internal: an operation of region %d cannot be ordered",
            region);
}

/*
 * place.c - the pass keep: where every value lives.
 *
 * Values with a role (a state's next value, the output, adjoints that leave
 * the step) live in the role's array; what a later region or a sink reads is
 * kept for every step; what dies inside its run is scratch of a tile; the rest
 * is temporary.  Kept and temporary floats are shared by values whose lives do
 * not overlap.
 */
#include <stdlib.h>

#include "base/die.h"
#include "graph/plan_build.h"

enum { NEVER = 0x7fffffff };

/* ---- roles --------------------------------------------------------------- */

/* Give value v the role, or copy it into a new value that has it. */
static int
role(struct build *b, int v, enum place place, int off, int region)
{
    struct value *x = &b->val[v];
    struct item *t;
    int w;

    if (x->item >= 0 && x->ref.place == P_NONE && x->region < REGIONS &&
        !(place == P_DSTATE && (x->keep || x->region != R_BLOOP))) {
        x->ref = (struct ref){ place, off, 0, 0 };
        return v;
    }
    if (x->region >= 0 && x->region < REGIONS && place != P_DSTATE)
        region = x->region;
    w = build_value(b, x->size, region);
    b->val[w].ref = (struct ref){ place, off, 0, 0 };
    t = build_item(b, I_EW, region, w);
    t->op = OP_MOV;
    t->nargs = 1;
    t->arg[0] = v;
    return w;
}

static void
forward_roles(struct build *b)
{
    const struct graph_case *c = b->c;
    const struct equations *eq = b->plan->eq;
    struct value *o;
    int region = b->several ? R_LOOP : eq->nstates ? R_POST : R_PRE, out;

    for (int i = 0; i < eq->nstates; i++)
        role(b, b->of[c->next[i]], P_NEXT, b->plan->state_off[i], R_LOOP);
    o = &b->val[b->of[c->output]];
    if (o->ref.place == P_NEXT && !b->several) {
        b->plan->output = o->ref;
        return;
    }
    out = role(b, b->of[c->output], P_OUT, 0, region);
    b->plan->output = b->val[out].ref;
}

/* +0: where a step does not look at its input, the layer below still has an
 * adjoint. */
static int
nothing(struct build *b)
{
    int v = build_value(b, b->plan->eq->input_size, -1);

    b->val[v].ref = (struct ref){ P_NUM, 0, 0, 0 };
    return v;
}

static void
backward_roles(struct build *b)
{
    const struct graph_case *c = b->c;
    const struct equations *eq = b->plan->eq;

    b->pc->dstate = xcalloc((size_t)eq->nstates + 1, sizeof(int));
    for (int i = 0; i < eq->nstates; i++) {
        if (c->dstate[i] < 0 || !b->plan->carry)
            continue;
        b->pc->dstate[i] = 1;
        role(b, b->of[c->dstate[i]], P_DSTATE, b->plan->state_off[i],
             R_BLOOP);
    }
    if (b->plan->dinput)
        role(b, c->dinput >= 0 ? b->of[c->dinput] : nothing(b), P_DX, 0,
             b->several ? R_BLOOP : R_BPRE);
}

/* ---- who is kept --------------------------------------------------------- */

static void
reads(struct build *b, const struct item *t, int v, bool outside)
{
    struct value *x;

    if (v < 0 || b->val[v].region < 0)
        return;
    x = &b->val[v];
    if (t->region != x->region)
        x->keep = true;
    if (outside)
        x->outside = true;
}

/* Read when the regions have run: a gradient. */
static void
sink(struct build *b, int node)
{
    struct value *x = &b->val[b->of[node]];

    x->keep = x->outside = x->sink = true;
}

static void
mark_keep(struct build *b)
{
    const struct graph_case *c = b->c;

    for (int i = 0; i < b->nitem; i++) {
        const struct item *t = &b->item[i];

        if (t->kind != I_EW)
            b->val[t->dst].outside = true;
        reads(b, t, t->init_value, true);
        for (int k = 0; k < t->nargs; k++)
            reads(b, t, t->arg[k], t->kind != I_EW);
        for (int k = 0; k < t->nprod; k++)
            reads(b, t, t->prod[k].value, true);
    }
    for (int i = 0; b->plan->gradient && i < c->nweight; i++) {
        sink(b, c->weight[i].dy);
        if (!c->weight[i].token)
            sink(b, c->weight[i].arg);
    }
    for (int v = c->nforward; b->plan->gradient && v < c->n; v++)
        if (c->node[v].op == OP_REDUCE && b->of[v] >= 0)
            sink(b, c->node[v].in[0]);
    for (int i = 0; b->plan->gradient && i < c->nvector; i++)
        sink(b, c->vector[i].node);
    for (int i = 0; b->plan->observe && i < c->nnamed; i++)
        b->val[b->of[c->named[i].node]].keep = true;
}

void
place_fixed(struct build *b)
{
    mark_keep(b);
    forward_roles(b);
    if (b->plan->gradient)
        backward_roles(b);
    mark_keep(b);            /* the copies that roles made read values too */
}

/* ---- intervals ----------------------------------------------------------- */

struct piece {               /* a stretch of floats and who has it last */
    int off, last, last_op;
};

/* Pieces of so many units, a heap: the one that is free first is on top. */
struct shelf {
    int units, n, cap;
    struct piece *heap;
};

struct place_pool {
    int n, top;
    struct shelf *shelf;
};

static struct shelf *
shelf_of(struct place_pool *p, int units)
{
    for (int i = 0; i < p->n; i++)
        if (p->shelf[i].units == units)
            return &p->shelf[i];
    p->shelf = xrealloc(p->shelf, (size_t)p->n + 1, sizeof *p->shelf);
    p->shelf[p->n] = (struct shelf){ units, 0, 0, NULL };
    return &p->shelf[p->n++];
}

static bool
sooner(const struct piece *a, const struct piece *b)
{
    return a->last < b->last || (a->last == b->last && a->last_op < b->last_op);
}

static void
sink_down(struct shelf *s, int i)
{
    struct piece x = s->heap[i];

    for (int k; (k = 2 * i + 1) < s->n; i = k) {
        if (k + 1 < s->n && sooner(&s->heap[k + 1], &s->heap[k]))
            k++;
        if (!sooner(&s->heap[k], &x))
            break;
        s->heap[i] = s->heap[k];
    }
    s->heap[i] = x;
}

static void
shelf_add(struct shelf *s, struct piece x)
{
    int i = s->n++;

    if (i == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 8;
        s->heap = xrealloc(s->heap, (size_t)s->cap, sizeof *s->heap);
    }
    for (; i > 0 && sooner(&x, &s->heap[(i - 1) / 2]); i = (i - 1) / 2)
        s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = x;
}

/* A place for a value that is born when the piece's last reader is done; an
 * element-wise reader may be the very operation that makes it.  The two have
 * as many units: a step's rows of one must lie where those of the other lay.
 */
static int
take(struct place_pool *p, const struct value *v, int last, bool share)
{
    struct shelf *s = shelf_of(p, v->size);
    struct piece *q = s->heap;

    if (share && s->n && (q->last < v->def || (q->last == v->def &&
                                               q->last_op <= v->def_op))) {
        int off = q->off;

        q->last = last;
        q->last_op = v->last_op;
        sink_down(s, 0);
        return off;
    }
    shelf_add(s, (struct piece){ p->top, last, v->last_op });
    p->top += row_floats(v->size);
    return p->top - row_floats(v->size);
}

/* All pieces are free again, but keep their units: a step runs one case, and
 * where its rows of any two values lie in one piece they are the same floats,
 * which no other step has. */
static void
pool_again(struct place_pool *p)
{
    for (int i = 0; i < p->n; i++)
        for (int k = 0; k < p->shelf[i].n; k++)
            p->shelf[i].heap[k].last = p->shelf[i].heap[k].last_op = -1;
}

static void
pool_release(struct place_pool *p)
{
    for (int i = 0; i < p->n; i++)
        free(p->shelf[i].heap);
    free(p->shelf);
}

struct place_pool *
place_open(void)
{
    return xcalloc(1, sizeof(struct place_pool));
}

void
place_close(struct place_pool *p)
{
    pool_release(p);
    free(p);
}

struct birth {
    int def, def_op, value;
};

static int
by_birth(const void *pa, const void *pb)
{
    const struct birth *a = pa, *b = pb;

    if (a->def != b->def)
        return a->def < b->def ? -1 : 1;
    if (a->def_op != b->def_op)
        return a->def_op < b->def_op ? -1 : 1;
    return a->value < b->value ? -1 : 1;
}

/* Values to place in order of birth. */
static int
births(const struct build *b, struct birth *order)
{
    int n = 0;

    for (int v = 0; v < b->nval; v++)
        if (b->val[v].item >= 0 && b->val[v].ref.place == P_NONE)
            order[n++] = (struct birth){ b->val[v].def, b->val[v].def_op, v };
    qsort(order, (size_t)n, sizeof *order, by_birth);
    return n;
}

static void
place_kept(struct build *b)
{
    struct birth *order = xcalloc((size_t)b->nval + 1, sizeof *order);
    int n = births(b, order);
    struct place_pool temp[REGIONS] = {{ 0, 0, NULL }};

    pool_again(b->keep);
    for (int i = 0; i < n; i++) {
        struct value *v = &b->val[order[i].value];

        if (v->region >= REGIONS) {
            v->ref = (struct ref){ P_VEC, b->plan->vec, 0, 0 };
            b->plan->vec += round16(v->size);
        } else if (v->keep) {
            v->ref.off = take(b->keep, v, v->sink ? NEVER : v->last,
                              !b->plan->observe);
            v->ref.place = P_KEEP;
        } else if (v->outside || v->last != v->def) {
            v->ref.off = take(&temp[v->region], v, v->last, true);
            v->ref.place = P_TEMP;
        }
    }
    b->plan->keep = b->keep->top;
    for (int r = 0; r < REGIONS; r++) {
        b->pc->region[r].temp = temp[r].top;
        pool_release(&temp[r]);
    }
    free(order);
}

/* ---- scratch slots of a run ---------------------------------------------- */

static void
run_slots(struct build *b, struct instr *in)
{
    int *free_slot = xcalloc((size_t)in->nops + 1, sizeof *free_slot);
    int nfree = 0;

    for (int k = 0; k < in->nops; k++) {
        struct plan_op *o = &in->ops[k];
        struct value *d = &b->val[o->d.off];

        for (int i = 0; i < o->nargs; i++) {
            struct value *a = &b->val[o->a[i].off];
            bool again = false;

            for (int j = 0; j < i; j++)
                again |= o->a[j].off == o->a[i].off;
            if (!again && a->ref.place == P_SLOT && a->last_op == k)
                free_slot[nfree++] = a->ref.off;
        }
        if (d->ref.place == P_NONE) {
            d->ref.place = P_SLOT;
            d->ref.off = nfree ? free_slot[--nfree] : in->nslots++;
        }
    }
    free(free_slot);
}

/* ---- value numbers become places ----------------------------------------- */

static void
resolve(const struct build *b, struct ref *r)
{
    if (r->place != P_NONE || r->off < 0)
        return;
    *r = b->val[r->off].ref;
}

static void
resolve_region(struct build *b, struct plan_region *r)
{
    for (int i = 0; i < r->n; i++) {
        struct instr *in = &r->instr[i];

        if (in->kind == I_EW)
            run_slots(b, in);
    }
    for (int i = 0; i < r->n; i++) {
        struct instr *in = &r->instr[i];

        for (int k = 0; k < in->nops; k++) {
            for (int j = 0; j < in->ops[k].nargs; j++)
                resolve(b, &in->ops[k].a[j]);
            resolve(b, &in->ops[k].d);
        }
        for (int k = 0; k < in->gemm.nout; k++) {
            resolve(b, &in->gemm.out[k].d);
            resolve(b, &in->gemm.out[k].init);
        }
        for (int k = 0; k < in->gemm.nseg; k++)
            resolve(b, &in->gemm.seg[k].a);
        if (in->kind == I_COPY) {
            resolve(b, &in->copy.d);
            resolve(b, &in->copy.a);
        }
    }
}

void
place_rest(struct build *b)
{
    place_kept(b);
    for (int v = 0; v < b->nval; v++)
        b->val[v].ref.size = b->val[v].size;
    b->plan->output.size = b->plan->eq->output_size;
    for (int r = 0; r < REGIONS; r++)
        resolve_region(b, &b->pc->region[r]);
    resolve_region(b, &b->pc->vec);
    resolve_region(b, &b->pc->bvec);
}

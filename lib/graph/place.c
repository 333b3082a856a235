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
    t->op = G_MOV;
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
    if (c->dinput >= 0 && b->plan->dinput)
        role(b, b->of[c->dinput], P_DX, 0, b->several ? R_BLOOP : R_BPRE);
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
        b->val[b->of[c->weight[i].dy]].keep = true;
        if (!c->weight[i].token)
            b->val[b->of[c->weight[i].arg]].keep = true;
    }
    for (int v = c->nforward; b->plan->gradient && v < c->n; v++)
        if (c->node[v].op == G_REDUCE && b->of[v] >= 0)
            b->val[b->of[c->node[v].in[0]]].keep = true;
    for (int v = 0; b->plan->observe && v < c->nforward; v++)
        if (c->node[v].name && c->node[v].last)
            b->val[b->of[v]].keep = true;
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
    int off, units, last, last_op;
};

struct pool {
    int n, top;
    struct piece *piece;
};

/* A place for a value that is born when the piece's last reader is done; an
 * element-wise reader may be the very operation that makes it.  The two have
 * as many units: a step's rows of one must lie where those of the other lay.
 */
static int
take(struct pool *p, const struct value *v, int last, bool share)
{
    int size = row_floats(v->size);

    for (int i = 0; share && i < p->n; i++) {
        struct piece *q = &p->piece[i];

        if (q->units == v->size &&
            (q->last < v->def ||
             (q->last == v->def && q->last_op <= v->def_op))) {
            q->last = last;
            q->last_op = v->last_op;
            return q->off;
        }
    }
    p->piece = xrealloc(p->piece, (size_t)p->n + 1, sizeof *p->piece);
    p->piece[p->n++] = (struct piece){ p->top, v->size, last, v->last_op };
    p->top += size;
    return p->top - size;
}

static bool
before(const struct value *a, const struct value *b)
{
    return a->def < b->def || (a->def == b->def && a->def_op < b->def_op);
}

/* Values to place in order of birth. */
static int
births(const struct build *b, int *order)
{
    int n = 0;

    for (int v = 0; v < b->nval; v++) {
        int k = n;

        if (b->val[v].item < 0 || b->val[v].ref.place != P_NONE)
            continue;
        for (; k > 0 && before(&b->val[v], &b->val[order[k - 1]]); k--)
            order[k] = order[k - 1];
        order[k] = v;
        n++;
    }
    return n;
}

static bool
is_sink(const struct build *b, int v)
{
    const struct graph_case *c = b->c;

    for (int i = 0; b->plan->gradient && i < c->nweight; i++)
        if (b->of[c->weight[i].dy] == v ||
            (!c->weight[i].token && b->of[c->weight[i].arg] == v))
            return true;
    for (int n = c->nforward; b->plan->gradient && n < c->n; n++)
        if (c->node[n].op == G_REDUCE && b->of[n] >= 0 &&
            b->of[c->node[n].in[0]] == v)
            return true;
    return false;
}

static void
place_kept(struct build *b)
{
    int *order = xcalloc((size_t)b->nval + 1, sizeof *order);
    int n = births(b, order);
    struct pool keep = { 0, 0, NULL }, temp[REGIONS] = {{ 0, 0, NULL }};

    for (int i = 0; i < n; i++) {
        struct value *v = &b->val[order[i]];

        if (v->region >= REGIONS) {
            v->ref = (struct ref){ P_VEC, b->plan->vec, 0, 0 };
            b->plan->vec += round16(v->size);
        } else if (v->keep) {
            int last = is_sink(b, order[i]) ? NEVER : v->last;

            v->ref.off = take(&keep, v, last, !b->plan->observe);
            v->ref.place = P_KEEP;
        } else if (v->outside || v->last != v->def) {
            v->ref.off = take(&temp[v->region], v, v->last, true);
            v->ref.place = P_TEMP;
        }
    }
    if (keep.top > b->plan->keep)
        b->plan->keep = keep.top;
    for (int r = 0; r < REGIONS; r++) {
        b->pc->region[r].temp = temp[r].top;
        free(temp[r].piece);
    }
    free(keep.piece);
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

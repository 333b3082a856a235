/*
 * items.c - from nodes to items: the passes split (its end), hoist and defer.
 *
 * Each node becomes one item or a few; values are what items make.  The order
 * of items says nothing yet: schedule.c orders them within their region.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "graph/plan_build.h"

int
build_value(struct build *b, int size, int region)
{
    if (b->nval == b->cval) {
        b->cval = b->cval ? 2 * b->cval : 128;
        b->val = xrealloc(b->val, (size_t)b->cval, sizeof *b->val);
    }
    b->val[b->nval] = (struct value){
        .v = { .size = size, .region = region, .index = -1, .made = -1,
               .last = -1 }, .item = -1 };
    return b->nval++;
}

struct item *
build_item(struct build *b, enum instr_kind kind, int region, int dst)
{
    struct item *t;

    if (b->nitem == b->citem) {
        b->citem = b->citem ? 2 * b->citem : 128;
        b->item = xrealloc(b->item, (size_t)b->citem, sizeof *b->item);
    }
    t = &b->item[b->nitem];
    *t = (struct item){ .kind = kind, .region = region, .dst = dst,
                        .init_value = -1 };
    if (dst >= 0)
        b->val[dst].item = b->nitem;
    b->nitem++;
    return t;
}

/* ---- regions: the hoist pass --------------------------------------------- */

static int
forward_region(const struct build *b, const struct node *n)
{
    if (n->param_only)
        return R_VEC;
    if (b->several)
        return R_LOOP;
    if (!n->state_dep)
        return R_PRE;
    return n->feeds_state ? R_LOOP : R_POST;
}

static int
backward_of(int region)
{
    switch (region) {
    case R_POST: return R_BPOST;
    case R_LOOP: return R_BLOOP;
    default:     return R_BPRE;
    }
}

/* The adjoint of a node is made in the region opposite to the node's; sums
 * for a param_only node as soon as all their parts are there. */
static int
region_of(const struct build *b, int v)
{
    const struct node *n = &b->c->node[v], *f;
    /* without a state there is no loop, and nothing after it */
    int r = b->plan->eq->nstates ? R_BPOST : R_BPRE;

    if (!n->adjoint)
        return forward_region(b, n);
    if (n->param_only)
        return R_BVEC;
    f = &b->c->node[n->of];
    if (f->op == OP_STATE)
        return R_BLOOP;
    if (!f->param_only)
        return backward_of(forward_region(b, f));
    for (int i = 0; i < n->nin; i++) {
        const struct value *x = &b->val[b->of[n->in[i]]];

        if (x->v.region > r && x->v.region < REGIONS)
            r = x->v.region;
    }
    return b->several ? R_BLOOP : r;
}

/* ---- items --------------------------------------------------------------- */

static void
ew_item(struct build *b, int v, int region)
{
    const struct node *n = &b->c->node[v];
    int dst = b->of[v] = build_value(b, n->size, region);
    struct item *t = build_item(b, op_over(n->op) ? I_OVER : I_EW, region,
                                dst);

    t->op = n->op;
    t->nargs = n->nin;
    t->power = n->power;
    t->heads = n->heads;
    t->site = n->index;
    t->p = n->num;
    for (int i = 0; i < n->nin; i++)
        t->arg[i] = b->of[n->in[i]];
}

static int
copy_item(struct build *b, int dst, int src, int doff, int aoff, int n,
          int region)
{
    struct item *t = build_item(b, I_COPY, region, dst);

    t->arg[0] = src;
    t->nargs = 1;
    t->doff = doff;
    t->aoff = aoff;
    t->n = n;
    return b->nitem - 1;
}

static void
concat_items(struct build *b, int v, int region)
{
    const struct node *n = &b->c->node[v];
    int off = 0;

    b->of[v] = build_value(b, n->size, region);
    for (int i = 0; i < n->nin; i++) {
        int size = b->c->node[n->in[i]].size;

        copy_item(b, b->of[v], b->of[n->in[i]], off, 0, size, region);
        off += size;
    }
}

/* +0, the value, +0: the zeros are a vector of their own. */
static void
pad_items(struct build *b, int v, int region)
{
    const struct node *n = &b->c->node[v];
    int size = b->c->node[n->in[0]].size, after = n->index + size;
    int rest = n->size - after, most = n->index > rest ? n->index : rest;
    int zero, zeros;
    struct item *t;

    b->of[v] = build_value(b, n->size, region);
    copy_item(b, b->of[v], b->of[n->in[0]], n->index, 0, size, region);
    if (!most)
        return;
    zero = build_value(b, 0, -1);
    b->val[zero].v.class = V_NUMBER;
    zeros = build_value(b, most, region);
    t = build_item(b, I_EW, region, zeros);
    t->op = OP_MOV;
    t->nargs = 1;
    t->arg[0] = zero;
    if (n->index)
        copy_item(b, b->of[v], zeros, 0, 0, n->index, region);
    if (rest)
        copy_item(b, b->of[v], zeros, after, 0, rest, region);
}

/* Learned vectors at the head of a sum: one vector, made once an update. */
static int
bias_value(struct build *b, const struct node *n)
{
    int sum = -1;

    for (int i = 0; i < n->nin; i++) {
        int p = b->of[n->in[i]], dst;
        struct item *t;

        if (sum < 0 && n->sign[i] > 0) {
            sum = p;
            continue;
        }
        dst = build_value(b, n->size, R_VEC);
        t = build_item(b, I_EW, R_VEC, dst);
        t->op = sum < 0 ? OP_NEG : n->sign[i] > 0 ? OP_ADD : OP_SUB;
        t->nargs = sum < 0 ? 1 : 2;
        t->arg[0] = sum < 0 ? p : sum;
        t->arg[1] = p;
        sum = dst;
    }
    return sum;
}

static struct item *
gemm_item(struct build *b, int dst, int region, enum start start,
          enum init_class class, int init)
{
    struct item *t = build_item(b, I_GEMM, region, dst);

    t->start = start;
    t->init = class;
    t->init_value = init;
    return t;
}

static void
item_product(struct build *b, struct item *t, const struct product *p)
{
    t->prod = xrealloc(t->prod, (size_t)t->nprod + 1, sizeof *t->prod);
    t->prod[t->nprod++] = (struct item_prod){
        b->of[p->arg], p->k, p->param, p->row0, p->col0, p->sign,
        p->transposed };
}

static void
item_tokens(struct item *t, const struct node *n, int first, int end)
{
    for (int i = first; i < end; i++) {
        if (!n->prod[i].token)
            continue;
        t->tok[t->ntok++] = (struct plan_tok){
            n->prod[i].param, n->prod[i].col0, n->prod[i].sign };
    }
}

/*
 * A sum with products (docs/numerics.md, "Sums"): s = biases, then products
 * that do not depend on the state, each a chain of its own; the others
 * continue the chain from s.
 */
static void
affine_items(struct build *b, int v, int region)
{
    const struct node *n = &b->c->node[v];
    int s = bias_value(b, n), hoist, first = 0, nchain = 0;
    enum init_class class = s >= 0 ? INIT_VEC : INIT_NONE;
    struct item *t;
    struct item tokens = { .ntok = 0 };

    for (int i = 0; i < n->nprod; i++)
        nchain += n->prod[i].chain;
    /* token products before the first dense one join the bias's table, as
     * many as that has room for */
    for (int room = PLAN_TOKS; first < n->nprod; first++)
        if (!n->prod[first].chain && (!n->prod[first].token || !room--))
            break;
    item_tokens(&tokens, n, 0, first);
    if (tokens.ntok)
        class = INIT_TOKEN;
    /* after the loop nothing is gained by going before it */
    hoist = b->several || region != R_LOOP ? region : R_PRE;
    if (first < n->nprod && n->prod[first].token) {      /* more than these */
        int row = build_value(b, n->size, hoist);

        t = gemm_item(b, row, hoist, START_CHAIN, INIT_TOKEN, s);
        t->ntok = tokens.ntok;
        memcpy(t->tok, tokens.tok, sizeof t->tok);
        s = row;
        class = INIT_ROWS;
    }
    for (int i = first; i < n->nprod; i++) {
        int dst;

        if (n->prod[i].chain)
            continue;
        dst = build_value(b, n->size, hoist);
        if (n->prod[i].token) {          /* a look-up added on its own */
            struct item *look;
            int row = build_value(b, n->size, hoist);

            look = gemm_item(b, row, hoist, START_CHAIN, INIT_TOKEN, -1);
            look->tok[look->ntok++] = (struct plan_tok){
                n->prod[i].param, n->prod[i].col0, n->prod[i].sign };
            t = build_item(b, I_EW, hoist, dst);
            t->op = OP_ADD;
            t->nargs = 2;
            t->arg[0] = s;
            t->arg[1] = row;
        } else {
            t = gemm_item(b, dst, hoist,
                          class == INIT_NONE ? START_ZERO : START_ADD, class,
                          s);
            if (class == INIT_TOKEN) {
                t->ntok = tokens.ntok;
                memcpy(t->tok, tokens.tok, sizeof t->tok);
            }
            item_product(b, t, &n->prod[i]);
        }
        s = dst;
        class = INIT_ROWS;
    }
    if (nchain || class != INIT_ROWS) {
        b->of[v] = build_value(b, n->size, region);
        t = gemm_item(b, b->of[v], region,
                      class == INIT_NONE ? START_ZERO : START_CHAIN, class, s);
        if (class == INIT_TOKEN) {
            t->ntok = tokens.ntok;
            memcpy(t->tok, tokens.tok, sizeof t->tok);
        }
        for (int i = 0; i < n->nprod; i++)
            if (n->prod[i].chain)
                item_product(b, t, &n->prod[i]);
    } else {
        b->of[v] = s;
    }
}

static void
transposed_items(struct build *b, int v, int region)
{
    const struct node *n = &b->c->node[v];
    int init = n->nin ? b->of[n->in[0]] : -1;
    struct item *t;

    b->of[v] = build_value(b, n->size, region);
    t = gemm_item(b, b->of[v], region, init < 0 ? START_ZERO : START_CHAIN,
                  init < 0 ? INIT_NONE : INIT_ROWS, init);
    t->trim = true;
    for (int i = 0; i < n->nprod; i++)
        item_product(b, t, &n->prod[i]);
}

static void
leaf_value(struct build *b, int v, enum value_class class, int index, int size)
{
    b->of[v] = build_value(b, size, -1);
    b->val[b->of[v]].v.class = class;
    b->val[b->of[v]].v.index = index;
}

/* The adjoint that comes from the next step is gone after this one: who
 * wants it later (a gradient, or an adjoint outside the loop) needs a copy.
 * So do all adjoints of learned vectors: where they stand is not known yet. */
static bool
read_later(const struct build *b, int user)
{
    const struct node *n = &b->c->node[user];

    return n->op == OP_REDUCE || n->param_only ||
           b->c->node[n->of].param_only || region_of(b, user) != R_BLOOP;
}

void
build_outlive(struct build *b)
{
    const struct graph_case *c = b->c;

    b->outlives = xcalloc((size_t)c->n + 1, sizeof *b->outlives);
    for (int i = 0; b->plan->gradient && i < c->nweight; i++)
        b->outlives[c->weight[i].swapped ? c->weight[i].arg
                                         : c->weight[i].dy] = true;
    for (int v = c->nforward; b->plan->gradient && v < c->n; v++) {
        const struct node *n = &c->node[v];

        if (n->op == OP_DNEXT &&
            forward_region(b, &c->node[n->of]) != R_LOOP)
            b->outlives[v] = true;
        for (int k = 0; k < n->nin; k++)
            if (c->node[n->in[k]].op == OP_DNEXT && read_later(b, v))
                b->outlives[n->in[k]] = true;
    }
}

void
build_node(struct build *b, int v)
{
    const struct node *n = &b->c->node[v];
    int region = n->op == OP_REDUCE ? R_BVEC : region_of(b, v);

    switch (n->op) {
    case OP_NUM:
        leaf_value(b, v, V_NUMBER, -1, 0);
        b->val[b->of[v]].v.num = (float)n->num;
        return;
    case OP_INPUT:
        if (b->plan->eq->input_token) {
            ew_item(b, v, b->several ? R_LOOP : R_PRE);
            b->item[b->nitem - 1].op = OP_ONEHOT;
            return;
        }
        leaf_value(b, v, V_INPUT, -1, n->size);
        return;
    case OP_STATE:
        leaf_value(b, v, V_STATE, n->index, n->size);
        return;
    case OP_PARAM:
        b->of[v] = b->pc->param[n->param];
        return;
    case OP_DOUT:
        leaf_value(b, v, V_DOUTPUT, -1, n->size);
        return;
    case OP_DNEXT:
        leaf_value(b, v, V_DNEXT, n->index, n->size);
        if (b->outlives[v]) {
            struct item *t;
            int leaf = b->of[v];

            b->of[v] = build_value(b, n->size, R_BLOOP);
            t = build_item(b, I_EW, R_BLOOP, b->of[v]);
            t->op = OP_MOV;
            t->nargs = 1;
            t->arg[0] = leaf;
        }
        return;
    case OP_REDUCE:
        leaf_value(b, v, V_VECTOR, -1, n->size);
        return;
    case OP_CONCAT:
        concat_items(b, v, region);
        return;
    case OP_SLICE:
        b->of[v] = build_value(b, n->size, region);
        copy_item(b, b->of[v], b->of[n->in[0]], 0, n->index, n->size,
                  region);
        return;
    case OP_PAD:
        pad_items(b, v, region);
        return;
    case OP_AFFINE:
        affine_items(b, v, region);
        return;
    case OP_TRANSPOSED:
        transposed_items(b, v, region);
        return;
    default:
        ew_item(b, v, region);
        return;
    }
}

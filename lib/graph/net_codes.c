/* net_codes.c - the twin of a net that a codebook feeds; see net_codes.h. */
#include "graph/net_codes.h"

#include <stdlib.h>

#include "base/die.h"
#include "graph/graph.h"

struct make {
    const struct net *net;
    const char *where;
    struct net_codes *c;
};

static struct code_block *
add_block(struct net_codes *c, int param, int col0, int k)
{
    c->block = xrealloc(c->block, (size_t)c->nblocks + 1, sizeof *c->block);
    c->block[c->nblocks] = (struct code_block){
        .param = param, .col0 = col0, .k = k,
    };
    return &c->block[c->nblocks++];
}

/* ---- where the input stands ---------------------------------------------- */

static _Noreturn void
refuse(const struct make *m, const struct node *n)
{
    die_at(m->where, 0, "line %d of the first layer's cell: with a codebook "
           "the input can only be what matrices act on, untransposed and each "
           "on nothing else", n->line);
}

/* One of the blocks found before, or a new one.  A matrix that splits its
 * columns in two ways, or acts on the input and on something else, has no
 * twin. */
static void
look_at_product(struct make *m, const struct node *n, const struct product *p,
                bool input)
{
    struct net_codes *c = m->c;
    int param = m->net->layers[0].first_param + p->param;
    int col0 = p->transposed ? p->row0 : p->col0;

    if (input && p->transposed)
        refuse(m, n);
    for (int i = 0; i < c->nblocks; i++) {
        const struct code_block *b = &c->block[i];

        if (b->param != param || b->col0 + b->k <= col0 ||
            col0 + p->k <= b->col0)
            continue;
        if (b->col0 == col0 && b->k == p->k && b->by_token == input)
            return;
        if (b->by_token || input)
            refuse(m, n);
    }
    if (input)
        add_block(c, param, col0, p->k)->by_token = true;
}

static void
look_at_case(struct make *m, const struct graph_case *g, bool inputs)
{
    for (int v = 0; v < g->nforward; v++) {
        const struct node *n = &g->node[v];

        for (int i = 0; i < n->nin; i++)
            if (g->node[n->in[i]].op == OP_INPUT)
                refuse(m, n);
        for (int i = 0; i < n->nprod; i++) {
            bool input = g->node[n->prod[i].arg].op == OP_INPUT;

            if (input == inputs)
                look_at_product(m, n, &n->prod[i], input);
        }
    }
    for (int i = 0; i < m->net->layers[0].eq->nstates; i++)
        if (g->node[g->next[i]].op == OP_INPUT)
            refuse(m, &g->node[g->next[i]]);
    if (g->node[g->output].op == OP_INPUT)
        refuse(m, &g->node[g->output]);
    for (int i = 0; i < g->nnamed; i++)     /* it would be shown as a token */
        if (g->node[g->named[i].node].op == OP_INPUT)
            refuse(m, &g->node[g->named[i].node]);
}

/* ---- all columns --------------------------------------------------------- */

static int
by_place(const void *pa, const void *pb)
{
    const struct code_block *a = pa, *b = pb;

    return a->param != b->param ? (a->param > b->param) - (a->param < b->param)
                                : (a->col0 > b->col0) - (a->col0 < b->col0);
}

/* Columns between the input's are copied; places in the twin. */
static void
complete(struct make *m)
{
    struct net_codes *c = m->c, all = { .nblocks = 0 };
    int next = 0;

    if (c->nblocks)
        qsort(c->block, (size_t)c->nblocks, sizeof *c->block, by_place);
    for (int p = 0; p < m->net->nparams; p++) {
        int col = 0, twin = 0, cols = m->net->params[p].cols;

        while (col < cols) {
            bool here = next < c->nblocks && c->block[next].param == p;
            int end = here ? c->block[next].col0 : cols;
            struct code_block *b;

            if (end > col) {
                b = add_block(&all, p, col, end - col);
                b->twin_k = b->k;
            } else {
                b = add_block(&all, p, col, c->block[next++].k);
                b->by_token = true;
                b->twin_k = c->tokens;
            }
            b->twin_col0 = twin;
            twin += b->twin_k;
            col += b->k;
        }
    }
    free(c->block);
    c->block = all.block;
    c->nblocks = all.nblocks;
}

/* The twin's matrices have to be what the blocks come to, all else alike. */
static void
compare(const struct make *m)
{
    const struct net *n = m->net, *t = m->c->net;
    bool same = n->nparams == t->nparams && n->state_size == t->state_size &&
                n->output_size == t->output_size;

    for (int i = 0; same && i < n->nparams; i++) {
        int cols = 0;

        for (int k = 0; k < m->c->nblocks; k++)
            if (m->c->block[k].param == i)
                cols += m->c->block[k].twin_k;
        same = n->params[i].rows == t->params[i].rows &&
               t->params[i].cols == cols;
    }
    if (!same)
        die_at(m->where, 0, "with a codebook the input's width can be no size "
               "of anything else: the first layer's cell would be another one "
               "with %d inputs", m->c->tokens);
}

struct net_codes *
net_codes_new(const struct net *n, const struct net_layer_spec *layers,
              const json_t *options, float *code, int tokens,
              const char *where)
{
    struct net_codes *c = xcalloc(1, sizeof *c);
    struct make m = { n, where, c };
    const struct graph *g = n->layers[0].graph;

    c->tokens = tokens;
    c->width = n->input_size;
    c->code = code;
    for (int inputs = 1; inputs >= 0; inputs--)
        for (int i = 0; i < g->ncases; i++)
            look_at_case(&m, &g->cases[i], inputs);
    complete(&m);
    c->net = net_build(layers, n->nlayers, true, tokens, options);
    compare(&m);
    return c;
}

void
net_codes_free(struct net_codes *c)
{
    if (!c)
        return;
    net_free(c->net);
    free(c->code);
    free(c->block);
    free(c);
}

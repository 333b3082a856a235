/* net.c - layers, their sizes, and the one table of parameters. */
#include "graph/net.h"

#include <stdlib.h>

#include "base/die.h"
#include "graph/graph.h"
#include "graph/net_codes.h"

static void
add_params(struct net *n, int l)
{
    const struct equations *eq = n->layers[l].eq;

    n->layers[l].first_param = n->nparams;
    n->params = xrealloc(n->params, (size_t)(n->nparams + eq->nparams) + 1,
                         sizeof *n->params);
    for (int i = 0; i < eq->nparams; i++) {
        const struct cell_param *p = &eq->params[i];

        n->params[n->nparams++] = (struct net_param){
            .name = xasprintf("%s.%s", n->layers[l].name, p->name),
            .layer = l, .index = i, .matrix = p->matrix, .rows = p->rows,
            .cols = p->cols, .offset = n->weights, .rate = p->rate,
        };
        n->weights += (size_t)p->rows * (size_t)p->cols;
    }
}

struct net *
net_build(const struct net_layer_spec *layers, int nlayers, bool input_token,
          int input_size, const json_t *options)
{
    struct net *n = xcalloc(1, sizeof *n);
    bool learns = false;    /* something below has parameters */

    n->input_token = input_token;
    n->input_size = input_size;
    n->nlayers = nlayers;
    n->layers = xcalloc((size_t)nlayers + 1, sizeof *n->layers);
    for (int l = 0; l < nlayers; l++) {
        struct net_layer *y = &n->layers[l];
        struct cell_args a = {
            .input_size = l ? n->layers[l - 1].eq->output_size : input_size,
            .input_token = l == 0 && input_token,
            .size = layers[l].size, .first_layer = layers[l].first,
            .last_layer = layers[l].last, .options = options,
        };

        y->name = xstrdup(layers[l].name);
        y->eq = cell_resolve(layers[l].cell, &a);
        y->state_offset = n->state_size;
        for (int i = 0; i < y->eq->nstates; i++)
            n->state_size += (size_t)y->eq->states[i].size;
        add_params(n, l);
        y->graph = graph_new(y->eq);
        graph_adjoint(y->graph, learns);
        learns |= y->eq->nparams > 0;
        n->output_size = y->eq->output_size;
    }
    return n;
}

void
net_free(struct net *n)
{
    if (!n)
        return;
    for (int l = 0; l < n->nlayers; l++) {
        graph_free(n->layers[l].graph);
        equations_free(n->layers[l].eq);
        free(n->layers[l].name);
    }
    for (int i = 0; i < n->nparams; i++)
        free(n->params[i].name);
    net_codes_free(n->codes);
    free(n->layers);
    free(n->params);
    free(n);
}

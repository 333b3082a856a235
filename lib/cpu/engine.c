/* engine.c - the CPU's runner: opened, loaded, run block by block. */
#include "cpu/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/run.h"

/* ---- open, load, close --------------------------------------------------- */

static void
open_layers(struct runner *r)
{
    int learns = r->nlayers, drops = 0;

    for (int l = r->nlayers - 1; l >= 0; l--)
        if (r->net->layers[l].eq->nparams)
            learns = l;
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        y->net = &r->net->layers[l];
        y->plan = plan_new(y->net->graph, r->o.gradient && l >= learns,
                           r->o.observe, l > learns);
        y->drop_site = drops;
        drops += y->net->eq->ndrops;
        y->vec = xaligned((size_t)y->plan->vec + LANES, sizeof(float));
        y->rblock = xaligned((size_t)y->plan->vec + LANES, sizeof(float));
        y->rtotal = xaligned((size_t)y->plan->vec + LANES, sizeof(float));
        y->iblock = xaligned((size_t)y->plan->state + LANES, sizeof(float));
        y->itotal = xaligned((size_t)y->plan->state + LANES, sizeof(float));
        /* observing wants every place of every layer */
        if (y->net->eq->nstates || y->net->eq->ncases > 1 || r->o.observe)
            r->trunk = l + 1;
    }
}

static void
open_scratch(struct runner *r)
{
    int temp = 0, rows = TILE_ROWS > BLOCK_ROWS ? TILE_ROWS : BLOCK_ROWS;
    int cols = 16, vocabulary = 1, units = 16;

    for (int l = 0; l < r->nlayers; l++) {
        const struct plan *p = r->layers[l].plan;

        for (int c = 0; c < p->ncases; c++)
            for (int g = 0; g < REGIONS; g++)
                if (p->cases[c].region[g].temp > temp)
                    temp = p->cases[c].region[g].temp;
    }
    for (int i = 0; i < r->net->nparams; i++) {
        if (r->net->params[i].cols > cols)
            cols = r->net->params[i].cols;
        if (r->net->params[i].rows > units)
            units = r->net->params[i].rows;
    }
    if (r->net->input_token)
        vocabulary = r->net->input_size;
    r->pack_floats = r->k->pack_size(CHUNK_PAIRS, round16(cols) / LANES);
    r->scratch = xcalloc((size_t)pool_threads(r->pool), sizeof *r->scratch);
    for (int i = 0; i < pool_threads(r->pool); i++) {
        struct scratch *s = &r->scratch[i];

        s->temp = xaligned((size_t)temp * (size_t)rows + LANES,
                           sizeof(float));
        s->pack = xaligned(r->pack_floats + LANES, sizeof(float));
        s->tok = xaligned((size_t)vocabulary * (size_t)round16(units),
                          sizeof(float));
        s->touched = xcalloc((size_t)vocabulary, 1);
    }
}

static struct runner *
cpu_open(const struct net *n, const struct backend_options *o)
{
    struct runner *r = xcalloc(1, sizeof *r);

    r->net = n;
    r->o = *o;
    r->k = kernels_pick();
    r->pool = pool_new(o->threads);
    r->nlayers = n->nlayers;
    r->layers = xcalloc((size_t)n->nlayers + 1, sizeof *r->layers);
    open_layers(r);
    open_scratch(r);
    jobs_open(r);
    code_open(r);
    return r;
}

static void
cpu_load(struct runner *r, const float *weights)
{
    r->weights = weights;
    r->w = NULL;
    code_load(r);
}

static void
cpu_close(struct runner *r)
{
    code_close(r);
    block_free(r);
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        plan_free(y->plan);
        free(y->vec);
        free(y->rblock);
        free(y->rtotal);
        free(y->iblock);
        free(y->itotal);
    }
    jobs_close(r);
    for (int i = 0; i < pool_threads(r->pool); i++) {
        free(r->scratch[i].temp);
        free(r->scratch[i].pack);
        free(r->scratch[i].tok);
        free(r->scratch[i].touched);
    }
    free(r->scratch);
    free(r->layers);
    pool_free(r->pool);
    free(r);
}

/* ---- run ----------------------------------------------------------------- */

static void
cpu_run(struct runner *r, const struct window *w, loss_fn *loss, void *ctx,
        float *grad)
{
    r->w = w;
    r->loss = loss;
    r->loss_ctx = ctx;
    r->gradient = grad != NULL;
    if (r->o.observe && w->rows > BLOCK_ROWS)
        die(RC_DATA, "internal: %d rows to observe, %d is the limit",
            w->rows, BLOCK_ROWS);
    block_reserve(r);
    if (grad)
        weights_start(r);
    for (int b = 0; b < w->rows; b += BLOCK_ROWS) {
        block_begin(r, b);
        passes_run(r);
    }
    if (grad)
        weights_finish(r, grad);
}

static void
cpu_observe(struct runner *r, const struct window *w, observe_fn *fn,
            void *ctx)
{
    for (int t = 0; t < w->steps; t++)
        for (int b = 0; b < r->R; b++)
            for (int l = 0; l < r->trunk; l++) {
                const struct plan *p = r->layers[l].plan;
                const struct plan_case *c =
                    &p->cases[layer_case(r, l, t)];

                for (int i = 0; i < c->nnamed; i++) {
                    ptrdiff_t stride;
                    const float *v = sink_rows(r, l, c->named[i].ref,
                                               &stride);

                    fn(ctx, t, r->row0 + b, r->net->layers[l].name,
                       c->named[i].name,
                       v + (ptrdiff_t)(t * r->R + b) * stride,
                       c->named[i].size);
                }
            }
}

static void
cpu_profile(const struct runner *r, double seconds[4])
{
    memset(seconds, 0, 4 * sizeof *seconds);
    for (int i = 0; i < pool_threads(r->pool); i++)
        for (int k = 0; k < 4; k++)
            seconds[k] += r->scratch[i].seconds[k];
}

const struct backend backend_cpu = {
    "cpu", cpu_open, cpu_load, cpu_run, cpu_observe, cpu_profile, cpu_close,
};

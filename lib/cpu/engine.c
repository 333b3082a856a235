/* engine.c - the CPU's runner: opened, loaded, run block by block. */
#include "cpu/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/stop.h"
#include "cpu/run.h"

/* ---- open, load, close --------------------------------------------------- */

static void
open_layers(struct runner *r, bool carry)
{
    int learns = r->nlayers, drops = 0;

    for (int l = r->nlayers - 1; l >= 0; l--)
        if (r->net->layers[l].eq->nparams)
            learns = l;
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];
        struct plan_options o = {
            .gradient = r->o.gradient && l >= learns,
            .observe = r->o.observe, .dinput = l > learns, .carry = carry,
        };
        size_t vec, state;

        y->net = &r->net->layers[l];
        y->plan = plan_new(y->net->graph, &o);
        y->drop_site = drops;
        drops += y->net->eq->ndrops;
        vec = ((size_t)y->plan->vec + LANES) * (size_t)r->lanes;
        state = ((size_t)y->plan->state + LANES) * (size_t)r->lanes;
        y->vec = xaligned(vec, sizeof(float));
        y->rblock = xaligned(vec, sizeof(float));
        y->rtotal = xaligned(vec, sizeof(float));
        y->iblock = xaligned(state, sizeof(float));
        y->itotal = xaligned(state, sizeof(float));
        /* observing wants every place of every layer */
        if (y->net->eq->nstates || y->net->eq->ncases > 1 || r->o.observe)
            r->trunk = l + 1;
    }
}

static void
open_scratch(struct runner *r)
{
    int temp = 0, cols = 16, vocabulary = 1, units = 16;

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
    r->pack_floats = r->k->pack_size(SEGMENT, round16(cols) / LANES);
    r->scratch = xcalloc((size_t)pool_threads(r->pool), sizeof *r->scratch);
    for (int i = 0; i < pool_threads(r->pool); i++) {
        struct scratch *s = &r->scratch[i];

        s->temp = xaligned((size_t)temp * (size_t)(TILE_ROWS * r->lanes) +
                           LANES,
                           sizeof(float));
        s->pack = xaligned(r->pack_floats + LANES, sizeof(float));
        s->tok = xaligned((size_t)vocabulary * (size_t)wide(r, units),
                          sizeof(float));
        s->touched = xcalloc((size_t)vocabulary, 1);
        s->begun = xcalloc((size_t)r->njobs + 1, sizeof *s->begun);
        s->direct = xcalloc((size_t)r->njobs + 1, sizeof *s->direct);
    }
}

/* What a fleet cannot do: each net would have a mask of its own. */
static void
check_fleet(const struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++)
        if (r->net->layers[l].eq->ndrops)
            die(RC_DATA, "layer '%s' has dropout: a fleet cannot train it",
                r->net->layers[l].name);
    if (r->o.observe)
        die(RC_DATA, "internal: a fleet cannot be observed");
}

static struct runner *
open_runner(const struct net *n, const struct backend_options *o, bool carry)
{
    struct runner *r = xcalloc(1, sizeof *r);

    r->net = n;
    r->o = *o;
    r->lanes = o->lanes > 1 ? LANES : 1;
    r->k = kernels_pick();
    r->pool = pool_new(o->threads);
    r->nlayers = n->nlayers;
    r->layers = xcalloc((size_t)n->nlayers + 1, sizeof *r->layers);
    if (r->lanes > 1)
        check_fleet(r);
    open_layers(r, carry);
    jobs_open(r);
    open_scratch(r);
    code_open(r);
    tape_open(r);
    return r;
}

static struct runner *
cpu_open(const struct net *n, const struct backend_options *o)
{
    return open_runner(n, o, true);
}

static void
cpu_load(struct runner *r, const float *weights)
{
    for (; r; r = r->single) {
        r->weights = weights;
        r->stale = true;
    }
}

static void
cpu_close(struct runner *r)
{
    if (r->single)
        cpu_close(r->single);
    code_close(r);
    block_free(r);
    tape_close(r);
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
        free(r->scratch[i].begun);
        free(r->scratch[i].direct);
    }
    free(r->scratch);
    free(r->layers);
    pool_free(r->pool);
    free(r);
}

/* ---- run ----------------------------------------------------------------- */

static bool
learned_start(const struct net *n)
{
    for (int l = 0; l < n->nlayers; l++)
        for (int i = 0; i < n->layers[l].eq->nstates; i++)
            if (n->layers[l].eq->states[i].param >= 0)
                return true;
    return false;
}

/* The runner for this window, with its weights packed. */
static struct runner *
choose(struct runner *r, const struct window *w, bool gradient)
{
    if (gradient && w->steps == 1 && !r->o.observe &&
        !learned_start(r->net)) {
        if (!r->single) {
            r->single = open_runner(r->net, &r->o, false);
            cpu_load(r->single, r->weights);
        }
        r = r->single;
    }
    if (r->stale) {
        r->w = NULL;
        code_load(r);
        r->stale = false;
    }
    return r;
}

static void
cpu_run(struct runner *all, const struct window *w, loss_fn *loss, void *ctx,
        float *grad)
{
    struct runner *r = choose(all, w, grad != NULL);

    r->w = w;
    r->loss = loss;
    r->loss_ctx = ctx;
    r->gradient = grad != NULL;
    if (r->o.observe && grad && w->rows > MICROBATCH)
        die(RC_DATA, "internal: %d rows to observe beside a gradient, %d is "
            "the limit", w->rows, MICROBATCH);
    block_reserve(r);
    if (grad)
        weights_start(r, grad);
    for (int b = 0; b < w->rows && !stop_asked(); b += block_rows(r)) {
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
    for (; r; r = r->single)
        for (int i = 0; i < pool_threads(r->pool); i++)
            for (int k = 0; k < 4; k++)
                seconds[k] += r->scratch[i].seconds[k];
}

const struct backend backend_cpu = {
    "cpu", cpu_open, cpu_load, cpu_run, cpu_observe, cpu_profile, cpu_close,
};

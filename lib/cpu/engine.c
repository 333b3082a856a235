/* engine.c - a runner: opened, loaded, run block by block. */
#include "cpu/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/progress.h"
#include "base/stop.h"
#include "cpu/run.h"
#include "graph/derived.h"

/* ---- open, load, close --------------------------------------------------- */

static void
open_layers(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++) {
        const struct layer_plan *p = &r->plan->layers[l];
        struct layer *y = &r->layers[l];
        size_t most = 0, state;

        y->net = p->layer;
        y->drop_site = p->drop_site;
        for (int v = 0; v < STEP_VARIANTS; v++) {
            struct layer_code *c = &y->code[v];
            size_t n;

            if (!p->plan[v])
                continue;
            c->layout = layout_new(p->plan[v]);
            n = ((size_t)c->layout->vec + LANES) * (size_t)r->lanes;
            c->vec = xaligned(n, sizeof(float));
            most = n > most ? n : most;
        }
        state = ((size_t)y->code[0].layout->state + LANES) *
                (size_t)r->lanes;
        y->rblock = xaligned(most, sizeof(float));
        y->rtotal = xaligned(most, sizeof(float));
        y->iblock = xaligned(state, sizeof(float));
        y->itotal = xaligned(state, sizeof(float));
    }
}

/* The most floats of a row that a region has as temporaries. */
static int
most_temp(const struct layout *y)
{
    int most = 0;

    for (int c = 0; y && c < y->ncases; c++)
        for (int g = 0; g < REGIONS; g++)
            if (y->cases[c].temp[g] > most)
                most = y->cases[c].temp[g];
    return most;
}

static void
open_scratch(struct runner *r)
{
    int temp = 0, cols = 16, vocabulary = 1, units = 16;
    size_t sums = (size_t)r->plan->naccumulators;

    for (int l = 0; l < r->nlayers; l++)
        for (int v = 0; v < STEP_VARIANTS; v++) {
            int n = most_temp(r->layers[l].code[v].layout);

            temp = n > temp ? n : temp;
        }
    for (int i = 0; i < r->net->nparams; i++) {
        if (r->net->params[i].cols > cols)
            cols = r->net->params[i].cols;
        if (r->net->params[i].rows > units)
            units = r->net->params[i].rows;
    }
    if (r->net->input_token)
        vocabulary = r->net->input_size;
    r->pack_floats = r->k->pack_size(SEGMENT, (int)wide(r, cols) / LANES);
    r->scratch = xcalloc((size_t)pool_threads(r->pool), sizeof *r->scratch);
    for (int i = 0; i < pool_threads(r->pool); i++) {
        struct scratch *s = &r->scratch[i];

        s->temp = xaligned((size_t)temp * (size_t)(TILE_ROWS * r->lanes) +
                           LANES,
                           sizeof(float));
        s->pack = xaligned(r->pack_floats + LANES, sizeof(float));
        s->tok = xaligned((size_t)vocabulary * (size_t)wide(r, units),
                          sizeof(float));
        token_set_open(&s->came, vocabulary);
        launches_open(&s->once);
        s->q = &s->once;
        s->begun = xcalloc(sums + 1, sizeof *s->begun);
        s->direct = xcalloc(sums + 1, sizeof *s->direct);
    }
}

bool
runner_fits(const struct net *n, int lanes)
{
    for (int l = 0; l < n->nlayers && lanes > 1; l++)
        if (n->layers[l].eq->ndrops)
            return false;
    return true;
}

/* The step variant that comes next. */
static void
set_variant(struct runner *r, enum step_variant v)
{
    bool fresh = false;

    r->variant = v;
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        fresh |= !y->code[v].cases;
        y->plan = r->plan->layers[l].plan[v];
        y->layout = y->code[v].layout;
        y->cases = y->code[v].cases;
        y->vec = y->code[v].vec;
    }
    if (fresh)
        code_open(r);
}

struct runner *
runner_open(const struct net *n, const struct runner_options *o)
{
    struct runner *r = xcalloc(1, sizeof *r);

    r->net = n;
    r->plan = net_plan_new(n, &(struct net_plan_options){
                                  .gradient = o->gradient,
                                  .observe = o->observe });
    r->o = *o;
    r->lanes = o->lanes > 1 ? LANES : 1;
    r->k = kernels_pick();
    r->pool = pool_new(o->threads);
    r->nlayers = n->nlayers;
    r->stack = r->plan->stack;
    r->layers = xcalloc((size_t)n->nlayers + 1, sizeof *r->layers);
    if (!runner_fits(n, r->lanes) || (r->lanes > 1 && o->observe))
        die(RC_DATA, "internal: a fleet with dropout, or observed");
    if (derived_any(n))
        r->made = xaligned(n->weights * (size_t)r->lanes + LANES,
                           sizeof *r->made);
    open_layers(r);
    sums_open(r);
    open_scratch(r);
    return r;
}

void
runner_load(struct runner *r, const float *weights)
{
    r->learned = r->weights = weights;
    if (r->made) {
        derived_make(r->net, r->lanes, weights, r->made);
        r->weights = r->made;
    }
    for (int v = 0; v < STEP_VARIANTS; v++)
        r->stale[v] = true;
}

void
runner_close(struct runner *r)
{
    code_close(r);
    block_free(r);
    free(r->made);
    mask_release(&r->mask);
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        for (int v = 0; v < STEP_VARIANTS; v++) {
            layout_free(y->code[v].layout);
            token_set_close(&y->code[v].made);
            free(y->code[v].table);
            free(y->code[v].vec);
        }
        free(y->rblock);
        free(y->rtotal);
        free(y->iblock);
        free(y->itotal);
    }
    sums_close(r);
    stretches_release(&r->live);
    for (int i = 0; i < pool_threads(r->pool); i++) {
        free(r->scratch[i].temp);
        free(r->scratch[i].pack);
        free(r->scratch[i].tok);
        token_set_close(&r->scratch[i].came);
        launches_close(&r->scratch[i].once);
        launches_close(&r->scratch[i].pass[0]);
        launches_close(&r->scratch[i].pass[1]);
        free(r->scratch[i].begun);
        free(r->scratch[i].direct);
    }
    free(r->scratch);
    free(r->layers);
    net_plan_free(r->plan);
    pool_free(r->pool);
    free(r);
}

/* ---- run ----------------------------------------------------------------- */

/* The window's step variant, with its weights packed. */
static void
choose(struct runner *r)
{
    enum step_variant v = net_plan_variant(r->plan, r->w->steps);
    double t0;

    if (v != r->variant || !r->layers[0].cases)
        set_variant(r, v);
    if (!r->stale[v])
        return;
    t0 = r->o.profile ? wall_seconds() : 0;
    code_load(r);
    r->stale[v] = false;
    if (r->o.profile)
        r->scratch[0].seconds[WORK_UPDATE] += wall_seconds() - t0;
}

const struct mask *
runner_window(struct runner *r, const struct window *w)
{
    r->w = w;
    mask_list(&r->mask, w->scored, w->rows, w->steps, (size_t)w->row_steps);
    return &r->mask;
}

void
runner_run(struct runner *r, loss_fn *loss, void *ctx, float *grad)
{
    const struct window *w = r->w;

    choose(r);
    r->loss = loss;
    r->loss_ctx = ctx;
    r->gradient = grad != NULL;
    r->drop = (struct ew_drop){ w->seed, w->update };
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

void
runner_observe(struct runner *r, observe_fn *fn, void *ctx)
{
    for (int t = 0; t < r->T; t++)
        for (int b = 0; b < r->R; b++)
            for (int l = 0; l < r->stack; l++) {
                const struct plan *p = r->layers[l].plan;
                int kase = layer_case(r, l, t);
                const struct plan_case *c = &p->cases[kase];

                for (int i = 0; i < c->nnamed; i++) {
                    ptrdiff_t stride;
                    const float *v = value_rows(r, l, kase,
                                                c->named[i].value, &stride);

                    fn(ctx, t, r->row0 + b, r->net->layers[l].name,
                       c->named[i].name,
                       v + (ptrdiff_t)(t * r->R + b) * stride,
                       c->named[i].size);
                }
            }
}

void
runner_profile(const struct runner *r, double seconds[WORK_KINDS])
{
    for (int i = 0; i < pool_threads(r->pool); i++)
        for (int k = 0; k < WORK_KINDS; k++)
            seconds[k] += r->scratch[i].seconds[k];
}

double
runner_operations(const struct runner *r)
{
    double n = 0;

    for (int i = 0; i < pool_threads(r->pool); i++)
        n += r->scratch[i].operations;
    return n;
}

size_t
runner_bytes_kept(const struct runner *r)
{
    return r->kept_floats * sizeof(float);
}

double
runner_kept(const struct net_plan *p, enum step_variant v, double positions,
            double masked)
{
    double floats = 0;

    for (int l = 0; l < p->nlayers; l++) {
        struct layout *y = layout_new(p->layers[l].plan[v]);

        floats += layout_kept(y, p->gradient) *
                  (l < p->stack ? positions : masked);
        layout_free(y);
    }
    return floats * (double)sizeof(float);
}

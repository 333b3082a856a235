/* backend.c - graphics processors as devices: opened, closed, asked. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cuda/cuda.h"
#include "cuda/nets.h"
#include "graph/derived.h"

/* ---- open, close ---------------------------------------------------------*/

/* Neighbours in the table that share a rate. */
static void
find_rates(struct device *d)
{
    for (int i = 0; i < d->net->nparams; i++) {
        const struct net_param *p = &d->net->params[i];
        size_t n = (size_t)p->rows * (size_t)p->cols;
        struct stretch *last = d->nrates ? &d->rate[d->nrates - 1] : NULL;

        if (last && last->rate == p->rate) {
            last->n += n;
            continue;
        }
        d->rate = xrealloc(d->rate, (size_t)d->nrates + 1, sizeof *d->rate);
        d->rate[d->nrates++] = (struct stretch){ p->offset, n, p->rate };
    }
}

/* Which accumulators have look-ups beside products, and which parameters are
 * summed by token. */
static void
find_tokens(struct device *d)
{
    d->mixed = xcalloc((size_t)d->plan->naccumulators + 1, sizeof *d->mixed);
    d->by_token = xcalloc((size_t)d->net->nparams + 1, sizeof *d->by_token);
    for (int i = 0; i < d->plan->ngroups; i++) {
        const struct consumer_group *g = &d->plan->groups[i];
        const struct plan *p = d->plan->layers[g->layer].plan[STEPS_SEVERAL];

        for (int k = 0; k < g->n; k++) {
            const struct consumer *c = &g->consumer[k];
            const struct accumulator *a =
                &d->plan->accumulators[c->accumulator];

            d->by_token[a->param] |= a->tokens;
            d->mixed[c->accumulator] |= !a->tokens &&
                p->cases[g->kase].weight[c->weight].token;
        }
    }
}

/* What only the CPU does so far. */
static void
refuse(const char *kind, const struct net *n, const struct device_options *o)
{
    if (n->codes)
        die(RC_DEVICE, "--device %s: tokens with a codebook are for the cpu",
            kind);
    if (derived_any(n))
        die(RC_DEVICE, "--device %s: matrices made of learned ones (cayley, "
            "exp, householder) are for the cpu", kind);
    if (o->net && (o->net->rule.kind == UPDATE_PER_NEURON ||
                   o->net->rule.kind == UPDATE_HYBRID))
        die(RC_DEVICE, "--device %s: optimizers per_neuron and hybrid are for "
            "the cpu", kind);
}

static struct device *
open_on(const char *kind, const struct net *n, const struct device_options *o)
{
    struct device *d = xcalloc(1, sizeof *d);
    size_t nets = (size_t)o->nets;

    refuse(kind, n, o);
    d->net = n;
    d->o = *o;
    d->rule = xcalloc(nets, sizeof *d->rule);
    if (o->net)
        memcpy(d->rule, o->net, nets * sizeof *d->rule);
    d->o.net = d->rule;
    d->gpu = gpu_open(kind);
    d->stream = gpu_stream_open(d->gpu);
    d->plan = net_plan_new(n, &(struct net_plan_options){
                                  .gradient = o->training,
                                  .observe = o->observe });
    d->nlayers = n->nlayers;
    d->stack = d->plan->stack;
    d->layers = xcalloc((size_t)n->nlayers + 1, sizeof *d->layers);
    for (int l = 0; l < n->nlayers; l++)
        d->layers[l].net = &n->layers[l];
    d->hold = xcalloc(nets, sizeof *d->hold);
    d->rows = xcalloc(nets, sizeof *d->rows);
    find_rates(d);
    find_tokens(d);
    lists_open(d);
    planes_open(d);
    words_open(d);
    return d;
}

static struct device *
cuda_open(const struct net *n, const struct device_options *o)
{
    return open_on("cuda", n, o);
}

static struct device *
emulated_open(const struct net *n, const struct device_options *o)
{
    return open_on("emulated", n, o);
}

static void
cuda_close(struct device *d)
{
    gpu_close(d->gpu);
    words_close(d);
    planes_close(d);
    net_plan_free(d->plan);
    free(d->layers);
    free(d->hold);
    free(d->rows);
    free(d->rate);
    free(d->mixed);
    free(d->by_token);
    free(d->set);
    free(d->rule);
    free(d);
}

/* ---- what there is to say ------------------------------------------------*/

static bool
cuda_fits(const struct net *n, int nets)
{
    (void)n;
    return nets <= MOST_NETS;
}

static const char *
cuda_kind(const struct device *d)
{
    return gpu_facts(d->gpu)->name;
}

static void
cuda_profile(const struct device *d, double seconds[WORK_KINDS])
{
    memcpy(seconds, d->seconds, sizeof d->seconds);
}

/* As planes.c places them: the values that are kept, and states, outputs and
 * their adjoints. */
static double
cuda_kept(const struct net_plan *p, enum step_variant v, double positions,
          double masked)
{
    double floats = 0;

    for (int l = 0; l < p->nlayers; l++) {
        const struct plan *y = p->layers[l].plan[v];
        double row = 0;

        for (int i = 0; i < y->cases[0].nvalues; i++)
            if (y->cases[0].value[i].class == V_KEPT)
                row += y->cases[0].value[i].size;
        for (int i = 0; i < y->eq->nstates; i++)
            row += y->eq->states[i].size;
        row += (y->output < 0 ? y->eq->output_size : 0) +
               (p->gradient ? y->eq->output_size : 0);
        floats += row * (l < p->stack ? positions : masked);
    }
    return floats * (double)sizeof(float);
}

const struct backend backend_cuda = {
    .name = "cuda", .most_nets = MOST_NETS, .fits = cuda_fits,
    .open = cuda_open, .close = cuda_close, .kind = cuda_kind,
    .put = nets_put, .get = nets_get, .copy = nets_copy,
    .batch = nets_batch, .step = nets_step, .wait = nets_wait,
    .forward = nets_forward, .observe = nets_observe,
    .draw = nets_draw, .profile = cuda_profile, .kept = cuda_kept,
};

const struct backend backend_emulated = {
    .name = "emulated", .most_nets = MOST_NETS, .fits = cuda_fits,
    .open = emulated_open, .close = cuda_close, .kind = cuda_kind,
    .put = nets_put, .get = nets_get, .copy = nets_copy,
    .batch = nets_batch, .step = nets_step, .wait = nets_wait,
    .forward = nets_forward, .observe = nets_observe,
    .draw = nets_draw, .profile = cuda_profile, .kept = cuda_kept,
};

/* device.c - the CPU as a device: opened, closed, asked. */
#include "cpu/device.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/update.h"

/* ---- open, close ---------------------------------------------------------*/

static void
open_training(struct device *d)
{
    size_t n = (d->net->weights + 1) * (size_t)d->lanes;
    const struct update_rule *u = &d->rule[0].rule;

    d->grad = xaligned(n, sizeof *d->grad);
    if (u->kind == UPDATE_PER_NEURON || u->kind == UPDATE_HYBRID) {
        d->scaling = xcalloc(1, sizeof *d->scaling);
        scaling_open(d->scaling, d->net, d->lanes);
    }
    if (update_has_m(u))
        d->m = xaligned(n, sizeof *d->m);
    if (update_has_v(u))
        d->v = xaligned(n, sizeof *d->v);
    stretches_all(&d->all, d->net);
    loss_init(&d->loss, d->o.loss, d->net->output_size, d->lanes, d->kernels);
}

static struct device *
cpu_open(const struct net *n, const struct device_options *o)
{
    struct device *d = xcalloc(1, sizeof *d);
    size_t nets = (size_t)o->nets;
    struct runner_options r;

    d->net = n;
    d->o = *o;
    d->lanes = o->nets > 1 ? LANES : 1;
    d->kernels = kernels_pick();
    d->rule = xcalloc(nets, sizeof *d->rule);
    if (o->net)
        memcpy(d->rule, o->net, nets * sizeof *d->rule);
    d->o.net = d->rule;
    d->weights = xaligned((n->weights + 1) * (size_t)d->lanes,
                          sizeof *d->weights);
    d->best = xcalloc(nets, sizeof *d->best);
    d->parked = xcalloc(nets, sizeof *d->parked);
    d->outcome = xcalloc(nets, sizeof *d->outcome);
    d->loaded_net = -1;
    if (o->training)
        open_training(d);
    loss_init(&d->one_loss, o->loss, n->output_size, 1, d->kernels);
    r = (struct runner_options){
        .threads = o->threads, .gradient = o->training, .lanes = d->lanes,
        .observe = o->observe, .profile = o->profile,
    };
    if (n->codes)
        d->codes = codes_open(n, d->kernels);
    d->runner = runner_open(n->codes ? n->codes->net : n, &r);
    return d;
}

static void
cpu_close(struct device *d)
{
    runner_close(d->runner);
    codes_close(d->codes);
    if (d->one)
        runner_close(d->one);
    if (d->scaling)
        scaling_close(d->scaling);
    free(d->scaling);
    loss_release(&d->loss);
    loss_release(&d->one_loss);
    states_release(&d->states);
    states_release(&d->one_states);
    for (int i = 0; i < d->o.nets; i++) {
        struct parked *p = &d->parked[i];

        free(d->best[i]);
        free(p->weights);
        free(p->m);
        free(p->v);
        free(p->states);
    }
    free(d->parked);
    free(d->best);
    free(d->outcome);
    free(d->rule);
    free(d->weights);
    free(d->grad);
    free(d->m);
    free(d->v);
    free(d->one_weights);
    stretches_release(&d->all);
    free(d);
}

/* ---- what there is to say ------------------------------------------------*/

static bool
cpu_fits(const struct net *n, int nets)
{
    return nets <= LANES && runner_fits(n, nets) && (nets == 1 || !n->codes);
}

static const char *
cpu_kind(const struct device *d)
{
    return d->kernels->isa;
}

static void
cpu_batch(struct device *d, const struct batch *b)
{
    d->batch = b;
}

static void
cpu_profile(const struct device *d, double seconds[WORK_KINDS])
{
    memset(seconds, 0, WORK_KINDS * sizeof *seconds);
    runner_profile(d->runner, seconds);
    if (d->one)
        runner_profile(d->one, seconds);
    seconds[WORK_UPDATE] += d->update_seconds;
}

const struct backend backend_cpu = {
    .name = "cpu", .most_nets = LANES, .fits = cpu_fits, .open = cpu_open,
    .close = cpu_close, .kind = cpu_kind, .put = hold_put, .get = hold_get,
    .copy = hold_copy, .batch = cpu_batch, .step = device_step,
    .wait = device_wait, .forward = device_forward,
    .observe = device_observe, .draw = device_draw, .profile = cpu_profile,
    .kept = runner_kept,
};

/* forward.c - batches run forward: losses, outputs, named vectors. */
#include <string.h>

#include "base/stop.h"
#include "cpu/device.h"

/* A fleet's nets are run one at a time by a runner of their own. */
static struct runner *
runner_of_one(struct device *d, int net, enum holding weights)
{
    struct runner_options o = { .threads = d->o.threads,
                                .profile = d->o.profile };

    if (!d->one)
        d->one = runner_open(d->net, &o);
    if (d->loaded_net != net || d->loaded != weights)
        runner_load(d->one, hold_weights(d, net, weights));
    d->loaded_net = net;
    d->loaded = weights;
    return d->one;
}

void
device_pack(struct device *d, const float *w)
{
    if (d->packed == w)
        return;
    d->packed = w;
    runner_load(d->runner, d->codes ? codes_weights(d->codes, w) : w);
}

struct runner *
device_load(struct device *d, int net, enum holding weights)
{
    if (d->lanes > 1)
        return runner_of_one(d, net, weights);
    device_pack(d, hold_weights(d, net, weights));
    return d->runner;
}

static void
swap(struct states *s, int64_t rows)
{
    float *was = s->now;

    s->now = s->next;
    s->next = was;
    s->rows = rows;
}

bool
device_forward(struct device *d, const struct forward *f, struct tally *sums)
{
    const struct batch *b = f->batch;
    struct runner *r = device_load(d, f->net, f->weights);
    struct loss *l = &d->one_loss;

    states_reserve(&d->one_states, b->rows, d->net->state_size, 1);
    d->window = (struct window){
        .rows = b->rows, .steps = b->steps, .row_steps = b->steps,
        .tokens = b->tokens, .vectors = b->vectors, .scored = b->scored,
        .length = b->length, .first_step = f->first_step, .fresh = f->fresh,
        .state = d->one_states.now, .next = d->one_states.next,
    };
    loss_begin(l, b, 0, runner_window(r, &d->window));
    if (f->loss)
        l->value = f->loss;
    if (f->correct && l->kind <= LOSS_CROSS_ENTROPY_SUM)
        l->correct = f->correct;
    l->probs = f->probs;
    l->outputs = f->outputs;
    runner_run(r, loss_place, l, NULL);
    if (stop_asked())
        return false;
    swap(&d->one_states, b->rows);
    loss_sums(l, sums);
    return true;
}

void
device_observe(struct device *d, observe_fn *fn, void *ctx)
{
    runner_observe(d->runner, fn, ctx);
}

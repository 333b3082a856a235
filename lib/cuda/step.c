/* step.c - a window's loss, gradient and update, for all nets of a device. */
#include "base/stop.h"
#include "cuda/nets.h"

void
nets_batch(struct device *d, const struct batch *b)
{
    d->batch = b;
    nets_send(d, b);
}

/* The batch's vectors, which all nets share. */
void
nets_send(struct device *d, const struct batch *b)
{
    size_t n = (size_t)b->rows * (size_t)b->steps * sizeof(float);
    size_t in = b->vectors ? n * (size_t)d->net->input_size : 0;
    size_t out = b->values ? n * (size_t)d->net->output_size : 0;

    if (in) {
        planes_grow(d, &d->vectors, &d->vectors_room, in);
        gpu_write(d->stream, d->vectors, b->vectors, in);
    }
    if (out) {
        planes_grow(d, &d->targets, &d->targets_room, out);
        gpu_write(d->stream, d->targets, b->values, out);
    }
    planes_batch(d, d->vectors, d->targets);
}

/* Everything a window needs before its launches. */
void
nets_window(struct device *d, const struct window *w)
{
    lists_window(d, w);
    words_variant(d, d->w.variant);
    planes_reserve(d, &d->w);
    planes_send(d);
    words_send(d);
}

/* The next states are not those that are held until wait(), and weights change
 * last. */
static void
step_launches(struct device *d, const struct launches_key *key)
{
    if (key->w.places)
        run_clear_output(d);
    run_forward(d, PLANE_STATES, key->carry);
    if (!key->w.places)
        return;
    run_loss(d, true, false);
    run_tally(d);
    run_backward(d);
    run_gradients(d);
    run_update(d, key->update);
}

static size_t
outcome_bytes(const struct device *d)
{
    return (size_t)d->o.nets * OUTCOMES * sizeof(double);
}

void
nets_step(struct device *d, const struct step *s)
{
    struct window w = {
        .batch = d->batch, .t0 = s->t0, .t1 = s->t1,
        .first_step = s->first_step, .fresh = s->fresh, .dropout = true,
        .number = s->number, .net = -1, .step = s,
    };
    struct launches_key key = { .kind = LAUNCHES_STEP, .carry = s->carry,
                                .update = s->update };

    d->step = *s;
    if (s->carry)
        planes_states(d, PLANE_STATES, &d->states_room, d->batch->rows);
    nets_window(d, &w);
    key.w = d->w;
    d->given_up = stop_asked();        /* the last look at it */
    if (d->given_up || !(d->w.compact || s->carry))
        return;
    graphs_run(d, &key, step_launches);
    if (d->w.compact)
        gpu_read(d->stream, d->outcomes_here, d->outcomes, outcome_bytes(d));
}

bool
nets_wait(struct device *d, struct outcome *out)
{
    const struct step *s = &d->step;

    for (int i = 0; i < d->o.nets; i++)
        out[i] = (struct outcome){ .diverged = false };
    gpu_wait(d->stream);
    for (int i = 0; i < d->o.nets && !d->given_up; i++) {
        const double *x = d->outcomes_here + (size_t)i * OUTCOMES;

        if (!s->net[i].active)
            continue;
        d->rows[i] = s->carry ? d->batch->rows : 0;
        if (s->carry)
            planes_swap(d, i, PLANE_STATES);
        if (d->w.compact)
            out[i] = (struct outcome){
                .tally = { x[OUT_LOSS], d->w.compact, (int64_t)x[OUT_RIGHT] },
                .diverged = x[OUT_DIVERGED] != 0,
            };
    }
    return !d->given_up;
}

/* step.c - a window's loss, gradient and update, for all nets of a device. */
#include <math.h>

#include "base/progress.h"
#include "base/stop.h"
#include "cpu/device.h"
#include "cpu/update.h"

static struct window
window_of(struct device *d, const struct step *s)
{
    const struct batch *b = d->batch;
    size_t t0 = (size_t)s->t0, width = (size_t)d->net->input_size;

    if (s->carry)
        states_reserve(&d->states, b->rows, d->net->state_size, d->lanes);
    return (struct window){
        .rows = b->rows, .steps = s->t1 - s->t0, .row_steps = b->steps,
        .tokens = b->tokens ? b->tokens + t0 : NULL,
        .vectors = b->vectors ? b->vectors + t0 * width : NULL,
        .scored = b->scored + t0, .length = b->length, .from = s->t0,
        .first_step = s->first_step, .fresh = s->fresh,
        .state = d->states.now, .next = s->carry ? d->states.next : NULL,
        .dropout = d->lanes == 1, .seed = d->rule[0].seed,
        .update = s->number,
    };
}

static void
swap_states(struct device *d, const struct step *s)
{
    float *was = d->states.now;

    d->states.rows = s->carry ? d->batch->rows : 0;
    if (!s->carry)
        return;
    d->states.now = d->states.next;
    d->states.next = was;
}

/* Every lane's net, or the first active one's where it has none. */
static void
lanes_of(const struct device *d, const struct step *s, struct lane *lane)
{
    int lead = 0;

    while (!s->net[lead].active)
        lead++;
    for (int i = 0; i < d->lanes; i++) {
        int n = i < d->o.nets && s->net[i].active ? i : lead;

        lane[i] = (struct lane){ &d->rule[n].rule, s->net[n].rate,
                                 s->net[n].powers, 1, d->scaling };
    }
}

static const struct update_rule no_clipping;

static bool
all_finite(const float *w, int nets, const struct stretches *s)
{
    int bad = 0;

    for (const struct stretch *x = s->x; x < s->x + s->n; x++) {
        const float *y = w + x->at * (size_t)nets;

        for (size_t i = 0; i < x->n * (size_t)nets; i++)
            bad |= !isfinite(y[i]);
    }
    return !bad;
}

/* Does this update leave weights as they are whose gradient is +0?  Not if one
 * of them is infinite: 0 times that is NaN. */
static bool
leaves(struct device *d, const struct lane *lane)
{
    if (!update_leaves(d->lanes, lane, &d->all))
        return false;
    if (!d->finite)
        d->finite = all_finite(d->weights, d->lanes, &d->all);
    return d->finite;
}

/* Updates of all that have not diverged. */
static void
update(struct device *d, const struct step *s)
{
    struct lane lane[LANES];
    const struct stretches *live = d->codes ? NULL : runner_live(d->runner);
    const struct stretches *some;
    uint32_t bad;
    bool any = false, finite;

    lanes_of(d, s, lane);
    for (int i = 0; !s->update && i < d->lanes; i++)
        lane[i].rule = &no_clipping;
    bad = update_clip(d->kernels, d->lanes, lane, d->grad,
                      live ? live : &d->all);
    for (int i = 0; i < d->o.nets; i++) {
        if (!s->net[i].active)
            continue;
        d->outcome[i].diverged = bad >> i & 1 ||
                                 !isfinite(d->outcome[i].tally.loss);
        any |= !d->outcome[i].diverged;
        if (d->outcome[i].diverged && d->lanes > 1)
            hold_park(d, i);
    }
    if (!any || !s->update)
        return;
    some = live && leaves(d, lane) ? live : &d->all;
    update_weights(d->kernels, d->lanes, lane, some, d->weights, d->grad,
                   d->m, d->v);
    finite = some == live && all_finite(d->weights, d->lanes, live);
    hold_changed(d);
    d->finite = finite;
}

static void
clear(struct device *d)
{
    for (int i = 0; i < d->o.nets; i++)
        d->outcome[i] = (struct outcome){ .diverged = false };
    d->given_up = false;
}

/* What came of the losses at the window's places. */
static void
sum(struct device *d, const struct step *s)
{
    struct tally t[LANES];

    loss_sums(&d->loss, t);
    for (int i = 0; i < d->o.nets; i++)
        if (s->net[i].active)
            d->outcome[i].tally = t[i];
}

void
device_step(struct device *d, const struct step *s)
{
    const struct mask *mask;
    bool scored;
    double t0;

    clear(d);
    if (d->lanes > 1)
        hold_lanes(d, s->net);
    d->window = window_of(d, s);
    mask = runner_window(d->runner, &d->window);
    scored = mask->n > 0;
    loss_begin(&d->loss, d->batch, s->t0, mask);
    device_pack(d, d->weights);
    if (scored || s->carry)
        runner_run(d->runner, loss_place, &d->loss, !scored ? NULL :
                   d->codes ? codes_twin_gradient(d->codes) : d->grad);
    d->given_up = stop_asked();
    if (d->given_up)
        return;
    swap_states(d, s);
    if (!scored)
        return;
    t0 = d->o.profile ? wall_seconds() : 0;
    sum(d, s);
    if (d->codes)
        codes_gradient(d->codes, d->grad);
    update(d, s);
    if (d->o.profile)
        d->update_seconds += wall_seconds() - t0;
}

bool
device_wait(struct device *d, struct outcome *out)
{
    for (int i = 0; i < d->o.nets; i++)
        out[i] = d->outcome[i];
    return !d->given_up;
}

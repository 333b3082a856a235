#include "train/fleet.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/keys.h"
#include "base/machine.h"
#include "base/stop.h"
#include "train/config.h"
#include "train/fleet_parts.h"

/* ---- who can go together ------------------------------------------------*/

/* Settings in which the runs of a fleet may differ. */
static const char *const free_keys[] = {
    "seed", "lr", "lr_end", "schedule", "warmup", "momentum",
    "rmsprop_momentum", "alpha", "beta1", "beta2", "epsilon",
    "epsilon_inside", "weight_decay", "clip_norm", "clip_element",
    "curve_every", "average", "average_start", "validate_every", "select",
    "patience", "steps", "epochs", NULL,
};

static bool
is_free(const char *key, bool ordered)
{
    if (ordered && !strcmp(key, "seed"))
        return false;
    for (int i = 0; free_keys[i]; i++)
        if (!strcmp(free_keys[i], key))
            return true;
    return false;
}

const char *
fleet_differs(const json_t *a, const json_t *b, bool ordered)
{
    json_t *s = config_settings(a), *t = config_settings(b);
    const char *differs = NULL;

    for (const struct key *k = train_keys; k->path && !differs; k++)
        if (!is_free(k->path, ordered) &&
            !json_equal(json_object_get(s, k->path),
                        json_object_get(t, k->path)))
            differs = k->path;
    /* without momentum rmsprop keeps no array of it */
    if (!differs && (keys_real(s, "rmsprop_momentum") > 0) !=
                        (keys_real(t, "rmsprop_momentum") > 0))
        differs = "rmsprop_momentum";
    json_decref(s);
    json_decref(t);
    return differs;
}

bool
fleet_fits(const struct net *n)
{
    for (int l = 0; l < n->nlayers; l++)
        if (n->layers[l].eq->ndrops)
            return false;
    return true;
}

/* ---- lanes --------------------------------------------------------------*/

/* A run's numbers into a lane, and out of its own. */
static void
put(float *all, const float *one, size_t n, int lane)
{
    for (size_t i = 0; all && i < n; i++)
        all[i * LANES + (size_t)lane] = one[i];
}

static void
take(const float *all, float *one, size_t n, int lane)
{
    for (size_t i = 0; all && i < n; i++)
        one[i] = all[i * LANES + (size_t)lane];
}

static size_t
states(const struct run *r)
{
    return (size_t)r->s.n.state_rows * r->net->state_size;
}

static void
state_room(struct fleet *f, int64_t rows)
{
    size_t size = f->run[0]->net->state_size * LANES;
    float *old = f->state;

    if (rows <= f->state_room)
        return;
    f->state = xaligned((size_t)rows * size + LANES, sizeof *f->state);
    free(f->kept.state);
    f->kept.state = xaligned((size_t)rows * size + LANES, sizeof *f->state);
    if (old) {
        size_t n = (size_t)f->state_room * size * sizeof *f->state;

        memcpy(f->state, old, n);
        memcpy(f->kept.state, old, n);
    }
    free(old);
    f->state_room = rows;
}

static void
lane_put(struct fleet *f, int lane, const struct run *r)
{
    size_t p = r->net->weights;

    state_room(f, r->s.n.state_rows);
    put(f->weights, r->weights, p, lane);
    put(f->m, r->optim.m, p, lane);
    put(f->v, r->optim.v, p, lane);
    put(f->state, r->state, states(r), lane);
}

/* The run's own arrays are as they would be alone. */
static void
lane_take(struct fleet *f, int lane)
{
    struct run *r = f->run[lane];
    size_t p = r->net->weights;

    if (!f->aboard[lane])
        return;
    take(f->weights, r->weights, p, lane);
    take(f->m, r->optim.m, p, lane);
    take(f->v, r->optim.v, p, lane);
    take(f->state, r->state, states(r), lane);
}

static int
lane_of(const struct fleet *f, const struct run *r)
{
    int i = 0;

    while (f->run[i] != r)
        i++;
    return i;
}

/* Lanes of no use compute what the lead's does. */
static void
fill_lanes(struct fleet *f)
{
    lane_take(f, lane_of(f, f->lead));
    for (int i = 0; i < LANES; i++)
        if (i >= f->n || !f->aboard[i])
            lane_put(f, i, f->lead);
    f->refill = false;
}

static void
lane_leave(struct fleet *f, int lane)
{
    lane_take(f, lane);
    f->aboard[lane] = false;
    f->refill = true;
    f->lead = NULL;
    for (int i = f->n - 1; i >= 0; i--)
        if (f->aboard[i])
            f->lead = f->run[i];
}

/* ---- where they are -----------------------------------------------------*/

static int
compare(const struct run *a, const struct run *b)
{
    const int64_t x[] = { a->s.n.epoch, a->s.n.batch, a->s.n.step };
    const int64_t y[] = { b->s.n.epoch, b->s.n.batch, b->s.n.step };

    for (int i = 0; i < 3; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return 0;
}

/* Those that are least far go on together.  Those aboard are equally far, and
 * nobody is less. */
static void
board(struct fleet *f)
{
    const struct run *least = NULL;

    for (int i = 0; i < f->n; i++)
        if (!f->ended[i] && (!least || compare(f->run[i], least) < 0))
            least = f->run[i];
    for (int i = f->n - 1; i >= 0; i--) {
        if (f->ended[i] || compare(f->run[i], least))
            continue;
        if (!f->aboard[i]) {
            lane_put(f, i, f->run[i]);
            f->aboard[i] = f->refill = true;
        }
        f->lead = f->run[i];
    }
    if (f->refill)
        fill_lanes(f);
}

/* A feed that is not stored goes on from batch to batch. */
static const struct batch *
next_batch(struct fleet *f)
{
    const struct run *r = f->lead;
    struct feed *feed = r->data->train;

    while (!feed_set(feed) && f->epoch == r->s.n.epoch &&
           f->batch + 1 < r->s.n.batch)
        feed_batch(feed, f->epoch, ++f->batch);
    f->epoch = r->s.n.epoch;
    f->batch = r->s.n.batch;
    return feed_batch(feed, f->epoch, f->batch);
}

/* ---- one window ---------------------------------------------------------*/

static struct window
window(struct fleet *f, const struct batch *b, int end)
{
    struct window w = { 0 };

    for (int i = 0; i < f->n; i++)
        if (f->aboard[i])
            w = run_window(f->run[i], b, end);
    if (w.state) {
        state_room(f, b->rows);
        w.state = f->state;
    }
    w.dropout = false;
    return w;
}

/* Updates of all that have not diverged. */
static void
update(struct fleet *f)
{
    uint32_t bad = fleet_clip_all(f);
    double lr[LANES];

    for (int i = 0; i < f->n; i++) {
        struct run *r = f->run[i];

        if (f->aboard[i] && (!isfinite(f->tally[i].loss) || bad >> i & 1)) {
            r->s.n.diverged = r->s.n.update + 1;
            lane_leave(f, i);
        }
    }
    if (!f->lead)
        return;
    for (int i = 0; i < f->n; i++)
        if (f->aboard[i])
            lr[i] = schedule_rate(&f->run[i]->schedule,
                                  f->run[i]->s.n.update, run_done(f->run[i]));
    for (int i = 0; i < LANES; i++)
        if (i >= f->n || !f->aboard[i])
            lr[i] = lr[lane_of(f, f->lead)];
    fleet_step_all(f, lr);
    f->lead->o->backend->load(f->runner, f->weights);
    for (int i = 0; i < f->n; i++)
        if (f->aboard[i])
            run_count(f->run[i], &f->tally[i], lr[i]);
}

/* Floats of the states that are carried. */
static size_t
carried(const struct fleet *f)
{
    return states(f->lead) * LANES;
}

static void
keep_states(struct fleet *f)
{
    for (int i = 0; i < f->n; i++) {
        f->kept.rows[i] = f->run[i]->s.n.state_rows;
        f->kept.seen[i] = f->run[i]->s.n.seen;
    }
    if (carried(f))
        memcpy(f->kept.state, f->state, carried(f) * sizeof *f->state);
}

static void
abandon(struct fleet *f)
{
    for (int i = 0; i < f->n; i++) {
        f->run[i]->s.n.state_rows = f->kept.rows[i];
        f->run[i]->s.n.seen = f->kept.seen[i];
    }
    if (carried(f))
        memcpy(f->state, f->kept.state, carried(f) * sizeof *f->state);
    f->busy = false;
}

static void
do_window(struct fleet *f)
{
    const struct backend *k = f->lead->o->backend;
    const struct batch *b = next_batch(f);
    bool scored;
    struct window w;
    int end;

    end = run_window_end(f->lead, b);
    f->busy = true;
    keep_states(f);
    w = window(f, b, end);
    fleet_loss_begin(f, b, (int)f->lead->s.n.step, w.steps);
    scored = f->lead->loss.scored > 0;
    if (scored || w.state)
        k->run(f->runner, &w, fleet_loss_place, f, scored ? f->grad : NULL);
    if (stop_asked()) {
        abandon(f);
        stop_look();
    }
    if (scored) {
        fleet_loss_sums(f);
        update(f);
    }
    for (int i = 0; i < f->n; i++)
        if (f->aboard[i])
            run_advance(f->run[i], b, end);
    f->busy = false;
}

/* ---- the loop -----------------------------------------------------------*/

static void
save_all(struct fleet *f)
{
    for (int i = 0; i < f->n; i++) {
        struct run *r = f->run[i];

        if (f->ended[i] || r->busy || !r->o->checkpoint ||
            r->s.n.update == r->saved_update)
            continue;
        lane_take(f, i);
        run_save(r);
    }
}

static void
save_at_exit(void *arg)
{
    struct fleet *f = arg;

    progress_end(&f->progress);
    if (!f->busy)
        save_all(f);
    if (stop_asked())
        warn("stopped; the same command goes on from the checkpoints");
}

static void
save_in_time(struct fleet *f, int64_t before)
{
    const struct run *r = f->lead;

    if (!r || r->s.n.update == before)
        return;
    if (wall_seconds() - r->saved_at >= r->o->every ||
        (r->o->every_steps && r->s.n.update % r->o->every_steps == 0))
        save_all(f);
}

/* From now on these many runs pay for the processor. */
static void
share(struct fleet *f)
{
    int left = 0;

    for (int i = 0; i < f->n; i++)
        left += !f->ended[i];
    for (int i = 0; i < f->n; i++)
        if (!f->ended[i])
            run_pay(f->run[i], left);
}

/* Judgements that are due, and ends.  False if nobody is left. */
static bool
settle(struct fleet *f)
{
    bool left = false;

    for (int i = 0; i < f->n; i++) {
        struct run *r = f->run[i];

        while (!f->ended[i] && (r->s.n.judge || run_finished(r))) {
            lane_take(f, i);
            r->o->backend->load(r->runner, r->weights);
            if (r->s.n.judge || r->s.n.places) {
                r->s.n.judge = 1;
                run_judge(r);
                continue;
            }
            if (f->aboard[i])
                lane_leave(f, i);
            f->done(f->ctx, i);
            f->ended[i] = true;
            share(f);
        }
        left |= !f->ended[i];
    }
    return left;
}

static void
show(struct fleet *f)
{
    char note[64];

    if (!f->lead || !f->progress.on)
        return;
    snprintf(note, sizeof note, "%d nets, loss %.4f", f->n,
             f->lead->s.x.average);
    progress_show(&f->progress, (double)f->lead->s.n.update, note);
}

static void
open_fleet(struct fleet *f, struct run **run, int n)
{
    const struct run *r = run[0];
    struct backend_options o = { .threads = r->o->threads, .gradient = true,
                                 .lanes = LANES };
    size_t p = r->net->weights * LANES + LANES;

    f->n = n;
    f->epoch = f->batch = -1;
    f->runner = r->o->backend->open(r->net, &o);
    f->weights = xaligned(p, sizeof *f->weights);
    f->grad = xaligned(p, sizeof *f->grad);
    f->m = r->optim.m ? xaligned(p, sizeof *f->m) : NULL;
    f->v = r->optim.v ? xaligned(p, sizeof *f->v) : NULL;
    for (int i = 0; i < n; i++) {
        f->run[i] = run[i];
        run[i]->started = run[i]->saved_at = wall_seconds();
        run[i]->paid_at = machine_seconds();
        run[i]->sharing = n;
        run[i]->saved_update = run[i]->s.n.update;
    }
    r->o->backend->load(f->runner, f->weights);
    progress_init(&f->progress, "train", "updates", (double)r->s.n.update,
                  (double)r->steps);
    if (r->o->quiet)
        f->progress.on = 0;
}

static void
close_fleet(struct fleet *f)
{
    progress_end(&f->progress);
    f->run[0]->o->backend->close(f->runner);
    free(f->weights);
    free(f->grad);
    free(f->m);
    free(f->v);
    free(f->state);
    free(f->kept.state);
    free(f->value);
    free(f->correct);
}

void
fleet_train(struct run **run, int n, fleet_done_fn *done, void *ctx)
{
    struct fleet f = { .done = done, .ctx = ctx };

    open_fleet(&f, run, n);
    at_exit_run(save_at_exit, &f);
    for (;;) {
        int64_t before;

        stop_look();
        if (!settle(&f))
            break;
        board(&f);
        before = f.lead->s.n.update;
        do_window(&f);
        show(&f);
        save_in_time(&f, before);
    }
    at_exit_drop(save_at_exit, &f);
    close_fleet(&f);
}

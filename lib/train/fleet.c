/* fleet.c - runs trained together: who can go together, and the loop. */
#include "train/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/keys.h"
#include "base/machine.h"
#include "base/stop.h"
#include "train/config.h"

/* ---- who can go together ------------------------------------------------*/

/* Settings in which the runs of a fleet may differ. */
static const char *const free_keys[] = {
    "seed", "lr", "lr_end", "schedule", "warmup", "momentum",
    "rmsprop_momentum", "alpha", "beta1", "beta2", "epsilon",
    "epsilon_inside", "weight_decay", "clip_norm", "clip_element",
    "curve_every", "average", "average_start", "validate_every", "select",
    "patience", "stop_accuracy", "steps", "epochs", "scaling", "adam_rate",
    "stop_reduction", NULL,
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

/* A key that has no default may be in neither. */
static bool
agree(const json_t *a, const json_t *b)
{
    return a == b || json_equal(a, b);
}

const char *
fleet_differs(const json_t *a, const json_t *b, bool ordered)
{
    json_t *s = config_settings(a), *t = config_settings(b);
    const char *differs = NULL;

    for (const struct key *k = train_keys; k->path && !differs; k++)
        if (!is_free(k->path, ordered) &&
            !agree(json_object_get(s, k->path),
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

/* ---- the device ---------------------------------------------------------*/

void
fleet_start(struct run **run, int n)
{
    const struct run *r = run[0];
    struct device_net *net = xcalloc((size_t)n, sizeof *net);
    struct device_options o = {
        .threads = r->o->threads, .training = true,
        .profile = r->o->profile, .nets = n, .net = net,
        .loss = loss_kind(keys_text(r->settings, "loss"), r->info->target),
    };
    struct device *d;

    for (int i = 0; i < n; i++)
        net[i] = (struct device_net){ run[i]->rule, run[i]->seed };
    d = r->o->backend->open(r->net, &o);
    for (int i = 0; i < n; i++)
        run_attach(run[i], d, i);
    free(net);
}

/* ---- the fleet under way -------------------------------------------------*/

struct fleet {
    int n;
    struct run **run;
    const struct backend *backend;
    struct device *device;
    bool *ended;
    struct run *lead;            /* the first that is active */
    struct step_net *net;        /* (n) */
    struct outcome *outcome;     /* (n) */
    const struct batch *batch;   /* the device has it; NULL: none */
    int64_t epoch, index;        /* last asked of the feed; -1: none */
    fleet_done_fn *done;
    void *ctx;
    bool busy;
    struct progress progress;
};

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

/* Those that are least far go on together. */
static void
choose(struct fleet *f)
{
    f->lead = NULL;
    for (int i = 0; i < f->n; i++)
        if (!f->ended[i] && (!f->lead || compare(f->run[i], f->lead) < 0))
            f->lead = f->run[i];
    for (int i = 0; i < f->n; i++)
        f->net[i].active = !f->ended[i] && !compare(f->run[i], f->lead);
}

/* A feed that is not stored goes on from batch to batch. */
static void
next_batch(struct fleet *f)
{
    const struct run *r = f->lead;
    struct feed *feed = r->data->train;

    if (f->batch && f->epoch == r->s.n.epoch && f->index == r->s.n.batch)
        return;
    while (!feed_set(feed) && f->epoch == r->s.n.epoch &&
           f->index + 1 < r->s.n.batch)
        feed_batch(feed, f->epoch, ++f->index);
    f->epoch = r->s.n.epoch;
    f->index = r->s.n.batch;
    f->batch = feed_batch(feed, f->epoch, f->index);
    f->backend->batch(f->device, f->batch);
}

/* ---- one window ---------------------------------------------------------*/

/* Every active run's own rate, and the window, which is the same for all. */
static struct step
prepare(struct fleet *f, int end)
{
    struct step s = { .t0 = 0 };

    for (int i = 0; i < f->n; i++) {
        struct run *r = f->run[i];

        if (!f->net[i].active)
            continue;
        s = run_step(r, f->batch, end);
        f->net[i].rate = schedule_rate(&r->schedule, r->s.n.update,
                                       run_done(r));
        f->net[i].powers = update_powers(&r->rule, (struct update_powers){
            r->s.x.power1, r->s.x.power2 });
    }
    s.net = f->net;
    return s;
}

/* What came of the window for a run. */
static void
account(struct fleet *f, int i, int end)
{
    const struct outcome *o = &f->outcome[i];
    struct run *r = f->run[i];

    if (o->diverged) {
        r->s.n.diverged = r->s.n.update + 1;
        r->unsaved = true;
        return;
    }
    if (o->tally.places) {
        r->s.x.power1 = f->net[i].powers.beta1;
        r->s.x.power2 = f->net[i].powers.beta2;
        run_count(r, &o->tally, f->net[i].rate);
    }
    run_advance(r, f->batch, end);
}

static void
do_window(struct fleet *f)
{
    double clock = f->lead->o->profile ? wall_seconds() : 0;
    struct step s;
    bool done;
    int end;

    next_batch(f);
    run_spend(f->lead, &f->lead->spent.input, &clock);
    end = run_window_end(f->lead, f->batch);
    f->busy = true;
    s = prepare(f, end);
    f->backend->step(f->device, &s);
    done = f->backend->wait(f->device, f->outcome);
    for (int i = 0; i < f->n; i++)
        if (f->net[i].active && done)
            account(f, i, end);
        else if (f->net[i].active)
            run_abandon(f->run[i]);
    f->busy = false;
    if (!done)
        stop_look();
}

/* ---- saving --------------------------------------------------------------*/

static bool
can_save(const struct fleet *f, int i)
{
    const struct run *r = f->run[i];

    return r->o->checkpoint && !r->written && !r->busy;
}

/* A signal, or bad input after hours of work: what was done is not lost. */
static void
save_at_exit(void *arg)
{
    struct fleet *f = arg;
    const struct run *r = f->run[0];
    const char *where = r->o->checkpoint;

    progress_end(&f->progress);
    for (int i = 0; i < f->n; i++)
        if (!f->busy && can_save(f, i) &&
                f->run[i]->s.n.update != f->run[i]->saved_update)
            run_save(f->run[i]);
    if (!stop_asked())
        return;
    if (f->n > 1)
        warn("stopped; the same command goes on from the checkpoints");
    else if (where)
        warn("stopped after %lld updates; the same command goes on from %s",
             (long long)r->s.n.update, where);
    else
        warn("stopped after %lld updates; nothing is kept without --result "
             "or --checkpoint", (long long)r->s.n.update);
}

/* Is a checkpoint due, by the clock or the updates since `before`? */
static bool
is_due(const struct run *r, int64_t before, double now)
{
    return now - r->saved_at >= r->o->every ||
           (r->o->every_steps && r->s.n.update != before &&
            r->s.n.update % r->o->every_steps == 0);
}

/* All of them if one is due. */
static void
save_in_time(struct fleet *f, int64_t before)
{
    const struct run *r = f->lead;
    double clock = r->o->profile ? wall_seconds() : 0;

    if (!r->o->checkpoint || !is_due(r, before, wall_seconds()))
        return;
    for (int i = 0; i < f->n; i++)
        if (can_save(f, i) && f->run[i]->unsaved)
            run_save(f->run[i]);
    run_spend(r, &f->lead->spent.output, &clock);
}

/* ---- the loop -----------------------------------------------------------*/

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

/* What the device does in it is part of validation, not of the updates. */
static void
judge(struct fleet *f, struct run *r)
{
    double clock = r->o->profile ? wall_seconds() : 0;
    double before[WORK_KINDS], after[WORK_KINDS];

    if (r->o->profile)
        f->backend->profile(f->device, before);
    run_judge(r);
    run_spend(r, &r->spent.validation, &clock);
    if (!r->o->profile)
        return;
    f->backend->profile(f->device, after);
    for (int i = 0; i < WORK_KINDS; i++)
        r->spent.judged[i] += after[i] - before[i];
}

/* A validation of a run that is due, or its end. */
static void
settle_run(struct fleet *f, int i)
{
    struct run *r = f->run[i];

    if (r->s.n.judge || r->s.n.places) {
        r->s.n.judge = 1;
        judge(f, r);
        return;
    }
    f->done(f->ctx, i);
    f->ended[i] = true;
    share(f);
}

/* False if nobody is left. */
static bool
settle(struct fleet *f)
{
    bool left = false;

    for (int i = 0; i < f->n; i++) {
        struct run *r = f->run[i];

        while (!f->ended[i] && (r->s.n.judge || run_finished(r))) {
            stop_look();
            settle_run(f, i);
        }
        left |= !f->ended[i];
    }
    return left;
}

static void
show(struct fleet *f)
{
    char note[64];

    if (!f->progress.on)
        return;
    if (f->n > 1)
        snprintf(note, sizeof note, "%d nets, loss %.4f", f->n,
                 f->lead->s.x.average);
    else
        snprintf(note, sizeof note, "loss %.4f", f->lead->s.x.average);
    progress_show(&f->progress, (double)f->lead->s.n.update, note);
}

static void
begin(struct fleet *f)
{
    const struct run *r = f->run[0];
    double total = r->steps ? (double)r->steps : 0;

    f->backend = r->o->backend;
    f->device = r->device;
    f->ended = xcalloc((size_t)f->n, sizeof *f->ended);
    f->net = xcalloc((size_t)f->n, sizeof *f->net);
    f->outcome = xcalloc((size_t)f->n, sizeof *f->outcome);
    if (!total && !r->bptt)
        total = (double)(r->epochs * feed_batches(r->data->train));
    progress_init(&f->progress, "train", "updates", (double)r->s.n.update,
                  total);
    if (r->o->quiet)
        progress_end(&f->progress);
    for (int i = 0; i < f->n; i++) {
        f->run[i]->progress = &f->progress;
        f->run[i]->started = f->run[i]->saved_at = wall_seconds();
        f->run[i]->paid_at = machine_seconds();
        f->run[i]->sharing = f->n;
        f->run[i]->saved_update = f->run[i]->s.n.update;
    }
}

static void
end(struct fleet *f)
{
    progress_end(&f->progress);
    for (int i = 0; i < f->n; i++)
        f->run[i]->progress = NULL;
    free(f->ended);
    free(f->net);
    free(f->outcome);
}

void
fleet_train(struct run **run, int n, fleet_done_fn *done, void *ctx)
{
    struct fleet f = { .n = n, .run = run, .done = done, .ctx = ctx,
                       .epoch = -1, .index = -1 };

    begin(&f);
    at_exit_run(save_at_exit, &f);
    for (;;) {
        int64_t before;

        stop_look();
        if (!settle(&f))
            break;
        choose(&f);
        before = f.lead->s.n.update;
        do_window(&f);
        show(&f);
        save_in_time(&f, before);
    }
    at_exit_drop(save_at_exit, &f);
    end(&f);
}

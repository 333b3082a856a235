/* loop.c - what a training run does at each of its turns: windows, counts,
 * log lines, validations. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/json.h"
#include "base/stop.h"
#include "train/answers.h"
#include "train/describe.h"
#include "train/run.h"

enum { VALIDATE_ENDLESS = 1000 };

double
run_done(const struct run *r)
{
    int64_t n = feed_batches(r->data->train);
    double all = (double)(r->epochs * n), done = 0;

    if (all > 0)
        done = (double)(r->s.n.epoch * n + r->s.n.batch) / all;
    if (r->steps)       /* whichever ends the run */
        done = fmax(done, (double)r->s.n.update / (double)r->steps);
    return done < 1 ? done : 1;
}

bool
run_finished(const struct run *r)
{
    return (r->steps && r->s.n.update >= r->steps) ||
           (r->epochs && r->s.n.epoch >= r->epochs) || r->s.n.stopped ||
           r->s.n.diverged;
}

/* ---- log lines ----------------------------------------------------------*/

static void
log_line(struct run *r, json_t *line)
{
    char *s;

    if (!r->o->quiet && r->o->log_every) {
        s = isatty(STDOUT_FILENO) ? describe_log(line) :
            json_text(line, false);
        if (r->progress)
            progress_hide(r->progress);
        if (!stdout_line(s) && r->o->leave && fd_gone(STDOUT_FILENO))
            leave(RC_OK);
        free(s);
    }
    json_decref(line);
}

static void
log_update(struct run *r, double lr)
{
    json_t *j;

    if (!r->o->log_every || r->s.n.update % r->o->log_every)
        return;
    j = json_object();
    json_object_set_new(j, "step", json_integer(r->s.n.update));
    json_object_set_new(j, "loss", json_number(r->s.x.last_loss));
    json_object_set_new(j, "average", json_number(r->s.x.average));
    if (has_accuracy(r->info))
        json_object_set_new(j, "accuracy",
            json_number((double)r->s.n.last_correct /
                        (double)r->s.n.last_places));
    json_object_set_new(j, "lr", json_number(lr));
    log_line(r, j);
}

void
run_spend(const struct run *r, double *on, double *t)
{
    double now;

    if (!r->o->profile)
        return;
    now = wall_seconds();
    *on += now - *t;
    *t = now;
}

/* ---- one window ---------------------------------------------------------*/

struct step
run_step(struct run *r, const struct batch *b, int end)
{
    int t0 = (int)r->s.n.step;
    bool first = t0 == 0 && (!r->info->continues || r->s.n.batch == 0);
    bool carried = end < b->steps || r->info->continues || !first;

    if (r->s.n.step >= b->steps)        /* by a checkpoint */
        die_at(feed_name(r->data->train), 0, "batch %lld has %d steps, the "
               "run goes on at step %lld", (long long)b->index, b->steps,
               (long long)r->s.n.step);
    r->kept.rows = r->s.n.state_rows;
    r->kept.seen = r->s.n.seen;
    if (first)
        r->s.n.seen = 0;
    else if (b->rows != r->s.n.state_rows)
        die_at(feed_name(r->data->train), 0, "batch %lld has %d rows, the "
               "one it continues %lld", (long long)b->index, b->rows,
               (long long)r->s.n.state_rows);
    r->s.n.state_rows = carried ? b->rows : 0;
    return (struct step){
        .t0 = t0, .t1 = end,
        .first_step = r->s.n.seen < INT_MAX ? (int)r->s.n.seen : INT_MAX,
        .fresh = first, .carry = carried, .update = true,
        .number = (uint32_t)r->s.n.update,
    };
}

void
run_abandon(struct run *r)
{
    r->s.n.seen = r->kept.seen;
    r->s.n.state_rows = r->kept.rows;
}

int
run_window_end(const struct run *r, const struct batch *b)
{
    int64_t end = r->bptt ? r->s.n.step + r->bptt : b->steps;

    return end < b->steps ? (int)end : b->steps;
}

void
run_advance(struct run *r, const struct batch *b, int end)
{
    int64_t batches = feed_batches(r->data->train);

    r->unsaved = true;
    r->s.n.seen += end - r->s.n.step;
    r->s.n.step = end;
    if (end < b->steps)
        return;
    r->s.n.step = 0;
    r->s.n.batch++;
    if (!batches || r->s.n.batch < batches)
        return;
    r->s.n.batch = 0;
    r->s.n.epoch++;
    if (!r->validate_every)
        r->s.n.judge = 1;
}

/* Is a validation due after the update just made? */
static bool
is_due(const struct run *r)
{
    int64_t n = r->s.n.update, every = r->validate_every;
    double scale;

    if (every > 0)
        return n % every == 0;
    scale = every < 0 ? -(double)every / d_log(10) : 0;
    if (every < 0)
        return n == 1 || floor(scale * d_log((double)n))
            > floor(scale * d_log((double)n - 1));
    return !feed_batches(r->data->train) && r->data->val
        && n % VALIDATE_ENDLESS == 0;
}

/* Is the loss down by as much as the run is to last? */
static bool
is_down(const struct run *r, double loss)
{
    return r->stop_reduction > 0 &&
           1 - loss / r->s.x.first_loss >= r->stop_reduction;
}

void
run_count(struct run *r, const struct tally *t, double lr)
{
    double a = r->average, loss = tally_loss(t), row[CURVE_COLUMNS];

    if (!r->s.n.update)
        r->s.x.average = r->average_start < 0 ? loss : r->average_start;
    if (!r->s.n.update)
        r->s.x.first_loss = loss;
    r->s.n.update++;
    stop_hold();        /* now there is something to save */
    r->s.x.average = a * r->s.x.average + (1 - a) * loss;
    r->s.x.last_loss = loss;
    r->s.n.last_places = t->places;
    r->s.n.last_correct = t->correct;
    r->s.x.loss += t->loss;
    r->s.n.places += t->places;
    r->s.n.correct += t->correct;
    if (r->s.n.update % r->curve_every == 0) {
        row[0] = (double)r->s.n.update;
        row[1] = loss;
        row[2] = r->s.x.average;
        row[3] = tally_accuracy(t);
        curve_add(&r->curve, row);
    }
    if (is_due(r))
        r->s.n.judge = 1;
    if (!feed_batches(r->data->train) && is_down(r, loss))
        r->s.n.stopped = 1;
    log_update(r, lr);
}

double
run_gradient(struct run *r)
{
    const struct backend *k = r->o->backend;
    const struct step_net net = { .active = true };

    for (;;) {
        const struct batch *b = feed_batch(r->data->train, r->s.n.epoch,
                                           r->s.n.batch);
        int end = run_window_end(r, b);
        struct step s = run_step(r, b, end);
        struct outcome o;

        s.update = false;
        s.net = &net;
        k->batch(r->device, b);
        k->step(r->device, &s);
        k->wait(r->device, &o);
        if (o.diverged)
            die_at(feed_name(r->data->train), 0, "the first window's loss "
                   "or gradient is not finite; no gradient is written");
        if (o.tally.places)
            return tally_loss(&o.tally);
        run_advance(r, b, end);
        if (r->s.n.epoch)
            die_at(feed_name(r->data->train), 0, "no place is scored");
    }
}

/* ---- validation ---------------------------------------------------------*/

static void
keep_best(struct run *r, double loss, double accuracy, double train_loss)
{
    if (!isfinite(loss) || (r->s.n.best_update && loss >= r->s.x.best_loss)) {
        r->s.n.worse++;
        if (r->patience && r->s.n.worse >= r->patience)
            r->s.n.stopped = 1;
        return;
    }
    r->s.n.worse = 0;
    r->s.n.best_update = r->s.n.update;
    r->s.n.best_epoch = r->s.n.epoch;
    r->s.x.best_loss = loss;
    r->s.x.best_accuracy = accuracy;
    r->s.x.best_train_loss = train_loss;
    if (r->keeps_best)
        r->o->backend->copy(r->device, r->at, HOLD_BEST, HOLD_WEIGHTS);
}

static void
log_epoch(struct run *r, const double *row)
{
    static const char *const names[EPOCH_COLUMNS] = {
        "step", "epoch", "lr", "train_loss", "train_accuracy", "val_loss",
        "val_accuracy",
    };
    json_t *j = json_object();

    for (int i = 0; i < EPOCH_COLUMNS; i++)
        if ((i < 5 || r->data->val) &&
            (has_accuracy(r->info) || (i != 4 && i != 6)))
            json_object_set_new(j, names[i], json_number(row[i]));
    log_line(r, j);
}

/* The weights as they are, whether they are the best or not. */
static void
snapshot(const struct run *r)
{
    float *w = xaligned(r->net->weights + 1, sizeof *w);
    char *path = xasprintf("%s/%09lld.safetensors", r->o->snapshots,
                           (long long)r->s.n.update);

    r->o->backend->get(r->device, r->at, HOLD_WEIGHTS, w, r->net->weights);
    model_save(path, r->config, r->info, r->net, w);
    free(path);
    free(w);
}

void
run_judge(struct run *r)
{
    struct evaluation e = { .tally = { .places = 0 } };
    struct tally t = { r->s.x.loss, r->s.n.places, r->s.n.correct };
    double row[EPOCH_COLUMNS];

    if (r->data->val)
        evaluate(&r->val, &e, r->answers ? answers_chunk : NULL, r->answers);
    if (r->answers)
        answers_next(r->answers, r->s.n.update);
    r->busy = true;
    row[0] = (double)r->s.n.update;
    row[1] = (double)r->s.n.epoch;
    row[2] = schedule_rate(&r->schedule, r->s.n.update, run_done(r));
    row[3] = tally_loss(&t);
    row[4] = tally_accuracy(&t);
    row[5] = tally_loss(&e.tally);
    row[6] = tally_accuracy(&e.tally);
    curve_add(&r->epochs_curve, row);
    if (r->data->val)
        keep_best(r, row[5], row[6], row[3]);
    if (r->stop_accuracy > 0 && row[6] >= r->stop_accuracy)
        r->s.n.stopped = 1;
    if (r->o->snapshots)
        snapshot(r);
    if (is_down(r, row[3]))
        r->s.n.stopped = 1;
    r->s.x.loss = 0;
    r->s.n.places = r->s.n.correct = 0;
    r->s.n.judge = 0;
    r->busy = false;
    r->unsaved = true;
    positions_release(&e.positions);
    log_epoch(r, row);
}

void
run_written(struct run *r)
{
    r->written = true;
}

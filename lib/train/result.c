/* result.c - what a run came to, as JSON. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/build.h"
#include "base/die.h"
#include "base/json.h"
#include "base/machine.h"
#include "train/contract.h"
#include "train/run.h"

static enum holding
best_or_last(const struct run *r)
{
    return r->keeps_best && r->s.n.best_update ? HOLD_BEST : HOLD_WEIGHTS;
}

float *
run_weights(const struct run *r)
{
    float *w = xaligned(r->net->weights + 1, sizeof *w);

    r->o->backend->get(r->device, r->at, best_or_last(r), w, r->net->weights);
    return w;
}

static void
put(json_t *o, const char *key, double x)
{
    json_object_set_new(o, key, json_number(x));
}

static void
put_int(json_t *o, const char *key, int64_t x)
{
    json_object_set_new(o, key, json_integer((json_int_t)x));
}

static void
put_accuracy(const struct run *r, json_t *o, const char *key, double x)
{
    if (has_accuracy(r->info))
        put(o, key, x);
}

/* ---- the test set -------------------------------------------------------*/

static void
add_test(struct run *r, json_t *out)
{
    struct evaluator e;
    struct evaluation x;
    json_t *all, *v;
    const char *key;

    if (!r->data->test)
        return;
    evaluator_init(&e, r->o->backend, r->device, r->at, r->data->test);
    e.weights = best_or_last(r);
    evaluate(&e, &x, NULL, NULL);
    all = evaluation_json(&x, &r->data->test->info);
    json_object_foreach(all, key, v) {
        char *name = xasprintf("test_%s", key);

        json_object_set(out, name, v);
        free(name);
    }
    json_decref(all);
    positions_release(&x.positions);
    evaluator_release(&e);
}

/* ---- the record ---------------------------------------------------------*/

/* The smallest sampled average; the last one's if no sample was taken. */
static double
min_loss(const struct run *r)
{
    double best = r->curve.n ? INFINITY : r->s.x.average;

    for (int i = 0; i < r->curve.n; i++)
        if (r->curve.v[(size_t)i * CURVE_COLUMNS + 2] < best)
            best = r->curve.v[(size_t)i * CURVE_COLUMNS + 2];
    return best;
}

static void
add_training(const struct run *r, json_t *out)
{
    const struct curve *e = &r->epochs_curve;
    const double *last = e->n ? e->v + (size_t)(e->n - 1) * EPOCH_COLUMNS :
                         NULL;

    const json_t *floor = json_object_get(r->info->about, "floor");

    put_int(out, "parameters", (int64_t)r->net->weights);
    put_int(out, "updates", r->s.n.update);
    put_int(out, "epochs", r->s.n.epoch);
    if (json_is_number(floor))
        put(out, "floor", json_number_value(floor));
    put(out, "loss", r->s.n.update ? r->s.x.last_loss : NAN);
    put_accuracy(r, out, "accuracy", r->s.n.last_places ?
                 (double)r->s.n.last_correct / (double)r->s.n.last_places :
                 NAN);
    put(out, "average_loss", r->s.n.update ? r->s.x.average : NAN);
    put(out, "min_loss", r->s.n.update ? min_loss(r) : NAN);
    put(out, "train_loss", last ? last[3] : NAN);
    put_accuracy(r, out, "train_accuracy", last ? last[4] : NAN);
}

static void
add_validation(const struct run *r, json_t *out)
{
    const struct curve *e = &r->epochs_curve;
    bool best = r->select_best && r->s.n.best_update;
    const double *last = e->n ? e->v + (size_t)(e->n - 1) * EPOCH_COLUMNS :
                         NULL;

    if (!r->data->val)
        return;
    put(out, "val_loss", best ? r->s.x.best_loss : last ? last[5] : NAN);
    put_accuracy(r, out, "val_accuracy", best ? r->s.x.best_accuracy :
                 last ? last[6] : NAN);
    put_int(out, "best_step", r->s.n.best_update);
    put_int(out, "best_epoch", r->s.n.best_epoch);
}

static void
add_curves(const struct run *r, json_t *out)
{
    bool a = has_accuracy(r->info), v = r->data->val != NULL;
    const char *const curve[CURVE_COLUMNS] = {
        "step", "loss", "average", a ? "accuracy" : NULL,
    };
    const char *const epochs[EPOCH_COLUMNS] = {
        "step", "epoch", "lr", "train_loss", a ? "train_accuracy" : NULL,
        v ? "val_loss" : NULL, a && v ? "val_accuracy" : NULL,
    };

    json_object_set_new(out, "curve", curve_json(&r->curve, curve));
    json_object_set_new(out, "validations",
                        curve_json(&r->epochs_curve, epochs));
}

json_t *
run_result(struct run *r)
{
    json_t *out = json_object();

    json_object_set_new(out, "id", json_string(r->id));
    put_int(out, "contract", CONTRACT);
    json_object_set_new(out, "status", json_string(r->s.n.diverged ?
                                                   "diverged" : "done"));
    if (r->s.n.diverged)
        put_int(out, "diverged_step", r->s.n.diverged);
    json_object_set_new(out, "stopped_early", json_boolean(r->s.n.stopped));
    add_training(r, out);
    add_validation(r, out);
    add_test(r, out);
    json_object_set(out, "settings", r->settings);
    add_curves(r, out);
    return out;
}

static void
put_date(json_t *o, const char *key, time_t when)
{
    char date[32];

    strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", gmtime(&when));
    json_object_set_new(o, key, json_string(date));
}

double
run_processor(const struct run *r)
{
    return r->s.x.processor + (machine_seconds() - r->paid_at) / r->sharing;
}

void
run_pay(struct run *r, int sharing)
{
    r->s.x.processor = run_processor(r);
    r->paid_at = machine_seconds();
    r->sharing = sharing;
}

json_t *
run_meta(const struct run *r)
{
    double attempt = wall_seconds() - r->started;
    double seconds = r->s.x.seconds + attempt;
    json_t *o = json_object();
    struct utsname u;
    char *processor = machine_processor();
    time_t now = time(NULL);

    uname(&u);
    json_object_set_new(o, "id", json_string(r->id));
    put(o, "seconds", seconds);
    put(o, "processor_seconds", run_processor(r));
    put(o, "updates_per_second", seconds > 0 ?
        (double)r->s.n.update / seconds : 0);
    put_date(o, "started", now - (time_t)attempt);
    put_date(o, "finished", now);
    json_object_set_new(o, "host", json_words(u.nodename));
    json_object_set_new(o, "machine", json_string(u.machine));
    json_object_set_new(o, "processor", json_words(processor));
    json_object_set_new(o, "device", json_string(r->o->backend->name));
    json_object_set_new(o, "isa",
                        json_string(r->o->backend->kind(r->device)));
    put_int(o, "threads", r->o->threads);
    json_object_set_new(o, "commit", json_string(build_version));
    json_object_set_new(o, "compiler", json_string(build_compiler));
    json_object_set_new(o, "flags", json_string(build_flags));
    free(processor);
    return o;
}

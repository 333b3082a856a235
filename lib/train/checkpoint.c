/* checkpoint.c - all that changes in a run, to a file and back. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/json.h"
#include "base/limit.h"
#include "stream/agree.h"
#include "stream/safetensors.h"
#include "train/contract.h"
#include "train/run.h"

enum { TENSORS = 10 };

/* What the device holds, out of it (NULL: nothing). */
struct held {
    float *weights, *best, *m, *v, *states;
};

static float *
take_out(const struct run *r, enum holding what, size_t n)
{
    float *x = xaligned(n + 1, sizeof *x);

    r->o->backend->get(r->device, r->at, what, x, n);
    return x;
}

static struct held
held_by(const struct run *r)
{
    size_t p = r->net->weights;
    size_t rows = (size_t)r->s.n.state_rows;
    struct held h = { .weights = take_out(r, HOLD_WEIGHTS, p) };

    if (r->keeps_best && r->s.n.best_update)
        h.best = take_out(r, HOLD_BEST, p);
    if (update_has_m(&r->rule))
        h.m = take_out(r, HOLD_M, p);
    if (update_has_v(&r->rule))
        h.v = take_out(r, HOLD_V, p);
    if (rows)
        h.states = take_out(r, HOLD_STATES, rows * r->net->state_size);
    return h;
}

static void
held_release(struct held *h)
{
    free(h->weights);
    free(h->best);
    free(h->m);
    free(h->v);
    free(h->states);
}

/* Everything that changes, as tensors over the run's own arrays and what the
 * device holds.  A layout of its own: the parts of `struct state` are arrays
 * of one type. */
static int
list(struct run *r, const struct held *h, struct tensor *t)
{
    const int64_t p = (int64_t)r->net->weights;
    const struct {
        const char *name;
        enum dtype dtype;
        int ndim;
        int64_t shape[2];
        void *data;
    } all[TENSORS] = {
        { "counts", DT_I64, 1, { sizeof r->s.n / 8, 0 }, &r->s.n },
        { "reals", DT_F64, 1, { sizeof r->s.x / 8, 0 }, &r->s.x },
        { "weights", DT_F32, 1, { p, 0 }, h->weights },
        { "best", DT_F32, 1, { p, 0 }, h->best },
        { "m", DT_F32, 1, { p, 0 }, h->m },
        { "v", DT_F32, 1, { p, 0 }, h->v },
        { "states", DT_F32, 2, { r->s.n.state_rows,
          (int64_t)r->net->state_size }, h->states },
        { "curve", DT_F64, 2, { r->curve.n, CURVE_COLUMNS }, r->curve.v },
        { "epochs", DT_F64, 2, { r->epochs_curve.n, EPOCH_COLUMNS },
          r->epochs_curve.v },
    };
    int n = 0;

    for (int i = 0; i < TENSORS; i++) {
        if (!all[i].name || !all[i].data)
            continue;
        memset(&t[n], 0, sizeof t[n]);
        strcpy(t[n].name, all[i].name);
        t[n].dtype = all[i].dtype;
        t[n].ndim = all[i].ndim;
        memcpy(t[n].shape, all[i].shape, sizeof all[i].shape);
        t[n].index = -1;
        t[n].bytes = dtype_size(all[i].dtype) * (size_t)all[i].shape[0] *
                     (size_t)(all[i].ndim > 1 ? all[i].shape[1] : 1);
        t[n].data = all[i].data;
        n++;
    }
    return n;
}

void
run_save(struct run *r)
{
    struct tensor t[TENSORS];
    struct held h = held_by(r);
    double now = wall_seconds(), before = r->s.x.seconds;
    double paid = r->s.x.processor;
    json_t *meta, *header = model_header(r->info, r->config);
    char *text = json_text(header, true);
    int n;

    r->s.x.seconds += now - r->started;
    r->s.x.processor = run_processor(r);
    n = list(r, &h, t);
    meta = json_pack("{s:s, s:s, s:o, s:s}", "format", "unroll checkpoint",
                     "id", r->id, "contract", json_sprintf("%d", CONTRACT),
                     "stream", text);
    /* Before the attempt: where it fails, the exit makes no second one. */
    r->saved_update = r->s.n.update;
    r->unsaved = false;
    st_write(r->o->checkpoint, meta, t, n);
    json_decref(meta);
    json_decref(header);
    free(text);
    held_release(&h);
    r->s.x.seconds = before;
    r->s.x.processor = paid;
    r->saved_at = now;
}

static const char *
meta_text(const struct safetensors *st, const char *key)
{
    const char *s = json_string_value(json_object_get(st->metadata, key));

    return s ? s : "";
}

/* A tensor that must be there, of this type and with this many elements (-1:
 * any number of rows of `width`). */
static const struct tensor *
need(const struct run *r, const struct safetensors *st, const char *name,
     enum dtype dtype, int64_t n, int64_t width)
{
    const struct tensor *t = st_find(st, name);
    int64_t have;

    if (!t)
        die_at(r->o->checkpoint, 0, "damaged: has no '%s'; remove it to "
               "start anew", name);
    have = (int64_t)(t->bytes / dtype_size(t->dtype));
    if (t->dtype != dtype || (n >= 0 ? have != n : have % width != 0))
        die_at(r->o->checkpoint, 0, "damaged: '%s' has the wrong size; "
               "remove it to start anew", name);
    return t;
}

static void
take(const struct run *r, const struct safetensors *st, const char *name,
     enum holding what, int64_t n)
{
    const struct tensor *t = need(r, st, name, DT_F32, n, 1);
    float *x = xaligned((size_t)n + 1, sizeof *x);

    memcpy(x, t->data, (size_t)n * sizeof *x);
    r->o->backend->put(r->device, r->at, what, x, (size_t)n);
    free(x);
}

static void
take_curve(struct run *r, const struct safetensors *st, const char *name,
           struct curve *c)
{
    const struct tensor *t = need(r, st, name, DT_F64, -1, c->width);

    curve_set(c, t->data, (int)(t->bytes / 8) / c->width);
}

/* A sum can be right and the numbers wrong: what counts and indexes is within
 * what this run, on these data, can come to.  The step within its batch is
 * looked at when the batch is there (run_window). */
static void
check_counts(const struct run *r)
{
    const int64_t batches = feed_batches(r->data->train);
    const int64_t update = r->s.n.update;
    const struct {
        const char *what;
        int64_t x, lo, hi;
    } all[] = {
        { "update", update, 0, r->steps ? r->steps : LIMIT_COUNT },
        { "epoch", r->s.n.epoch, 0, r->epochs ? r->epochs : UINT32_MAX },
        { "batch", r->s.n.batch, 0, batches ? batches - 1 : LIMIT_COUNT },
        { "step", r->s.n.step, 0, INT_MAX },
        { "seen", r->s.n.seen, 0, LIMIT_COUNT },
        { "judge", r->s.n.judge, 0, 1 },
        { "places", r->s.n.places, 0, LIMIT_COUNT },
        { "correct", r->s.n.correct, 0, r->s.n.places },
        { "best_update", r->s.n.best_update, 0, update },
        { "best_epoch", r->s.n.best_epoch, 0, r->s.n.epoch },
        { "worse", r->s.n.worse, 0, LIMIT_COUNT },
        { "stopped", r->s.n.stopped, 0, 1 },
        { "diverged", r->s.n.diverged, 0, update + 1 },
        { "state_rows", r->s.n.state_rows, 0, LIMIT_SIZE },
        { "last_places", r->s.n.last_places, 0, LIMIT_COUNT },
        { "last_correct", r->s.n.last_correct, 0, r->s.n.last_places },
    };

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        char what[80];

        snprintf(what, sizeof what, "damaged (remove it to start anew): '%s'",
                 all[i].what);
        limit_count(all[i].x, all[i].lo, all[i].hi, what, r->o->checkpoint);
    }
}

static void
restore(struct run *r, const struct safetensors *st)
{
    int64_t p = (int64_t)r->net->weights;
    int64_t states;

    memcpy(&r->s.n, need(r, st, "counts", DT_I64, sizeof r->s.n / 8, 1)->data,
           sizeof r->s.n);
    check_counts(r);
    memcpy(&r->s.x, need(r, st, "reals", DT_F64, sizeof r->s.x / 8, 1)->data,
           sizeof r->s.x);
    take(r, st, "weights", HOLD_WEIGHTS, p);
    if (update_has_m(&r->rule))
        take(r, st, "m", HOLD_M, p);
    if (update_has_v(&r->rule))
        take(r, st, "v", HOLD_V, p);
    if (r->keeps_best && r->s.n.best_update)
        take(r, st, "best", HOLD_BEST, p);
    states = r->s.n.state_rows * (int64_t)r->net->state_size;
    if (states)
        take(r, st, "states", HOLD_STATES, states);
    take_curve(r, st, "curve", &r->curve);
    take_curve(r, st, "epochs", &r->epochs_curve);
}

/* The task is in the id; what it does not tell, as the symbols of a stream of
 * one's own, is compared here. */
static void
same_data(const struct run *r, const struct safetensors *st)
{
    struct stream_info was, now = *r->info;

    if (!model_stream(r->o->checkpoint, st, &was))
        return;
    agree_or_die(&was, &now, AGREE_TASK, "the checkpoint",
                 feed_name(r->data->train));
    info_release(&was);
}

bool
run_resume(struct run *r)
{
    struct safetensors st;
    struct stat is;

    if (!r->o->checkpoint || stat(r->o->checkpoint, &is) ||
            !S_ISREG(is.st_mode))
        return false;
    st_read(r->o->checkpoint, &st);
    if (strcmp(meta_text(&st, "format"), "unroll checkpoint"))
        die_at(r->o->checkpoint, 0, "is no checkpoint");
    if (!st.summed)
        die_at(r->o->checkpoint, 0, "damaged: has no crc32; remove it to "
               "start anew");
    if (atoi(meta_text(&st, "contract")) != CONTRACT) {
        warn("%s: made under numeric contract %s, this is %d: starting anew",
             r->o->checkpoint, meta_text(&st, "contract"), CONTRACT);
        st_release(&st);
        return false;
    }
    if (strcmp(meta_text(&st, "id"), r->id))
        die_at(r->o->checkpoint, 0, "belongs to run %.12s, this is %.12s; "
               "name another with --checkpoint, or remove it",
               meta_text(&st, "id"), r->id);
    same_data(r, &st);
    restore(r, &st);
    st_release(&st);
    return true;
}

/* rollout.c - forecasts that feed on themselves. */
#include "train/rollout.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/stop.h"

void
rollout_check(const struct model_file *m, const char *model)
{
    const struct stream_info *i = &m->info;
    const json_t *ahead = json_object_get(i->task, "ahead");
    const json_t *in = json_object_get(i->about, "columns");
    const json_t *out = json_object_get(i->about, "targets");

    if (i->input != VALUE_VECTOR || i->target != VALUE_VECTOR ||
        i->input_size != i->target_size)
        die_at(model, 0, "does not say its own next input: no --rollout "
               "(classes go on with --sample and --prime)");
    if (in && out && !json_equal(in, out))
        die_at(model, 0, "says other columns than it is given: no --rollout");
    if (ahead && json_integer_value(ahead) != 1)
        die_at(model, 0, "says what is %lld rows ahead, not the next one: no "
               "--rollout", (long long)json_integer_value(ahead));
}

struct walk {
    const struct backend *backend;
    struct device *device;
    float *outputs;             /* (T,K) */
    size_t room;
    uint8_t *scored;            /* (T): only the last */
    size_t marks;
};

/* A batch of one row, whose last step is answered: where its K numbers are. */
static float *
step(struct walk *w, const struct batch *b, int k, long before)
{
    struct batch one = *b;
    size_t n = (size_t)b->steps;
    struct forward f = {
        .weights = HOLD_WEIGHTS, .batch = &one,
        .first_step = before < INT_MAX ? (int)before : INT_MAX,
        .fresh = before == 0,
    };
    struct tally t;

    if (n * (size_t)k > w->room) {
        free(w->outputs);
        w->room = n * (size_t)k;
        w->outputs = xcalloc(w->room, sizeof *w->outputs);
    }
    if (n > w->marks) {
        free(w->scored);
        w->scored = xcalloc(w->marks = n, 1);
    }
    memset(w->scored, 0, n);
    w->scored[n - 1] = 1;
    one.scored = w->scored;
    f.outputs = w->outputs;
    if (!w->backend->forward(w->device, &f, &t))
        stop_look();
    return w->outputs + (n - 1) * (size_t)k;
}

void
rollout(const struct backend *backend, struct device *device,
        const struct set *s, long n, rollout_fn *fn, void *ctx)
{
    struct walk w = { .backend = backend, .device = device };
    int k = s->info.target_size;
    float *said = xcalloc((size_t)k, sizeof *said);
    float *none = xcalloc((size_t)k, sizeof *none);
    struct set_room room = { { 0 }, { 0 } };
    int32_t length = 1;

    for (int64_t row = 0; row < s->rows; row++) {
        const struct batch *b = set_take(s, NULL, row, 1, &room);
        const struct batch next = { .rows = 1, .steps = 1, .vectors = said,
                                    .values = none, .length = &length };
        int steps = b->steps;

        memcpy(said, step(&w, b, k, 0), (size_t)k * sizeof *said);
        for (long i = 1;; i++) {
            fn(ctx, row, i, said, k);
            if (i == n)
                break;
            memcpy(said, step(&w, &next, k, steps + i - 1),
                   (size_t)k * sizeof *said);
        }
    }
    set_room_release(&room);
    free(w.outputs);
    free(w.scored);
    free(said);
    free(none);
}

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/keys.h"
#include "train/config.h"
#include "train/init.h"
#include "train/run.h"

static void
look_up(struct run *r)
{
    const json_t *s = r->settings;

    r->steps = keys_int(s, "steps");
    r->epochs = keys_int(s, "epochs");
    r->bptt = keys_int(s, "bptt");
    r->validate_every = keys_int(s, "validate_every");
    r->curve_every = keys_int(s, "curve_every");
    r->patience = keys_int(s, "patience");
    r->average = keys_real(s, "average");
    r->average_start = keys_real(s, "average_start");
    r->select_best = !strcmp(keys_text(s, "select"), "best");
    r->seed = (uint64_t)keys_int(s, "seed");
    schedule_init(&r->schedule, s);
}

/* The config's task leaves out what is at its default; the stream knows. */
static void
fill_task(struct run *r)
{
    char *text;

    if (!json_object_size(r->info->task))
        return;
    text = json_text(r->info->task, true);
    json_object_set_new(r->settings, "task",
                        json_read_text(text, strlen(text), "task", 1));
    free(text);
}

void
run_open(struct run *r, const struct run_options *o, const json_t *config,
         struct data *data, const struct model *model)
{
    struct backend_options b = { .threads = o->threads, .gradient = true,
                                 .profile = o->profile };

    memset(r, 0, sizeof *r);
    r->o = o;
    r->config = config;
    r->settings = config_settings(config);
    config_id(config, r->id);
    r->data = data;
    r->info = feed_info(data->train);
    fill_task(r);
    r->model = model;
    r->net = model->net;
    r->kernels = kernels_pick();
    look_up(r);
    loss_init(&r->loss, loss_kind(keys_text(r->settings, "loss"),
                                  r->info->target),
              r->info->target_size, r->kernels);
    optim_init(&r->optim, r->settings, r->net, r->kernels);
    r->weights = xaligned(r->net->weights + 1, sizeof(float));
    r->grad = xaligned(r->net->weights + 1, sizeof(float));
    if (r->select_best && data->val)
        r->best = xaligned(r->net->weights + 1, sizeof(float));
    curve_init(&r->curve, CURVE_COLUMNS);
    curve_init(&r->epochs_curve, EPOCH_COLUMNS);
    init_weights(r->net, r->seed, r->weights);
    r->runner = o->backend->open(r->net, &b);
    if (data->val)
        evaluator_init(&r->val, o->backend, r->runner, r->net, &r->loss,
                       data->val);
}

void
run_close(struct run *r)
{
    if (r->data->val)
        evaluator_release(&r->val);
    r->o->backend->close(r->runner);
    json_decref(r->settings);
    loss_release(&r->loss);
    optim_release(&r->optim);
    curve_release(&r->curve);
    curve_release(&r->epochs_curve);
    free(r->weights);
    free(r->grad);
    free(r->best);
    free(r->state);
    free(r->kept.state);
}

void
run_state_room(struct run *r, int64_t rows)
{
    if (rows > r->state_room) {
        float *old = r->state;
        size_t size = r->net->state_size;

        r->state = xaligned((size_t)rows * size + 1, sizeof(float));
        free(r->kept.state);
        r->kept.state = xaligned((size_t)rows * size + 1, sizeof(float));
        if (old) {
            size_t n = (size_t)r->s.n.state_rows * size * sizeof(float);

            memcpy(r->state, old, n);
            memcpy(r->kept.state, old, n);
        }
        free(old);
        r->state_room = rows;
    }
}

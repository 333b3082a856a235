#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/keys.h"
#include "train/answers.h"
#include "train/config.h"
#include "train/init.h"
#include "train/rule.h"
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
    r->stop_accuracy = json_number_value(json_object_get(s, "stop_accuracy"));
    r->stop_reduction = json_number_value(json_object_get(s,
                                                          "stop_reduction"));
    r->average = keys_real(s, "average");
    r->average_start = keys_real(s, "average_start");
    r->select_best = !strcmp(keys_text(s, "select"), "best");
    r->seed = (uint64_t)keys_int(s, "seed");
    schedule_init(&r->schedule, s);
    rule_init(&r->rule, s);
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
    look_up(r);
    r->keeps_best = r->select_best && data->val;
    r->s.x.power1 = r->s.x.power2 = 1;
    curve_init(&r->curve, CURVE_COLUMNS);
    curve_init(&r->epochs_curve, EPOCH_COLUMNS);
}

void
run_attach(struct run *r, struct device *device, int at)
{
    float *w = xaligned(r->net->weights + 1, sizeof *w);

    r->device = device;
    r->at = at;
    init_weights(r->net, r->seed, w);
    r->o->backend->put(device, at, HOLD_WEIGHTS, w, r->net->weights);
    if (r->data->val)
        evaluator_init(&r->val, r->o->backend, device, at, r->data->val);
    if (r->o->outputs) {
        r->val.want_outputs = true;
        r->answers = answers_open(r->o->outputs, r->id, r->data->val);
    }
    free(w);
}

void
run_close(struct run *r)
{
    if (r->device && r->data->val)
        evaluator_release(&r->val);
    if (r->device && r->at == 0)
        r->o->backend->close(r->device);
    json_decref(r->settings);
    curve_release(&r->curve);
    curve_release(&r->epochs_curve);
}

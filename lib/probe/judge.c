/* judge.c - a net run over a set: metrics, or what it says and does place by
 * place. */
#include "probe/judge.h"

#include <stdlib.h>

#include "base/die.h"
#include "base/json.h"
#include "train/config.h"
#include "train/describe.h"
#include "train/mistakes.h"
#include "train/rollout.h"

void
print_json(json_t *o, FILE *out)
{
    char *text = json_text(o, false);

    fprintf(out, "%s\n", text);
    free(text);
    json_decref(o);
}

static json_t *
metrics(const struct model_file *m, const struct set *s,
        const struct evaluation *e)
{
    json_t *o = evaluation_json(e, &s->info);
    json_t *settings = config_settings(m->config);
    char id[65];

    config_id(m->config, id);
    json_object_set_new(o, "id", json_string(id));
    json_object_set(o, "task", s->info.task);
    json_object_set_new(o, "settings", settings);
    return o;
}

/* What looks at a chunk; NULL: nothing. */
struct looks {
    struct show show;
    struct special *special;
    struct against *against;
    struct machines *machines;
    struct mistakes *mistakes;
};

static void
look(void *ctx, const struct evaluator *e, const struct batch *b,
     int64_t first)
{
    struct looks *l = ctx;

    if (l->special)
        special_chunk(l->special, e, b, first);
    if (l->against)
        against_chunk(l->against, e, b, first);
    if (l->machines)
        machines_chunk(l->machines, e, b, first);
    if (l->mistakes)
        mistakes_chunk(l->mistakes, e, b, first);
}

static void
open_tensors(const struct judging *j, struct show *show)
{
    static const char *const holds[] = {
        [VIEW_PROBS] = "probs", [VIEW_OUTPUTS] = "outputs",
        [VIEW_ACTIVATIONS] = "activations",
    };
    json_t *header = json_pack("{s:s, s:s, s:O}", "unroll", "stream", "holds",
                               holds[j->view], "config", j->m->config);

    show->tensors = tsw_open(j->tensors, header);
    json_decref(header);
}

static void
print_metrics(const struct judging *j, const struct evaluation *v,
              struct looks *l)
{
    json_t *o = metrics(j->m, j->set, v);

    if (l->against)
        json_object_set_new(o, "rules", against_json(l->against));
    if (l->machines)
        json_object_set_new(o, "machines", machines_json(l->machines));
    if (l->mistakes)
        mistakes_json(l->mistakes, o);
    if (j->words)
        describe_metrics(o, j->out);
    else
        print_json(json_incref(o), j->out);
    json_decref(o);
}

void
judge(const struct judging *j)
{
    bool plain = j->view == VIEW_METRICS;
    bool vectors = j->m->info.target == VALUE_VECTOR;
    chunk_fn *const shows[] = {
        [VIEW_METRICS] = look, [VIEW_PROBS] = show_probs,
        [VIEW_OUTPUTS] = show_outputs, [VIEW_ACTIVATIONS] = show_activations,
        [VIEW_UNITS] = look, [VIEW_ROLLOUT] = NULL,
    };
    struct looks l = {
        .show = {
            .out = j->out, .skip = j->skip, .open_end = j->open_end,
            .symbols = json_object_get(j->m->info.about, "symbols"),
            .scale = json_object_get(j->m->info.about, "target_scale"),
            .named = j->m->info.input_size == j->m->info.target_size,
        },
    };
    struct evaluator e;
    struct evaluation v;

    if (j->view == VIEW_ROLLOUT) {
        rollout_check(j->m, j->model);
        rollout(j->backend, j->device, j->set, j->rollout, show_rollout,
                &l.show);
        return;
    }
    if (vectors && j->view == VIEW_PROBS)
        die_at(j->model, 0, "predicts vectors: no probabilities; "
               "--outputs prints what it says");
    if (vectors && j->classes)
        die_at(j->model, 0, "predicts vectors: no classes");
    if (j->view == VIEW_UNITS)
        l.special = special_new(j->rules);
    if (plain && j->rules)
        l.against = against_new(j->rules);
    if (plain)
        l.machines = j->machines;
    if (plain && (vectors || j->classes))
        l.mistakes = mistakes_new(&j->m->info);
    evaluator_init(&e, j->backend, j->device, 0, j->set);
    e.want_outputs = vectors && (l.mistakes || j->view == VIEW_OUTPUTS);
    e.want_probs = !vectors && (l.mistakes || l.against || l.machines ||
                                j->view == VIEW_PROBS ||
                                j->view == VIEW_OUTPUTS);
    if (j->tensors)
        open_tensors(j, &l.show);
    evaluate(&e, &v, shows[j->view],
             shows[j->view] == look ? (void *)&l : (void *)&l.show);
    if (j->tensors)
        tsw_close(l.show.tensors, l.show.chunks);
    if (l.special)
        print_json(special_json(l.special), j->out);
    if (plain)
        print_metrics(j, &v, &l);
}

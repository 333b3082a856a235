/* eval - a trained net judged on a stream, looked into, or sampled from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/keys.h"
#include "base/stop.h"
#include "cpu/engine.h"
#include "train/config.h"
#include "train/data.h"
#include "train/evaluate.h"
#include "train/sample.h"
#include "train/show.h"

struct args {
    const char *model, *stream, *source, *split, *output, *device;
    long rows, threads, sample, seed, start;
    double temperature;
    int probs, activations, tensors, json;
};

static const char about[] =
    "The loss and accuracy of a model on the sequences of a stream, as a "
    "line of JSON.";

static const char details[] =
    "--probs and --activations print a line for each place instead (with "
    "--tensors, a tensor stream); --sample draws sequences from the model.";

static int
parse(struct args *a, int argc, char **argv)
{
    const struct opt opts[] = {
        OPT_FLAG('p', "probs", &a->probs,
                 "the probabilities at each scored place"),
        OPT_FLAG('a', "activations", &a->activations,
                 "every named vector of every layer at each step"),
        OPT_FLAG(0, "tensors", &a->tensors, "those as a tensor stream"),
        OPT_INT('s', "sample", "N", &a->sample, 0, 1e9,
                "draw N tokens, each the input after it"),
        OPT_INT(0, "rows", "N", &a->rows, 0, 1e9,
                "take N sequences, or sample N; 0: all, or one"),
        OPT_INT(0, "seed", "N", &a->seed, 0, 9007199254740991, "of samples"),
        OPT_INT(0, "start", "TOKEN", &a->start, 0, 1e9,
                "first input of a sample"),
        OPT_REAL(0, "temperature", "X", &a->temperature, 0, 1000,
                 "of samples; 0: always the likeliest"),
        OPT_FLAG(0, "json", &a->json, "print samples as arrays of numbers"),
        OPT_STR(0, "source", "COMMAND", &a->source,
                "ask this program for the sequences"),
        OPT_STR(0, "split", "SPLIT", &a->split, "of the source"),
        OPT_STR('o', "output", "FILE", &a->output, "write there"),
        OPT_INT('t', "threads", "N", &a->threads, 1, 256,
                "the same bytes for any number"),
        OPT_STR(0, "device", "NAME", &a->device, "cpu or cuda"),
        OPT_END,
    };
    const struct tool tool = {
        "eval", "MODEL [STREAM]", about, details,
        "gentask copy --len 10 --count 5 | eval model.safetensors", opts,
        NULL,
    };

    return cli_parse(&tool, argc, argv, NULL);
}

static void
check(struct args *a, int argc, char **argv, int i)
{
    if (argc - i < 1 || argc - i > 2)
        die(RC_USAGE, "name one model, and one stream at most; "
            "try 'eval --help'");
    a->model = argv[i];
    a->stream = argc - i == 2 ? argv[i + 1] : "-";
    if (!!a->probs + !!a->activations + !!a->sample > 1)
        die(RC_USAGE, "only one of --probs, --activations and --sample; "
            "try 'eval --help'");
    if (a->tensors && !a->probs && !a->activations)
        die(RC_USAGE, "--tensors goes with --probs or --activations; "
            "try 'eval --help'");
    if (!a->source && !a->sample && !strcmp(a->stream, "-") && isatty(0))
        die(RC_USAGE, "standard input is a terminal; pipe a stream in; "
            "try 'eval --help'");
    if (!strcmp(a->device, "cuda"))
        die(RC_DEVICE, "--device cuda: this build has no GPU engine; use cpu");
    if (strcmp(a->device, "cpu"))
        die(RC_USAGE, "--device: '%s' is not cpu or cuda; try 'eval --help'",
            a->device);
}

static void
print_samples(const struct args *a, struct model_file *m, struct runner *r,
              FILE *out)
{
    struct sample_options o = {
        .tokens = a->sample, .rows = a->rows ? (int)a->rows : 1,
        .seed = (uint64_t)a->seed, .start = (int)a->start,
        .temperature = a->temperature,
    };
    int32_t *t = xcalloc((size_t)o.rows * (size_t)o.tokens, sizeof *t);

    sample(m, &backend_cpu, r, &o, t);
    if (a->json)
        json_object_del(m->info.about, "symbols");
    for (int i = 0; i < o.rows; i++)
        sample_print(out, &m->info, t + (size_t)i * (size_t)o.tokens,
                     o.tokens);
    free(t);
}

static struct set *
open_set(const struct args *a, const struct model_file *m)
{
    struct set *s;

    if (a->source && !a->rows)
        die(RC_USAGE, "--source needs --rows; try 'eval --help'");
    s = a->source ? data_set_source(a->source, a->split, a->rows, 0, NULL) :
        data_set_file(a->stream, a->rows);
    data_same_kind(&m->info, &s->info, a->source ? "--source" :
                   strcmp(a->stream, "-") ? a->stream : "<stdin>");
    return s;
}

static void
print_metrics(const struct model_file *m, const struct set *s,
              const struct evaluation *e, FILE *out)
{
    json_t *o = evaluation_json(e, &s->info);
    json_t *settings = config_settings(m->config);
    char id[65], *text;

    config_id(m->config, id);
    json_object_set(settings, "task", m->info.task);
    json_object_set_new(o, "id", json_string(id));
    json_object_set(o, "task", s->info.task);
    json_object_set_new(o, "settings", settings);
    text = json_text(o, false);
    fprintf(out, "%s\n", text);
    free(text);
    json_decref(o);
}

static json_t *
show_header(const struct args *a, const struct model_file *m)
{
    return json_pack("{s:s, s:s, s:O}", "unroll", "stream", "holds",
                     a->probs ? "probs" : "activations", "config", m->config);
}

/* Judge the set, or show what goes on in it. */
static void
judge(const struct args *a, struct model_file *m, struct runner *r,
      const struct set *s, FILE *out)
{
    json_t *settings = config_settings(m->config), *header;
    struct show show = { .out = out };
    struct evaluator e;
    struct evaluation x;
    struct loss loss;

    loss_init(&loss, loss_kind(keys_text(settings, "loss"), m->info.target),
              m->info.target_size, kernels_pick());
    if (a->probs && m->info.target != VALUE_TOKEN)
        die_at(a->model, 0, "predicts vectors: no probabilities");
    loss.want_probs = a->probs;
    evaluator_init(&e, &backend_cpu, r, m->model->net, &loss, s);
    if (a->tensors) {
        header = show_header(a, m);
        show.tensors = tsw_open(a->output, header);
        json_decref(header);
    }
    if (!evaluate(&e, &x, a->probs ? show_probs :
                  a->activations ? show_activations : NULL, &show))
        stop_leave();
    if (a->tensors)
        tsw_close(show.tensors, show.chunks);
    else if (!a->probs && !a->activations)
        print_metrics(m, s, &x, out);
    json_decref(settings);
}

int
main(int argc, char **argv)
{
    struct args a = { .split = "test", .output = "-", .device = "cpu",
                      .threads = 1, .seed = 1, .temperature = 1 };
    struct backend_options o = { 0 };
    struct outfile *file = NULL;
    struct model_file m;
    struct runner *r;
    int i = parse(&a, argc, argv);

    check(&a, argc, argv, i);
    stop_catch();
    model_load(a.model, &m);
    o.threads = (int)a.threads;
    o.observe = a.activations;
    r = backend_cpu.open(m.model->net, &o);
    backend_cpu.load(r, m.weights);
    if (!a.tensors)
        file = outfile_open(a.output);
    if (a.sample)
        print_samples(&a, &m, r, outfile_stream(file));
    else
        judge(&a, &m, r, open_set(&a, &m), file ? outfile_stream(file) : NULL);
    if (file)
        outfile_commit(file);
    close_stdout();
    return RC_OK;
}

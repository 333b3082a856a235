/* train - a net from a stream of sequences. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clash.h"
#include "base/cli.h"
#include "base/die.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/stop.h"
#include "cell/cell.h"
#include "train/answers.h"
#include "train/config.h"
#include "train/data.h"
#include "train/describe.h"
#include "train/device.h"
#include "train/fleet.h"
#include "train/fleet_list.h"
#include "train/output.h"
#include "train/run.h"

struct args {
    const char *config, *device, *init, *gradient, *result, *save;
    const char *checkpoint, *fleet, *outputs, *snapshots;
    const struct backend *backend;   /* of device */
    struct data_options data;
    double every;
    long every_steps, log_every, threads;
    int dry_run, explain, profile, quiet, no_wait;
    const char *list;
    struct safetensors weights;      /* of --init */
    struct stream_info trained_on;   /* what it says of its data, if so */
};

static const char about[] =
    "Sequences on standard input train a net; log lines and the result, as "
    "JSON, on standard output.";

static const char details[] =
    "A config (--config, flags, --set) determines every byte of the result "
    "and the model; the other options change none. SIGINT, SIGTERM and SIGHUP "
    "save a checkpoint and stop; the same command goes on from there.";

static int
parse(struct args *a, int argc, char **argv, json_t **flags)
{
    const struct opt opts[] = {
        OPT_STR('c', "config", "FILE", &a->config, "settings as JSON"),
        OPT_STR(0, "fleet", "LIST", &a->fleet,
                "train many alike nets at once; lines CONFIG RESULT [MODEL], "
                "or configs (--result, --save are folders then); -: stdin"),
        OPT_STR(0, "source", "COMMAND", &a->data.source,
                "ask this program for batches ('gentask .. --serve')"),
        OPT_STR(0, "val", "FILE", &a->data.val, "validation stream"),
        OPT_STR(0, "test", "FILE", &a->data.test, "test stream"),
        OPT_STR(0, "init", "MODEL", &a->init, "start from these weights"),
        OPT_STR('r', "result", "FILE", &a->result, "write the result there"),
        OPT_STR('o', "save", "MODEL", &a->save, "write the model there"),
        OPT_STR(0, "outputs", "FILE", &a->outputs,
                "write what is answered to --val at each validation"),
        OPT_STR(0, "gradient", "FILE", &a->gradient,
                "write the first batch's gradient and stop"),
        OPT_STR(0, "checkpoint", "FILE", &a->checkpoint,
                "where to keep the state; else beside --result"),
        OPT_REAL(0, "checkpoint-every", "SECONDS", &a->every, 0, 1e9,
                 "how often; 0: after each update"),
        OPT_INT(0, "checkpoint-steps", "N", &a->every_steps, 0, 1e9,
                "and after every N updates; 0: not"),
        OPT_STR(0, "snapshots", "FOLDER", &a->snapshots,
                "and a model of each validation's weights: STEP.safetensors"),
        OPT_FLAG(0, "no-wait", &a->no_wait,
                 "fail if another process works on this run"),
        OPT_INT('t', "threads", "N", &a->threads, 1, 256,
                "the same bytes for any number"),
        OPT_STR(0, "device", "NAME", &a->device, "cpu or cuda"),
        OPT_INT(0, "log-every", "N", &a->log_every, 0, 1e9,
                "updates between log lines; 0: none"),
        OPT_FLAG('q', "quiet", &a->quiet, "only the result line"),
        OPT_FLAG(0, "dry-run", &a->dry_run,
                 "print id, parameters, bytes and flops, and stop"),
        OPT_STR(0, "list", "WHAT", &a->list,
                "print the cells compiled in, or the functions of the "
                "language of cells, and stop: cells, functions"),
        OPT_FLAG(0, "explain", &a->explain, "print the plan and stop"),
        OPT_FLAG(0, "profile", &a->profile, "where the time went, at the end"),
        OPT_END,
    };
    const struct tool tool = {
        "train", "[STREAM]", about, details,
        "gentask copy --len 10 | train --cell gru --steps 200", opts,
        train_keys,
    };

    return cli_parse(&tool, argc, argv, flags);
}

static void
check(struct args *a, int argc, char **argv, int i)
{
    bool data_in, list_in;

    if (argc - i > 1)
        die(RC_USAGE, "one stream at a time; try 'train --help'");
    if (argc - i == 1 && a->data.source)
        die(RC_USAGE, "a stream or --source, not both; try 'train --help'");
    a->data.stream = argc - i == 1 ? argv[i] : "-";
    data_in = !a->data.source && !strcmp(a->data.stream, "-");
    list_in = a->fleet && !strcmp(a->fleet, "-");
    if (list_in && data_in)
        die(RC_USAGE, "--fleet - takes standard input for the list; name a "
            "stream, or give --source; try 'train --help'");
    if (list_in && isatty(0))
        die(RC_USAGE, "--fleet - and standard input is a terminal; pipe the "
            "list in, or name a file; try 'train --help'");
    if (data_in && isatty(0))
        die(RC_USAGE, "standard input is a terminal; pipe a stream in, as in "
            "'gentask copy | train'; try 'train --help'");
    a->backend = device_pick(a->device);
}

/* The comment that a cell's text begins with, as one line. */
static void
print_head(const char *text)
{
    while (*text == '#') {
        size_t n = strcspn(text, "\n");

        printf("%.*s%s", (int)n - 2, text + 2, text[n + 1] == '#' ? " " :
               "\n");
        text += n + 1;
    }
}

/* Cells with what their texts say of them, or functions. */
static void
list(const char *what)
{
    if (!strcmp(what, "functions")) {
        func_print(stdout);
        return;
    }
    if (strcmp(what, "cells"))
        die(RC_USAGE, "--list: '%s' is not cells or functions; "
            "try 'train --help'", what);
    for (const char *const *names = cell_names(); *names; names++) {
        const char *text = cell_text(*names);

        if (!strncmp(text, "# ", 2))
            print_head(text);
        else
            puts(*names);
    }
}

static void
check_fleet(const struct args *a)
{
    const struct { const char *name; bool given; } not[] = {
        { "config", a->config }, { "init", a->init },
        { "gradient", a->gradient }, { "checkpoint", a->checkpoint },
        { "snapshots", a->snapshots },
        { "dry-run", a->dry_run }, { "explain", a->explain },
        { "profile", a->profile }, { "outputs", a->outputs },
    };

    for (size_t i = 0; a->fleet && i < sizeof not / sizeof *not; i++)
        if (not[i].given)
            die(RC_USAGE, "--fleet and --%s do not go together; try "
                "'train --help'", not[i].name);
}

/* Outputs belong to a training from its beginning: none goes on from a
 * checkpoint, and none is kept. */
static void
check_outputs(struct args *a)
{
    const char *wrong = !a->outputs ? NULL
        : !strcmp(a->outputs, "-") ? "takes a file: standard output has the "
        "result"
        : a->checkpoint ? "and --checkpoint do not go together: a run that "
        "was stopped begins again" : NULL;

    if (wrong)
        die(RC_USAGE, "--outputs %s; try 'train --help'", wrong);
    if (a->outputs)
        a->checkpoint = "/dev/null";
}

/* The weights to start from are part of what determines the run, and know
 * what their classes mean. */
static void
name_init(struct args *a, json_t *config)
{
    const char *given = json_string_value(json_object_get(config,
                                                          "init_sha256"));
    char hex[65];

    if (!a->init && given)
        die(RC_DATA, "the config starts from weights %.12s: name the file "
            "with --init", given);
    if (!a->init)
        return;
    sha256_file(a->init, hex);
    if (given && strcmp(given, hex))
        die_at(a->init, 0, "its SHA-256 is %.12s.., the config says %.12s..",
               hex, given);
    json_object_set_new(config, "init_sha256", json_string(hex));
    st_read(a->init, &a->weights);
    if (model_stream(a->init, &a->weights, &a->trained_on))
        a->data.init = &a->trained_on;
}

/* Flags over file over defaults, with all that the data adds. */
static json_t *
make_config(struct args *a, const json_t *flags, struct data *data,
            json_t *origins)
{
    const char *where = a->config ? a->config : "command line";
    json_t *file = a->config ? json_read_file(a->config) : json_object();
    const char *id = json_string_value(json_object_get(file, "id"));
    json_t *both, *part, *full;
    char hex[65];

    if (!json_is_object(file))
        die_at(a->config, 0, "not an object");
    both = config_join(file, flags);
    part = config_complete(both, where, origins);
    name_init(a, part);
    full = data_open(data, &a->data, part, where);
    config_id(full, hex);
    if (id && strcmp(id, hex) && !json_object_size(flags))
        config_blame(where, part, full, id);
    json_decref(part);
    json_decref(both);
    json_decref(file);
    return full;
}

static void
load_init(struct args *a, struct run *r)
{
    float *w;

    if (!a->init)
        return;
    w = xaligned(r->net->weights + 1, sizeof *w);
    model_take(a->init, &a->weights, r->net, w);
    a->backend->put(r->device, r->at, HOLD_WEIGHTS, w, r->net->weights);
    free(w);
    st_release(&a->weights);
    info_release(&a->trained_on);
}

static void
write_gradient(const struct args *a, struct run *r)
{
    double loss = run_gradient(r);
    float *g = xaligned(r->net->weights + 1, sizeof *g);
    struct tensor *t = model_tensors(r->net, g);
    json_t *line = json_object();
    char *text;

    a->backend->get(r->device, r->at, HOLD_GRADIENT, g, r->net->weights);
    st_write(a->gradient, NULL, t, r->net->nparams);
    json_object_set_new(line, "loss", json_number(loss));
    text = json_text(line, false);
    puts(text);
    free(text);
    json_decref(line);
    free(t);
    free(g);
}

/* A run, and what becomes of it. */
struct job {
    const struct args *a;
    struct run *run;
    struct output *out;
    json_t *result, *meta;
    char *text;
};

static void
finish(void *ctx, int i)
{
    struct job *j = ctx;
    struct run *r = j->run;
    float *w;

    (void)i;
    j->result = run_result(r);
    if (r->answers)
        answers_close(r->answers);
    w = run_weights(r);
    if (j->a->save)
        model_save(j->a->save, r->config, r->info, r->net, w);
    free(w);
    j->meta = run_meta(r);
    j->text = output_finish(j->out, j->result, j->meta);
    run_written(r);
}

/* Train, or find that it is done; the result is the last line. */
static void
train(const struct args *a, struct run *r, struct output *out)
{
    struct job j = { .a = a, .run = r, .out = out };
    char *words;

    output_lock(out, a->no_wait);
    j.result = output_done(out, r->id);
    if (j.result && !a->outputs) {
        warn("%s: this run is complete; nothing to do", a->result);
        output_clear(out, r->id);
        j.text = json_text(j.result, false);
    } else {
        json_decref(j.result);
        if (!a->quiet)
            describe_line(r);
        if (run_resume(r) && !a->quiet)
            warn("going on from %s after %lld updates", out->checkpoint,
                 (long long)r->s.n.update);
        fleet_train(&r, 1, finish, &j);
        stop_release();
    }
    words = isatty(STDOUT_FILENO) ?
            describe_result(j.result, j.meta, a->result) : NULL;
    stdout_line(words ? words : j.text);
    free(words);
    free(j.text);
    json_decref(j.meta);
    json_decref(j.result);
}

/* No file is read and written, none written twice. */
static void
check_files(const struct args *a, const struct output *out)
{
    struct clash c = { .where = NULL };

    clash_in(&c, "--config", a->config);
    clash_in(&c, "--init", a->init);
    clash_in(&c, "the stream", a->data.source ? NULL : a->data.stream);
    clash_in(&c, "--val", a->data.val);
    clash_in(&c, "--test", a->data.test);
    output_clash(out, &c);
    clash_out(&c, "--gradient", a->gradient);
    clash_out(&c, "--outputs", a->outputs);
    clash_release(&c);
}

static void
train_fleet(const struct args *a, const json_t *flags)
{
    const struct fleet_list l = {
        .path = a->fleet, .results = a->result, .models = a->save,
        .flags = flags, .data = a->data,
        .no_wait = a->no_wait,
        .options = {
            .backend = a->backend, .threads = (int)a->threads,
            .every = a->every, .every_steps = a->every_steps,
            .quiet = a->quiet,
        },
    };

    fleet_list_train(&l);
    close_stdout();
}

int
main(int argc, char **argv)
{
    struct args a = { .device = "cpu", .every = 60, .log_every = 100,
                      .threads = 1 };
    json_t *flags, *origins = json_object(), *config;
    struct output out;
    struct run_options o;
    struct data data;
    struct model *model;
    struct run run, *alone = &run;
    int i;

    stop_init();
    if (argc == 2 && !strcmp(argv[1], "--markdown")) {
        prog = "train";
        fputs(keys_markdown(train_keys), stdout);
        close_stdout();
        return RC_OK;
    }
    i = parse(&a, argc, argv, &flags);
    if (a.list) {
        list(a.list);
        close_stdout();
        return RC_OK;
    }
    check(&a, argc, argv, i);
    check_fleet(&a);
    check_outputs(&a);
    if (a.fleet) {
        train_fleet(&a, flags);
        return RC_OK;
    }
    output_init(&out, a.result, a.save, a.checkpoint);
    check_files(&a, &out);
    config = make_config(&a, flags, &data, origins);
    model = model_build(config, a.config ? a.config : "command line",
                        feed_info(data.train), origins);
    o = (struct run_options){
        .backend = a.backend, .threads = (int)a.threads,
        .checkpoint = out.checkpoint, .every = a.every,
        .every_steps = a.every_steps, .log_every = a.log_every,
        .quiet = a.quiet, .profile = a.profile, .outputs = a.outputs,
        .snapshots = a.snapshots,
        .leave = !out.checkpoint && !a.snapshots,
    };
    if (a.outputs && !data.val)
        die(RC_USAGE, "--outputs: there is no validation set to answer; "
            "give --val, or val_rows with --source; try 'train --help'");
    if (a.snapshots)
        make_folders(a.snapshots);
    run_open(&run, &o, config, &data, model);
    fleet_start(&alone, 1);
    load_init(&a, &run);
    if (a.explain)
        describe_plan(&run, stdout);
    else if (a.dry_run)
        describe_json(&run, stdout);
    else if (a.gradient)
        write_gradient(&a, &run);
    else
        train(&a, &run, &out);
    if (a.profile)
        describe_profile(&run);
    close_stdout();
    return RC_OK;
}

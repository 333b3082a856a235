/* eval - a trained net judged on a stream, looked into, or sampled from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clash.h"
#include "base/cli.h"
#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/keys.h"
#include "base/magic.h"
#include "base/stop.h"
#include "probe/judge.h"
#include "probe/machines.h"
#include "probe/prime.h"
#include "probe/probe.h"
#include "stream/agree.h"
#include "task/source.h"
#include "task/spell.h"
#include "train/config.h"
#include "train/data.h"
#include "train/device.h"
#include "train/evaluate.h"
#include "train/sample.h"
#include "train/show.h"

struct args {
    const char *model, *stream, *source, *split, *output, *device;
    const char *text, *sequence, *prime, *start, *config;
    const struct backend *backend;   /* of device */
    long rows, threads, sample, seed, skip, top_k, rollout;
    double temperature, top_p;
    int probs, outputs, activations, specialise, weights, tensors, json;
    int score, greedy, oracle, every, last, classes;
};

static const char about[] =
    "The loss and accuracy of a model on the sequences of a stream, as a "
    "line of JSON.";

static const char details[] =
    "--outputs, --probs and --activations print a line for each place "
    "instead (with --tensors, a tensor stream), also of sequences whose "
    "targets nobody knows; --sample draws sequences from the model.\n\n"
    "'eval' is a word of the shell too: say bin/eval, or env eval.\n\n"
    "For the memory tasks (charprint, charcount, grid, tictac, grammar) the "
    "line also tells the net from the best predictor there can be; "
    "--sample N --score counts right lines and boards; --specialise says "
    "which unit stands for which cell, line, counter or flag; and --oracle "
    "puts the best predictor in the net's place: MODEL may be a task then, "
    "as grid or '{\"name\":\"grid\",\"cells\":16}'. Of fsm it prints a line "
    "for each of several predictors, and a net is compared with all of them.";

static int
parse(struct args *a, int argc, char **argv)
{
    const struct opt opts[] = {
        OPT_FLAG('p', "probs", &a->probs,
                 "the probabilities at each scored place"),
        OPT_FLAG(0, "outputs", &a->outputs,
                 "class and probabilities there, or the vector"),
        OPT_FLAG(0, "last", &a->last,
                 "of sequences without targets the last step, not each"),
        OPT_FLAG(0, "every", &a->every,
                 "at every step, also where there is no target"),
        OPT_INT(0, "rollout", "N", &a->rollout, 0, 1e9,
                "N steps on from each sequence's end, each the next input"),
        OPT_FLAG(0, "classes", &a->classes,
                 "with the metrics, how classes are taken for each other"),
        OPT_FLAG('a', "activations", &a->activations,
                 "every named vector of every layer at each step"),
        OPT_FLAG(0, "specialise", &a->specialise, "what each unit means"),
        OPT_FLAG('w', "weights", &a->weights,
                 "print the weights, a line a row"),
        OPT_FLAG(0, "tensors", &a->tensors,
                 "outputs or activations as a tensor stream"),
        OPT_INT('s', "sample", "N", &a->sample, 0, 1e9,
                "draw N tokens, each the input after it"),
        OPT_FLAG(0, "score", &a->score,
                 "judge the samples by the task's rules"),
        OPT_FLAG(0, "greedy", &a->greedy, "the same as --temperature 0"),
        OPT_FLAG(0, "oracle", &a->oracle,
                 "the best predictor in the net's place"),
        OPT_INT(0, "rows", "N", &a->rows, 0, 1e9,
                "take N sequences, or sample N; 0: all, or one"),
        OPT_INT(0, "seed", "N", &a->seed, 0, 9007199254740991, "of samples"),
        OPT_STR(0, "prime", "TEXT", &a->prime,
                "samples go on from this text, which is not repeated"),
        OPT_STR(0, "start", "SYMBOL", &a->start,
                "a sample's first input, by name or number; else class 0, of "
                "bytes the newline"),
        OPT_REAL(0, "temperature", "X", &a->temperature, 0, 1000,
                 "of samples; 0: always the likeliest"),
        OPT_INT(0, "top-k", "N", &a->top_k, 0, 1e9,
                "draw only from the N likeliest; 0: from all"),
        OPT_REAL(0, "top-p", "P", &a->top_p, 1e-9, 1,
                 "draw only from the likeliest that together have "
                 "probability P"),
        OPT_FLAG(0, "json", &a->json, "print samples as arrays of numbers"),
        OPT_STR(0, "config", "FILE", &a->config,
                "MODEL is plain weights (safetensors) of a net that this and "
                "the data say"),
        OPT_STR(0, "source", "COMMAND", &a->source,
                "ask this program for the sequences"),
        OPT_STR(0, "split", "SPLIT", &a->split, "of the source"),
        OPT_STR(0, "text", "FILE", &a->text,
                "this text in place of a stream, or to sample on from; -: "
                "standard input"),
        OPT_STR(0, "sequence", "SYMBOLS", &a->sequence,
                "the same with symbols, as '0 1 2 ... 8 clear'"),
        OPT_INT(0, "skip", "N", &a->skip, 0, 1e9,
                "print nothing of a sequence's first N steps"),
        OPT_STR('o', "output", "FILE", &a->output, "write there"),
        OPT_INT('t', "threads", "N", &a->threads, 1, 256,
                "the same bytes for any number"),
        OPT_STR(0, "device", "NAME", &a->device, "cpu or cuda"),
        OPT_END,
    };
    const struct tool tool = {
        "eval", "MODEL [STREAM]", about, details,
        "gentask copy --len 10 --count 5 | env eval model.safetensors", opts,
        NULL,
    };

    return cli_parse(&tool, argc, argv, NULL);
}

/* Is something printed place by place? */
static bool
shows(const struct args *a)
{
    return a->probs || a->outputs || a->activations;
}

/* What does not go together, and what to say then. */
static void
check_modes(const struct args *a)
{
    const struct { int bad; const char *what; } rules[] = {
        { a->probs + a->outputs + a->activations + a->specialise +
          a->weights + a->classes + !!a->sample + !!a->rollout > 1,
          "only one of --probs, --outputs, --activations, --specialise, "
          "--weights, --classes, --rollout and --sample" },
        { a->tensors && !shows(a),
          "--tensors goes with --outputs, --probs or --activations" },
        { (a->last || a->every) && !a->outputs && !a->probs,
          "--last and --every go with --outputs or --probs" },
        { a->last && a->every, "only one of --last and --every" },
        { (a->score || a->greedy || a->prime || a->start || a->top_k ||
           a->top_p < 1) && !a->sample,
          "--score, --greedy, --prime, --start, --top-k and --top-p go with "
          "--sample" },
        { a->sample &&
          !!a->prime + !!a->start + !!a->text + !!a->sequence > 1,
          "a sample begins with one of --prime, --text, --sequence and "
          "--start" },
        { a->sample && (a->score || a->oracle) &&
          (a->prime || a->text || a->sequence),
          "--score and --oracle know samples from their beginning on: no "
          "--prime, --text or --sequence" },
        { a->oracle && (a->top_k || a->top_p < 1),
          "--oracle draws from all symbols: no --top-k and --top-p" },
        { a->oracle && (a->activations || a->specialise || a->weights ||
                        a->tensors || a->outputs || a->classes || a->every ||
                        a->last || a->rollout),
          "--oracle has no units or weights, and prints nothing but metrics "
          "and --probs" },
        { a->skip && !shows(a),
          "--skip goes with --outputs, --probs or --activations" },
        { a->skip && a->tensors, "--skip is for lines, not for --tensors" },
        { !!a->text + !!a->sequence + !!a->source +
          !!strcmp(a->stream, "-") > 1,
          "only one of STREAM, --source, --text and --sequence" },
        { a->config && (a->sample || a->weights || a->oracle || a->text ||
                        a->sequence),
          "--config takes the sizes from data, STREAM or --source" },
        { a->weights && (a->text || a->sequence),
          "--weights takes no sequences" },
        { (a->sample || a->weights) && (a->source || strcmp(a->stream, "-")),
          "--sample and --weights take no sequences" },
    };

    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].bad)
            die(RC_USAGE, "%s; try 'eval --help'", rules[i].what);
}

static void
check(struct args *a, int argc, char **argv, int i)
{
    if (argc - i < 1 || argc - i > 2)
        die(RC_USAGE, "name one model, and one stream at most; "
            "try 'eval --help'");
    a->model = argv[i];
    a->stream = argc - i == 2 ? argv[i + 1] : "-";
    check_modes(a);
    if (!a->source && !a->sample && !a->weights && !a->text && !a->sequence &&
        !strcmp(a->stream, "-") && isatty(0))
        die(RC_USAGE, "standard input is a terminal; pipe a stream in; "
            "try 'eval --help'");
    a->backend = device_pick(a->device);
    if (a->greedy)
        a->temperature = 0;
}

/* ---- what is judged: a net, or the best predictor of a task -------------*/

struct subject {
    struct model_file m;          /* of the oracle: only info */
    struct set *set;              /* with --config, read already */
    struct device *device;        /* NULL: the oracle */
    struct legal *rules;          /* NULL: no memory task */
    bool machines;                /* its task is fsm */
};

/* The net on its device, with its weights. */
static void
open_device(const struct args *a, struct subject *x)
{
    json_t *settings = config_settings(x->m.config);
    const struct device_options o = {
        .threads = (int)a->threads, .nets = 1,
        .observe = a->activations || a->specialise,
        .loss = loss_kind(keys_text(settings, "loss"), x->m.info.target),
    };
    const struct net *net = x->m.model->net;

    x->device = a->backend->open(net, &o);
    a->backend->put(x->device, 0, HOLD_WEIGHTS, x->m.weights, net->weights);
    json_decref(settings);
}

static void
open_subject(const struct args *a, struct subject *x)
{
    if (a->oracle && oracle_is_task(a->model))
        oracle_task(a->model, &x->m.info);
    else
        model_load(a->model, &x->m);
    x->rules = probe_rules(x->m.info.task, a->model);
    x->machines = machines_are(x->m.info.task);
    if ((a->oracle || a->score || a->specialise) && !x->rules &&
        !(x->machines && !a->sample && !a->specialise))
        die_at(a->model, 0, "its task is none of charprint, charcount, grid, "
               "tictac, grammar: no rules to judge by");
    if (!a->oracle)
        open_device(a, x);
}

/* ---- samples ------------------------------------------------------------*/

static void
print_samples(const struct args *a, struct subject *x, FILE *out)
{
    struct drawing o = {
        .tokens = a->sample, .rows = a->rows ? (int)a->rows : 1,
        .seed = (uint64_t)a->seed, .temperature = a->temperature,
        .top_k = a->top_k, .top_p = a->top_p,
    };
    const struct prime prime = { a->prime, a->text, a->sequence, a->start };
    int32_t *t = xcalloc((size_t)o.rows * (size_t)o.tokens, sizeof *t);
    int32_t *before = NULL;

    if (a->oracle) {
        oracle_sample(x->rules, o.seed, a->greedy, o.rows, o.tokens, t);
    } else {
        sample_check(&x->m);
        o.prime = before = prime_classes(&prime, &x->m, &o.nprime);
        sample(a->backend, x->device, &o, t);
    }
    if (a->score)
        print_json(probe_score(x->rules, t, o.rows, o.tokens), out);
    else
        for (int i = 0; i < o.rows; i++)
            sample_print(out, &x->m.info, t + (size_t)i * (size_t)o.tokens,
                         o.tokens, a->json);
    free(before);
    free(t);
}

/* ---- sequences ----------------------------------------------------------*/

static struct set *
open_text(const struct args *a, const struct stream_info *info)
{
    const json_t *names = json_object_get(info->about, "symbols");
    size_t size;
    char *text;
    int32_t *symbol;
    struct set *s;
    long n;

    if (a->sequence) {
        symbol = spell_list(names, info->input_size, a->sequence,
                            "--sequence", &n);
    } else {
        text = file_read(a->text, (size_t)1 << 26, &size);
        magic_need_text(a->text, text, size);
        symbol = spell_text(names, info->input_size, text, size, a->text, &n);
        free(text);
    }
    s = probe_set(info, symbol, n, a->probs || a->outputs);
    free(symbol);
    return s;
}

/* net: who is to answer, or NULL, not known yet. */
static struct set *
read_set(const struct args *a, const struct stream_info *net)
{
    bool open = shows(a) || a->rollout;

    if (a->source && !a->rows)
        die(RC_USAGE, "--source needs --rows; try 'eval --help'");
    return a->source ? data_set_source(a->source, a->split, a->rows, 0, NULL) :
           data_set_file(a->stream, a->rows, open ? net : NULL);
}

static struct set *
open_set(const struct args *a, const struct subject *x)
{
    const struct stream_info *info = &x->m.info;
    struct set *s;

    if (a->text || a->sequence)
        return open_text(a, info);
    s = x->set ? x->set : read_set(a, info);
    if (a->probs || a->outputs)
        set_ask(s, a->every ? ASK_EVERY : a->last ? ASK_LAST : ASK_OPEN);
    agree_or_die(info, &s->info, AGREE_TASK, "the net", a->source ?
                 "--source" : strcmp(a->stream, "-") ? a->stream : "<stdin>");
    return s;
}

/* Plain weights, of a net that the config and the data say. */
static void
open_plain(const struct args *a, struct subject *x)
{
    json_t *config = json_read_file(a->config);

    x->set = read_set(a, NULL);
    model_load_plain(a->model, config, a->config, &x->set->info, &x->m);
    json_decref(config);
    x->rules = probe_rules(x->m.info.task, a->model);
    open_device(a, x);
}

/* The rules of the set's own task, if it is one that has rules. */
static struct legal *
rules_of(const struct args *a, const struct subject *x, const struct set *s)
{
    struct legal *l = s->info.continues ? probe_rules(s->info.task, "the set")
                      : NULL;

    if (l && legal_symbols(l) == x->m.info.input_size)
        return l;
    if (a->oracle || a->specialise)
        die_at(a->stream, 0, "is no text of a memory task with %d symbols",
               x->m.info.input_size);
    return NULL;
}

/* The machines of a set: by its own task, else (of JSON lines) by the net's.
 * NULL if neither is fsm. */
static struct machines *
machines_of(const struct subject *x, const struct set *s)
{
    if (machines_are(s->info.task))
        return machines_new(s->info.task, "the set");
    return x->machines ? machines_new(x->m.info.task, "the net") : NULL;
}

static void
judge_predictors(const struct args *a, const struct subject *x,
                 const struct set *s, struct show *show, FILE *out)
{
    struct machines *m = machines_of(x, s);
    json_t *all, *line;
    size_t i;

    if (a->probs) {
        machines_probs(m, s, show);
        return;
    }
    all = machines_lines(m, s);
    json_array_foreach(all, i, line)
        print_json(json_incref(line), out);
    json_decref(all);
}

static void
judge_oracle(const struct args *a, const struct subject *x,
             const struct set *s, FILE *out)
{
    struct legal *l = x->machines ? NULL : rules_of(a, x, s);
    struct show show = {
        .out = out, .skip = a->skip, .open_end = a->text || a->sequence,
        .symbols = json_object_get(x->m.info.about, "symbols"),
    };

    if (x->machines)
        judge_predictors(a, x, s, &show, out);
    else if (a->probs)
        oracle_probs(l, s, &show);
    else
        print_json(oracle_metrics(l, s), out);
}

/* Judge the set, or show what goes on in it. */
static void
judge_net(const struct args *a, const struct subject *x, const struct set *s,
          FILE *out)
{
    const struct judging j = {
        .backend = a->backend, .device = x->device, .m = &x->m,
        .model = a->model, .set = s, .rules = rules_of(a, x, s),
        .machines = a->probs || a->outputs ? NULL : machines_of(x, s),
        .view = a->probs ? VIEW_PROBS : a->outputs ? VIEW_OUTPUTS :
                a->activations ? VIEW_ACTIVATIONS :
                a->specialise ? VIEW_UNITS :
                a->rollout ? VIEW_ROLLOUT : VIEW_METRICS,
        .rollout = a->rollout,
        .classes = a->classes, .skip = a->skip,
        .open_end = a->text || a->sequence, .out = out,
        .tensors = a->tensors ? a->output : NULL,
        .words = !strcmp(a->output, "-") && isatty(STDOUT_FILENO),
    };

    judge(&j);
}

/* The output is none of the inputs. */
static void
check_files(const struct args *a)
{
    struct clash c = { .where = NULL };

    clash_in(&c, "the model", a->model);
    clash_in(&c, "--config", a->config);
    clash_in(&c, "the stream", a->stream);
    clash_in(&c, "--text", a->text);
    clash_out(&c, "--output", a->output);
    clash_release(&c);
}

int
main(int argc, char **argv)
{
    struct args a = { .split = "test", .output = "-", .device = "cpu",
                      .threads = 1, .seed = 1,
                      .temperature = 1, .top_p = 1 };
    struct outfile *file = NULL;
    struct subject x = { .set = NULL };
    FILE *out = NULL;
    int i;

    stop_init();
    i = parse(&a, argc, argv);
    check(&a, argc, argv, i);
    check_files(&a);
    if (a.config)
        open_plain(&a, &x);
    else
        open_subject(&a, &x);
    if (!a.tensors)
        out = outfile_stream(file = outfile_open(a.output));
    if (a.weights)
        show_weights(&x.m, out);
    else if (a.sample)
        print_samples(&a, &x, out);
    else if (a.oracle)
        judge_oracle(&a, &x, open_set(&a, &x), out);
    else
        judge_net(&a, &x, open_set(&a, &x), out);
    if (file)
        outfile_commit(file);
    close_stdout();
    return RC_OK;
}

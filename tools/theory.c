/* theory - what is predicted of nets that compose, and what runs did. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clash.h"
#include "base/cli.h"
#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memfile.h"
#include "base/stop.h"
#include "probe/staircase.h"
#include "task/compose.h"
#include "task/task.h"

static const char details[] =
    "Without FILE: the template that the settings of the task compose give, "
    "as one JSON object: its power by irrep, the order in which theory has "
    "them learned, the levels of the loss (plateaus: in that order; levels: "
    "by power), widths, and with --init on cyclic groups the updates until "
    "each is learned.\n\n"
    "With result files of train: a line a run, with the plateaus of its curve "
    "matched to these levels, and what falls when.  --spectra adds what "
    "NAME.spectra beside NAME.json has: when half of each irrep's power was "
    "there, and whether the order was right.\n\n"
    "With --outputs and one result, the lines of NAME.spectra come out: power "
    "by irrep at each validation of the run.\n\n"
    "On a terminal, or with --say, a run is a line of words and a picture.";

struct args {
    const char *output, *outputs;
    int spectra, say, traces;
    double init, lr, momentum, tolerance;
};

static void
print(FILE *out, json_t *v)
{
    char *text = json_text(v, false);

    fprintf(out, "%s\n", text);
    free(text);
    json_decref(v);
}

/* What stands in NAME.spectra. */
static void
read_spectra(struct records *s, const char *file)
{
    size_t n = strlen(file);
    char *side;

    if (n < 6 || strcmp(file + n - 5, ".json"))
        die_at(file, 0, "spectra belong to result files: give the NAME.json "
               "files as operands");
    side = xasprintf("%.*s.spectra", (int)n - 5, file);
    records_read(s, side);
    free(side);
}

static void
tell_runs(FILE *out, const struct args *a,
          const struct staircase_options *o, char **file, int n)
{
    struct records r = { 0 };
    bool words = a->say || (!strcmp(a->output, "-")
                            && isatty(STDOUT_FILENO));

    records_read_all(&r, file, n);
    for (long i = 0; i < r.n; i++) {
        struct records s = { 0 };
        json_t *v;

        if (a->spectra)
            read_spectra(&s, r.at[i].file);
        v = staircase_run(&r.at[i], a->spectra ? &s : NULL, o);
        if (words) {
            staircase_say(out, &r.at[i], v);
            json_decref(v);
        } else {
            print(out, v);
        }
        records_release(&s);
    }
    records_release(&r);
}

static void
tell_spectra(FILE *out, const char *outputs, char **file)
{
    struct records r = { 0 };

    records_read_all(&r, file, 1);
    if (r.n != 1)
        die(RC_DATA, "%s: %ld results, and --outputs are of one", *file, r.n);
    staircase_spectra(out, &r.at[0], outputs);
    records_release(&r);
}

static void
tell_template(FILE *out, json_t *set, const struct staircase_options *o)
{
    json_t *task = json_pack("{s:s}", "name", "compose"), *all;

    json_object_update(task, set);
    all = task_settings(task, NULL);
    print(out, staircase_theory(all, NULL, o));
    json_decref(all);
    json_decref(task);
}

int
main(int argc, char **argv)
{
    struct args a = { .output = "-", .lr = 0.01, .tolerance = 0.1 };
    const struct opt opts[] = {
        OPT_REAL(0, "init", "S", &a.init, 0, 1,
                 "scale of the starting weights, for times"),
        OPT_REAL(0, "lr", "X", &a.lr, 0, 1000,
                 "learning rate, for times; a result has its own"),
        OPT_REAL(0, "momentum", "X", &a.momentum, 0, 0.999999, "likewise"),
        OPT_REAL(0, "tolerance", "X", &a.tolerance, 0, 1,
                 "how far from its level, in log loss, a plateau may be"),
        OPT_FLAG(0, "traces", &a.traces, "add the characters of the irreps"),
        OPT_FLAG(0, "spectra", &a.spectra,
                 "add each result's NAME.spectra"),
        OPT_STR(0, "outputs", "FILE", &a.outputs,
                "turn what train --outputs wrote into spectra"),
        OPT_FLAG(0, "say", &a.say, "runs in words and a picture"),
        OPT_STR('o', "output", "FILE", &a.output, "write here, whole or not"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "theory",
        .args = "[FILE ...]",
        .about = "Levels, order and times that theory predicts of the task "
                 "compose, and how runs keep to them.",
        .details = details,
        .example = "theory --group D5 --template spectrum "
                   "--powers '0 3000 2000 1000' | jq -c .plateaus",
        .opts = opts, .keys = compose_keys(),
    };
    struct staircase_options o;
    struct clash c = { .where = NULL };
    struct memfile *page;
    struct outfile *out;
    json_t *set = NULL;
    size_t size;
    char *text;
    int i;

    stop_init();
    i = cli_parse(&tool, argc, argv, &set);
    o = (struct staircase_options){ a.init, a.lr, a.momentum, a.tolerance,
                                    a.traces };
    if (i < argc && json_object_size(set))
        die(RC_USAGE, "results have the settings of their task: none beside "
            "them; try 'theory --help'");
    for (int k = i; k < argc; k++)
        clash_in(&c, "an input", argv[k]);
    clash_in(&c, "--outputs", a.outputs);
    clash_out(&c, "--output", a.output);
    clash_release(&c);
    if (a.outputs && argc - i != 1)
        die(RC_USAGE, "--outputs goes with one result; try 'theory --help'");
    page = memfile_open();
    if (a.outputs)
        tell_spectra(memfile_stream(page), a.outputs, argv + i);
    else if (i < argc)
        tell_runs(memfile_stream(page), &a, &o, argv + i, argc - i);
    else
        tell_template(memfile_stream(page), set, &o);
    text = memfile_close(page, &size);
    out = outfile_open(a.output);
    fwrite(text, 1, size, outfile_stream(out));
    outfile_commit(out);
    free(text);
    json_decref(set);
    return RC_OK;
}

/* aggregate - many results in, few lines out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clash.h"
#include "base/cli.h"
#include "base/die.h"
#include "base/file.h"
#include "base/stop.h"
#include "base/json.h"
#include "stats/effects.h"
#include "stats/group.h"
#include "stats/markdown.h"

struct args {
    const char *by, *metric, *success, *top, *regress, *effects, *out;
    char **where;
    int meta, largest, linear, markdown, interactions;
    long bootstrap, seed;
    double held;
};

static const char details[] =
    "Keys and metrics are dotted paths (task.len), looked up in the record "
    "and then in its settings.  Records are the objects of the FILEs, or of "
    "standard input: result files, JSON lines, or both.\n\n"
    "A record that comes twice (overlapping patterns of files) is counted "
    "once.  Numbers that are null, as of runs that diverged, are in no mean: "
    "each metric has its own n, and what is missing is said.\n\n"
    "Four things can come out.  Plain: a summary a group (mean, std, error "
    "of the mean, min, median, max, n).  --top 10%: the best records by the "
    "first metric, ranked.  --regress KEYS: standardised least squares of "
    "the metric's logarithm on the keys, fitted on 80 % of the records and "
    "judged on the rest.  --effects KEYS: for each key the metric's change "
    "between two of its values, over all pairs of records that agree in the "
    "other keys; with --interactions also by how much that changes with each "
    "other key.  No interval stands on fewer than 6 differences.";

/* "10%" or "25" percent as a share. */
static double
percent(const char *text)
{
    char *end;
    double x = strtod(text, &end);

    if (end == text || (*end && strcmp(end, "%")) || !(x > 0 && x <= 100))
        die(RC_USAGE, "--top: '%s' is not a percentage in (0, 100]; "
            "try 'aggregate --help'", text);
    return x / 100;
}

static void
check(const struct args *a)
{
    if (!a->metric)
        die(RC_USAGE, "which metric? --metric is missing; "
            "try 'aggregate --help'");
    if (!!a->by + !!a->top + !!a->regress + !!a->effects != 1)
        die(RC_USAGE, "one of --by, --top, --regress and --effects is "
            "needed; try 'aggregate --help'");
    if (a->interactions && !a->effects)
        die(RC_USAGE, "--interactions is for --effects; "
            "try 'aggregate --help'");
    if (a->markdown && a->top)
        die(RC_USAGE, "--markdown is not for --top; "
            "try 'aggregate --help'");
}

/* An array of objects, or one object for --regress. */
static json_t *
work(const struct args *a, struct records *r)
{
    struct group_options o = {
        .success = a->success, .bootstrap = (int)a->bootstrap,
        .seed = (uint64_t)a->seed,
    };
    json_t *v;
    int n;

    o.metrics = names_split(a->metric, "--metric", &n);
    if (a->by) {
        o.by = names_split(a->by, "--by", &n);
        v = group_summaries(r, &o);
    } else if (a->regress) {
        o.by = names_split(a->regress, "--regress", &n);
        v = group_regress(r, o.by, o.metrics[0], !a->linear, a->held,
                          o.bootstrap, o.seed);
    } else if (a->effects) {
        o.by = names_split(a->effects, "--effects", &n);
        v = effects(r, &(struct effects_options){
            o.by, o.metrics[0], a->interactions, o.bootstrap, o.seed,
        });
    } else {
        v = group_top(r, o.metrics[0], percent(a->top), a->largest);
    }
    names_free(o.by);
    names_free(o.metrics);
    return v;
}

static void
print(const struct args *a, const json_t *v, FILE *out)
{
    size_t n = json_is_array(v) ? json_array_size(v) : 1;

    if (a->markdown && a->by)
        markdown_summaries(out, v, a->by, a->metric);
    else if (a->markdown && a->effects)
        markdown_effects(out, v);
    else if (a->markdown)
        markdown_regression(out, v);
    else
        for (size_t i = 0; i < n; i++) {
            char *s = json_text(json_is_array(v) ? json_array_get(v, i) : v,
                                false);

            fprintf(out, "%s\n", s);
            free(s);
        }
}

int
main(int argc, char **argv)
{
    struct args a = { .seed = 1, .held = 0.2, .out = "-" };
    const struct opt opts[] = {
        OPT_STR('b', "by", "KEYS", &a.by, "group by these, as cell,task.len"),
        OPT_STR('m', "metric", "METRICS", &a.metric,
                "what to summarise, as test_accuracy,meta.seconds"),
        OPT_LIST('w', "where", "KEY=VALUE", &a.where,
                 "only records with this value"),
        OPT_FLAG(0, "meta", &a.meta,
                 "add each result's side file NAME.meta as meta"),
        OPT_STR(0, "success", "RULE", &a.success,
                "count records by METRIC>=NUMBER or METRIC<=NUMBER"),
        OPT_INT(0, "bootstrap", "N", &a.bootstrap, 0, 1000000,
                "rounds for 95 % intervals of means or coefficients"),
        OPT_STR(0, "top", "P%", &a.top, "keep the best by the first metric"),
        OPT_FLAG(0, "largest", &a.largest, "for --top: large is good"),
        OPT_STR(0, "regress", "KEYS", &a.regress,
                "which settings move the metric"),
        OPT_STR(0, "effects", "KEYS", &a.effects,
                "what each setting does, the others held still"),
        OPT_FLAG(0, "interactions", &a.interactions,
                 "for --effects: what two settings do together, too"),
        OPT_FLAG(0, "linear", &a.linear,
                 "regress the metric, not its logarithm"),
        OPT_REAL(0, "held-out", "SHARE", &a.held, 0, 0.9,
                 "part of the records kept from the regression"),
        OPT_INT('s', "seed", "N", &a.seed, 0, 9007199254740991,
                "of the split and the bootstrap"),
        OPT_FLAG(0, "markdown", &a.markdown, "a table instead of JSON lines"),
        OPT_STR('o', "output", "FILE", &a.out, "write here, whole or not"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "aggregate",
        .args = "[FILE ...]",
        .about = "Summarise results by their settings, rank them, or tell "
                 "which settings matter.",
        .details = details,
        .example = "aggregate --by cell,task.len --metric test_accuracy "
                   "results/copy/*.json",
        .opts = opts,
    };
    struct clash c = { .where = NULL };
    struct records r = { 0 };
    struct outfile *out;
    int i;
    json_t *v;

    stop_init();
    i = cli_parse(&tool, argc, argv, NULL);
    check(&a);
    for (int k = i; k < argc; k++)
        clash_in(&c, "an input", argv[k]);
    clash_out(&c, "--output", a.out);
    clash_release(&c);
    records_read_all(&r, argv + i, argc - i);
    if (a.meta)
        records_join_meta(&r);
    for (char **w = a.where; w && *w; w++)
        records_keep(&r, *w);
    if (r.n == 0)
        die(RC_DATA, "no record is left by --where");
    v = work(&a, &r);
    out = outfile_open(a.out);
    print(&a, v, outfile_stream(out));
    outfile_commit(out);
    json_decref(v);
    records_release(&r);
    return RC_OK;
}

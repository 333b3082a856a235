/* Results and summaries: groups, ranks, effects, regressions, tables. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "fuzz.h"
#include "stats/effects.h"
#include "stats/group.h"
#include "stats/markdown.h"
#include "stats/table.h"

static char *by[] = { "cell", "size", NULL };
static char *metric[] = { "loss", "accuracy", NULL };

/* What is written of an answer is JSON, read the same. */
static void
check_json(json_t *v)
{
    char *text = json_text(v, false);
    json_t *again = json_read_text(text, strlen(text), "again", 1);

    fuzz_check(fuzz_same_json(v, again));
    json_decref(again);
    json_decref(v);
    free(text);
}

static void
summaries(struct records *r, FILE *out)
{
    const struct group_options o = {
        .by = by, .metrics = metric, .success = "accuracy>=0.5",
        .bootstrap = 5, .seed = 1,
    };
    json_t *v = group_summaries(r, &o);

    markdown_summaries(out, v, "cell,size", "loss,accuracy");
    check_json(v);
}

static void
table(struct records *r, FILE *out, int which)
{
    const struct table_options lines = {
        .x = "size", .y = "loss", .series = "cell",
    }, curves = { .y = "curve.loss", .series = "cell", .smooth = 2 },
    heat = { .x = "cell", .y = "size", .z = "loss" };

    if (which == 0)
        table_lines(out, r, &lines);
    else if (which == 1)
        table_curves(out, r, &curves);
    else if (which == 2)
        table_heat(out, r, &heat);
    else
        table_swarm(out, r, &lines);
}

static void
one(const char *text, size_t n)
{
    struct records r = { 0 };
    FILE *out = fopen("/dev/null", "w");

    records_read(&r, fuzz_file(0, text, n));
    for (long i = 0; i < r.n; i++)
        fuzz_check(json_is_object(r.at[i].value));
    if (n % 2)
        records_keep(&r, "size=3");
    if (r.n && n % 5 == 0)
        summaries(&r, out);
    else if (r.n && n % 5 == 1)
        check_json(group_top(&r, "loss", 0.4, n % 2));
    else if (r.n && n % 5 == 2)
        check_json(group_regress(&r, by, "loss", 1, 0.2, 3, 1));
    else if (r.n && n % 5 == 3)
        check_json(effects(&r, &(struct effects_options){
            by, "loss", (int)(n / 5 % 2), 3, 1,
        }));
    else if (r.n)
        table(&r, out, (int)(n % 4));
    records_release(&r);
    fclose(out);
}

const struct harness harness = { .one = one };

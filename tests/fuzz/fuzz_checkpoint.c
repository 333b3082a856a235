/* A checkpoint: a run goes on from it to its end, or refuses it.  The run is
 * that of corpus.sh: 3 units, windows of 3 steps, 8 updates. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cpu/cpu.h"
#include "fuzz.h"
#include "sums.h"
#include "train/config.h"
#include "train/fleet.h"
#include "train/run.h"

static const char lines[] =
    "{\"input\":[0,1,2,1],\"target\":[1,2,1,0]}\n"
    "{\"input\":[2,0,1],\"target\":[0,1,0]}\n"
    "{\"input\":[1,1,0],\"target\":[1,0,2]}\n";

#define DATA "/proc/self/fd/103"      /* slot 3 */

static json_t *config;

static void
begin(void)
{
    static const char text[] = "{\"size\":3,\"bptt\":3,\"batch\":2,"
        "\"steps\":8,\"validate_every\":3,\"patience\":5}";
    json_t *given = json_loads(text, 0, NULL);

    fuzz_file(3, lines, sizeof lines - 1);
    config = config_complete(given, "config", NULL);
    json_decref(given);
}

/* The run has come to its end. */
static void
finish(void *ctx, int i)
{
    struct run *run = ctx;
    json_t *result = run_result(run), *again;
    char *s = json_text(result, false);

    (void)i;
    run_written(run);
    again = json_read_text(s, strlen(s), "result", 1);
    fuzz_check(fuzz_same_json(result, again));
    free(s);
    json_decref(again);
    json_decref(result);
}

static void
one(const char *text, size_t n)
{
    const struct data_options from = {
        .stream = DATA, .val = DATA,
    };
    const struct run_options o = {
        .backend = &backend_cpu, .threads = 1, .quiet = true,
        .checkpoint = fuzz_file(0, text, n), .every = 1e9,
    };
    struct data data;
    struct run run, *alone = &run;
    struct model *m;
    json_t *c = data_open(&data, &from, config, "config");

    m = model_build(c, "config", feed_info(data.train), NULL);
    run_open(&run, &o, c, &data, m);
    fleet_start(&alone, 1);
    run_resume(&run);
    fleet_train(&alone, 1, finish, &run);
    run_close(&run);
    model_free(m);
    data_close(&data);
    json_decref(c);
}

const struct harness harness = {
    .one = one, .begin = begin, .mend = mend_safetensors, .warns = true,
};

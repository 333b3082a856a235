/*
 * series.c - a table's rows in time: from each window of columns the columns
 * some steps ahead (docs/tasks.md).
 *
 * Numbers are brought to mean 0 and deviation 1 by the training split's own
 * (`scale`), which stand in the settings from then on, so that new data can be
 * scaled as what a net was trained on.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "task/columns.h"
#include "task/source.h"
#include "task/tasks.h"

static const struct key keys[] = {
    { "table", KEY_TEXT, "\"\"", 0, 0, NULL, "HASH",
      "SHA-256 of the file; if given, the file read must have it" },
    { "columns", KEY_TEXT, "\"\"", 0, 0, NULL, "NAMES",
      "the net's inputs, by name or number from 1, between commas; all" },
    { "targets", KEY_TEXT, "\"\"", 0, 0, NULL, "NAMES",
      "what it is to say, likewise; the same as its inputs" },
    { "ahead", KEY_INT, "1", 0, 1e6, NULL, "N",
      "rows from a step's input to its target" },
    { "history", KEY_INT, "100", 1, 1e6, NULL, "N", "rows of a window" },
    { "mode", KEY_CHOICE, "\"random\"", 0, 0, "random|blocks", "MODE",
      "windows at random places, or all one after the other" },
    { "score", KEY_CHOICE, "\"all\"", 0, 0, "all|last", "WHICH",
      "steps that count" },
    { "scale", KEY_TEXT, "\"standard\"", 0, 0, NULL, "HOW",
      "standard: mean 0, deviation 1 in the training split; none; or "
      "MEAN:DEVIATION of each column, between commas" },
    { "train_end", KEY_REAL, "0.8", 0, 2147483647, NULL, "X",
      "end of the training split: a share of the rows up to 1, rows above" },
    { "val_end", KEY_REAL, "0.9", 0, 2147483647, NULL, "X",
      "end of the validation split, likewise; the rest is for tests" },
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

struct series {
    struct columns c;
    int *input, *target;        /* places of columns among those read */
    int inputs, targets;
    double *mean, *deviation;   /* of the columns read */
    size_t from[3], to[3];      /* rows of each split */
    size_t ahead, history;
    bool blocks, last;
};

/* ---- opening ------------------------------------------------------------*/

static void
read_table(struct series *t, struct source *s)
{
    const json_t *v = s->info.task;
    const char *wanted = keys_text(v, "table");
    const char *const *paths = s->files ? s->files->paths : NULL;
    const char *inputs = keys_text(v, "columns");
    char *names = !*inputs ? xstrdup("") :
                  xasprintf("%s,%s", inputs, keys_text(v, "targets"));

    if (!paths || !paths[0] || paths[1])
        die(RC_USAGE, "name the table with one --file PATH (.csv, .npy)");
    columns_read(&t->c, paths[0], names);
    if (*wanted && strcmp(wanted, t->c.hash))
        die_at(paths[0], 0, "has the SHA-256 %.16s..., not %.16s...: it is "
               "another table; for new data say --table ''", t->c.hash,
               wanted);
    json_object_set_new(s->info.task, "table", json_string(t->c.hash));
    free(names);
}

/* Places of the columns in a list; of all for an empty one. */
static int *
choose(const struct series *t, const struct source *s, const char *list,
       int *n)
{
    int *at = xcalloc((size_t)t->c.n, sizeof *at);
    char *copy = xstrdup(list), *save = NULL;

    *n = 0;
    for (; !*list && *n < t->c.n; ++*n)
        at[*n] = *n;
    for (char *w = copy; *list && (w = strtok_r(w, ",", &save)); w = NULL) {
        int k = columns_find(&t->c, w);

        if (k < 0)
            source_bad(s, "no column '%s' among those read", w);
        if (*n == t->c.n)
            source_bad(s, "more columns are named than there are");
        at[(*n)++] = k;
    }
    free(copy);
    return at;
}

static size_t
place(double x, size_t n)
{
    double at = x <= 1 ? x * (double)n : x;

    return at < (double)n ? (size_t)at : n;
}

static void
set_splits(struct series *t, const struct source *s)
{
    const json_t *v = s->info.task;

    t->to[0] = t->from[1] = place(keys_real(v, "train_end"), t->c.rows);
    t->to[1] = t->from[2] = place(keys_real(v, "val_end"), t->c.rows);
    t->to[2] = t->c.rows;
    if (t->to[1] < t->to[0])
        source_bad(s, "val_end is row %zu, before train_end, row %zu",
                   t->to[1], t->to[0]);
}

/* Mean and deviation of each column in the training split, in double, row
 * after row. */
static void
measure(struct series *t, const struct source *s)
{
    size_t n = t->to[0], k = (size_t)t->c.n;

    if (!n)
        source_bad(s, "the training split has no rows to take the scale "
                   "from: say --scale none, or MEAN:DEVIATION of each column");
    for (size_t i = 0; i < k; i++) {
        double sum = 0, squares = 0;

        for (size_t r = 0; r < n; r++)
            sum += t->c.value[r * k + i];
        t->mean[i] = sum / (double)n;
        for (size_t r = 0; r < n; r++) {
            double d = t->c.value[r * k + i] - t->mean[i];

            squares += d * d;
        }
        t->deviation[i] = sqrt(squares / (double)n);
        if (!(t->deviation[i] > 0))         /* it does not vary */
            t->deviation[i] = 1;
    }
}

static void
parse_scale(struct series *t, const struct source *s, const char *text)
{
    const char *at = text;
    char *end;

    for (int i = 0; i < t->c.n; i++) {
        t->mean[i] = strtod(at, &end);
        if (end == at || *end != ':')
            break;
        at = end + 1;
        t->deviation[i] = strtod(at, &end);
        if (end == at || !isfinite(t->mean[i]) ||
            !(t->deviation[i] > 0 && t->deviation[i] < HUGE_VAL) ||
            *end != (i == t->c.n - 1 ? 0 : ','))
            break;
        at = end + 1;
        if (!*end)
            return;
    }
    source_bad(s, "scale is '%s': it must be standard, none, or "
               "MEAN:DEVIATION for each of the %d columns, between commas",
               text, t->c.n);
}

/* The numbers themselves become the setting. */
static void
keep_scale(const struct series *t, struct source *s)
{
    char *text = xstrdup(""), *more, mean[48], deviation[48];

    for (int i = 0; i < t->c.n; i++) {
        json_format_number(t->mean[i], mean);
        json_format_number(t->deviation[i], deviation);
        more = xasprintf("%s%s%s:%s", text, i ? "," : "", mean, deviation);
        free(text);
        text = more;
    }
    json_object_set_new(s->info.task, "scale", json_string(text));
    free(text);
}

static void
set_scale(struct series *t, struct source *s)
{
    const char *how = keys_text(s->info.task, "scale");

    t->mean = xcalloc((size_t)t->c.n, sizeof *t->mean);
    t->deviation = xcalloc((size_t)t->c.n, sizeof *t->deviation);
    for (int i = 0; i < t->c.n; i++)
        t->deviation[i] = 1;
    if (!strcmp(how, "standard")) {
        measure(t, s);
        keep_scale(t, s);
    } else if (strcmp(how, "none")) {
        parse_scale(t, s, how);
    }
}

/* about.columns, about.input_scale: what the net's numbers are. */
static void
tell(const struct series *t, struct source *s, const char *names_key,
     const char *scale_key, const int *at, int n)
{
    json_t *names = json_array(), *scale = json_array();

    for (int i = 0; i < n; i++) {
        json_array_append_new(names, json_string(t->c.name[at[i]]));
        json_array_append_new(scale, json_pack("[o, o]",
            json_number(t->mean[at[i]]), json_number(t->deviation[at[i]])));
    }
    json_object_set_new(s->info.about, names_key, names);
    json_object_set_new(s->info.about, scale_key, scale);
}

static void
series_open(struct source *s)
{
    struct series *t = xcalloc(1, sizeof *t);
    const json_t *v = s->info.task;
    const char *targets = keys_text(v, "targets");

    s->self = t;
    t->ahead = (size_t)keys_int(v, "ahead");
    t->history = (size_t)keys_int(v, "history");
    t->blocks = !strcmp(keys_text(v, "mode"), "blocks");
    t->last = !strcmp(keys_text(v, "score"), "last");
    read_table(t, s);
    t->input = choose(t, s, keys_text(v, "columns"), &t->inputs);
    t->target = choose(t, s, *targets ? targets : keys_text(v, "columns"),
                       &t->targets);
    set_splits(t, s);
    set_scale(t, s);
    tell(t, s, "columns", "input_scale", t->input, t->inputs);
    tell(t, s, "targets", "target_scale", t->target, t->targets);
    s->info.input = s->info.target = VALUE_VECTOR;
    s->info.input_size = t->inputs;
    s->info.target_size = t->targets;
    s->floor = NAN;
    s->steps = (int64_t)t->history;
}

/* ---- windows ------------------------------------------------------------*/

/* Rows of a split that have a target. */
static size_t
places(const struct series *t, enum split split)
{
    size_t n = t->to[split] - t->from[split];

    return n > t->ahead ? n - t->ahead : 0;
}

static int64_t
series_batches(const struct source *s, enum split split)
{
    const struct series *t = s->self;
    size_t n = places(t, split), rows = (size_t)s->info.batch;

    if (t->blocks)
        return (int64_t)(((n + t->history - 1) / t->history + rows - 1) /
                         rows);
    if (n < t->history)
        die(RC_DATA, "the %s split has %zu rows with a target, less than a "
            "window of %zu: take a longer table or a smaller history",
            split_name(split), n, t->history);
    return -1;
}

static float
scaled(const struct series *t, size_t row, int column)
{
    double x = t->c.value[row * (size_t)t->c.n + (size_t)column];

    return (float)((x - t->mean[column]) / t->deviation[column]);
}

/* Where window number i of those asked for begins, and its steps. */
static size_t
window(const struct series *t, const struct draw *d, uint64_t i, int *steps)
{
    size_t n = places(t, d->split), from = t->from[d->split];
    struct rng r;

    if (t->blocks) {
        size_t at = (size_t)i * t->history;

        *steps = (int)(n - at < t->history ? n - at : t->history);
        return from + at;
    }
    *steps = (int)t->history;
    task_rng(&r, d, i);
    return from + rng_below(&r, (uint32_t)(n - t->history + 1));
}

static void
fill_row(const struct series *t, struct batch *b, size_t row, size_t from)
{
    size_t steps = (size_t)b->length[row], at = row * (size_t)b->steps;

    for (size_t i = 0; i < steps; i++, at++) {
        for (int k = 0; k < t->inputs; k++)
            b->vectors[at * (size_t)t->inputs + (size_t)k] =
                scaled(t, from + i, t->input[k]);
        b->scored[at] = !t->last || i == steps - 1;
        for (int k = 0; b->scored[at] && k < t->targets; k++)
            b->values[at * (size_t)t->targets + (size_t)k] =
                scaled(t, from + i + t->ahead, t->target[k]);
    }
}

static void
series_make(struct source *s, const struct draw *d, struct batch *b)
{
    const struct series *t = s->self;
    size_t blocks = (places(t, d->split) + t->history - 1) / t->history;
    int rows = d->rows, steps;

    series_batches(s, d->split);
    if (t->blocks && d->first + (uint64_t)rows > blocks)
        rows = (int)(blocks - d->first);
    window(t, d, d->first, &steps);     /* none is longer than the first */
    batch_shape(b, &s->info, rows, steps);
    for (int i = 0; i < rows; i++) {
        size_t from = window(t, d, d->first + (uint64_t)i, &steps);

        b->length[i] = steps;
        fill_row(t, b, (size_t)i, from);
    }
}

static void
series_close(struct source *s)
{
    struct series *t = s->self;

    columns_release(&t->c);
    free(t->input);
    free(t->target);
    free(t->mean);
    free(t->deviation);
    free(t);
}

const struct task task_series = {
    .name = "series",
    .about = "a table's rows in time: from each the next (--file CSV or NPY)",
    .keys = keys,
    .open = series_open,
    .make = series_make,
    .batches = series_batches,
    .close = series_close,
    .reads = true,
};

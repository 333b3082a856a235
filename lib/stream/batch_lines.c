/*
 * batch_lines.c - a stored set from JSON lines, one sequence a line.
 *
 * Kinds and widths come from a header line, else from the first line that
 * tells them; numbers of classes from the largest one seen.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/limit.h"
#include "stream/batch_parts.h"
#include "stream/codebook.h"
#include "stream/line.h"
#include "stream/lines.h"

#define BAD(l, ...) die_at((l)->name, (l)->line, __VA_ARGS__)

static bool
is_whole(const char *v)
{
    int64_t x;

    return value_whole(v, &x);
}

/* A class or token; grows *size unless it is fixed. */
static int32_t
take_class(const struct lines *l, const char *v, const char *what,
           size_t step, int *size, bool fixed)
{
    int64_t x = -1;

    if (!value_whole(v, &x) || x < 0 || x >= LARGEST_SIZE)
        BAD(l, "%s at step %zu is not a whole number in 0..%d (a list of "
            "such is tokens; vectors are lists of lists)", what, step,
            LARGEST_SIZE - 1);
    if (fixed && x >= *size)
        BAD(l, "%s at step %zu is %lld, but the header says %d classes", what,
            step, (long long)x, *size);
    if (!fixed && x >= LIMIT_SEEN)
        BAD(l, "%s at step %zu is %lld: for more than %d classes put a first "
            "line that tells how many, as {\"input_size\":N}", what, step,
            (long long)x, LIMIT_SEEN);
    if (x >= *size)
        *size = (int)x + 1;
    return (int32_t)x;
}

/* A list of numbers of the width that all have; the first one decides. */
static void
take_vector(const struct lines *l, const char *v, const char *what,
            float *to, int width)
{
    size_t i;
    const char *x;

    if (!value_is_list(v))
        BAD(l, "%s: a step that is no list of numbers, where vectors are "
            "expected", what);
    if (value_size(v) != (size_t)width)
        BAD(l, "%s: a vector that is not %d numbers wide like those before",
            what, width);
    value_foreach(v, i, x) {
        to[i] = (float)value_number(x);
        if (!value_is_number(x) || !isfinite(to[i]))
            BAD(l, "%s: a vector holds what is no number of a float's range",
                what);
    }
}

static void
set_width(const struct lines *l, const char *v, const char *what,
          int *width)
{
    size_t n = value_is_list(v) ? value_size(v) : 1;

    if (*width == 0 && (n < 1 || n > LARGEST_SIZE))
        BAD(l, "%s: an empty vector, or one that is too wide", what);
    if (*width == 0)
        *width = (int)n;
}

/* Numbers of one row are no more than a whole set may have. */
static void
check_room(const struct lines *l, size_t steps, int width)
{
    if ((double)steps * width * sizeof(float) > LARGEST_SET)
        BAD(l, "%zu steps of %d numbers take more than 8 GiB", steps, width);
}

static float *
values(const struct lines *l, size_t steps)
{
    check_room(l, steps, l->info->target_size);
    return xcalloc(steps * (size_t)l->info->target_size, sizeof(float));
}

static void
take_input(struct lines *l, const char *v, struct row *row)
{
    struct stream_info *info = l->info;
    size_t n = v ? value_size(v) : 0, i;
    const char *x;

    if (n < 1 || n > INT32_MAX)
        BAD(l, "'input' is not a list of at least one step");
    row->steps = (int)n;
    if (!l->knows_input)
        info->input = value_is_list(value_first(v)) ? VALUE_VECTOR :
                      VALUE_TOKEN;
    l->knows_input = true;
    if (info->input == VALUE_TOKEN) {
        row->tokens = xcalloc(n, sizeof *row->tokens);
        value_foreach(v, i, x)
            row->tokens[i] = take_class(l, x, "'input'", i, &info->input_size,
                                        l->fixed_input);
        return;
    }
    set_width(l, value_first(v), "'input'", &info->input_size);
    check_room(l, n, info->input_size);
    row->vectors = xcalloc(n * (size_t)info->input_size, sizeof(float));
    value_foreach(v, i, x)
        take_vector(l, x, "'input'", row->vectors +
                    i * (size_t)info->input_size, info->input_size);
}

/* What a target looks like. */
struct look {
    bool flat;       /* holds numbers */
    bool nested;     /* holds lists */
    bool gaps;       /* holds nulls */
    bool real;       /* a number that is not whole */
};

static struct look
look_at(const struct lines *l, const char *v)
{
    struct look k = { 0 };
    size_t i;
    const char *x;

    if (value_is_number(v))
        return (struct look){ .flat = true, .real = !is_whole(v) };
    if (value_is_null(v))
        return (struct look){ .gaps = true };
    if (!value_is_list(v) || value_size(v) == 0)
        BAD(l, "'target' is neither a number nor a list nor null");
    value_foreach(v, i, x) {
        k.flat = k.flat || value_is_number(x);
        k.real = k.real || (value_is_number(x) && !is_whole(x));
        k.nested = k.nested || value_is_list(x);
        k.gaps = k.gaps || value_is_null(x);
        if (!value_is_number(x) && !value_is_list(x) && !value_is_null(x))
            BAD(l, "'target' at step %zu is no class, vector or null", i);
    }
    if (k.flat && k.nested)
        BAD(l, "'target' mixes numbers and lists");
    return k;
}

/* Does the target stand for the last step alone?  A number does, and a flat
 * list where targets are vectors. */
static bool
is_single(const struct lines *l, const char *v, struct look k)
{
    return value_is_number(v) ||
           (l->info->target == VALUE_VECTOR && k.flat);
}

static void
take_single(struct lines *l, const char *v, struct row *row)
{
    struct stream_info *info = l->info;
    size_t last = (size_t)row->steps - 1;

    row->scored[last] = 1;
    if (info->target == VALUE_TOKEN) {
        row->classes[last] = take_class(l, v, "'target'", last,
                                        &info->target_size, l->fixed_target);
    } else if (value_is_number(v)) {
        float *to = row->values + last * (size_t)info->target_size;

        *to = (float)value_number(v);
        if (info->target_size != 1)
            BAD(l, "'target': a number, where vectors are %d wide",
                info->target_size);
        if (!isfinite(*to))
            BAD(l, "'target' is no number of a float's range");
    } else {
        take_vector(l, v, "'target'",
                    row->values + last * (size_t)info->target_size,
                    info->target_size);
    }
}

static void
take_each(struct lines *l, const char *v, struct row *row)
{
    struct stream_info *info = l->info;
    size_t i;
    const char *x;

    if (value_size(v) != (size_t)row->steps)
        BAD(l, "'target' has %zu steps, 'input' %d", value_size(v),
            row->steps);
    value_foreach(v, i, x) {
        if (value_is_null(x))
            continue;
        row->scored[i] = 1;
        if (info->target == VALUE_TOKEN)
            row->classes[i] = take_class(l, x, "'target'", i,
                                         &info->target_size, l->fixed_target);
        else
            take_vector(l, x, "'target'",
                        row->values + i * (size_t)info->target_size,
                        info->target_size);
    }
}

static const char *
first_vector(const char *v)
{
    size_t i;
    const char *x;

    value_foreach(v, i, x)
        if (value_is_list(x))
            return x;
    return v;       /* flat: one vector, or a number */
}

/* Returns true if each step has its own target. */
static bool
take_target(struct lines *l, const char *v, struct row *row)
{
    struct stream_info *info = l->info;
    struct look k = look_at(l, v);
    size_t n = (size_t)row->steps;
    bool single;

    row->scored = xcalloc(n, 1);
    if (!k.flat && !k.nested)
        return true;           /* all null: nothing counts, nothing is told */
    if (!l->knows_target)
        info->target = k.nested || k.real ? VALUE_VECTOR : VALUE_TOKEN;
    l->knows_target = true;
    if (info->target == VALUE_TOKEN && (k.nested || k.real))
        BAD(l, "'target' holds %s, but %s; if targets are vectors, put a "
            "first line {\"target\":\"vector\"}",
            k.nested ? "vectors" : "a fraction",
            l->told_target ? "the header says \"token\"" :
            l->net ? "the net gives classes" : "classes came before");
    if (info->target == VALUE_VECTOR && k.flat && k.gaps)
        BAD(l, "'target' is a flat list, so one vector at the last step, but "
            "holds null; for a vector a step write lists, as [[0.1],null]");
    single = is_single(l, v, k);
    if (info->target == VALUE_VECTOR)
        set_width(l, first_vector(v), "'target'", &info->target_size);
    if (info->target == VALUE_TOKEN)
        row->classes = xcalloc(n, sizeof *row->classes);
    else
        row->values = values(l, n);
    if (single)
        take_single(l, v, row);
    else
        take_each(l, v, row);
    return !single;
}

static void
clear_step(const struct lines *l, struct row *row, size_t i)
{
    row->scored[i] = 0;
    if (row->classes)
        row->classes[i] = 0;
    if (row->values)
        memset(row->values + i * (size_t)l->info->target_size, 0,
               (size_t)l->info->target_size * sizeof(float));
}

/* Only the positions listed count. */
static void
take_scored(const struct lines *l, const char *v, struct row *row)
{
    uint8_t *listed = xcalloc((size_t)row->steps, 1);
    size_t i;
    const char *x;

    if (!value_is_list(v))
        BAD(l, "'scored' is not a list of positions");
    value_foreach(v, i, x) {
        int64_t at = -1;

        if (!value_whole(x, &at) || at < 0 || at >= row->steps)
            BAD(l, "'scored' holds what is no position in 0..%d",
                row->steps - 1);
        if (!row->scored[at])
            BAD(l, "'scored' names step %lld, which has no target",
                (long long)at);
        listed[at] = 1;
    }
    for (i = 0; i < (size_t)row->steps; i++)
        if (!listed[i])
            clear_step(l, row, i);
    free(listed);
}

static bool
is_header_line(const struct line *v)
{
    return (v->input || v->target) && (!v->input || *v->input == '"') &&
           (!v->target || *v->target == '"');
}

/* A header has texts for the kinds, or neither key, and some other key that
 * headers have. */
static bool
is_header(const json_t *v)
{
    const json_t *input = json_object_get(v, "input");
    const json_t *target = json_object_get(v, "target");
    const char *k;
    json_t *x;

    if ((input && !json_is_string(input)) ||
        (target && !json_is_string(target)))
        return false;
    json_object_foreach((json_t *)v, k, x)
        if (info_key(k))
            return true;
    return false;
}

static void
take_row(struct lines *l, const struct line *v)
{
    struct row row = { 0 };

    if (!v->target && !l->net)
        BAD(l, "'target' is missing");
    take_input(l, v->input, &row);
    if (!v->target)
        row.scored = xcalloc((size_t)row.steps, 1);
    else if (!take_target(l, v->target, &row) && v->scored)
        BAD(l, "'scored' needs a target for each step");
    if (v->target && v->scored)
        take_scored(l, v->scored, &row);
    if (l->n == l->cap) {
        if (l->cap >= LARGEST_SIZE)
            BAD(l, "more than %d lines", LARGEST_SIZE);
        l->cap = l->cap ? l->cap * 2 : 64;
        l->rows = xrealloc(l->rows, (size_t)l->cap, sizeof *l->rows);
    }
    l->rows[l->n++] = row;
    if (row.steps > l->longest)
        l->longest = row.steps;
    l->bytes += batch_size(l->info, 1, row.steps);
    if (l->bytes > LARGEST_SET)
        BAD(l, "the sequences up to here take more than 8 GiB");
}

static void
take_header(struct lines *l, const json_t *v)
{
    info_parse_loose(v, l->name, l->info, &l->knows_input, &l->told_target);
    l->knows_target = l->told_target || l->net;
    l->fixed_input = l->info->input_size > 0;
    l->fixed_target = l->info->target_size > 0;
}

/* What the header, if there is one, leaves open. */
static void
describe(const struct lines *l, struct tsr *in)
{
    struct stream_info *info = l->info;
    int64_t count = 1;
    char hex[65];

    info->input_seen = !l->fixed_input && info->input == VALUE_TOKEN;
    info->target_seen = !l->fixed_target && info->target == VALUE_TOKEN;
    info->batch_told = info->batch > 0;
    codebook_check(info, l->name);
    if (!info->batch)
        info->batch = l->n;
    if (info->continues && l->n % info->batch)
        die_at(l->name, 0, "continues: %d lines are no multiple of the %d "
               "rows of its batches", l->n, info->batch);
    if (info->batch_told)
        count = (l->n + info->batch - 1) / info->batch;
    if (info->count >= 0 && info->count != count)
        die_at(l->name, 0, "the header speaks of %lld batches of %d, but "
               "%d lines came", (long long)info->count, info->batch, l->n);
    info->count = info->continues ? count : 1;
    if (info->task)
        return;
    tsr_lines_sha256(in, hex);
    info->task = json_pack("{s:s, s:s}", "name", "lines", "sha256", hex);
}

/* A line that is no row: a header at first, else what is wrong with it. */
static void
take_other(struct lines *l, const char *text, size_t n, bool first)
{
    const char *k;
    json_t *v, *x;

    if (n > LIMIT_HEADER)
        BAD(l, "more than %d bytes, and no object of 'input', 'target' and "
            "'scored' with lists of numbers", LIMIT_HEADER);
    v = json_read_text(text, n, l->name, l->line);
    if (!json_is_object(v))
        BAD(l, "not a JSON object, {...}");
    if (!is_header(v)) {
        json_object_foreach(v, k, x)
            if (strcmp(k, "input") && strcmp(k, "target") &&
                    strcmp(k, "scored") && strcmp(k, "about"))
                BAD(l, "unknown key '%s' (a line has input, target, scored)",
                    k);
        BAD(l, "holds something else than numbers, lists of them and null");
    }
    if (!first)
        BAD(l, "a header stands on the first line, before all sequences");
    take_header(l, v);
    json_decref(v);
}

struct lines *
lines_read(struct tsr *in, struct stream_info *info,
           const struct stream_info *net)
{
    struct lines *l = xcalloc(1, sizeof *l);
    const char *text;
    struct line v;
    size_t n;

    l->info = info;
    l->name = tsr_name(in);
    memset(info, 0, sizeof *info);
    strcpy(info->split, "train");
    info->count = -1;
    l->net = net;
    l->knows_target = net != NULL;
    info->target = net ? net->target : VALUE_TOKEN;
    for (bool first = true; (text = tsr_line(in, &n, &l->line));
         first = false) {
        if (line_check(text, n, &v) && !is_header_line(&v))
            take_row(l, &v);
        else
            take_other(l, text, n, first);
    }
    if (l->n == 0)
        die_at(l->name, 0, "no sequences in it");
    if (net && !info->target_size)
        info->target_size = net->target_size;
    if (!l->knows_target || !info->target_size)
        die_at(l->name, 0, "no target in any line");
    describe(l, in);
    return l;
}

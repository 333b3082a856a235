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
#include "stream/batch_parts.h"

struct row {
    int steps;
    int32_t *tokens, *classes;     /* (T) or NULL */
    float *vectors, *values;       /* (T,I), (T,K) or NULL */
    uint8_t *scored;               /* (T) */
};

struct lines {
    struct stream_info *info;
    const char *name;
    long line;
    bool knows_input, knows_target;          /* their kinds */
    bool fixed_input, fixed_target;          /* their sizes, by a header */
    bool told_target;                        /* its kind, by a header */
    struct row *rows;
    int n, cap, longest;
};

#define BAD(l, ...) die_at((l)->name, (l)->line, __VA_ARGS__)

static bool
is_whole(const json_t *v)
{
    int64_t x;

    return json_whole(v, &x);
}

/* A class or token; grows *size unless it is fixed. */
static int32_t
take_class(const struct lines *l, const json_t *v, const char *what,
           size_t step, int *size, bool fixed)
{
    int64_t x = -1;

    if (!json_whole(v, &x) || x < 0 || x >= LARGEST_SIZE)
        BAD(l, "%s at step %zu is not a whole number in 0..%d (a list of "
            "such is tokens; vectors are lists of lists)", what, step,
            LARGEST_SIZE - 1);
    if (fixed && x >= *size)
        BAD(l, "%s at step %zu is %lld, but the header says %d classes", what,
            step, (long long)x, *size);
    if (x >= *size)
        *size = (int)x + 1;
    return (int32_t)x;
}

/* A list of numbers of the width that all have; the first one decides. */
static void
take_vector(const struct lines *l, const json_t *v, const char *what,
            float *to, int width)
{
    size_t i;
    const json_t *x;

    if (!json_is_array(v))
        BAD(l, "%s: a step that is no list of numbers, where vectors are "
            "expected", what);
    if (json_array_size(v) != (size_t)width)
        BAD(l, "%s: a vector that is not %d numbers wide like those before",
            what, width);
    json_array_foreach(v, i, x) {
        to[i] = (float)json_number_value(x);
        if (!json_is_number(x) || !isfinite(to[i]))
            BAD(l, "%s: a vector holds what is no number of a float's range",
                what);
    }
}

static void
set_width(const struct lines *l, const json_t *v, const char *what,
          int *width)
{
    size_t n = json_is_array(v) ? json_array_size(v) : 1;

    if (*width == 0 && (n < 1 || n > LARGEST_SIZE))
        BAD(l, "%s: an empty vector, or one that is too wide", what);
    if (*width == 0)
        *width = (int)n;
}

static void
take_input(struct lines *l, const json_t *v, struct row *row)
{
    struct stream_info *info = l->info;
    size_t n = json_array_size(v), i;
    const json_t *x;

    if (n < 1 || n > INT32_MAX)
        BAD(l, "'input' is not a list of at least one step");
    row->steps = (int)n;
    if (!l->knows_input)
        info->input = json_is_array(json_array_get(v, 0)) ? VALUE_VECTOR
                                                          : VALUE_TOKEN;
    l->knows_input = true;
    if (info->input == VALUE_TOKEN) {
        row->tokens = xcalloc(n, sizeof *row->tokens);
        json_array_foreach(v, i, x)
            row->tokens[i] = take_class(l, x, "'input'", i, &info->input_size,
                                        l->fixed_input);
        return;
    }
    set_width(l, json_array_get(v, 0), "'input'", &info->input_size);
    row->vectors = xcalloc(n * (size_t)info->input_size, sizeof(float));
    json_array_foreach(v, i, x)
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
look_at(const struct lines *l, const json_t *v)
{
    struct look k = { 0 };
    size_t i;
    const json_t *x;

    if (json_is_number(v))
        return (struct look){ .flat = true, .real = !is_whole(v) };
    if (json_is_null(v))
        return (struct look){ .gaps = true };
    if (!json_is_array(v) || json_array_size(v) == 0)
        BAD(l, "'target' is neither a number nor a list nor null");
    json_array_foreach(v, i, x) {
        k.flat = k.flat || json_is_number(x);
        k.real = k.real || (json_is_number(x) && !is_whole(x));
        k.nested = k.nested || json_is_array(x);
        k.gaps = k.gaps || json_is_null(x);
        if (!json_is_number(x) && !json_is_array(x) && !json_is_null(x))
            BAD(l, "'target' at step %zu is no class, vector or null", i);
    }
    if (k.flat && k.nested)
        BAD(l, "'target' mixes numbers and lists");
    return k;
}

/* Does the target stand for the last step alone?  A number does, and a flat
 * list where targets are vectors. */
static bool
is_single(const struct lines *l, const json_t *v, struct look k)
{
    return json_is_number(v) ||
           (l->info->target == VALUE_VECTOR && k.flat);
}

static void
take_single(struct lines *l, const json_t *v, struct row *row)
{
    struct stream_info *info = l->info;
    size_t last = (size_t)row->steps - 1;

    row->scored[last] = 1;
    if (info->target == VALUE_TOKEN) {
        row->classes[last] = take_class(l, v, "'target'", last,
                                        &info->target_size, l->fixed_target);
    } else if (json_is_number(v)) {
        json_t *list = json_pack("[O]", v);

        take_vector(l, list, "'target'",
                    row->values + last * (size_t)info->target_size,
                    info->target_size);
        json_decref(list);
    } else {
        take_vector(l, v, "'target'",
                    row->values + last * (size_t)info->target_size,
                    info->target_size);
    }
}

static void
take_each(struct lines *l, const json_t *v, struct row *row)
{
    struct stream_info *info = l->info;
    size_t i;
    const json_t *x;

    if (json_array_size(v) != (size_t)row->steps)
        BAD(l, "'target' has %zu steps, 'input' %d", json_array_size(v),
            row->steps);
    json_array_foreach(v, i, x) {
        if (json_is_null(x))
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

static const json_t *
first_vector(const json_t *v)
{
    size_t i;
    const json_t *x;

    json_array_foreach(v, i, x)
        if (json_is_array(x))
            return x;
    return v;       /* flat: one vector, or a number */
}

/* Returns true if each step has its own target. */
static bool
take_target(struct lines *l, const json_t *v, struct row *row)
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
            "classes came before");
    if (info->target == VALUE_VECTOR && k.flat && k.gaps)
        BAD(l, "'target' is a flat list, so one vector at the last step, but "
            "holds null; for a vector a step write lists, as [[0.1],null]");
    single = is_single(l, v, k);
    if (info->target == VALUE_VECTOR)
        set_width(l, first_vector(v), "'target'", &info->target_size);
    if (info->target == VALUE_TOKEN)
        row->classes = xcalloc(n, sizeof *row->classes);
    else
        row->values = xcalloc(n * (size_t)info->target_size, sizeof(float));
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
take_scored(const struct lines *l, const json_t *v, struct row *row)
{
    uint8_t *listed = xcalloc((size_t)row->steps, 1);
    size_t i;
    const json_t *x;

    if (!json_is_array(v))
        BAD(l, "'scored' is not a list of positions");
    json_array_foreach(v, i, x) {
        int64_t at = -1;

        if (!json_whole(x, &at) || at < 0 || at >= row->steps)
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
take_row(struct lines *l, const json_t *v)
{
    struct row row = { 0 };
    const json_t *target = json_object_get(v, "target");
    const json_t *scored = json_object_get(v, "scored");
    const char *k;
    json_t *x;

    if (is_header(v))
        BAD(l, "a header stands on the first line, before all sequences");
    json_object_foreach((json_t *)v, k, x)
        if (strcmp(k, "input") && strcmp(k, "target") && strcmp(k, "scored"))
            BAD(l, "unknown key '%s' (a line has input, target, scored)", k);
    if (!target)
        BAD(l, "'target' is missing");
    take_input(l, json_object_get(v, "input"), &row);
    if (!take_target(l, target, &row) && scored)
        BAD(l, "'scored' needs a target for each step");
    if (scored)
        take_scored(l, scored, &row);
    if (l->n == l->cap) {
        if (l->cap >= LARGEST_SIZE)
            BAD(l, "more than %d lines", LARGEST_SIZE);
        l->cap = l->cap ? l->cap * 2 : 64;
        l->rows = xrealloc(l->rows, (size_t)l->cap, sizeof *l->rows);
    }
    l->rows[l->n++] = row;
    if (row.steps > l->longest)
        l->longest = row.steps;
}

static void
take_header(struct lines *l, const json_t *v)
{
    info_parse_loose(v, l->name, l->info, &l->knows_input, &l->knows_target);
    l->told_target = l->knows_target;
    l->fixed_input = l->info->input_size > 0;
    l->fixed_target = l->info->target_size > 0;
}

static void
copy_row(const struct lines *l, struct batch *b, int i)
{
    const struct row *row = &l->rows[i];
    struct batch one = {
        .rows = 1, .steps = row->steps, .tokens = row->tokens,
        .vectors = row->vectors, .classes = row->classes,
        .values = row->values, .scored = row->scored,
    };
    int32_t length = row->steps;

    one.length = &length;
    b->length[i] = length;
    if (row->classes || row->values) {
        batch_copy_row(b, i, &one, 0, l->info);
        return;
    }
    /* No target in the whole row: empty ones to copy. */
    if (b->classes)
        one.classes = xcalloc((size_t)length, sizeof *one.classes);
    else
        one.values = xcalloc((size_t)length * (size_t)l->info->target_size,
                             sizeof *one.values);
    batch_copy_row(b, i, &one, 0, l->info);
    free(one.classes);
    free(one.values);
}

static void
free_row(struct row *row)
{
    free(row->tokens);
    free(row->vectors);
    free(row->classes);
    free(row->values);
    free(row->scored);
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

void
lines_read(struct tsr *in, struct stream_info *info, struct batch *b)
{
    struct lines l = { .info = info, .name = tsr_name(in) };
    json_t *v;

    memset(info, 0, sizeof *info);
    strcpy(info->split, "train");
    info->count = -1;
    for (bool first = true; (v = tsr_line(in, &l.line)); first = false) {
        if (first && is_header(v))
            take_header(&l, v);
        else
            take_row(&l, v);
        json_decref(v);
    }
    if (l.n == 0)
        die_at(l.name, 0, "no sequences in it");
    if (!l.knows_target || !info->target_size)
        die_at(l.name, 0, "no target in any line");
    if (batch_size(info, l.n, l.longest) > LARGEST_SET)
        die_at(l.name, 0, "%d sequences of up to %d steps take more than "
               "8 GiB", l.n, l.longest);
    describe(&l, in);
    batch_init(b, info, l.n, l.longest);
    for (int i = 0; i < l.n; i++) {
        copy_row(&l, b, i);
        free_row(&l.rows[i]);
    }
    free(l.rows);
}

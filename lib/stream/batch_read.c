/* batch_read.c - tensor records back into batches. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "stream/batch_parts.h"

struct batch_reader {
    struct tsr *in;
    struct stream_info info;
    struct lines *lines;    /* JSON lines */
};

/* A batch being put together.  Length and scored wait for the input, which
 * tells B and T. */
struct parts {
    const char *name;       /* the stream's */
    const struct stream_info *info;
    struct batch *b;
    bool any, input;
    struct tensor length, scored;   /* data owned; ndim 0: not there */
};

static struct batch_reader *
reader_new(struct tsr *in)
{
    struct batch_reader *r = xcalloc(1, sizeof *r);

    r->in = in;
    if (tsr_is_lines(in)) {
        r->lines = lines_read(in, &r->info);
    } else {
        info_parse(tsr_header(in), tsr_name(in), &r->info);
    }
    return r;
}

struct batch_reader *
batch_reader_open(const char *path)
{
    return reader_new(tsr_open(path));
}

struct batch_reader *
batch_reader_fd(int fd, const char *name)
{
    return reader_new(tsr_open_fd(fd, name));
}

const struct stream_info *
batch_reader_info(const struct batch_reader *r)
{
    return &r->info;
}

void
batch_reader_close(struct batch_reader *r)
{
    tsr_close(r->in);
    info_release(&r->info);
    lines_free(r->lines);
    free(r);
}

static _Noreturn void
bad(const struct parts *p, const struct tensor *t, const char *what)
{
    die_at(p->name, 0, "batch %" PRId64 ": '%s' %s", t->index, t->name, what);
}

static int64_t
element(const struct tensor *t, size_t i)
{
    switch (t->dtype) {
    case DT_U8:
        return ((const uint8_t *)t->data)[i];
    case DT_I32:
        return ((const int32_t *)t->data)[i];
    case DT_I64:
        return ((const int64_t *)t->data)[i];
    default:
        return -1;
    }
}

static bool
is_whole(const struct tensor *t)
{
    return t->dtype == DT_U8 || t->dtype == DT_I32 || t->dtype == DT_I64;
}

/* B and T from the first of input and target; the other must agree. */
static void
check_shape(struct parts *p, const struct tensor *t, enum value_kind kind,
            int size)
{
    int ndim = kind == VALUE_TOKEN ? 2 : 3;
    struct batch *b = p->b;

    if (t->ndim != ndim)
        bad(p, t, kind == VALUE_TOKEN
            ? "is not of shape [rows, steps] (tokens)"
            : "is not of shape [rows, steps, width] (vectors)");
    if (kind == VALUE_TOKEN ? !is_whole(t) : is_whole(t))
        bad(p, t, kind == VALUE_TOKEN ? "has a dtype other than u8, i32, i64"
                                      : "has a dtype other than f32, f64");
    if (kind == VALUE_VECTOR && t->shape[2] != size)
        bad(p, t, "is not as wide as the header says");
    if (t->shape[0] < 1 || t->shape[0] > LARGEST_SIZE || t->shape[1] < 1 ||
        t->shape[1] > INT32_MAX)
        bad(p, t, "has no rows, no steps, or too many");
    if (p->input && (t->shape[0] != b->rows || t->shape[1] != b->steps))
        bad(p, t, "has other rows and steps than 'input'");
}

static void
fill_length(struct parts *p)
{
    struct batch *b = p->b;
    const struct tensor *t = &p->length;

    if (t->ndim && (t->ndim != 1 || t->shape[0] != b->rows || !is_whole(t)))
        bad(p, t, "is not of shape [rows] and whole numbers");
    for (int r = 0; r < b->rows; r++) {
        int64_t n = t->ndim ? element(t, (size_t)r) : b->steps;

        if (n < 1 || n > b->steps)
            bad(p, t, "holds a length that is not in 1..steps");
        b->length[r] = (int32_t)n;
    }
}

static void
fill_scored(struct parts *p)
{
    struct batch *b = p->b;
    const struct tensor *t = &p->scored;
    size_t steps = (size_t)b->steps;

    if (t->ndim && (t->dtype != DT_U8 || t->ndim > 2 ||
                    t->shape[t->ndim - 1] != b->steps ||
                    (t->ndim == 2 && t->shape[0] != b->rows)))
        bad(p, t, "is not of shape [steps] or [rows, steps] and u8");
    for (size_t i = 0; t->ndim && i < t->bytes; i++)
        if (((const uint8_t *)t->data)[i] > 1)
            bad(p, t, "holds something else than 0 and 1");
    for (size_t r = 0; r < (size_t)b->rows; r++) {
        for (size_t i = 0; i < (size_t)b->length[r]; i++) {
            size_t from = t->ndim == 2 ? r * steps + i : i;

            b->scored[r * steps + i] =
                t->ndim ? ((const uint8_t *)t->data)[from] : 1;
        }
    }
}

/* Steps that do not count (mask given: those not scored; else those after a
 * row's end) are zero whatever the stream holds there. */
static bool
counts(const struct batch *b, size_t row, size_t step, bool by_mask)
{
    return by_mask ? b->scored[row * (size_t)b->steps + step]
                   : step < (size_t)b->length[row];
}

static void
fill_tokens(struct parts *p, const struct tensor *t, int32_t *to, int size,
            bool by_mask)
{
    const struct batch *b = p->b;

    for (size_t r = 0; r < (size_t)b->rows; r++) {
        for (size_t s = 0; s < (size_t)b->steps; s++) {
            size_t i = r * (size_t)b->steps + s;
            int64_t v = element(t, i);

            if (!counts(b, r, s, by_mask))
                continue;
            if (v < 0 || v >= size)
                die_at(p->name, 0, "batch %" PRId64 ": '%s' holds %" PRId64
                       " at row %zu, step %zu, but the header says %d classes",
                       t->index, t->name, v, r, s, size);
            to[i] = (int32_t)v;
        }
    }
}

static void
fill_vectors(struct parts *p, const struct tensor *t, float *to, int size,
             bool by_mask)
{
    const struct batch *b = p->b;
    size_t n = (size_t)size;

    for (size_t r = 0; r < (size_t)b->rows; r++) {
        for (size_t s = 0; s < (size_t)b->steps; s++) {
            size_t at = (r * (size_t)b->steps + s) * n;

            for (size_t i = at; counts(b, r, s, by_mask) && i < at + n; i++) {
                to[i] = t->dtype == DT_F32
                    ? ((const float *)t->data)[i]
                    : (float)((const double *)t->data)[i];
                if (!isfinite(to[i]))
                    bad(p, t, "holds a number that is not finite");
            }
        }
    }
}

static void
keep(struct tensor *to, const struct tensor *t)
{
    *to = *t;
    to->data = memcpy(xcalloc(t->bytes, 1), t->data, t->bytes);
}

static void
add_input(struct parts *p, const struct tensor *t)
{
    const struct stream_info *info = p->info;

    check_shape(p, t, info->input, info->input_size);
    batch_init(p->b, info, (int)t->shape[0], (int)t->shape[1]);
    p->b->index = t->index;
    p->input = true;
    fill_length(p);
    fill_scored(p);
    if (info->input == VALUE_TOKEN)
        fill_tokens(p, t, p->b->tokens, info->input_size, false);
    else
        fill_vectors(p, t, p->b->vectors, info->input_size, false);
}

static void
add_target(struct parts *p, const struct tensor *t)
{
    const struct stream_info *info = p->info;

    check_shape(p, t, info->target, info->target_size);
    if (info->target == VALUE_TOKEN)
        fill_tokens(p, t, p->b->classes, info->target_size, true);
    else
        fill_vectors(p, t, p->b->values, info->target_size, true);
}

/* True when the batch is complete. */
static bool
add(struct parts *p, const struct tensor *t, int64_t *index)
{
    if (t->index < 0)
        bad(p, t, "has no index");
    if (p->info->count >= 0 && t->index >= p->info->count)
        bad(p, t, "is beyond the count that the header tells");
    if (p->any && t->index != *index)
        die_at(p->name, 0, "batch %" PRId64 " has no 'target' (its records "
               "are length, scored, input, target, in this order)", *index);
    p->any = true;
    *index = t->index;
    if (strcmp(t->name, "length") == 0 && !p->input && !p->length.ndim &&
        t->ndim > 0)
        keep(&p->length, t);
    else if (strcmp(t->name, "scored") == 0 && !p->input && !p->scored.ndim &&
             t->ndim > 0)
        keep(&p->scored, t);
    else if (strcmp(t->name, "input") == 0 && !p->input)
        add_input(p, t);
    else if (strcmp(t->name, "target") == 0 && p->input)
        add_target(p, t);
    else
        bad(p, t, "has no place here (a batch is length, scored, input, "
            "target, in this order)");
    return strcmp(t->name, "target") == 0;
}

bool
batch_read(struct batch_reader *r, struct batch *b)
{
    struct parts p = { .name = tsr_name(r->in), .info = &r->info, .b = b };
    struct tensor t;
    int64_t index = -1;
    bool complete = false;

    memset(b, 0, sizeof *b);
    if (tsr_is_lines(r->in))
        return lines_next(r->lines, b);
    while (!complete && tsr_read(r->in, &t))
        complete = add(&p, &t, &index);
    free(p.length.data);
    free(p.scored.data);
    if (!complete) {
        if (p.any)
            die_at(p.name, 0, "batch %" PRId64 " is not complete", index);
        batch_release(b);
    }
    return complete;
}

void
batch_read_all(struct batch_reader *r, struct batch *all)
{
    struct batch *list = NULL;
    int64_t rows = 0, row = 0;
    int n = 0, steps = 0;

    if (r->info.count < 0)
        die_at(tsr_name(r->in), 0, "an endless stream cannot be kept as a "
               "set; its header needs a count");
    for (;;) {
        list = xrealloc(list, (size_t)n + 1, sizeof *list);
        if (!batch_read(r, &list[n]))
            break;
        rows += list[n].rows;
        if (list[n].steps > steps)
            steps = list[n].steps;
        n++;
        if (rows > INT32_MAX ||
            batch_size(&r->info, (double)rows, steps) > LARGEST_SET)
            die_at(tsr_name(r->in), 0, "a set of more than 8 GiB cannot be "
                   "kept in memory");
    }
    if (n == 0)
        die_at(tsr_name(r->in), 0, "no batches in it");
    if (n == 1) {
        *all = list[0];
    } else {
        batch_init(all, &r->info, (int)rows, steps);
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < list[i].rows; k++)
                batch_copy_row(all, (int)row++, &list[i], k, &r->info);
            batch_release(&list[i]);
        }
    }
    all->index = 0;
    free(list);
}

/* batch_read.c - tensor records back into batches. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "stream/batch_parts.h"

static const char *const names[PARTS] = { "input", "length", "scored",
                                          "target" };

struct batch_reader {
    struct tsr *in;
    struct stream_info info;
    struct lines *lines;    /* JSON lines */
    struct parts parts;
    struct tensor held;     /* of the batch after one without a target */
    bool holds;
};

static struct batch_reader *
reader_new(struct tsr *in, const struct stream_info *net)
{
    struct batch_reader *r = xcalloc(1, sizeof *r);

    r->in = in;
    r->parts.name = tsr_name(in);
    r->parts.info = &r->info;
    r->parts.open = net != NULL;
    if (tsr_is_lines(in))
        r->lines = lines_read(in, &r->info, net);
    else
        info_parse_for(tsr_header(in), tsr_name(in), &r->info, net);
    return r;
}

struct batch_reader *
batch_reader_open(const char *path)
{
    return reader_new(tsr_open(path), NULL);
}

struct batch_reader *
batch_reader_open_for(const char *path, const struct stream_info *net)
{
    return reader_new(tsr_open(path), net);
}

struct batch_reader *
batch_reader_fd(int fd, const char *name)
{
    return reader_new(tsr_open_fd(fd, name), NULL);
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
    for (int i = 0; i < PARTS; i++)
        free(r->parts.part[i].buffer.data);
    free(r);
}

void
part_bad(const struct parts *p, const struct tensor *t, const char *what)
{
    die_at(p->name, 0, "batch %" PRId64 ": '%s' %s", t->index, t->name, what);
}

static bool
is_whole(const struct tensor *t)
{
    return t->dtype == DT_U8 || t->dtype == DT_I32 || t->dtype == DT_I64;
}

/* B and T of the input, or that the target agrees with it. */
static void
check_values(const struct parts *p, const struct tensor *t,
             enum value_kind kind, int size)
{
    int ndim = kind == VALUE_TOKEN ? 2 : 3;
    const struct tensor *in = &p->part[PART_INPUT].t;

    if (t->ndim != ndim)
        part_bad(p, t, kind == VALUE_TOKEN
                 ? "is not of shape [rows, steps] (tokens)"
                 : "is not of shape [rows, steps, width] (vectors)");
    if (kind == VALUE_TOKEN ? !is_whole(t) : is_whole(t))
        part_bad(p, t, kind == VALUE_TOKEN
                 ? "has a dtype other than u8, i32, i64"
                 : "has a dtype other than f32, f64");
    if (kind == VALUE_VECTOR && t->shape[2] != size)
        part_bad(p, t, "is not as wide as the header says");
    if (t->shape[0] < 1 || t->shape[0] > LARGEST_SIZE || t->shape[1] < 1 ||
        t->shape[1] > INT32_MAX)
        part_bad(p, t, "has no rows or no steps, or more than 2^24 rows or "
                 "2^31 - 1 steps");
    if (batch_size(p->info, (double)t->shape[0], (double)t->shape[1]) >
        LARGEST_SET)
        part_bad(p, t, "makes a batch of more than 8 GiB");
    if (t->shape[0] != in->shape[0] || t->shape[1] != in->shape[1])
        part_bad(p, t, "has other rows and steps than 'input'");
}

static void
check_length(const struct parts *p, const struct tensor *t)
{
    if (t->ndim != 1 || t->shape[0] != p->part[PART_INPUT].t.shape[0] ||
        !is_whole(t))
        part_bad(p, t, "is not of shape [rows] and whole numbers");
}

static void
check_scored(const struct parts *p, const struct tensor *t)
{
    const struct tensor *in = &p->part[PART_INPUT].t;

    if (t->dtype != DT_U8 || t->ndim < 1 || t->ndim > 2 ||
        t->shape[t->ndim - 1] != in->shape[1] ||
        (t->ndim == 2 && t->shape[0] != in->shape[0]))
        part_bad(p, t, "is not of shape [steps] or [rows, steps] and u8");
}

/* Shapes and types, before any bytes are taken.  Older streams have length and
 * scored before the input that tells what they should be. */
static void
check_part(const struct parts *p, int k)
{
    const struct stream_info *info = p->info;
    const struct part *part = p->part;

    if (!part[PART_INPUT].here)
        return;
    if (k == PART_INPUT)
        check_values(p, &part[k].t, info->input, info->input_size);
    if (k == PART_TARGET)
        check_values(p, &part[k].t, info->target, info->target_size);
    if (part[PART_LENGTH].here && (k == PART_LENGTH || k == PART_INPUT))
        check_length(p, &part[PART_LENGTH].t);
    if (part[PART_SCORED].here && (k == PART_SCORED || k == PART_INPUT))
        check_scored(p, &part[PART_SCORED].t);
}

/* Which part of the batch under way a tensor is; dies if it is none. */
static int
part_of(const struct parts *p, const struct tensor *t, int64_t index)
{
    int k = 0;

    if (t->index < 0)
        part_bad(p, t, "has no index");
    if (p->info->count >= 0 && t->index >= p->info->count)
        part_bad(p, t, "is beyond the count that the header tells");
    if (index >= 0 && t->index != index)
        die_at(p->name, 0, "batch %" PRId64 " has no 'target' (its records "
               "are input, length, scored, target, in this order)", index);
    while (k < PARTS && strcmp(t->name, names[k]))
        k++;
    if (k == PARTS || p->part[k].here ||
        (k == PART_TARGET && !p->part[PART_INPUT].here))
        part_bad(p, t, "has no place here (a batch is input, length, scored, "
                 "target, in this order)");
    return k;
}

/* The next tensor of the batch under way (index -1: of any); one of the batch
 * after it is held back where targets may be missing. */
static bool
next_of(struct batch_reader *r, int64_t index, struct tensor *t)
{
    if (!r->holds && !tsr_next(r->in, &r->held))
        return false;
    r->holds = r->parts.open && index >= 0 && r->held.index != index;
    *t = r->held;
    return !r->holds;
}

bool
batch_read(struct batch_reader *r, struct batch *b)
{
    struct parts *p = &r->parts;
    struct tensor t;
    int64_t index = -1;

    if (r->lines)
        return lines_next(r->lines, b);
    for (int i = 0; i < PARTS; i++)
        p->part[i].here = false;
    while (!p->part[PART_TARGET].here && next_of(r, index, &t)) {
        int k = part_of(p, &t, index);
        struct part *part = &p->part[k];

        index = t.index;
        part->t = t;
        part->here = true;
        check_part(p, k);
        tsr_bytes(r->in, &part->t, &part->buffer);
    }
    if (index < 0)
        return false;
    if (!p->part[p->open ? PART_INPUT : PART_TARGET].here)
        die_at(p->name, 0, "batch %" PRId64 " is not complete", index);
    parts_decode(p, b);
    return true;
}

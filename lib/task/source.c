/* source.c - a task under way. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "stream/codebook.h"
#include "task/source.h"

enum { MAX_PASS = 1 << 30 };   /* 4 pass + split is one 32-bit word */

void
source_bad(const struct source *s, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (s->where)
        die_at(s->where, 0, "%s", text);
    die(RC_USAGE, "%s; try 'gentask %s --help'", text, s->task->name);
}

static void
check_size(const struct source *s, int batch)
{
    if ((double)batch * (double)s->steps > 2147483648.0)
        source_bad(s, "a batch of %d rows of %lld steps is too large: "
                   "2^31 steps in all at most, so take fewer rows (--batch)",
                   batch, (long long)s->steps);
}

void
source_open(struct source *s, const json_t *task, int batch,
            const char *where, const struct task_files *files)
{
    const json_t *name = json_object_get(task, "name");

    memset(s, 0, sizeof *s);
    s->where = where;
    s->files = files;
    s->info.task = task_settings(task, where);
    s->task = task_find(json_string_value(name), where);
    s->info.batch = batch;
    s->info.count = -1;
    strcpy(s->info.split, "train");
    s->info.about = json_object();
    s->task->open(s);
    s->info.given = task_sparse(s->info.task, where);
    if (s->symbols)
        json_object_set(s->info.about, "symbols", s->symbols);
    json_object_set_new(s->info.about, "floor", json_number(s->floor));
    check_size(s, batch);
}

int64_t
source_batches(const struct source *s, enum split split)
{
    return s->task->batches ? s->task->batches(s, split) : -1;
}

int64_t
source_count(const struct source *s, enum split split, int64_t first,
             int64_t count, const char *where)
{
    int64_t all = source_batches(s, split);
    int64_t last = first + (count > 0 ? count - 1 : 0);

    if (all < 0 || (first <= all && count <= all - first))
        return count < 0 && all >= 0 ? all - first : count;
    if (where)
        die_at(where, 0, "no batch %lld: the %s split has %lld",
               (long long)last, split_name(split), (long long)all);
    die(RC_USAGE, "no batch %lld: the %s split has %lld batches of %d rows",
        (long long)last, split_name(split), (long long)all, s->info.batch);
}

static struct draw
drawn(const struct source *s, enum split split, uint32_t pass, int64_t index)
{
    struct draw d = {
        .seed = (uint64_t)json_integer_value(
            json_object_get(s->info.task, "seed")),
        .split = split, .pass = pass, .rows = s->info.batch, .block = index,
    };

    if (pass >= MAX_PASS)
        source_bad(s, "pass %lu is out of range", (unsigned long)pass);
    if (!s->info.continues)
        d.first = (uint64_t)index * (uint64_t)s->info.batch;
    return d;
}

void
source_make(struct source *s, enum split split, uint32_t pass, int64_t index,
            struct batch *b)
{
    struct draw d = drawn(s, split, pass, index);

    s->task->make(s, &d, b);
    b->index = index;
}

json_t *
source_about(struct source *s, enum split split, uint32_t pass, int64_t index,
             int rows)
{
    struct draw d = drawn(s, split, pass, index);
    json_t *all = s->task->about_row ? json_array() : NULL;

    for (int i = 0; all && i < rows; i++)
        json_array_append_new(all, s->task->about_row(s, &d, i));
    return all;
}

void
source_dot(struct source *s, enum split split, uint32_t pass, int64_t index,
           int rows, FILE *out)
{
    struct draw d = drawn(s, split, pass, index);

    if (!s->task->dot)
        source_bad(s, "%s has nothing to draw with --dot", s->task->name);
    for (int i = 0; i < rows; i++)
        s->task->dot(s, &d, i, out);
}

/* Are all of these settings as they are? */
static bool
unchanged(const struct source *s, const json_t *set)
{
    const char *k;
    json_t *v;

    json_object_foreach((json_t *)set, k, v)
        if (!json_equal(v, json_object_get(s->info.task, k)))
            return false;
    return true;
}

static bool
same_symbols(const json_t *a, const json_t *b)
{
    const json_t *x = json_object_get(a, "symbols");
    const json_t *y = json_object_get(b, "symbols");

    return x && y ? json_equal(x, y) : x == y;
}

/* Opened anew only for settings that differ: requests may repeat them, and a
 * text need not be read each time. */
static void
reopen(struct source *s, const json_t *set, int batch, const char *where)
{
    json_t *task = json_deep_copy(s->info.task);
    struct stream_info was = s->info;
    struct source now;

    json_object_update(task, (json_t *)set);
    source_open(&now, task, batch, where, s->files);
    json_decref(task);
    if (now.info.input != was.input || now.info.target != was.target
        || now.info.input_size != was.input_size
        || now.info.target_size != was.target_size
        || now.info.continues != was.continues
        || !codebook_same(now.info.codebook, was.codebook)
        || !same_symbols(now.info.about, was.about))
        die_at(where, 0, "these settings need another header: "
               "start a stream of their own");
    now.info.count = was.count;
    memcpy(now.info.split, was.split, sizeof was.split);
    now.where = s->where;
    source_close(s);
    *s = now;
}

void
source_set(struct source *s, const json_t *set, int batch, const char *where)
{
    const char *was = s->where;

    if (!unchanged(s, set))
        reopen(s, set, batch ? batch : s->info.batch, where);
    s->where = where;
    if (batch)
        check_size(s, s->info.batch = batch);
    s->where = was;
}

void
source_close(struct source *s)
{
    if (s->task->close)
        s->task->close(s);
    json_decref(s->symbols);
    info_release(&s->info);
}

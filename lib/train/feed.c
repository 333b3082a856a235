#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/rng.h"
#include "stream/agree.h"
#include "train/child.h"
#include "train/feed.h"

enum { AHEAD = 8 };     /* batches asked for before they are needed */

struct feed {
    char *name;
    struct batch_reader *reader;
    struct child *child;        /* NULL for files and pipes */
    struct stream_info info;    /* owned */
    struct set set;             /* stored */
    bool stored;
    int rows;                   /* of a batch */
    int64_t batches;            /* of an epoch; 0: endless */
    uint64_t seed;
    uint32_t *order;            /* stored: the order of `order_epoch` */
    int64_t order_epoch;
    struct batch read;          /* pipes: the batch that came last */
    struct set_room room;       /* stored: the batch put together last */
    const struct batch *now;    /* what the last call gave */
    int64_t now_epoch, now_index;
    int64_t asked;              /* served: the next batch to ask for */
};

static struct feed *
feed_new(const char *name, struct batch_reader *r)
{
    struct feed *f = xcalloc(1, sizeof *f);

    f->name = xstrdup(name);
    f->reader = r;
    f->info = *batch_reader_info(r);
    f->info.task = json_deep_copy(f->info.task);
    json_incref(f->info.given);
    json_incref(f->info.about);
    json_incref(f->info.codebook);
    f->order_epoch = f->now_epoch = f->now_index = -1;
    return f;
}

struct feed *
feed_open(const char *path)
{
    return feed_new(strcmp(path, "-") ? path : "<stdin>",
                    batch_reader_open(path));
}

struct feed *
feed_serve(const char *command)
{
    struct child *c = child_start(command);
    struct feed *f = feed_new("--source", child_reader(c));

    f->child = c;
    return f;
}

const struct stream_info *
feed_info(const struct feed *f)
{
    return &f->info;
}

void
feed_agree(struct feed *f, const struct stream_info *want, const char *who)
{
    agree_or_die(want, &f->info, AGREE_MEANING, who, f->name);
}

const char *
feed_name(const struct feed *f)
{
    return f->name;
}

bool
feed_is_stored(const struct feed *f, int64_t rows, bool redraw)
{
    if (f->child)
        return !redraw && (rows > 0 || f->info.count >= 0);
    return f->info.count >= 0;
}

static void
drop_input(struct feed *f)
{
    if (f->child)
        child_stop(f->child);
    else if (f->reader)
        batch_reader_close(f->reader);
    f->child = NULL;
    f->reader = NULL;
}

void
feed_store(struct feed *f, int64_t rows)
{
    if (f->child) {
        int64_t b = f->info.batch;

        if (!rows)
            rows = f->info.count * b;
        child_ask(f->child, "train", 0, 0, (rows + b - 1) / b, (int)b, NULL);
    }
    set_read(&f->set, f->reader, rows, f->name);
    drop_input(f);
    f->stored = true;
}

const struct set *
feed_set(const struct feed *f)
{
    return f->stored ? &f->set : NULL;
}

void
feed_start(struct feed *f, int batch, uint64_t seed, int64_t rows)
{
    f->rows = batch;
    f->seed = seed;
    if (f->stored && f->info.continues) {
        f->batches = f->set.n;
    } else if (f->stored) {
        f->batches = (f->set.rows + batch - 1) / batch;
        f->order = xcalloc((size_t)f->set.rows, sizeof *f->order);
    } else if (f->child && rows) {
        if (rows % batch)
            die(RC_DATA, "redraw: train_rows %lld is no multiple of batch %d",
                (long long)rows, batch);
        f->batches = rows / batch;
    }
}

int64_t
feed_batches(const struct feed *f)
{
    return f->batches;
}

static void
make_order(struct feed *f, int64_t epoch)
{
    struct rng r;

    rng_init(&r, f->seed, RNG_ORDER, (uint32_t)epoch, 0);
    rng_shuffle(&r, f->order, (uint32_t)f->set.rows);
    f->order_epoch = epoch;
}

static void
stored_batch(struct feed *f, int64_t epoch, int64_t index)
{
    int64_t first = index * f->rows, n = f->set.rows - first;
    struct batch *b;

    if (f->info.continues) {
        f->now = &f->set.batch[index];
        return;
    }
    if (f->order_epoch != epoch)
        make_order(f, epoch);
    b = set_take(&f->set, f->order, first, n < f->rows ? (int)n : f->rows,
                 &f->room);
    b->index = index;
    f->now = b;
}

static void
next_read(struct feed *f, int64_t index)
{
    struct batch *b = &f->read;

    f->now_index = -1;
    if (!batch_read(f->reader, b))
        die_at(f->name, 0, "ends before batch %lld: give fewer --steps, or "
               "more batches", (long long)index);
    if (b->rows != f->rows)
        die_at(f->name, 0, "batch %lld has %d rows, the config says %d "
               "(gentask --batch %d)", (long long)b->index, b->rows,
               f->rows, f->rows);
    f->now = b;
}

static void
piped_batch(struct feed *f, int64_t index)
{
    do
        next_read(f, index);
    while (f->now->index < index);
    if (f->now->index != index)
        die_at(f->name, 0, "goes on with batch %lld, the run with %lld",
               (long long)f->now->index, (long long)index);
}

static void
served_batch(struct feed *f, int64_t epoch, int64_t index)
{
    /* Batches come one after the other: a new start is asked for only at the
     * first call and at a new pass, when nothing is under way. */
    if (f->now_epoch != epoch)
        f->asked = index;
    while (f->asked <= index + AHEAD &&
           (!f->batches || f->asked < f->batches)) {
        child_ask(f->child, "train", epoch, f->asked, 1, f->rows, NULL);
        f->asked++;
    }
    next_read(f, index);
    if (f->now->index != index)
        die_at(f->name, 0, "answered batch %lld, asked was %lld",
               (long long)f->now->index, (long long)index);
}

const struct batch *
feed_batch(struct feed *f, int64_t epoch, int64_t index)
{
    if (f->now_epoch == epoch && f->now_index == index)
        return f->now;
    if (f->stored)
        stored_batch(f, epoch, index);
    else if (f->child)
        served_batch(f, epoch, index);
    else
        piped_batch(f, index);
    f->now_epoch = epoch;
    f->now_index = index;
    return f->now;
}

void
feed_close(struct feed *f)
{
    if (!f)
        return;
    drop_input(f);
    batch_release(&f->read);
    set_room_release(&f->room);
    if (f->stored)
        set_release(&f->set);
    info_release(&f->info);
    free(f->order);
    free(f->name);
    free(f);
}

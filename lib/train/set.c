#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/hash.h"
#include "base/limit.h"
#include "train/set.h"

static void
index_rows(struct set *s)
{
    int64_t row = 0;

    s->row_batch = xcalloc((size_t)s->rows, sizeof *s->row_batch);
    s->row_in = xcalloc((size_t)s->rows, sizeof *s->row_in);
    for (int i = 0; i < s->n; i++) {
        const struct batch *b = &s->batch[i];

        for (int r = 0; r < b->rows && row < s->rows; r++, row++) {
            s->row_batch[row] = i;
            s->row_in[row] = r;
            if (b->length[r] > s->longest)
                s->longest = b->length[r];
        }
    }
}

void
set_read(struct set *s, struct batch_reader *r, int64_t rows,
         const char *name)
{
    struct batch b = { 0 };
    double bytes = 0;

    memset(s, 0, sizeof *s);
    s->info = *batch_reader_info(r);
    s->info.task = s->info.task ? json_deep_copy(s->info.task) :
                   json_object();
    json_incref(s->info.given);
    json_incref(s->info.about);
    json_incref(s->info.codebook);
    if (s->info.count < 0 && !rows)
        die_at(name, 0, "endless: say how many rows to take");
    while ((!rows || s->rows < rows) && batch_read(r, &b)) {
        if (s->n == s->room) {
            s->room = s->room ? 2 * s->room : 16;
            s->batch = xrealloc(s->batch, (size_t)s->room, sizeof *s->batch);
        }
        s->batch[s->n++] = b;
        s->rows += b.rows;
        bytes += batch_size(&s->info, b.rows, b.steps);
        if (bytes > (double)LIMIT_SET)
            die_at(name, 0, "the sequences up to batch %d take more than 8 "
                   "GiB", s->n - 1);
        memset(&b, 0, sizeof b);      /* its arrays are the set's now */
    }
    if (rows && s->rows < rows)
        die_at(name, 0, "has %lld rows, %lld are asked for",
               (long long)s->rows, (long long)rows);
    if (!s->rows)
        die_at(name, 0, "holds no sequences");
    if (rows && s->info.continues && s->rows != rows)
        die_at(name, 0, "continues: its rows cannot be cut to %lld",
               (long long)rows);
    if (rows)
        s->rows = rows;
    if (s->rows > UINT32_MAX / 2)
        die_at(name, 0, "more than 2^31 sequences");
    index_rows(s);
}

bool
set_scored(const struct set *s)
{
    for (int64_t row = 0; row < s->rows; row++) {
        const struct batch *b = &s->batch[s->row_batch[row]];
        int r = s->row_in[row];

        if (memchr(b->scored + (size_t)r * (size_t)b->steps, 1,
                   (size_t)b->length[r]))
            return true;
    }
    return false;
}

void
set_ask(struct set *s, enum ask how)
{
    for (int64_t row = 0; row < s->rows; row++) {
        const struct batch *b = &s->batch[s->row_batch[row]];
        size_t r = (size_t)s->row_in[row], n = (size_t)b->length[r];
        uint8_t *scored = b->scored + r * (size_t)b->steps;

        if (how != ASK_EVERY && memchr(scored, 1, n))
            continue;
        for (size_t t = how == ASK_LAST ? n - 1 : 0; t < n; t++)
            if (!scored[t])
                scored[t] = ASKED;
    }
}

void
set_release(struct set *s)
{
    for (int i = 0; i < s->n; i++)
        batch_release(&s->batch[i]);
    free(s->batch);
    free(s->row_batch);
    free(s->row_in);
    info_release(&s->info);
    memset(s, 0, sizeof *s);
}

void
set_room_release(struct set_room *room)
{
    batch_release(&room->own);
    memset(room, 0, sizeof *room);
}

/* Are n rows from `row` on all of one batch, one after the other, with its
 * longest among them? */
static bool
stands(const struct set *s, int64_t row, int n, int steps)
{
    const struct batch *b = &s->batch[s->row_batch[row]];

    return b->steps == steps && s->row_in[row] + n <= b->rows;
}

static void
show(const struct set *s, int64_t row, int n, struct batch *view)
{
    const struct batch *b = &s->batch[s->row_batch[row]];
    size_t r = (size_t)s->row_in[row], at = r * (size_t)b->steps;
    size_t in = (size_t)s->info.input_size;
    size_t out = (size_t)s->info.target_size;

    *view = (struct batch){
        .rows = n, .steps = b->steps,
        .tokens = b->tokens ? b->tokens + at : NULL,
        .vectors = b->vectors ? b->vectors + at * in : NULL,
        .classes = b->classes ? b->classes + at : NULL,
        .values = b->values ? b->values + at * out : NULL,
        .scored = b->scored + at, .length = b->length + r,
    };
}

/* `n` items of `size` bytes of a row, then zeros up to `all` items. */
static void
copy_row(void *out, const void *in, int64_t row_out, int64_t row_in, int all,
         int all_in, int n, size_t size)
{
    char *o = (char *)out + (size_t)row_out * (size_t)all * size;

    memcpy(o, (const char *)in + (size_t)row_in * (size_t)all_in * size,
           (size_t)n * size);
    memset(o + (size_t)n * size, 0, (size_t)(all - n) * size);
}

static void
gather(const struct set *s, int64_t row, int i, struct batch *out)
{
    const struct batch *b = &s->batch[s->row_batch[row]];
    int r = s->row_in[row], len = b->length[r], t = out->steps;

    out->length[i] = len;
    if (b->tokens)
        copy_row(out->tokens, b->tokens, i, r, t, b->steps, len,
                 sizeof *b->tokens);
    if (b->vectors)
        copy_row(out->vectors, b->vectors, i, r, t, b->steps, len,
                 sizeof *b->vectors * (size_t)s->info.input_size);
    if (b->classes)
        copy_row(out->classes, b->classes, i, r, t, b->steps, len,
                 sizeof *b->classes);
    if (b->values)
        copy_row(out->values, b->values, i, r, t, b->steps, len,
                 sizeof *b->values * (size_t)s->info.target_size);
    copy_row(out->scored, b->scored, i, r, t, b->steps, len, 1);
}

struct batch *
set_take(const struct set *s, const uint32_t *order, int64_t first, int n,
         struct set_room *room)
{
    int steps = 0;

    for (int i = 0; i < n; i++) {
        int64_t row = order ? order[first + i] : first + i;
        int len = s->batch[s->row_batch[row]].length[s->row_in[row]];

        if (len > steps)
            steps = len;
    }
    if (!order && stands(s, first, n, steps)) {
        show(s, first, n, &room->view);
        return &room->view;
    }
    batch_room(&room->own, &s->info, n, steps);
    for (int i = 0; i < n; i++)
        gather(s, order ? order[first + i] : first + i, i, &room->own);
    room->view = room->own;
    return &room->view;
}

/* One row's part of the sum: the hash of all before, then the row's bytes. */
static void
chain(char hex[65], const void *data, size_t n)
{
    char text[129];

    if (!data)
        return;
    memcpy(text, hex, 64);
    sha256_hex(data, n, text + 64);
    sha256_hex(text, 128, hex);
}

void
set_sha256(const struct set *s, char hex[65])
{
    sha256_hex("", 0, hex);
    for (int64_t i = 0; i < s->rows; i++) {
        const struct batch *b = &s->batch[s->row_batch[i]];
        size_t r = (size_t)s->row_in[i], t = (size_t)b->steps;
        size_t n = (size_t)b->length[r];
        size_t in = (size_t)s->info.input_size;
        size_t out = (size_t)s->info.target_size;

        chain(hex, b->tokens ? b->tokens + r * t : NULL, 4 * n);
        chain(hex, b->vectors ? b->vectors + r * t * in : NULL, 4 * n * in);
        chain(hex, b->classes ? b->classes + r * t : NULL, 4 * n);
        chain(hex, b->values ? b->values + r * t * out : NULL, 4 * n * out);
        chain(hex, b->scored + r * t, n);
    }
}

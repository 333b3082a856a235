/*
 * copy.c - say back what was said: T symbols, some blanks, a delimiter, then
 * T blanks while the answer is due (docs/tasks.md).
 */
#include <stdlib.h>

#include "base/die.h"
#include "task/source.h"
#include "task/tasks.h"
#include "task/names.h"

static const struct key keys[] = {
    { "len", KEY_INT, "10", 1, 1e6, NULL, "T", "symbols to copy" },
    { "len_min", KEY_INT, "0", 0, 1e6, NULL, "T",
      "if above 0, each row's length is drawn from here to len" },
    { "blanks", KEY_INT, "10", 0, 1e6, NULL, "N",
      "blanks before the delimiter" },
    { "symbols", KEY_INT, "10", 2, 250, NULL, "N", "different symbols" },
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

struct copy {
    int len, len_min, blanks, symbols;
};

static int
row_steps(const struct copy *c, int len)
{
    return 2 * len + c->blanks + 1;
}

static void
copy_open(struct source *s)
{
    struct copy *c = xcalloc(1, sizeof *c);
    const json_t *v = s->info.task;

    c->len = (int)keys_int(v, "len");
    c->len_min = (int)keys_int(v, "len_min");
    c->blanks = (int)keys_int(v, "blanks");
    c->symbols = (int)keys_int(v, "symbols");
    if (c->len_min > c->len)
        source_bad(s, "len_min is %d, more than len, which is %d",
                   c->len_min, c->len);
    s->info.input = s->info.target = VALUE_TOKEN;
    s->info.input_size = s->info.target_size = c->symbols + 2;
    s->symbols = names_recall(c->symbols);
    s->steps = row_steps(c, c->len);
    s->self = c;
}

/* One row of `steps` places whose pads are 0 already. */
static void
copy_row(const struct copy *c, struct rng *r, int len, int32_t *token,
         int32_t *class, uint8_t *scored)
{
    int blank = c->symbols, answer = len + c->blanks + 1;

    for (int t = 0; t < len; t++) {
        token[t] = (int32_t)rng_below(r, (uint32_t)c->symbols);
        class[t] = blank;
        token[answer + t] = blank;
        class[answer + t] = token[t];
        scored[answer + t] = 1;
    }
    for (int t = len; t < answer; t++)
        token[t] = class[t] = blank;
    token[answer - 1] = blank + 1;
}

/* The generator of a row, and its length, the first thing drawn. */
static int
begin_row(const struct copy *c, const struct draw *d, int i, struct rng *r)
{
    task_rng(r, d, d->first + (uint64_t)i);
    if (!c->len_min)
        return c->len;
    return c->len_min + (int)rng_below(r, (uint32_t)(c->len - c->len_min + 1));
}

static void
copy_make(struct source *s, const struct draw *d, struct batch *b)
{
    const struct copy *c = s->self;
    int longest = c->len_min ? 0 : c->len;
    struct rng r;

    for (int i = 0; c->len_min && i < d->rows; i++) {
        int len = begin_row(c, d, i, &r);

        if (len > longest)
            longest = len;
    }
    batch_shape(b, &s->info, d->rows, row_steps(c, longest));
    for (int i = 0; i < d->rows; i++) {
        size_t at = (size_t)i * (size_t)b->steps;
        int len = begin_row(c, d, i, &r);

        copy_row(c, &r, len, b->tokens + at, b->classes + at,
                 b->scored + at);
        b->length[i] = row_steps(c, len);
    }
}

static void
copy_close(struct source *s)
{
    free(s->self);
}

const struct task task_copy = {
    .name = "copy",
    .about = "T symbols, blanks, a delimiter; then the T symbols again",
    .keys = keys,
    .open = copy_open,
    .make = copy_make,
    .close = copy_close,
};

/*
 * text.c - any text, a byte or a token at a time: from each the next.
 *
 * A block of `history` of them makes history - 1 steps.  Blocks stand at random
 * places, or (contiguous) each row reads a part of its own from end to end,
 * a block starting with the last of the one before, or (blocks) the rows of a
 * pass are the text's blocks one after the other, each begun afresh; the last
 * block has the steps that are left, and the last batch the rows.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/bpe.h"
#include "task/tasks.h"
#include "task/tokens.h"

static const struct key keys[] = {
    { "corpus", KEY_TEXT, "\"\"", 0, 0, NULL, "HASH",
      "SHA-256 of the text; if given, the text read must have it" },
    { "mode", KEY_CHOICE, "\"random\"", 0, 0, "random|contiguous|blocks",
      "MODE", "blocks at random places, rows that read on from block to block, "
      "or all blocks in order" },
    { "history", KEY_INT, "1000", 2, 1e6, NULL, "N",
      "bytes (or tokens) of a block" },
    { "train_end", KEY_REAL, "0.9", 0, 2147483647, NULL, "X",
      "end of the training split: a share of the text up to 1, bytes above" },
    { "val_end", KEY_REAL, "0.95", 0, 2147483647, NULL, "X",
      "end of the validation split, likewise; the rest is for tests" },
    { "alphabet", KEY_CHOICE, "\"bytes\"", 0, 0, "bytes|distinct", "WHICH",
      "classes: all 256 bytes, or those that occur, in order" },
    { "bpe", KEY_INT, "0", 0, BPE_TOKENS, NULL, "N",
      "if above 256, that many byte-pair tokens take the place of bytes" },
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

struct text {
    struct tokens tokens;
    int history;
    bool contiguous, blocks;
};

static void
text_open(struct source *s)
{
    struct text *c = xcalloc(1, sizeof *c);
    const json_t *v = s->info.task;

    s->self = c;
    c->history = (int)keys_int(v, "history");
    c->contiguous = strcmp(keys_text(v, "mode"), "contiguous") == 0;
    c->blocks = strcmp(keys_text(v, "mode"), "blocks") == 0;
    tokens_open(&c->tokens, s);
    s->info.input = s->info.target = VALUE_TOKEN;
    s->info.input_size = s->info.target_size = c->tokens.classes;
    s->info.continues = c->contiguous;
    s->language = true;
    s->floor = NAN;
    s->steps = c->history - 1;
}

static size_t
split_size(const struct text *c, enum split split)
{
    return c->tokens.to[split] - c->tokens.from[split];
}

/* Every place of a split but its first is predicted in one of them. */
static size_t
blocks_of(const struct text *c, enum split split)
{
    size_t n = split_size(c, split), steps = (size_t)c->history - 1;

    return n ? (n - 1 + steps - 1) / steps : 0;
}

/* Steps of block `i`: the last one has what is left. */
static int
block_steps(const struct text *c, enum split split, uint64_t i)
{
    size_t steps = (size_t)c->history - 1;
    size_t left = split_size(c, split) - 1 - (size_t)i * steps;

    return (int)(left < steps ? left : steps);
}

static int64_t
text_batches(const struct source *s, enum split split)
{
    const struct text *c = s->self;
    size_t n = split_size(c, split), rows = (size_t)s->info.batch;
    size_t steps = (size_t)c->history - 1;

    if (c->contiguous)
        return n / rows ? (int64_t)((n / rows - 1) / steps) : 0;
    if (c->blocks)
        return (int64_t)((blocks_of(c, split) + rows - 1) / rows);
    if (split_size(c, split) < (size_t)c->history)
        die(RC_DATA, "the %s split has a length of %zu, less than a block of "
            "%d: take a longer text or a smaller history", split_name(split),
            split_size(c, split), c->history);
    return -1;
}

/* Where row i of a batch starts in the text. */
static size_t
block_start(const struct text *c, const struct draw *d, int i)
{
    size_t n = split_size(c, d->split), from = c->tokens.from[d->split];
    size_t history = (size_t)c->history;
    struct rng r;

    if (c->contiguous)
        return from + (size_t)i * (n / (size_t)d->rows)
            + (size_t)d->block * (history - 1);
    if (c->blocks)
        return from + (size_t)(d->first + (uint64_t)i) * (history - 1);
    task_rng(&r, d, d->first + (uint64_t)i);
    return from + rng_below(&r, (uint32_t)(n - history + 1));
}

static void
text_make(struct source *s, const struct draw *d, struct batch *b)
{
    const struct text *c = s->self;
    int steps = c->history - 1, rows = d->rows;
    size_t blocks = blocks_of(c, d->split);

    text_batches(s, d->split);
    if (c->blocks && d->first + (uint64_t)rows > blocks)
        rows = (int)(blocks - d->first);
    if (c->blocks)      /* no block is longer than the first */
        steps = block_steps(c, d->split, d->first);
    batch_shape(b, &s->info, rows, steps);
    for (int i = 0; i < rows; i++) {
        size_t from = block_start(c, d, i), at = (size_t)i * (size_t)steps;
        int n = c->blocks ? block_steps(c, d->split, d->first + (uint64_t)i) :
                steps;

        for (size_t t = 0; t < (size_t)n; t++) {
            b->tokens[at + t] = tokens_at(&c->tokens, from + t);
            b->classes[at + t] = tokens_at(&c->tokens, from + t + 1);
        }
        memset(b->scored + at, 1, (size_t)n);
        b->length[i] = n;
    }
}

static void
text_close(struct source *s)
{
    struct text *c = s->self;

    tokens_release(&c->tokens);
    free(c);
}

const struct tokens *
text_tokens(const struct source *s)
{
    const struct text *c = s->self;

    if (s->task != &task_text)
        die(RC_USAGE, "%s is no text: try 'gentask text --help'",
            s->task->name);
    return &c->tokens;
}

const struct task task_text = {
    .name = "text",
    .about = "any text: from each byte the next (--file PATH)",
    .keys = keys,
    .open = text_open,
    .make = text_make,
    .batches = text_batches,
    .close = text_close,
    .reads = true,
};

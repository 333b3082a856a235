/*
 * text.c - any text, a byte at a time: from each byte the next.
 *
 * A block of `history` bytes makes history - 1 steps.  Blocks stand at random
 * places, or (contiguous) each row reads a part of its own from end to end,
 * a block starting with the last byte of the one before.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/corpus.h"
#include "task/source.h"
#include "task/tasks.h"

static const struct key keys[] = {
    { "corpus", KEY_TEXT, "\"\"", 0, 0, NULL, "HASH",
      "SHA-256 of the text; if given, the text read must have it" },
    { "mode", KEY_CHOICE, "\"random\"", 0, 0, "random|contiguous", "MODE",
      "blocks at random places, or rows that read on from block to block" },
    { "history", KEY_INT, "1000", 2, 1e6, NULL, "N", "bytes of a block" },
    { "train_end", KEY_REAL, "0.9", 0, 2147483647, NULL, "X",
      "end of the training split: a share of the text up to 1, bytes above" },
    { "val_end", KEY_REAL, "0.95", 0, 2147483647, NULL, "X",
      "end of the validation split, likewise; the rest is for tests" },
    { "alphabet", KEY_CHOICE, "\"bytes\"", 0, 0, "bytes|distinct", "WHICH",
      "classes: all 256 bytes, or those that occur, in order" },
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

struct text {
    struct corpus corpus;    /* bytes replaced by their classes */
    size_t from[3], to[3];   /* the splits */
    int history;
    bool contiguous;
};

static void
read_corpus(struct source *s, struct text *c)
{
    const char *list = getenv("UNROLL_CORPUS");
    const char *wanted = keys_text(s->info.task, "corpus");

    if (s->files && s->files[0])
        corpus_read(&c->corpus, s->files);
    else if (list && *list)
        corpus_read_list(&c->corpus, list);
    else
        die(RC_USAGE, "no text to read: name one with --file PATH or in the "
            "environment variable UNROLL_CORPUS");
    if (*wanted && strcmp(wanted, c->corpus.hash))
        die(RC_DATA, "the text read has the SHA-256 %.16s..., not %.16s...: "
            "it is another text", c->corpus.hash, wanted);
    json_object_set_new(s->info.task, "corpus", json_string(c->corpus.hash));
}

/* A share of n, or a place. */
static size_t
place(double x, size_t n)
{
    double at = x <= 1 ? x * (double)n : x;

    return at < (double)n ? (size_t)at : n;
}

static void
set_splits(struct source *s, struct text *c)
{
    size_t n = c->corpus.n;

    c->to[0] = c->from[1] = place(keys_real(s->info.task, "train_end"), n);
    c->to[1] = c->from[2] = place(keys_real(s->info.task, "val_end"), n);
    c->to[2] = n;
    if (c->to[1] < c->to[0])
        source_bad(s, "val_end is byte %zu, before train_end, byte %zu",
                   c->to[1], c->to[0]);
}

/* Bytes to classes; returns how many there are. */
static int
number_bytes(struct source *s, struct text *c)
{
    int class[256] = { 0 }, n = 0;

    if (strcmp(keys_text(s->info.task, "alphabet"), "bytes") == 0)
        return 256;
    for (size_t i = 0; i < c->corpus.n; i++)
        class[c->corpus.byte[i]] = 1;
    s->symbols = json_array();
    for (int i = 0; i < 256; i++) {
        char ascii[2] = { (char)i, 0 };
        char utf8[3] = { (char)(0xc0 | i >> 6), (char)(0x80 | (i & 0x3f)) };

        if (!class[i])
            continue;
        class[i] = n++;
        json_array_append_new(s->symbols, json_string(i < 128 ? ascii
                                                              : utf8));
    }
    for (size_t i = 0; i < c->corpus.n; i++)
        c->corpus.byte[i] = (unsigned char)class[c->corpus.byte[i]];
    return n;
}

static void
text_open(struct source *s)
{
    struct text *c = xcalloc(1, sizeof *c);
    const json_t *v = s->info.task;

    s->self = c;
    c->history = (int)keys_int(v, "history");
    c->contiguous = strcmp(keys_text(v, "mode"), "contiguous") == 0;
    read_corpus(s, c);
    if (c->corpus.n < 2)
        die(RC_DATA, "the text has fewer than 2 bytes");
    set_splits(s, c);
    s->info.input = s->info.target = VALUE_TOKEN;
    s->info.input_size = s->info.target_size = number_bytes(s, c);
    s->info.continues = c->contiguous;
    s->language = true;
    s->steps = c->history - 1;
}

static size_t
part(const struct text *c, enum split split, int rows)
{
    return (c->to[split] - c->from[split]) / (size_t)rows;
}

static int64_t
text_batches(const struct source *s, enum split split)
{
    const struct text *c = s->self;
    size_t n = part(c, split, s->info.batch);

    if (!c->contiguous)
        return -1;
    return n ? (int64_t)((n - 1) / ((size_t)c->history - 1)) : 0;
}

/* Where row i of a batch starts in the text. */
static size_t
block_start(const struct source *s, const struct draw *d, int i)
{
    const struct text *c = s->self;
    size_t n = c->to[d->split] - c->from[d->split], history;
    struct rng r;

    history = (size_t)c->history;
    if (c->contiguous)
        return c->from[d->split] + (size_t)i * part(c, d->split, d->rows)
            + (size_t)d->block * (history - 1);
    if (n < history)
        die(RC_DATA, "the %s split has %zu bytes, less than a block of %d: "
            "take a longer text or a smaller history", split_name(d->split),
            n, c->history);
    task_rng(&r, d, d->first + (uint64_t)i);
    return c->from[d->split] + rng_below(&r, (uint32_t)(n - history + 1));
}

static void
text_make(struct source *s, const struct draw *d, struct batch *b)
{
    const struct text *c = s->self;
    int steps = c->history - 1;

    batch_init(b, &s->info, d->rows, steps);
    memset(b->scored, 1, (size_t)d->rows * (size_t)steps);
    for (int i = 0; i < d->rows; i++) {
        const unsigned char *p = c->corpus.byte + block_start(s, d, i);
        size_t at = (size_t)i * (size_t)steps;

        for (int t = 0; t < steps; t++) {
            b->tokens[at + (size_t)t] = p[t];
            b->classes[at + (size_t)t] = p[t + 1];
        }
        b->length[i] = steps;
    }
}

static void
text_close(struct source *s)
{
    struct text *c = s->self;

    corpus_release(&c->corpus);
    free(c);
}

const struct task task_text = {
    .name = "text",
    .about = "any text: from each byte the next (--file PATH)",
    .keys = keys,
    .open = text_open,
    .make = text_make,
    .batches = text_batches,
    .close = text_close,
};

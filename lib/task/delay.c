/*
 * delay.c - the usual long-memory benchmark: a few symbols, a long wait, a
 * delimiter, then the symbols again (docs/tasks.md).
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/source.h"
#include "task/tasks.h"
#include "task/names.h"

static const struct key keys[] = {
    { "delay", KEY_INT, "100", 1, 1e6, NULL, "T",
      "steps from the last symbol to the delimiter" },
    { "recall", KEY_INT, "10", 1, 1e6, NULL, "N", "symbols to recall" },
    { "symbols", KEY_INT, "8", 2, 250, NULL, "N", "different symbols" },
    { "score", KEY_CHOICE, "\"all\"", 0, 0, "all|recall", "WHICH",
      "steps that count: all, or those of the answer" },
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

struct delay {
    int delay, recall, symbols;
    bool all;
};

static void
delay_open(struct source *s)
{
    struct delay *c = xcalloc(1, sizeof *c);
    const json_t *v = s->info.task;

    c->delay = (int)keys_int(v, "delay");
    c->recall = (int)keys_int(v, "recall");
    c->symbols = (int)keys_int(v, "symbols");
    c->all = strcmp(keys_text(v, "score"), "all") == 0;
    s->info.input = s->info.target = VALUE_TOKEN;
    s->info.input_size = s->info.target_size = c->symbols + 2;
    s->symbols = names_recall(c->symbols);
    s->steps = c->delay + 2 * c->recall;
    s->self = c;
}

static void
delay_row(const struct delay *c, struct rng *r, int steps, int32_t *token,
          int32_t *class, uint8_t *scored)
{
    int blank = c->symbols, answer = steps - c->recall;

    for (int t = 0; t < steps; t++)
        token[t] = class[t] = blank;
    for (int t = 0; t < c->recall; t++) {
        token[t] = (int32_t)rng_below(r, (uint32_t)c->symbols);
        class[answer + t] = token[t];
    }
    token[answer - 1] = blank + 1;
    if (c->all)
        answer = 0;
    memset(scored + answer, 1, (size_t)(steps - answer));
}

static void
delay_make(struct source *s, const struct draw *d, struct batch *b)
{
    const struct delay *c = s->self;
    int steps = (int)s->steps;

    batch_shape(b, &s->info, d->rows, steps);
    for (int i = 0; i < d->rows; i++) {
        size_t at = (size_t)i * (size_t)steps;
        struct rng r;

        task_rng(&r, d, d->first + (uint64_t)i);
        delay_row(c, &r, steps, b->tokens + at, b->classes + at,
                  b->scored + at);
        b->length[i] = steps;
    }
}

static void
delay_close(struct source *s)
{
    free(s->self);
}

const struct task task_delay = {
    .name = "delay",
    .about = "a few symbols, a long wait, a delimiter; then the symbols",
    .keys = keys,
    .open = delay_open,
    .make = delay_make,
    .close = delay_close,
};

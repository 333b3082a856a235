/* chain.c - an endless text drawn from the rules of legal.h. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/chain.h"
#include "task/legal.h"

/* How far a row has been drawn. */
struct cursor {
    struct rng rng;
    struct legal_state state;
    int32_t next;        /* drawn already: the row's symbol number `at` */
    int64_t at;          /* -1: nothing yet */
};

/* The rows of one split, as last asked for. */
struct rows {
    struct cursor *row;
    int n;
    uint32_t pass;
};

struct chain {
    struct legal *legal;
    int len;
    struct rows split[3];
};

void
chain_open(struct source *s)
{
    struct chain *c = xcalloc(1, sizeof *c);

    c->legal = legal_new(s->info.task, s->where);
    c->len = (int)keys_int(s->info.task, "len");
    s->info.input = s->info.target = VALUE_TOKEN;
    s->info.input_size = s->info.target_size = legal_symbols(c->legal);
    s->info.continues = true;
    s->symbols = legal_names(c->legal);
    s->language = true;
    s->floor = legal_entropy(c->legal);
    s->steps = c->len;
    s->self = c;
}

static int32_t
draw_symbol(const struct chain *c, struct cursor *at)
{
    uint32_t weight[LEGAL_SYMBOLS], total, pick = 0;
    int32_t k = 0;

    total = legal_moves(c->legal, &at->state, weight);
    if (total > 1)
        pick = rng_below(&at->rng, total);
    while (pick >= weight[k])
        pick -= weight[k++];
    legal_play(c->legal, &at->state, k);
    return k;
}

static void
advance(const struct chain *c, struct cursor *at)
{
    at->next = draw_symbol(c, at);
    at->at++;
}

static struct rows *
rows_for(struct chain *c, const struct draw *d)
{
    struct rows *r = &c->split[d->split];

    if (r->n == d->rows && r->pass == d->pass)
        return r;
    r->row = xrealloc(r->row, (size_t)d->rows, sizeof *r->row);
    r->n = d->rows;
    r->pass = d->pass;
    for (int i = 0; i < r->n; i++)
        r->row[i].at = INT64_MAX;
    return r;
}

/* Bring a cursor to the row's symbol `want`. */
static void
seek(const struct chain *c, struct cursor *at, const struct draw *d, int row,
     int64_t want)
{
    if (at->at > want) {
        task_rng(&at->rng, d, (uint64_t)row);
        legal_start(c->legal, &at->state);
        at->at = -1;
    }
    while (at->at < want)
        advance(c, at);
}

void
chain_make(struct source *s, const struct draw *d, struct batch *b)
{
    struct chain *c = s->self;
    struct rows *r = rows_for(c, d);

    batch_shape(b, &s->info, d->rows, c->len);
    memset(b->scored, 1, (size_t)d->rows * (size_t)c->len);
    for (int i = 0; i < d->rows; i++) {
        size_t first = (size_t)i * (size_t)c->len;
        struct cursor *at = &r->row[i];

        seek(c, at, d, i, d->block * c->len);
        for (int t = 0; t < c->len; t++) {
            b->tokens[first + (size_t)t] = at->next;
            advance(c, at);
            b->classes[first + (size_t)t] = at->next;
        }
        b->length[i] = c->len;
    }
}

void
chain_close(struct source *s)
{
    struct chain *c = s->self;

    for (int i = 0; i < 3; i++)
        free(c->split[i].row);
    legal_free(c->legal);
    free(c);
}

/*
 * fsm.c - machines to be learned in context (docs/tasks.md): a few walks
 * through a machine that nobody has seen before, then a walk of which every
 * next state has to be told.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "task/fsm.h"
#include "task/source.h"
#include "task/tasks.h"

enum { TRIES = 4096 };      /* a split's machines are a tenth of all, or more */

static const struct key keys[] = {
    { "states", KEY_INT, "3", 1, FSM_STATES, NULL, "S",
      "states of a machine" },
    { "actions", KEY_INT, "3", 1, FSM_ACTIONS, NULL, "A",
      "actions of a machine" },
    { "demos", KEY_INT, "3", 0, FSM_STATES, NULL, "N",
      "walks shown, of one from each state; another choice each pass" },
    { "demo", KEY_INT, "30", -1, 1e6, NULL, "N",
      "transitions of a demo; -1: S A ln(S A)" },
    { "query", KEY_INT, "30", -1, 1e6, NULL, "N",
      "transitions of the query; -1: S A ln(S A)" },
    { "vary", KEY_REAL, "0", 0, 0.99, NULL, "X",
      "each length is drawn within this share of it" },
    { "absorb", KEY_BOOL, "false", 0, 0, NULL, NULL,
      "one state of a machine is never left" },
    { "classes", KEY_INT, "0", 0, 256, NULL, "N",
      "classes to tell apart; 0: 5, or as many as there are states" },
    { "window", KEY_INT, "800", 1, 1e6, NULL, "N",
      "tokens of a sequence at most" },
    { "samples", KEY_INT, "0", 0, 16777216, NULL, "N",
      "sequences of the training split, in another order each pass; "
      "0: endless" },
    { "mirror", KEY_BOOL, "false", 0, 0, NULL, NULL,
      "let splits share machines, as the original did" },
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

struct walk {
    int start, steps;
    uint8_t *action;               /* (steps) */
};

/* What a sequence is made of. */
struct sample {
    struct fsm machine;
    uint64_t number;               /* of the machine in its split */
    struct walk demo[FSM_STATES];  /* from state 0, 1 ... */
    uint32_t shown[FSM_STATES];    /* the first `demos` of these, in order */
    struct walk query;
};

struct fsm_task {
    int states, actions, demos, demo, query, samples;
    double vary;
    bool absorb, mirror;
    int longest;                   /* transitions of a walk */
    long tokens;                   /* of the longest sequence */
    uint32_t *order;               /* (samples) of order_pass, or NULL */
    uint32_t order_pass;
    struct sample sample;
};

/* int(n ln n) for n = S A, the length that shows a cell about ln n times. */
static int
usual_length(const struct fsm_task *c)
{
    double n = c->states * c->actions;

    return (int)(n * d_log(n));
}

static int
longest(const struct fsm_task *c, int steps)
{
    return (int)(steps * (1 + c->vary));
}

static void
walk_room(struct walk *w, int steps)
{
    w->action = xcalloc((size_t)steps + 1, 1);
}

/* Does every split have machines of its own?  Tiny ones are few. */
static void
check_splits(const struct source *s, const struct fsm_task *c)
{
    bool has[3] = { false, false, false };
    struct fsm m = { .states = c->states, .actions = c->actions };
    struct rng r;

    rng_init(&r, 0, RNG_TASK, 0, 0);
    for (int i = 0; i < TRIES; i++) {
        fsm_draw(&m, c->absorb, &r);
        has[fsm_split(&m)] = true;
    }
    for (int i = 0; i < 3; i++)
        if (!has[i] && !c->mirror)
            source_bad(s, "of all machines with %d states and %d actions none "
                       "is left for the %s split: take larger ones, or let "
                       "splits share them (mirror)", c->states, c->actions,
                       split_name((enum split)i));
}

static void
check_settings(const struct source *s, const struct fsm_task *c, long classes,
               long window)
{
    if (c->states - 1 > c->actions)
        source_bad(s, "%d states need %d actions at least: a tree may have "
                   "all from one of them", c->states, c->states - 1);
    if (c->demos > c->states)
        source_bad(s, "%d demos, but there is one from each of %d states",
                   c->demos, c->states);
    if ((int)(c->query * (1 - c->vary)) < 1)
        source_bad(s, "a query of %d transitions%s: nothing would be asked%s",
                   (int)(c->query * (1 - c->vary)), c->vary > 0 ?
                   " at the shortest" : "", c->absorb ?
                   ", of the absorbing state neither" : "");
    if (c->tokens > window)
        source_bad(s, "%d demos of %d transitions and a query of %d take %ld "
                   "tokens, more than the window of %ld", c->demos,
                   longest(c, c->demo), longest(c, c->query), c->tokens,
                   window);
    if (classes < c->states)
        source_bad(s, "%ld classes for %d states", classes, c->states);
    check_splits(s, c);
}

/* How tokens are written: states are digits, actions letters. */
static json_t *
symbols(void)
{
    json_t *v = json_array();
    char name[2] = "";

    for (int i = 0; i < FSM_VOCABULARY; i++) {
        *name = (char)(i < FSM_ACTION ? '0' + i : i < FSM_EOS ?
                       'a' + i - FSM_ACTION : i == FSM_EOS ? '.' :
                       i == FSM_QUERY ? '?' : '_');
        json_array_append_new(v, json_string(name));
    }
    return v;
}

static void
fsm_open(struct source *s)
{
    struct fsm_task *c = xcalloc(1, sizeof *c);
    const json_t *v = s->info.task;
    long classes = keys_int(v, "classes"), window = keys_int(v, "window");

    c->states = (int)keys_int(v, "states");
    c->actions = (int)keys_int(v, "actions");
    c->demos = (int)keys_int(v, "demos");
    c->demo = (int)keys_int(v, "demo");
    c->query = (int)keys_int(v, "query");
    c->samples = (int)keys_int(v, "samples");
    c->vary = keys_real(v, "vary");
    c->absorb = keys_bool(v, "absorb");
    c->mirror = keys_bool(v, "mirror");
    if (c->demo < 0)
        c->demo = usual_length(c);
    if (c->query < 0)
        c->query = usual_length(c);
    if (!classes)
        classes = c->states > 5 ? c->states : 5;
    c->tokens = c->demos * (2L * longest(c, c->demo) + 2) +
                2L * longest(c, c->query) + 3;
    check_settings(s, c, classes, window);
    c->longest = longest(c, c->demo > c->query ? c->demo : c->query);
    for (int i = 0; i < c->states; i++)
        walk_room(&c->sample.demo[i], c->longest);
    walk_room(&c->sample.query, c->longest);
    s->info.input = s->info.target = VALUE_TOKEN;
    s->info.input_size = FSM_VOCABULARY;
    s->info.target_size = (int)classes;
    s->symbols = symbols();
    s->steps = c->tokens;
    s->floor = NAN;
    s->self = c;
}

/* ---- drawing ------------------------------------------------------------*/

static void
draw_walk(const struct fsm_task *c, struct walk *w, int start, int steps,
          struct rng *r)
{
    w->start = start;
    w->steps = steps;
    if (c->vary > 0)
        w->steps = (int)(steps * (1 + c->vary * (2 * rng_double(r) - 1)));
    if (start < 0)
        w->start = (int)rng_below(r, (uint32_t)c->states);
    for (int i = 0; i < w->steps; i++)
        w->action[i] = (uint8_t)rng_below(r, (uint32_t)c->actions);
}

/* A training set comes in its own order at first, and in another each pass. */
static uint64_t
sample_number(struct fsm_task *c, const struct draw *d, uint64_t row)
{
    struct rng r;

    if (!c->samples || d->split != SPLIT_TRAIN || !d->pass)
        return row;
    if (!c->order)
        c->order = xcalloc((size_t)c->samples, sizeof *c->order);
    if (c->order_pass != d->pass) {
        /* blocks that no row has: rows are fewer than 2^31 */
        rng_init(&r, d->seed, RNG_TASK, 4 * d->pass + (uint32_t)d->split,
                 (uint64_t)UINT32_MAX << 32);
        rng_shuffle(&r, c->order, (uint32_t)c->samples);
        c->order_pass = d->pass;
    }
    return c->order[row];
}

/* The sample of a row: machine and walks are its number's in every pass, the
 * choice of demos is the pass's own. */
static const struct sample *
draw_sample(struct fsm_task *c, const struct draw *d, uint64_t row)
{
    struct draw first = *d;
    struct sample *x = &c->sample;
    struct rng r;

    first.pass = 0;
    x->number = sample_number(c, d, row);
    x->machine.states = c->states;
    x->machine.actions = c->actions;
    task_rng(&r, &first, x->number);
    do
        fsm_draw(&x->machine, c->absorb, &r);
    while (!c->mirror && fsm_split(&x->machine) != d->split);
    for (int i = 0; i < c->states; i++)
        draw_walk(c, &x->demo[i], i, c->demo, &r);
    draw_walk(c, &x->query, -1, c->query, &r);
    /* the upper half of the row's blocks */
    rng_init(&r, d->seed, RNG_TASK, 4 * d->pass + (uint32_t)d->split,
             x->number << 32 | (uint64_t)1 << 31);
    rng_shuffle(&r, x->shown, (uint32_t)c->states);
    return x;
}

static int
row_steps(const struct fsm_task *c, const struct sample *x)
{
    int n = 2 * x->query.steps + 3;

    for (int i = 0; i < c->demos; i++)
        n += 2 * x->demo[x->shown[i]].steps + 2;
    return n;
}

/* s0 a0 s1 ... sL; returns where it ends. */
static int32_t *
put_walk(const struct fsm *m, const struct walk *w, int32_t *to)
{
    int s = w->start;

    *to++ = s;
    for (int i = 0; i < w->steps; i++) {
        *to++ = FSM_ACTION + w->action[i];
        *to++ = s = m->next[s][w->action[i]];
    }
    return to;
}

/* Step t sees token t - 1, the first one the first, and the query's states
 * after its start are what has to be told. */
static void
put_row(const struct fsm_task *c, const struct sample *x, int32_t *token,
        int32_t *class, uint8_t *scored, int32_t *text)
{
    int32_t *p = text, *query;
    int n;

    for (int i = 0; i < c->demos; i++) {
        p = put_walk(&x->machine, &x->demo[x->shown[i]], p);
        *p++ = FSM_EOS;
    }
    *p++ = FSM_QUERY;
    query = p;
    p = put_walk(&x->machine, &x->query, p);
    *p++ = FSM_EOS;
    n = (int)(p - text);
    token[0] = text[0];
    memcpy(token + 1, text, (size_t)(n - 1) * sizeof *token);
    for (int i = 1; i <= x->query.steps; i++) {
        int t = (int)(query - text) + 2 * i;

        class[t] = text[t];
        scored[t] = 1;
    }
}

/* Rows of a batch: the last one of a training set may have fewer. */
static int
batch_rows(const struct fsm_task *c, const struct draw *d)
{
    uint64_t rest;

    if (!c->samples || d->split != SPLIT_TRAIN)
        return d->rows;
    rest = (uint64_t)c->samples - d->first;
    return rest < (uint64_t)d->rows ? (int)rest : d->rows;
}

static void
fsm_make(struct source *s, const struct draw *d, struct batch *b)
{
    struct fsm_task *c = s->self;
    int rows = batch_rows(c, d), longest = 0;
    int32_t *text;

    for (int i = 0; i < rows; i++) {
        int n = row_steps(c, draw_sample(c, d, d->first + (uint64_t)i));

        longest = n > longest ? n : longest;
    }
    batch_shape(b, &s->info, rows, longest);
    text = xcalloc((size_t)longest, sizeof *text);
    for (int i = 0; i < rows; i++) {
        const struct sample *x = draw_sample(c, d, d->first + (uint64_t)i);
        size_t at = (size_t)i * (size_t)longest;

        b->length[i] = row_steps(c, x);
        for (int t = b->length[i]; t < longest; t++)
            b->tokens[at + (size_t)t] = FSM_PAD;
        put_row(c, x, b->tokens + at, b->classes + at, b->scored + at, text);
    }
    free(text);
}

static int64_t
fsm_batches(const struct source *s, enum split split)
{
    const struct fsm_task *c = s->self;

    if (!c->samples || split != SPLIT_TRAIN)
        return -1;
    return (c->samples + s->info.batch - 1) / s->info.batch;
}

/* ---- for people ---------------------------------------------------------*/

/* [state, action, state, ...] */
static json_t *
walk_json(const struct fsm *m, const struct walk *w)
{
    json_t *v = json_array();
    int s = w->start;

    json_array_append_new(v, json_integer(s));
    for (int i = 0; i < w->steps; i++) {
        s = m->next[s][w->action[i]];
        json_array_append_new(v, json_integer(w->action[i]));
        json_array_append_new(v, json_integer(s));
    }
    return v;
}

static json_t *
fsm_about(struct source *s, const struct draw *d, int i)
{
    struct fsm_task *c = s->self;
    const struct sample *x = draw_sample(c, d, d->first + (uint64_t)i);
    json_t *demos = json_array();

    for (int k = 0; k < c->demos; k++)
        json_array_append_new(demos, walk_json(&x->machine,
                                               &x->demo[x->shown[k]]));
    return json_pack("{s:I, s:o, s:o, s:o}", "machine",
                     (json_int_t)x->number, "table", fsm_table(&x->machine),
                     "demos", demos, "query",
                     walk_json(&x->machine, &x->query));
}

static void
fsm_draw_dot(struct source *s, const struct draw *d, int i, FILE *out)
{
    const struct sample *x = draw_sample(s->self, d, d->first + (uint64_t)i);

    fsm_dot(&x->machine, x->number, out);
}

static void
fsm_close(struct source *s)
{
    struct fsm_task *c = s->self;

    for (int i = 0; i < c->states; i++)
        free(c->sample.demo[i].action);
    free(c->sample.query.action);
    free(c->order);
    free(c);
}

const struct task task_fsm = {
    .name = "fsm",
    .about = "walks through a machine, then one to tell the next states of",
    .keys = keys,
    .open = fsm_open,
    .make = fsm_make,
    .batches = fsm_batches,
    .close = fsm_close,
    .about_row = fsm_about,
    .dot = fsm_draw_dot,
};

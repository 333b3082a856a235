/*
 * lists.c - a window as kernels see it: which places are scored, which pairs
 * are summed in which order, where which token came; and all numbers that
 * change from window to window (now.cu).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cuda/nets.h"

/* ---- sets ----------------------------------------------------------------*/

enum { SET_HEAD, SET_STACK, SET_CASES };

int
lists_set(const struct device *d, int l, int kase)
{
    if (l >= d->stack)
        return SET_HEAD;
    for (int i = SET_CASES; i < d->nsets; i++)
        if (d->set[i].layer == l && d->set[i].kase == kase)
            return i;
    return SET_STACK;
}

static void
set_new(struct device *d, int layer, int kase)
{
    d->set = xrealloc(d->set, (size_t)d->nsets + 1, sizeof *d->set);
    d->set[d->nsets++] = (struct set){ layer, kase, false };
}

/* Layers with several cases have a set of pairs each. */
void
lists_open(struct device *d)
{
    set_new(d, -1, -1);
    set_new(d, -1, -1);
    for (int l = 0; l < d->stack; l++) {
        const struct plan *p = d->plan->layers[l].plan[STEPS_SEVERAL];

        for (int c = 0; p->ncases > 1 && c < p->ncases; c++)
            set_new(d, l, c);
    }
    for (int i = 0; i < d->plan->ngroups; i++) {
        const struct consumer_group *g = &d->plan->groups[i];
        const struct plan *p = d->plan->layers[g->layer].plan[STEPS_SEVERAL];
        const struct plan_case *c = &p->cases[g->kase];

        if (c->weight[g->consumer[0].weight].token)
            d->set[lists_set(d, g->layer, g->kase)].tokens = true;
    }
}

/* ---- words ---------------------------------------------------------------*/

/* Room for n more, in memory that a copy can go on from; their number. */
static size_t
more(struct device *d, size_t n)
{
    struct ints *x = &d->ints;

    if (x->n + n > x->room) {
        size_t room = 2 * x->room + n;
        int32_t *to = gpu_host_alloc(d->gpu, room * sizeof *to);

        if (x->n)
            memcpy(to, x->x, x->n * sizeof *to);
        gpu_host_free(d->gpu, x->x);
        x->x = to;
        x->room = room;
    }
    x->n += n;
    return x->n - n;
}

static void
put(struct device *d, int32_t x)
{
    size_t at = more(d, 1);

    d->ints.x[at] = x;
}

static int32_t
bits(float x)
{
    int32_t i;

    memcpy(&i, &x, sizeof i);
    return i;
}

/* A list begins here. */
static int32_t
here(const struct device *d)
{
    return (int32_t)(d->ints.n - d->list);
}

/* ---- pairs ---------------------------------------------------------------*/

static int
min(int a, int b)
{
    return a < b ? a : b;
}

static int
end_of(const struct device *d, int b)
{
    return d->ints.x[d->list + (size_t)d->ints.x[NOW_ENDS] + (size_t)b];
}

/* Does the pair belong to the set?  Padding belongs to none. */
static bool
belongs(const struct device *d, const struct set *s, int t, int b)
{
    if (d->w.padded && t >= end_of(d, b))
        return false;
    return s->layer < 0 || run_case(d, s->layer, t) == s->kase;
}

/* A set's lists while they are made: rows, where segments begin, microbatches'
 * first segments. */
struct made {
    struct ints rows, segments, blocks;
};

static void
add(struct ints *x, int32_t value)
{
    if (x->n == x->room) {
        x->room = x->room ? 2 * x->room : 1024;
        x->x = xrealloc(x->x, x->room, sizeof *x->x);
    }
    x->x[x->n++] = value;
}

/* A pair of a microbatch, the first of a segment or not. */
static void
add_pair(struct made *m, int row, int number, int *segment)
{
    if (number / SEGMENT != *segment)
        add(&m->segments, (int32_t)m->rows.n);
    *segment = number / SEGMENT;
    add(&m->rows, row);
}

static void
end_set(struct made *m)
{
    add(&m->blocks, (int32_t)m->segments.n);
    add(&m->segments, (int32_t)m->rows.n);
}

static void
stack_pairs(const struct device *d, const struct set *s, struct made *m)
{
    for (int b0 = 0; b0 < d->w.B; b0 += MICROBATCH) {
        int R = min(d->w.B - b0, MICROBATCH), segment = -1;

        add(&m->blocks, (int32_t)m->segments.n);
        for (int t = 0; t < d->w.T; t++)
            for (int b = b0; b < b0 + R; b++)
                if (belongs(d, s, t, b))
                    add_pair(m, t * d->w.B + b, t * R + b - b0, &segment);
    }
    end_set(m);
}

/* Scored places in the same order; their rows and numbers go to the lists. */
static void
head_pairs(struct device *d, const struct window *w, struct made *m,
           struct ints *places, struct ints *numbers)
{
    const uint8_t *scored = w->batch->scored + w->t0;

    for (int b0 = 0; b0 < d->w.B; b0 += MICROBATCH) {
        int R = min(d->w.B - b0, MICROBATCH), segment = -1;

        add(&m->blocks, (int32_t)m->segments.n);
        for (int t = 0; t < d->w.T; t++)
            for (int b = b0; b < b0 + R; b++) {
                if (!scored[(size_t)b * (size_t)w->batch->steps + (size_t)t])
                    continue;
                add(places, t * d->w.B + b);
                add(numbers, t * R + b - b0);
                add_pair(m, (int32_t)m->rows.n, t * R + b - b0, &segment);
            }
    }
    end_set(m);
}

static int32_t
put_list(struct device *d, const struct ints *x)
{
    int32_t at = here(d);
    size_t to = more(d, x->n);

    if (x->n)
        memcpy(d->ints.x + to, x->x, x->n * sizeof *x->x);
    return at;
}

/* ---- tokens --------------------------------------------------------------*/

/* The token of a set's row, which is a compact place in the head's. */
static int32_t
token_at(const struct device *d, int set, int32_t row)
{
    const int32_t *list = d->ints.x + d->list;

    if (set == SET_HEAD)
        row = list[d->ints.x[NOW_PLACES] + row];
    return list[d->ints.x[NOW_TOKENS] + row];
}

/* Which tokens came, ascending; number (tokens): where each is in the list,
 * -1 elsewhere. */
static void
distinct(struct device *d, int32_t *number)
{
    int32_t n = 0, first = d->ints.x[NOW_TOKENS];

    memset(number, 0xff, (size_t)d->net->input_size * sizeof *number);
    for (int i = 0; i < d->w.B * d->w.T; i++)
        number[d->ints.x[d->list + (size_t)(first + i)]] = 0;
    d->ints.x[NOW_DISTINCT] = here(d);
    for (int i = 0; i < d->net->input_size; i++)
        if (number[i] >= 0) {
            put(d, i);
            number[i] = n++;
        }
    d->ints.x[NOW_NDISTINCT] = n;
}

/* The set's pairs by token, in order. */
static void
put_tokens(struct device *d, int set, const struct made *m,
           const int32_t *number)
{
    size_t n = (size_t)d->ints.x[NOW_NDISTINCT], header = d->list +
               (size_t)set * SET_WORDS;
    size_t starts = more(d, n + 1), rows = more(d, m->rows.n);
    size_t segments = more(d, m->rows.n);
    int32_t *x = d->ints.x, *next = xcalloc(n + 1, sizeof *next);

    x[header + SET_STARTS] = (int32_t)(starts - d->list);
    x[header + SET_TOKEN_ROWS] = (int32_t)(rows - d->list);
    x[header + SET_TOKEN_SEGMENTS] = (int32_t)(segments - d->list);
    for (size_t i = 0; i < m->rows.n; i++)
        next[number[token_at(d, set, m->rows.x[i])]]++;
    x[starts] = 0;
    for (size_t i = 0; i < n; i++) {
        x[starts + i + 1] = x[starts + i] + next[i];
        next[i] = x[starts + i];
    }
    for (size_t s = 0, i = 0; i < m->rows.n; i++) {
        int32_t k;

        while ((size_t)m->segments.x[s + 1] <= i)
            s++;
        k = next[number[token_at(d, set, m->rows.x[i])]]++;
        x[rows + (size_t)k] = m->rows.x[i];
        x[segments + (size_t)k] = (int32_t)s;
    }
    free(next);
}

/* ---- a window ------------------------------------------------------------*/

static void
put_set(struct device *d, int set, const struct made *m,
        const int32_t *number)
{
    size_t header = d->list + (size_t)set * SET_WORDS;
    int32_t rows = put_list(d, &m->rows), segments = put_list(d, &m->segments);
    int32_t blocks = put_list(d, &m->blocks);

    d->ints.x[header + SET_ROWS] = rows;
    d->ints.x[header + SET_SEGMENTS] = segments;
    d->ints.x[header + SET_BLOCKS] = blocks;
    if (d->set[set].tokens)
        put_tokens(d, set, m, number);
}

static void
made_clear(struct made *m)
{
    m->rows.n = m->segments.n = m->blocks.n = 0;
}

static void
made_free(struct made *m)
{
    free(m->rows.x);
    free(m->segments.x);
    free(m->blocks.x);
}

/* The steps of the window that each row has. */
static void
put_ends(struct device *d, const struct window *w)
{
    const int32_t *length = w->batch->length;

    d->ints.x[NOW_ENDS] = here(d);
    d->w.padded = false;
    for (int b = 0; b < d->w.B; b++) {
        int n = length ? length[b] - w->t0 : d->w.T;

        n = n < 0 ? 0 : min(n, d->w.T);
        d->w.padded |= n < d->w.T;
        put(d, n);
    }
}

static void
put_input(struct device *d, const struct window *w)
{
    const struct batch *b = w->batch;

    d->ints.x[NOW_TOKENS] = here(d);
    for (int t = 0; b->tokens && t < d->w.T; t++)
        for (int r = 0; r < d->w.B; r++)
            put(d, b->tokens[(size_t)r * (size_t)b->steps +
                             (size_t)(w->t0 + t)]);
}

static void
put_classes(struct device *d, const struct window *w,
            const struct ints *places)
{
    const struct batch *b = w->batch;

    d->ints.x[NOW_CLASSES] = b->classes ? here(d) : 0;
    for (size_t i = 0; b->classes && i < places->n; i++) {
        int t = places->x[i] / d->w.B, r = places->x[i] % d->w.B;

        put(d, b->classes[(size_t)r * (size_t)b->steps +
                          (size_t)(w->t0 + t)]);
    }
}

/* Masks of nearly as many places are one shape. */
static int
rounded(int n)
{
    int step = 8;

    while (step * 16 < n)
        step *= 2;
    return (n + step - 1) / step * step;
}

static void
put_places(struct device *d, const struct window *w)
{
    struct made m = {{ NULL, 0, 0 }, { NULL, 0, 0 }, { NULL, 0, 0 }};
    struct ints places = { NULL, 0, 0 }, numbers = { NULL, 0, 0 };
    int32_t *number = NULL, at;

    head_pairs(d, w, &m, &places, &numbers);
    d->w.compact = (int)places.n;
    d->w.places = rounded((int)places.n);
    d->ints.x[NOW_COMPACT] = (int32_t)places.n;
    at = put_list(d, &places);
    d->ints.x[NOW_PLACES] = at;
    at = put_list(d, &numbers);
    d->ints.x[NOW_NUMBERS] = at;
    put_classes(d, w, &places);
    if (w->step && w->batch->tokens) {
        number = xcalloc((size_t)d->net->input_size, sizeof *number);
        distinct(d, number);
    }
    put_set(d, SET_HEAD, &m, number);
    for (int i = SET_STACK; w->step && i < d->nsets; i++) {
        made_clear(&m);
        stack_pairs(d, &d->set[i], &m);
        put_set(d, i, &m, number);
    }
    made_free(&m);
    free(places.x);
    free(numbers.x);
    free(number);
}

/* ---- rules ---------------------------------------------------------------*/

static void
put_rule(const struct device *d, const struct step *s, int net, int32_t *to)
{
    const struct update_rule *u = &d->rule[net].rule;
    const struct step_net *n = &s->net[net];
    bool adam = u->kind >= UPDATE_ADAM;
    float eps = (float)u->epsilon;
    double norm = s->update ? u->clip_norm : 0;

    to[RULE_DECAY] = bits(u->kind == UPDATE_ADAMW ? 0 : (float)u->decay);
    to[RULE_MU] = bits((float)u->momentum);
    to[RULE_ALPHA] = bits((float)u->alpha);
    to[RULE_REST] = bits((float)(1 - u->alpha));
    to[RULE_IN] = bits(u->inside && !adam ? eps : 0);
    to[RULE_OUT] = bits(u->inside && !adam ? 0 : eps);
    to[RULE_BETA1] = bits((float)u->beta1);
    to[RULE_BETA2] = bits((float)u->beta2);
    to[RULE_REST1] = bits((float)(1 - u->beta1));
    to[RULE_REST2] = bits((float)(1 - u->beta2));
    to[RULE_ROOT] = bits(sqrtf((float)(1 - n->powers.beta2)));
    to[RULE_CUT] = bits(s->update && u->clip_element > 0
                            ? (float)u->clip_element : INFINITY);
    memcpy(to + RULE_NORM, &norm, sizeof norm);
    for (int i = 0; i < d->nrates; i++) {
        int32_t *r = to + RULE_RATES + RATE_WORDS * i;
        float lr = (float)(n->rate * d->rate[i].rate);

        r[RATE_LR] = bits(lr);
        r[RATE_STEP] = bits(adam ? lr / (float)(1 - n->powers.beta1) : 0);
        r[RATE_SHRINK] = bits(u->kind == UPDATE_ADAMW
                                  ? lr * (float)u->decay : 0);
    }
}

/* ---- all -----------------------------------------------------------------*/

static void
put_now(struct device *d, const struct window *w)
{
    int words = RULE_RATES + RATE_WORDS * d->nrates;
    int32_t *x;

    d->ints.n = 0;
    more(d, (size_t)(NOW_RULES + words * d->o.nets));
    d->list = d->ints.n;
    more(d, (size_t)d->nsets * SET_WORDS);
    x = d->ints.x;
    memset(x, 0, d->ints.n * sizeof *x);
    x[NOW_FIRST] = (int32_t)((uint32_t)w->first_step * (uint32_t)d->w.B);
    x[NOW_DROPOUT] = w->dropout;
    x[NOW_NUMBER] = (int32_t)w->number;
    x[NOW_FRESH] = w->fresh;
    x[NOW_T0] = w->t0;
    x[NOW_STEPS] = w->batch->steps;
    x[NOW_TEMPERATURE] = bits(w->temperature);
    x[NOW_RULE_WORDS] = words;
    for (int i = 0; i < d->o.nets; i++) {
        x[NOW_ACTIVE + i] = w->net < 0 ? w->step->net[i].active
                                       : i == w->net;
        memcpy(x + NOW_SEEDS + 2 * i, &d->rule[i].seed,
               sizeof d->rule[i].seed);
        if (w->step)
            put_rule(d, w->step, i, x + NOW_RULES + words * i);
    }
}

void
lists_window(struct device *d, const struct window *w)
{
    d->w.B = w->batch->rows;
    d->w.T = w->t1 - w->t0;
    d->w.first_step = w->first_step;
    d->w.variant = net_plan_variant(d->plan, d->w.T);
    put_now(d, w);
    put_ends(d, w);
    put_input(d, w);
    put_places(d, w);
    d->ints.x[NOW_DIVISOR] = bits(loss_divisor(d->o.loss, d->w.compact,
                                               d->net->output_size));
    if (d->ints.n * sizeof *d->ints.x > d->ints_room) {
        graphs_forget(d);
        planes_grow(d, &d->ints_there, &d->ints_room,
                    2 * d->ints.n * sizeof *d->ints.x);
    }
    gpu_write(d->stream, d->ints_there, d->ints.x,
              d->ints.n * sizeof *d->ints.x);
}

/* problem.c - see problem.h. */
#include "problem.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/rng.h"

static struct cell *
read_cell(const char *name)
{
    char *file, *text;
    struct cell *c;

    if (strchr(name, '\n'))
        return cell_parse(name, "test.cell");
    text = cell_find(name, &file);
    c = cell_parse(text, file);
    free(text);
    free(file);
    return c;
}

static void
build(struct problem *p)
{
    const struct shape *s = &p->shape;
    struct net_layer_spec spec[8];
    char *names[8];
    int n = s->layers ? s->layers : 1;
    json_t *options = s->options
        ? json_read_text(s->options, strlen(s->options), "options", 1)
        : json_object();

    p->cell = read_cell(s->cell);
    p->head = cell_parse("input x\ny = W x + b\noutput y\n", "head.cell");
    for (int i = 0; i < n; i++) {
        names[i] = xasprintf("layers.%d", i);
        spec[i] = (struct net_layer_spec){ names[i], p->cell, s->size, i == 0,
                                           i == n - 1 };
    }
    spec[n] = (struct net_layer_spec){ "head", p->head, s->head, false,
                                       false };
    p->net = net_build(spec, n + (s->head > 0), s->token, s->input, options);
    for (int i = 0; i < n; i++)
        free(names[i]);
    json_decref(options);
}

static void
uniform(struct rng *r, float *x, size_t n, float scale)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (2 * rng_float(r) - 1) * scale;
}

static void
score(struct problem *p, struct rng *r)
{
    const struct shape *s = &p->shape;

    for (int b = 0; b < s->rows; b++) {
        int length = s->steps - (s->ragged ? b % s->steps : 0);

        for (int t = 0; t < s->steps; t++) {
            bool yes = t < length && (!s->ragged || rng_below(r, 4));

            p->scored[b * s->steps + t] = yes || (!b && t == s->steps - 1);
        }
    }
}

void
problem_init(struct problem *p, const struct shape *s)
{
    size_t places = (size_t)s->rows * (size_t)s->steps;
    struct rng r;

    *p = (struct problem){ .shape = *s };
    build(p);
    rng_init(&r, s->seed, RNG_STATS, 0, 0);
    p->weights = xcalloc(p->net->weights + 1, sizeof *p->weights);
    uniform(&r, p->weights, p->net->weights, s->scale > 0 ? s->scale : 0.7f);
    p->tokens = xcalloc(places, sizeof *p->tokens);
    p->classes = xcalloc(places, sizeof *p->classes);
    p->scored = xcalloc(places, 1);
    for (size_t i = 0; i < places; i++) {
        p->tokens[i] = (int32_t)rng_below(&r, (uint32_t)s->input);
        p->classes[i] = (int32_t)rng_below(&r, (uint32_t)p->net->output_size);
    }
    p->vectors = xcalloc(places * (size_t)s->input, sizeof *p->vectors);
    uniform(&r, p->vectors, places * (size_t)s->input, 1);
    p->wanted = xcalloc(places * (size_t)p->net->output_size,
                        sizeof *p->wanted);
    uniform(&r, p->wanted, places * (size_t)p->net->output_size, 1);
    score(p, &r);
}

void
problem_release(struct problem *p)
{
    net_free(p->net);
    cell_free(p->cell);
    cell_free(p->head);
    free(p->weights);
    free(p->tokens);
    free(p->classes);
    free(p->scored);
    free(p->vectors);
    free(p->wanted);
}

void
problem_window(const struct problem *p, int t0, int steps, struct window *w,
               struct target *y)
{
    const struct shape *s = &p->shape;
    int n = 0;

    *w = (struct window){
        .rows = s->rows, .steps = steps, .row_steps = s->steps,
        .tokens = s->token ? p->tokens + t0 : NULL,
        .vectors = s->token ? NULL : p->vectors + t0 * s->input,
        .scored = p->scored + t0, .first_step = t0, .fresh = t0 == 0,
        .dropout = s->dropout, .seed = s->seed, .update = 3,
    };
    for (int b = 0; b < s->rows; b++)
        for (int t = 0; t < steps; t++)
            n += w->scored[b * s->steps + t];
    *y = (struct target){
        .kind = s->loss, .row_steps = s->steps, .token = p->classes + t0,
        .vector = p->wanted + t0 * p->net->output_size, .divide = n ? n : 1,
    };
    if (s->loss == LOSS_MSE)
        y->divide *= p->net->output_size;
    if (s->sum)
        y->divide = 1;
}

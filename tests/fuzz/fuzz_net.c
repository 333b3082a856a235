/* A cell's text, run alone and among other layers: the same bits on every
 * instruction set, for a row alone and among others, with and without a
 * gradient. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/rng.h"
#include "cell/cell.h"
#include "cpu/engine.h"
#include "graph/net_plan.h"
#include "fuzz.h"

enum { INPUT = 5, SIZE = 6, ROWS = 3, STEPS = 4, LONGEST = 1 << 11,
       WEIGHTS = 20000, UNITS = 600, OUTPUTS = 200 };

/* What a run came to; rows and steps as asked for. */
struct result {
    float *out;       /* (B,T,O) */
    float *state;     /* (B,S) */
    float *grad;      /* (P) or NULL */
    int rows, outputs;
};

struct problem {
    const struct net *net;
    bool token, dropout;
    float *weights, *vectors;
    int32_t tokens[ROWS * STEPS];
    uint8_t scored[ROWS * STEPS];
};

static char isa[24] = "UNROLL_ISA=";

static void
begin(void)
{
    putenv(isa);
}

static void
use(const char *name)
{
    snprintf(isa, sizeof isa, "UNROLL_ISA=%s", name);
}

/* A made-up loss: its derivative is 1 / (1 + place), whatever comes out. */
static void
take(void *ctx, int n, const int32_t *t, const int32_t *b, const float *out,
     ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    struct result *r = ctx;

    for (int p = 0; p < n; p++) {
        int at = b[p] * STEPS + t[p];

        fuzz_check(t[p] >= 0 && t[p] < STEPS && b[p] >= 0 && b[p] < r->rows);
        memcpy(r->out + at * r->outputs, out + p * os,
               (size_t)r->outputs * sizeof *out);
        for (int i = 0; dout && i < r->outputs; i++)
            dout[p * ds + i] = 1.0f / (float)(1 + at + i);
    }
}

static struct result
run(const struct problem *p, const char *name, int rows, bool gradient)
{
    const struct net *net = p->net;
    struct result r = { .rows = rows, .outputs = net->output_size };
    const struct runner_options o = { .threads = 1, .gradient = gradient };
    struct window w = {
        .rows = rows, .steps = STEPS, .row_steps = STEPS,
        .tokens = p->token ? p->tokens : NULL,
        .vectors = p->token ? NULL : p->vectors, .scored = p->scored,
        .fresh = true, .dropout = p->dropout, .seed = 3, .update = 1,
    };
    struct runner *engine;

    r.out = xcalloc((size_t)(ROWS * STEPS * r.outputs), sizeof *r.out);
    r.state = xaligned(ROWS * net->state_size + 1, sizeof *r.state);
    r.grad = gradient ? xaligned(net->weights + 1, sizeof *r.grad) : NULL;
    w.state = w.next = r.state;
    use(name);
    engine = runner_open(net, &o);
    runner_load(engine, p->weights);
    runner_window(engine, &w);
    runner_run(engine, take, &r, r.grad);
    runner_close(engine);
    return r;
}

static void
result_free(struct result *r)
{
    free(r->out);
    free(r->state);
    free(r->grad);
}

/* Bits, but for a NaN's. */
static bool
same(const float *a, const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(a + i, b + i, sizeof *a) && !(isnan(a[i]) && isnan(b[i])))
            return false;
    return true;
}

static void
check_runs(const struct problem *p)
{
    size_t places = STEPS * (size_t)p->net->output_size;
    size_t states = p->net->state_size;
    struct result best = run(p, "", ROWS, true);
    struct result plain = run(p, "sse2", ROWS, true);
    struct result forward = run(p, "", ROWS, false);
    struct result alone = run(p, "", 1, false);

    fuzz_check(same(best.out, plain.out, ROWS * places));
    fuzz_check(same(best.state, plain.state, ROWS * states));
    fuzz_check(same(best.grad, plain.grad, p->net->weights));
    fuzz_check(same(best.out, forward.out, ROWS * places));
    fuzz_check(same(best.state, forward.state, ROWS * states));
    /* What dropout drops depends on the number of rows. */
    fuzz_check(p->dropout || (same(best.out, alone.out, places) &&
                              same(best.state, alone.state, states)));
    result_free(&best);
    result_free(&plain);
    result_free(&forward);
    result_free(&alone);
}

static void
fill(float *v, size_t n, uint64_t which)
{
    struct rng r;

    rng_init(&r, 11, RNG_TASK, 0, which << 32);
    for (size_t i = 0; i < n; i++)
        v[i] = (float)rng_below(&r, 2001) / 1000 - 1;
}

static double
bytes_kept(const struct net *net)
{
    struct net_plan *p = net_plan_new(net, &(struct net_plan_options){
                                               .gradient = true });
    double bytes = runner_kept(p, STEPS_SEVERAL, 1, 1);

    net_plan_free(p);
    return bytes;
}

static void
check_net(const struct net *net, bool token, bool dropout)
{
    struct problem p = { .net = net, .token = token, .dropout = dropout };

    if (net->weights > WEIGHTS || net->state_size > UNITS ||
            net->output_size > OUTPUTS || bytes_kept(net) > 1 << 16)
        return;
    p.weights = xaligned(net->weights + 1, sizeof *p.weights);
    p.vectors = xaligned(ROWS * STEPS * INPUT, sizeof *p.vectors);
    fill(p.weights, net->weights, 1);
    fill(p.vectors, ROWS * STEPS * INPUT, 2);
    for (int i = 0; i < ROWS * STEPS; i++) {
        p.tokens[i] = i * 7 % INPUT;
        p.scored[i] = i % 5 != 1;
    }
    check_runs(&p);
    free(p.weights);
    free(p.vectors);
}

/* The cell alone, below a read-out, or above an encoder, and twice. */
static struct net *
build(const struct cell *c, const struct cell *linear, int which, bool token,
      const json_t *options)
{
    const struct net_layer_spec all[] = {
        { "encoder.0", linear, SIZE - 1, false, false },
        { "layers.0", c, SIZE, true, false },
        { "layers.1", c, SIZE - 2, false, true },
        { "head", linear, SIZE - 3, false, false },
    };
    static const struct { int first, n; } part[] = {
        { 1, 1 }, { 2, 2 }, { 0, 2 }, { 0, 4 },
    };

    return net_build(all + part[which].first, part[which].n, token, INPUT,
                     options);
}

static void
one(const char *text, size_t n)
{
    static const char linear_text[] = "input x\noutput W x + b\n";
    struct cell *c, *linear;
    struct net *net;
    json_t *options;
    bool token = n % 2;

    if (n > LONGEST || strlen(text) < n)
        return;
    c = cell_parse(text, "x.cell");
    linear = cell_parse(linear_text, "linear");
    options = cell_options(c);
    net = build(c, linear, (int)(n / 4 % 4), token, options);
    check_net(net, token, n % 4 > 1);
    net_free(net);
    json_decref(options);
    cell_free(linear);
    cell_free(c);
}

const struct harness harness = { .one = one, .begin = begin };

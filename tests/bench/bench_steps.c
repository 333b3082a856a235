/*
 * bench_steps.c - whole updates (forward, loss, adjoint, weight gradients,
 * optimizer, packing) next to what the machine's multiply-adds can do at best
 * in the same seconds.
 *
 *   make bench;  build/release/tests/bench/bench_steps [ROUNDS] [NAME...]
 *
 * JSON lines; the median of the rounds (5).  flops are those of the products
 * alone: six for each weight of a dense product, row and step (forward,
 * adjoint, weight gradient); look-ups and element-wise work count as nothing.
 * "two_threads": how many times as fast two threads are, by the clock (0: not
 * measured, for small updates or a single processor).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/progress.h"
#include "cpu/engine.h"
#include "graph/graph.h"
#include "graph/net_plan.h"
#include "meter.h"

enum { ROUNDS = 5, MOST_ROUNDS = 99, LAYERS = 4 };

struct job {
    const char *name, *encoder, *cell;
    int layers, size, rows, steps, classes;
    int scored;                 /* the last so many steps */
    float scale;                /* of the weights */
    bool adagrad;               /* else Adam */
};

static const struct job jobs[] = {
    { "lstm-128", NULL, "lstm", 1, 128, 64, 221, 12, 100, 0.09f, false },
    { "gru-128", NULL, "gru", 1, 128, 64, 221, 12, 100, 0.09f, false },
    { "rnn-128", NULL, "rnn", 1, 128, 64, 221, 12, 100, 0.09f, false },
    { "mlstm-128", NULL, "mlstm", 1, 128, 64, 221, 12, 100, 0.09f, false },
    { "mgru-128", NULL, "mgru", 1, 128, 64, 221, 12, 100, 0.09f, false },
    { "lstm-128-2-layers", NULL, "lstm", 2, 128, 64, 221, 12, 100, 0.09f,
      false },
    { "lstm-256", NULL, "lstm", 1, 256, 64, 128, 12, 50, 0.06f, false },
    { "gru-256", NULL, "gru", 1, 256, 64, 128, 12, 50, 0.06f, false },
    { "rnn-256", NULL, "rnn", 1, 256, 64, 128, 12, 50, 0.06f, false },
    { "lstm-32", NULL, "lstm", 1, 32, 32, 221, 12, 100, 0.17f, false },
    { "gru-32", NULL, "gru", 1, 32, 32, 221, 12, 100, 0.17f, false },
    { "lstm-512", NULL, "lstm", 1, 512, 64, 128, 12, 50, 0.04f, false },
    { "gru-512", NULL, "gru", 1, 512, 64, 128, 12, 50, 0.04f, false },
    { "lstm-1024", NULL, "lstm", 1, 1024, 64, 128, 12, 50, 0.03f, false },
    { "gru-1024", NULL, "gru", 1, 1024, 64, 128, 12, 50, 0.03f, false },
    { "rnn-1024", NULL, "rnn", 1, 1024, 64, 128, 12, 50, 0.03f, false },
    { "gated-one-step", "linear", "gated", 2, 256, 256, 1, 256, 1, 0.04f,
      false },
    { "rnn-10-batch-1", NULL, "rnn", 1, 10, 1, 12, 11, 12, 0.3f, true },
    { "lstm-128-subnormal", NULL, "lstm", 1, 128, 64, 221, 12, 100, 1e-20f,
      false },
};

struct bench {
    const struct job *j;
    const struct kernels *k;
    struct net *net;
    struct runner *r;
    struct window w;
    float *weights, *grad, *m, *v;
    int32_t *tokens, *targets;
    uint8_t *scored;
    double places;
};

static void
loss(void *ctx, int n, const int32_t *t, const int32_t *b, const float *out,
     ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    struct bench *x = ctx;
    int32_t target[512];
    double value[512];
    uint8_t right[512];

    for (int p = 0; p < n; p++)
        target[p] = x->targets[b[p] * x->j->steps + t[p]];
    x->k->softmax(n, x->j->classes, out, os, target, (float)x->places, value,
                  right, dout, ds, NULL, 0);
}

static const struct cell *
cell(const char *name)
{
    char *file, *text = cell_find(name, &file);

    return cell_parse(text, file);
}

static void
build(struct bench *x)
{
    const struct job *j = x->j;
    struct net_layer_spec l[LAYERS];
    int n = 0;

    if (j->encoder)
        l[n++] = (struct net_layer_spec){ "encoder.0", cell(j->encoder),
                                          j->size, false, false };
    for (int i = 0; i < j->layers; i++)
        l[n++] = (struct net_layer_spec){ i ? "layers.1" : "layers.0",
                                          cell(j->cell), j->size, i == 0,
                                          i == j->layers - 1 };
    l[n++] = (struct net_layer_spec){ "head", cell("linear"), j->classes,
                                      false, false };
    x->net = net_build(l, n, true, j->classes, NULL);
}

static void
fill(struct bench *x)
{
    const struct job *j = x->j;
    size_t n = x->net->weights, places = (size_t)j->rows * (size_t)j->steps;
    unsigned seed = 1;

    x->weights = xaligned(n, sizeof *x->weights);
    x->grad = xaligned(n, sizeof *x->grad);
    x->m = xaligned(n, sizeof *x->m);
    x->v = xaligned(n, sizeof *x->v);
    x->tokens = xcalloc(places, sizeof *x->tokens);
    x->targets = xcalloc(places, sizeof *x->targets);
    x->scored = xcalloc(places, 1);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x->weights[i] = ((float)(seed >> 8) * 0x1p-23f - 1) * j->scale;
    }
    for (size_t i = 0; i < places; i++) {
        seed = seed * 1664525u + 1013904223u;
        x->tokens[i] = (int32_t)((seed >> 8) % (unsigned)j->classes);
        x->targets[i] = (int32_t)((seed >> 16) % (unsigned)j->classes);
        x->scored[i] = (int)(i % (size_t)j->steps) >= j->steps - j->scored;
        x->places += x->scored[i];
    }
    x->w = (struct window){
        .rows = j->rows, .steps = j->steps, .row_steps = j->steps,
        .tokens = x->tokens, .scored = x->scored, .fresh = true,
    };
}

static void
update(struct bench *x)
{
    size_t n = x->net->weights;

    backend_cpu.load(x->r, x->weights);
    backend_cpu.run(x->r, &x->w, loss, x, x->grad);
    if (x->j->adagrad)
        x->k->adagrad(n, x->weights, x->grad, x->v, 1, 1e-6f, 1e-8f, true, 0);
    else
        x->k->adam(n, x->weights, x->grad, x->m, x->v, 1, 1e-6f, 0.9f, 0.999f,
                   1e-8f, 0.1f, 0.001f, 0, false);
}

/* Six operations a weight of a dense product, row and step. */
static double
flops(const struct bench *x)
{
    double f = 0;

    for (int l = 0; l < x->net->nlayers; l++) {
        const struct graph *g = x->net->layers[l].graph;
        const struct graph_case *c = &g->cases[g->ncases - 1];
        bool head = l == x->net->nlayers - 1;

        for (int i = 0; i < c->nweight; i++)
            if (!c->weight[i].token)
                f += 6.0 * c->node[c->weight[i].dy].size * c->weight[i].k *
                     (head ? x->places : (double)x->j->rows * x->j->steps);
    }
    return f;
}

static double
bytes_kept(const struct bench *x)
{
    struct net_plan *p = net_plan_new(x->net, &(struct net_plan_options){
                                                  .gradient = true });
    double bytes = net_plan_bytes(p, net_plan_variant(p, x->j->steps),
                                  (double)x->j->rows * x->j->steps,
                                  x->places);

    net_plan_free(p);
    return bytes;
}

static double
seconds_of(struct bench *x)
{
    double t = 0;
    int n = 1;

    for (;; n *= 2) {
        double t0 = now();

        for (int i = 0; i < n; i++)
            update(x);
        t = now() - t0;
        if (t > 0.15)
            return t / n;
    }
}

/* By the clock: an update after one that does not count. */
static double
clock_seconds(struct bench *x, struct runner *with)
{
    struct runner *r = x->r;
    double t0, t;
    int n = 0;

    x->r = with;
    update(x);
    t0 = wall_seconds();
    do {
        update(x);
        n++;
        t = wall_seconds() - t0;
    } while (t < 0.15);
    x->r = r;
    return t / n;
}

/* How much faster two threads are; 0: not asked, or no second processor. */
static double
two_threads(struct bench *x, int rounds)
{
    struct backend_options o = { .threads = 2, .gradient = true };
    double s[MOST_ROUNDS];
    struct runner *two;

    if (flops(x) < 1e9 || sysconf(_SC_NPROCESSORS_ONLN) < 2)
        return 0;
    two = backend_cpu.open(x->net, &o);
    for (int i = 0; i < rounds; i++)
        s[i] = clock_seconds(x, x->r) / clock_seconds(x, two);
    backend_cpu.close(two);
    return median(s, rounds);
}

static void
run(const struct job *j, int rounds)
{
    struct bench x = { .j = j, .k = kernels_pick() };
    struct backend_options o = { .threads = 1, .gradient = true };
    double s[MOST_ROUNDS], share[MOST_ROUNDS], peak[MOST_ROUNDS];

    build(&x);
    fill(&x);
    x.r = backend_cpu.open(x.net, &o);
    update(&x);
    for (int i = 0; i < rounds; i++) {
        peak[i] = measure_peak(x.k);
        s[i] = seconds_of(&x);
        peak[i] = (peak[i] + measure_peak(x.k)) / 2;
        share[i] = flops(&x) / s[i] / peak[i];
    }
    printf("{\"bench\":\"%s\",\"isa\":\"%s\",\"rows\":%d,\"steps\":%d,"
           "\"weights\":%zu,\"flops\":%.4g,\"seconds\":%.4g,"
           "\"gflops\":%.4g,\"of_peak\":%.3f,\"peak_gflops\":%.4g,"
           "\"bytes_kept\":%.0f,\"two_threads\":%.3g}\n",
           j->name, x.k->isa, j->rows, j->steps, x.net->weights,
           flops(&x), median(s, rounds),
           1e-9 * flops(&x) / median(s, rounds), median(share, rounds),
           1e-9 * median(peak, rounds),
           bytes_kept(&x),
           two_threads(&x, rounds));
    fflush(stdout);
    backend_cpu.close(x.r);
    net_free(x.net);
    free(x.weights);
    free(x.grad);
    free(x.m);
    free(x.v);
    free(x.tokens);
    free(x.targets);
    free(x.scored);
}

static bool
asked(const char *name, int n, char **names)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(name, names[i]))
            return true;
    return !n;
}

int
main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 0, first = rounds > 0 ? 2 : 1;

    prog = "bench_steps";
    if (rounds < 1)
        rounds = ROUNDS;
    if (rounds > MOST_ROUNDS)
        die(RC_USAGE, "at most %d rounds", MOST_ROUNDS);
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        if (asked(jobs[i].name, argc > first ? argc - first : 0, argv + first))
            run(&jobs[i], rounds);
    close_stdout();
    return 0;
}

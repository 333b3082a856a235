/*
 * bench_steps.c - whole updates (forward, loss, adjoint, weight gradients,
 * optimizer, packing) next to what the machine's multiply-adds can do at best
 * in the same seconds.
 *
 *   make bench;  build/release/tests/bench/bench_steps [ROUNDS] [NAME...]
 *   make bench-cuda;      .../bench_steps --device cuda [ROUNDS] [NAME...]
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
#include "cpu/cpu.h"
#include "cpu/engine.h"
#include "graph/graph.h"
#include "graph/net_plan.h"
#include "meter.h"
#include "train/device.h"

enum { ROUNDS = 5, MOST_ROUNDS = 99, LAYERS = 4 };

struct how {
    enum update_kind rule;
    int vocabulary, used;       /* of the input; 0: the classes, all of them */
};

static const struct how adam = { UPDATE_ADAM, 0, 0 };
static const struct how adagrad = { UPDATE_ADAGRAD, 0, 0 };
static const struct how few = { UPDATE_SGD, 64, 16 };
static const struct how many = { UPDATE_SGD, 16384, 16 };
static const struct how many_adam = { UPDATE_ADAM, 16384, 16 };

struct job {
    const char *name, *encoder, *cell;
    int layers, size, rows, steps, classes;
    int scored;                 /* the last so many steps */
    float scale;                /* of the weights */
    const struct how *how;
};

static const struct job jobs[] = {
    { "lstm-128", NULL, "lstm", 1, 128, 64, 221, 12, 100, 0.09f, &adam },
    { "gru-128", NULL, "gru", 1, 128, 64, 221, 12, 100, 0.09f, &adam },
    { "rnn-128", NULL, "rnn", 1, 128, 64, 221, 12, 100, 0.09f, &adam },
    { "mlstm-128", NULL, "mlstm", 1, 128, 64, 221, 12, 100, 0.09f, &adam },
    { "mgru-128", NULL, "mgru", 1, 128, 64, 221, 12, 100, 0.09f, &adam },
    { "lstm-128-2-layers", NULL, "lstm", 2, 128, 64, 221, 12, 100, 0.09f,
      &adam },
    { "lstm-256", NULL, "lstm", 1, 256, 64, 128, 12, 50, 0.06f, &adam },
    { "gru-256", NULL, "gru", 1, 256, 64, 128, 12, 50, 0.06f, &adam },
    { "rnn-256", NULL, "rnn", 1, 256, 64, 128, 12, 50, 0.06f, &adam },
    { "lstm-32", NULL, "lstm", 1, 32, 32, 221, 12, 100, 0.17f, &adam },
    { "gru-32", NULL, "gru", 1, 32, 32, 221, 12, 100, 0.17f, &adam },
    { "lstm-512", NULL, "lstm", 1, 512, 64, 128, 12, 50, 0.04f, &adam },
    { "gru-512", NULL, "gru", 1, 512, 64, 128, 12, 50, 0.04f, &adam },
    { "lstm-1024", NULL, "lstm", 1, 1024, 64, 128, 12, 50, 0.03f, &adam },
    { "gru-1024", NULL, "gru", 1, 1024, 64, 128, 12, 50, 0.03f, &adam },
    { "rnn-1024", NULL, "rnn", 1, 1024, 64, 128, 12, 50, 0.03f, &adam },
    { "gated-one-step", "linear", "gated", 2, 256, 256, 1, 256, 1, 0.04f,
      &adam },
    { "rnn-10-batch-1", NULL, "rnn", 1, 10, 1, 12, 11, 12, 0.3f, &adagrad },
    { "lstm-128-delay-1000", NULL, "lstm", 1, 128, 64, 1020, 10, 1020, 0.09f,
      &adam },
    { "lstm-128-delay-1000-recall", NULL, "lstm", 1, 128, 64, 1020, 10, 10,
      0.09f, &adam },
    { "lstm-128-subnormal", NULL, "lstm", 1, 128, 64, 221, 12, 100, 1e-20f,
      &adam },
    /* the same work on a small and on a large vocabulary */
    { "tokens-64-sgd", "embed", "rnn", 1, 256, 32, 40, 12, 20, 0.06f, &few },
    { "tokens-16384-sgd", "embed", "rnn", 1, 256, 32, 40, 12, 20, 0.06f,
      &many },
    { "tokens-16384-adam", "embed", "rnn", 1, 256, 32, 40, 12, 20, 0.06f,
      &many_adam },
};

struct bench {
    const struct backend *backend;
    const struct job *j;
    struct net *net;
    struct device *d;
    struct device_net rule;
    struct batch batch;
    float *weights;
    double places;
};

static const struct cell *
cell(const char *name)
{
    char *file, *text = cell_find(name, &file);

    return cell_parse(text, file);
}

static int
vocabulary(const struct job *j)
{
    return j->how->vocabulary ? j->how->vocabulary : j->classes;
}

/* One of those that are used, which lie apart. */
static int32_t
token(const struct job *j, unsigned draw)
{
    int used = j->how->used ? j->how->used : j->classes;

    return (int32_t)(draw % (unsigned)used) * (vocabulary(j) / used);
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
    x->net = net_build(l, n, true, vocabulary(j), NULL);
}

static void
fill(struct bench *x)
{
    const struct job *j = x->j;
    size_t n = x->net->weights, places = (size_t)j->rows * (size_t)j->steps;
    const struct stream_info info = {
        .input = VALUE_TOKEN, .target = VALUE_TOKEN,
        .input_size = vocabulary(j), .target_size = j->classes,
    };
    struct batch *y = &x->batch;
    unsigned seed = 1;

    batch_shape(y, &info, j->rows, j->steps);
    x->weights = xaligned(n, sizeof *x->weights);
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        x->weights[i] = ((float)(seed >> 8) * 0x1p-23f - 1) * j->scale;
    }
    for (size_t i = 0; i < places; i++) {
        seed = seed * 1664525u + 1013904223u;
        y->tokens[i] = token(j, seed >> 8);
        y->classes[i] = (int32_t)((seed >> 16) % (unsigned)j->classes);
        y->scored[i] = (int)(i % (size_t)j->steps) >= j->steps - j->scored;
        x->places += y->scored[i];
    }
    for (int r = 0; r < j->rows; r++)
        y->length[r] = j->steps;
    x->rule.rule = (struct update_rule){
        .kind = j->how->rule, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8,
        .inside = j->how->rule == UPDATE_ADAGRAD,
    };
}

static struct device *
open_device(struct bench *x, int threads)
{
    const struct device_options o = {
        .threads = threads, .training = true, .loss = LOSS_CROSS_ENTROPY,
        .nets = 1, .net = &x->rule,
    };
    struct device *d = x->backend->open(x->net, &o);

    x->backend->put(d, 0, HOLD_WEIGHTS, x->weights, x->net->weights);
    x->backend->batch(d, &x->batch);
    return d;
}

static void
update(struct bench *x)
{
    const struct step_net net = {
        .active = true, .rate = 1e-6, .powers = { 0.9, 0.999 },
    };
    const struct step s = { .t1 = x->j->steps, .fresh = true, .update = true,
                            .net = &net };
    struct outcome o;

    x->backend->step(x->d, &s);
    x->backend->wait(x->d, &o);
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
    double bytes = runner_kept(p, net_plan_variant(p, x->j->steps),
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
clock_seconds(struct bench *x, struct device *with)
{
    struct device *d = x->d;
    double t0, t;
    int n = 0;

    x->d = with;
    update(x);
    t0 = wall_seconds();
    do {
        update(x);
        n++;
        t = wall_seconds() - t0;
    } while (t < 0.15);
    x->d = d;
    return t / n;
}

/* How much faster two threads are; 0: not asked, or no second processor. */
static double
two_threads(struct bench *x, int rounds)
{
    double s[MOST_ROUNDS];
    struct device *two;

    if (flops(x) < 1e9 || sysconf(_SC_NPROCESSORS_ONLN) < 2)
        return 0;
    two = open_device(x, 2);
    for (int i = 0; i < rounds; i++)
        s[i] = clock_seconds(x, x->d) / clock_seconds(x, two);
    x->backend->close(two);
    return median(s, rounds);
}

static void
ready(struct bench *x)
{
    build(x);
    fill(x);
    x->d = open_device(x, 1);
    update(x);
}

static void
done(struct bench *x)
{
    fflush(stdout);
    x->backend->close(x->d);
    net_free(x->net);
    free(x->weights);
    batch_release(&x->batch);
}

/* Elsewhere than on the processor: by the clock. */
static void
run_device(const struct job *j, int rounds, const struct backend *backend)
{
    struct bench x = { .backend = backend, .j = j };
    double s[MOST_ROUNDS];

    ready(&x);
    for (int i = 0; i < rounds; i++)
        s[i] = clock_seconds(&x, x.d);
    printf("{\"bench\":\"%s\",\"device\":\"%s\",\"kind\":\"%s\",\"rows\":%d,"
           "\"steps\":%d,\"weights\":%zu,\"flops\":%.4g,\"seconds\":%.4g,"
           "\"gflops\":%.4g,\"microseconds_a_step\":%.4g}\n", j->name,
           backend->name, backend->kind(x.d), j->rows, j->steps,
           x.net->weights, flops(&x), median(s, rounds),
           1e-9 * flops(&x) / median(s, rounds),
           1e6 * median(s, rounds) / j->steps);
    done(&x);
}

static void
run(const struct job *j, int rounds)
{
    const struct kernels *k = kernels_pick();
    struct bench x = { .backend = &backend_cpu, .j = j };
    double s[MOST_ROUNDS], share[MOST_ROUNDS], peak[MOST_ROUNDS];

    ready(&x);
    for (int i = 0; i < rounds; i++) {
        peak[i] = measure_peak(k);
        s[i] = seconds_of(&x);
        peak[i] = (peak[i] + measure_peak(k)) / 2;
        share[i] = flops(&x) / s[i] / peak[i];
    }
    printf("{\"bench\":\"%s\",\"isa\":\"%s\",\"rows\":%d,\"steps\":%d,"
           "\"weights\":%zu,\"flops\":%.4g,\"seconds\":%.4g,"
           "\"gflops\":%.4g,\"of_peak\":%.3f,\"peak_gflops\":%.4g,"
           "\"bytes_kept\":%.0f,\"two_threads\":%.3g}\n",
           j->name, k->isa, j->rows, j->steps, x.net->weights,
           flops(&x), median(s, rounds),
           1e-9 * flops(&x) / median(s, rounds), median(share, rounds),
           1e-9 * median(peak, rounds),
           bytes_kept(&x),
           two_threads(&x, rounds));
    done(&x);
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
    const struct backend *backend = &backend_cpu;
    int rounds, first = 1;

    prog = "bench_steps";
    if (argc > 2 && !strcmp(argv[1], "--device")) {
        backend = device_pick(argv[2]);
        first = 3;
    }
    rounds = argc > first ? atoi(argv[first]) : 0;
    first += rounds > 0;
    if (rounds < 1)
        rounds = ROUNDS;
    if (rounds > MOST_ROUNDS)
        die(RC_USAGE, "at most %d rounds", MOST_ROUNDS);
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        if (!asked(jobs[i].name, argc - first, argv + first))
            continue;
        if (backend == &backend_cpu)
            run(&jobs[i], rounds);
        else
            run_device(&jobs[i], rounds, backend);
    }
    close_stdout();
    return 0;
}

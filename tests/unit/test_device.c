/*
 * test_device.c - the CPU, and a GPU that runs on the host, through
 * graph/backend.h, beside what is worked out by hand: nets so small that every
 * number is a short formula with exact floats, one alone or several at once.
 */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/stop.h"
#include "cell/cell.h"
#include "cpu/cpu.h"
#include "cuda/cuda.h"

enum { NETS = 3, P = 2, ROWS = 2, STEPS = 4 };

static const struct backend *k;   /* the one that is tested */

/* y = w x + b of numbers: P = 2; with a state: y = w (x + all before) + b. */
static const char line[] = "input x\noutput W x + b\n";
static const char sums[] = "input x\nstate h\nh' = h + x\noutput W h' + b\n";

struct toy {
    struct cell *cell;
    struct net *net;
    struct device *d;
    struct batch b;
};

static void
toy_open(struct toy *y, const char *text, int nets, double rate_of_decay)
{
    const struct stream_info info = {
        .input = VALUE_VECTOR, .target = VALUE_VECTOR, .input_size = 1,
        .target_size = 1,
    };
    struct device_net net[NETS];
    struct device_options o = {
        .threads = 1, .training = true, .loss = LOSS_MSE_SUM, .nets = nets,
        .net = net,
    };
    struct net_layer_spec spec = { "layers.0", NULL, 1, true, true };

    memset(y, 0, sizeof *y);
    y->cell = cell_parse(text, "toy.cell");
    spec.cell = y->cell;
    y->net = net_build(&spec, 1, false, 1, NULL);
    assert_int_equal(y->net->weights, P);
    for (int i = 0; i < nets; i++)
        net[i] = (struct device_net){ .rule = {
            .kind = UPDATE_SGD, .decay = i * rate_of_decay } };
    y->d = k->open(y->net, &o);
    batch_shape(&y->b, &info, ROWS, STEPS);
    for (int i = 0; i < ROWS * STEPS; i++) {
        y->b.vectors[i] = (float)(i + 1);
        y->b.values[i] = (float)(i % 3);
    }
    for (int r = 0; r < ROWS; r++)
        y->b.length[r] = STEPS;
    k->batch(y->d, &y->b);
}

static void
toy_close(struct toy *y)
{
    k->close(y->d);
    batch_release(&y->b);
    net_free(y->net);
    cell_free(y->cell);
}

/* w and b of a net, or in what order the table has them. */
static void
set(struct toy *y, int net, enum holding what, float w, float b)
{
    const float x[P] = { w, b };

    assert_true(y->net->params[0].matrix);
    k->put(y->d, net, what, x, P);
}

static void
expect(struct toy *y, int net, enum holding what, float w, float b)
{
    float x[P] = { NAN, NAN };

    k->get(y->d, net, what, x, P);
    if (x[0] != w || x[1] != b)
        fail_msg("net %d holds %a %a as %d, not %a %a", net, (double)x[0],
                 (double)x[1], (int)what, (double)w, (double)b);
}

/* A step of these nets (NULL: all), at a rate of 1/16 and less. */
static bool
step(struct toy *y, int nets, int t0, int t1, bool carry, bool update,
     const bool *active, struct outcome *o)
{
    struct step_net net[NETS];
    struct step s = { .t0 = t0, .t1 = t1, .first_step = t0, .fresh = t0 == 0,
                      .carry = carry, .update = update, .net = net };

    for (int i = 0; i < nets; i++)
        net[i] = (struct step_net){ !active || active[i],
                                    0.0625 / (1 << i), { 1, 1 } };
    k->step(y->d, &s);
    return k->wait(y->d, o);
}

/* ---- what is held --------------------------------------------------------*/

static void
holdings(void **unused)
{
    (void)unused;
    for (int n = 1; n <= NETS; n += NETS - 1) {
        const float states[] = { 1, 2 };
        float back[2] = { 0 };
        struct toy y;

        toy_open(&y, sums, n, 0);
        expect(&y, n - 1, HOLD_WEIGHTS, 0, 0);
        for (int i = 0; i < n; i++) {
            set(&y, i, HOLD_WEIGHTS, (float)i + 1, -(float)i);
            k->copy(y.d, i, HOLD_BEST, HOLD_WEIGHTS);
            set(&y, i, HOLD_WEIGHTS, 8, (float)i);
        }
        k->put(y.d, n - 1, HOLD_STATES, states, 2);
        k->get(y.d, n - 1, HOLD_STATES, back, 2);
        assert_memory_equal(states, back, sizeof back);
        for (int i = 0; i < n; i++) {
            expect(&y, i, HOLD_WEIGHTS, 8, (float)i);
            expect(&y, i, HOLD_BEST, (float)i + 1, -(float)i);
        }
        k->copy(y.d, 0, HOLD_WEIGHTS, HOLD_BEST);
        expect(&y, 0, HOLD_WEIGHTS, 1, -0.0f);
        toy_close(&y);
    }
}

/* ---- updates -------------------------------------------------------------*/

/* The one scored place is x = 3, y = 2: d = 2 (3 w + b - 2) is b's gradient,
 * 3 d is w's. */
static float
slope(float w, float b)
{
    return 2 * (3 * w + b - 2);
}

static void
score_one(struct toy *y)
{
    memset(y->b.scored, 0, ROWS * STEPS);
    y->b.scored[2] = 1;
    assert_true(y->b.vectors[2] == 3 && y->b.values[2] == 2);
}

static void
updates(void **unused)
{
    (void)unused;
    for (int n = 1; n <= NETS; n += NETS - 1) {
        struct outcome o[NETS];
        struct toy y;

        toy_open(&y, line, n, 0.5);
        score_one(&y);
        for (int i = 0; i < n; i++)
            set(&y, i, HOLD_WEIGHTS, (float)i + 1, 0.5f);
        assert_true(step(&y, n, 0, STEPS, false, true, NULL, o));
        for (int i = 0; i < n; i++) {
            float w = (float)i + 1, b = 0.5f, d = slope(w, b);
            float lr = 0.0625f / (float)(1 << i), decay = 0.5f * (float)i;

            assert_true(o[i].tally.loss == (double)(d * d / 4));
            assert_int_equal(o[i].tally.places, 1);
            assert_false(o[i].diverged);
            expect(&y, i, HOLD_WEIGHTS, w - lr * (3 * d + decay * w),
                   b - lr * (d + decay * b));
        }
        toy_close(&y);
    }
}

static void
gradient_only(void **unused)
{
    (void)unused;
    for (int n = 1; n <= NETS; n += NETS - 1) {
        struct outcome o[NETS];
        struct toy y;

        toy_open(&y, line, n, 0);
        score_one(&y);
        set(&y, n - 1, HOLD_WEIGHTS, 2, 0.25f);
        assert_true(step(&y, n, 0, STEPS, false, false, NULL, o));
        expect(&y, n - 1, HOLD_GRADIENT, 3 * slope(2, 0.25f),
               slope(2, 0.25f));
        expect(&y, n - 1, HOLD_WEIGHTS, 2, 0.25f);
        toy_close(&y);
    }
}

/* A window of which nothing counts changes nothing. */
static void
unscored(void **unused)
{
    struct outcome o;
    struct toy y;

    (void)unused;
    toy_open(&y, line, 1, 0);
    score_one(&y);
    set(&y, 0, HOLD_WEIGHTS, 2, 1);
    assert_true(step(&y, 1, 3, STEPS, false, true, NULL, &o));
    assert_int_equal(o.tally.places, 0);
    expect(&y, 0, HOLD_WEIGHTS, 2, 1);
    toy_close(&y);
}

/* Who does not take part keeps all it has, and may come back; who diverges
 * keeps its weights, and the others do not notice. */
static void
some_of_them(void **unused)
{
    const bool active[NETS] = { false, true, true };
    float w[NETS] = { 1, 1, 3e30f }, b[NETS] = { 0 };
    struct outcome o[NETS];
    struct toy y;

    (void)unused;
    toy_open(&y, line, NETS, 0);
    score_one(&y);
    for (int i = 0; i < NETS; i++)
        set(&y, i, HOLD_WEIGHTS, w[i], b[i]);
    assert_true(step(&y, NETS, 0, STEPS, false, true, active, o));
    assert_false(o[1].diverged);
    assert_true(o[2].diverged);
    assert_int_equal(o[0].tally.places, 0);
    w[1] -= 0.03125f * 3 * slope(1, 0);
    b[1] -= 0.03125f * slope(1, 0);
    for (int i = 0; i < NETS; i++)
        expect(&y, i, HOLD_WEIGHTS, w[i], b[i]);
    assert_true(step(&y, NETS, 0, STEPS, false, true,
                     (bool[]){ true, true, false }, o));
    for (int i = 0; i < 2; i++) {
        float d = slope(w[i], b[i]), lr = 0.0625f / (float)(1 << i);

        w[i] -= lr * 3 * d;
        b[i] -= lr * d;
    }
    for (int i = 0; i < NETS; i++)
        expect(&y, i, HOLD_WEIGHTS, w[i], b[i]);
    toy_close(&y);
}

/* ---- states --------------------------------------------------------------*/

static void
expect_states(struct toy *y, int net, float a, float b)
{
    float x[ROWS] = { NAN, NAN };

    k->get(y->d, net, HOLD_STATES, x, ROWS);
    assert_true(x[0] == a && x[1] == b);
}

/* Rows are 1 2 3 4 and 5 6 7 8; a state is the sum so far. */
static void
carried(void **unused)
{
    (void)unused;
    for (int n = 1; n <= NETS; n += NETS - 1) {
        const float other[] = { 10, 20 };
        struct outcome o[NETS];
        struct toy y;

        toy_open(&y, sums, n, 0);
        assert_true(step(&y, n, 0, 2, true, true, NULL, o));
        expect_states(&y, n - 1, 3, 11);
        assert_true(step(&y, n, 2, 3, true, true, NULL, o));
        expect_states(&y, n - 1, 6, 18);
        for (int i = 0; i < n; i++)
            k->put(y.d, i, HOLD_STATES, other, ROWS);
        assert_true(step(&y, n, 3, 4, true, true, NULL, o));
        expect_states(&y, n - 1, 14, 28);
        toy_close(&y);
    }
}

/* ---- forward -------------------------------------------------------------*/

static void
forward(void **unused)
{
    (void)unused;
    for (int n = 1; n <= NETS; n += NETS - 1) {
        double loss[ROWS * STEPS] = { 0 };
        float out[ROWS * STEPS] = { 0 };
        struct forward f = { .net = n - 1, .weights = HOLD_BEST,
                             .fresh = true, .loss = loss, .outputs = out };
        struct tally t;
        struct toy y;

        toy_open(&y, sums, n, 0);
        f.batch = &y.b;
        score_one(&y);
        set(&y, n - 1, HOLD_WEIGHTS, 1, 100);
        set(&y, n - 1, HOLD_BEST, 2, 1);
        assert_true(k->forward(y.d, &f, &t));      /* 2 * (1 + 2 + 3) + 1 */
        assert_true(out[2] == 13 && loss[2] == 121 && t.loss == 121);
        assert_true(t.places == 1 && out[1] == 0 && loss[3] == 0);
        f.weights = HOLD_WEIGHTS;
        f.fresh = false;                           /* from 10 on */
        assert_true(k->forward(y.d, &f, &t));
        assert_true(out[2] == 116);
        set(&y, n - 1, HOLD_WEIGHTS, 1, 0);        /* the last one's 20 */
        assert_true(k->forward(y.d, &f, &t));
        assert_true(out[2] == 26);
        toy_close(&y);
    }
}

/* ---- drawing -------------------------------------------------------------*/

/* After class i comes (i + 2) mod 3. */
static void
drawing(void **unused)
{
    enum { K = 3 };
    static const int32_t first = 1;
    const struct drawing w = { .rows = 2, .tokens = 4, .seed = 1, .top_p = 1,
                               .prime = &first, .nprime = 1,
                               .temperature = 0 };
    const struct device_options o = { .threads = 1, .nets = 1 };
    struct cell *c = cell_parse(line, "toy.cell");
    struct net_layer_spec spec = { "layers.0", c, K, true, true };
    struct net *net = net_build(&spec, 1, true, K, NULL);
    struct device *d = k->open(net, &o);
    float weights[K * K + K] = { 0 };
    int32_t out[8];
    struct drawing_fault at;

    (void)unused;
    for (int i = 0; i < K; i++)
        weights[(i + 2) % K * K + i] = 1;
    k->put(d, 0, HOLD_WEIGHTS, weights, K * K + K);
    assert_true(k->draw(d, &w, out, &at));
    for (int r = 0; r < 2; r++)
        for (int i = 0, x = 1; i < 4; i++) {
            x = (x + 2) % K;
            assert_int_equal(out[r * 4 + i], x);
        }
    weights[0 * K + 2] = NAN;      /* 1 -> 0 -> 2 -> ? */
    k->put(d, 0, HOLD_WEIGHTS, weights, K * K + K);
    assert_false(k->draw(d, &w, out, &at));
    assert_true(at.row == 0 && at.step == 2 && !at.scaled);
    k->close(d);
    net_free(net);
    cell_free(c);
}

/* ---- given up ------------------------------------------------------------*/

/* In a process of its own: a signal that is held stays. */
static void
given_up(void **unused)
{
    struct outcome o[NETS];
    struct toy y;

    (void)unused;
    toy_open(&y, sums, NETS, 0);
    memset(y.b.scored, 1, ROWS * STEPS);
    for (int i = 0; i < NETS; i++)
        set(&y, i, HOLD_WEIGHTS, 1, 0);
    assert_true(step(&y, NETS, 0, 2, true, false, NULL, o));
    expect_states(&y, 1, 3, 11);
    stop_init();
    stop_hold();
    raise(SIGTERM);
    assert_false(step(&y, NETS, 2, 4, true, true, NULL, o));
    for (int i = 0; i < NETS; i++) {
        expect(&y, i, HOLD_WEIGHTS, 1, 0);
        expect_states(&y, i, 3, 11);
    }
    toy_close(&y);
}

/* ---- a large vocabulary --------------------------------------------------*/

enum { V = 2000, U = 40, TAKEN = 8 };

/* y = W x of a token: what its updates leave, for a net of U x V weights. */
static void
vocabulary(void **unused)
{
    static const int32_t tokens[TAKEN] = { 3, 1999, 3, 7, 3, 8, 0, 1999 };
    static const int ends[] = { 0, 3, 4, 6, 8 };
    static float w[U * V], g[U * V], have[U * V];
    const struct stream_info info = {
        .input = VALUE_TOKEN, .target = VALUE_VECTOR, .input_size = V,
        .target_size = U,
    };
    struct device_net net = { .rule = { .kind = UPDATE_SGD } };
    struct device_options o = {
        .threads = 1, .training = true, .loss = LOSS_MSE_SUM, .nets = 1,
        .net = &net,
    };
    struct net_layer_spec spec = { "layers.0", NULL, U, true, true };
    struct step_net active = { true, 0.0625, { 1, 1 } };
    struct outcome out;
    struct toy y = { .cell = cell_parse("input x\noutput W x\n", "v.cell") };

    (void)unused;
    spec.cell = y.cell;
    y.net = net_build(&spec, 1, true, V, NULL);
    assert_int_equal(y.net->weights, U * V);
    y.d = k->open(y.net, &o);
    batch_shape(&y.b, &info, 1, TAKEN);
    y.b.length[0] = TAKEN;
    memcpy(y.b.tokens, tokens, sizeof tokens);
    for (int i = 0; i < TAKEN * U; i++)
        y.b.values[i] = 1;
    memset(y.b.scored, 1, TAKEN);
    for (int i = 0; i < U * V; i++)
        w[i] = (float)(i % 7) / 4;
    k->put(y.d, 0, HOLD_WEIGHTS, w, U * V);
    k->batch(y.d, &y.b);
    for (int i = 0; i < 8; i++) {
        int n = i % 4;
        struct step s = { .t0 = ends[n], .t1 = ends[n + 1],
                          .first_step = ends[n], .fresh = true,
                          .update = i != 5, .net = &active };

        if (i == 6) {                   /* 0 times that is NaN */
            w[5] = INFINITY;
            k->put(y.d, 0, HOLD_WEIGHTS, w, U * V);
        }
        memset(g, 0, sizeof g);
        for (int t = s.t0; t < s.t1; t++)
            for (int u = 0; u < U; u++)
                g[u * V + tokens[t]] += 2 * (w[u * V + tokens[t]] - 1);
        k->step(y.d, &s);
        if (!k->wait(y.d, &out) || out.diverged)
            fail_msg("step %d: loss %g", i, out.tally.loss);
        k->get(y.d, 0, HOLD_GRADIENT, have, U * V);
        for (int q = 0; q < U * V; q++)
            assert_true(have[q] == g[q] && (g[q] != 0 || !signbit(have[q])));
        for (int q = 0; s.update && q < U * V; q++)
            w[q] = w[q] - 0.0625f * (g[q] + 0 * w[q]);
        k->get(y.d, 0, HOLD_WEIGHTS, have, U * V);
        for (int q = 0; q < U * V; q++)
            assert_true(have[q] == w[q] || (isnan(have[q]) && isnan(w[q])));
        assert_true(isnan(w[5]) == (i >= 6));
    }
    toy_close(&y);
}

static int
on_cpu(void **unused)
{
    (void)unused;
    k = &backend_cpu;
    return 0;
}

static int
emulated(void **unused)
{
    (void)unused;
    k = &backend_emulated;
    return 0;
}

/* The test that stops its process. */
static int
alone(CMFixtureFunction setup)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(given_up) };
    int status = 1;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (!pid)
        _exit(cmocka_run_group_tests_name("given up", tests, setup, NULL));
    waitpid(pid, &status, 0);
    return status;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holdings),
        cmocka_unit_test(updates),
        cmocka_unit_test(gradient_only),
        cmocka_unit_test(unscored),
        cmocka_unit_test(some_of_them),
        cmocka_unit_test(carried),
        cmocka_unit_test(forward),
        cmocka_unit_test(drawing),
        cmocka_unit_test(vocabulary),
    };
    int bad = cmocka_run_group_tests_name("device: cpu", tests, on_cpu, NULL);

    bad |= cmocka_run_group_tests_name("device: emulated", tests, emulated,
                                       NULL);
    bad |= alone(on_cpu) | alone(emulated);
    return bad;
}

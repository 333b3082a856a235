/*
 * test_engine_mixed.c - one runner through windows of any shape in any order:
 * rows, steps, scored places, fresh or carried states, with and without a
 * gradient, new weights in between.  What it keeps of one window (arrays,
 * packed weights, what it recorded of a shape) must not be seen in another:
 * each is compared bit for bit with the numeric contract, a fleet's with those
 * of a runner opened for this window alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../ref/cells.h"
#include "../ref/contract.h"
#include "base/die.h"
#include "base/rng.h"
#include "cpu/engine.h"
#include "cpu/kernel.h"

enum { ROWS = 140, STEPS = 12, WINDOWS = 60 };

/* A window's results, by one or the other. */
struct side {
    float *out, *state, *grad;
};

struct mixed {
    struct problem p;
    struct rng g;
    int lanes;
    size_t W, S, O;                 /* weights; a row's states, outputs */
    struct runner *r;
    float *weights[2];
    int which;                      /* of them is loaded */
    uint8_t *scored;
    double *loss;
    int *calls;
    struct side side[2];
    /* of windows to come, until it is drawn again */
    int rows, steps, scores;
    bool gradient;
};

static int
below(struct mixed *m, int n)
{
    return (int)rng_below(&m->g, (unsigned)n);
}

static struct runner *
runner_new(const struct mixed *m, int threads)
{
    struct runner_options o = { .threads = threads, .gradient = true,
                                 .lanes = m->lanes };

    return runner_open(m->p.net, &o);
}

static void
mixed_init(struct mixed *m, struct shape s, int lanes)
{
    size_t L = (size_t)lanes;

    memset(m, 0, sizeof *m);
    s.rows = ROWS;
    s.steps = STEPS;
    s.seed = 7;
    problem_init(&m->p, &s);
    rng_init(&m->g, 11, RNG_STATS, 1, 1);
    m->lanes = lanes;
    m->W = m->p.net->weights * L;
    m->S = m->p.net->state_size * L;
    m->O = (size_t)m->p.net->output_size * L;
    m->scored = xcalloc(ROWS * STEPS, 1);
    m->loss = xcalloc(ROWS * STEPS, sizeof *m->loss);
    m->calls = xcalloc(ROWS * STEPS, sizeof *m->calls);
    for (int k = 0; k < 2; k++) {
        m->side[k].out = xaligned(ROWS * STEPS * m->O + LANES, sizeof(float));
        m->side[k].state = xaligned(ROWS * m->S + LANES, sizeof(float));
        m->side[k].grad = xaligned(m->W + LANES, sizeof(float));
        m->weights[k] = xaligned(m->W + LANES, sizeof(float));
        for (size_t i = 0; i < m->W; i++)
            m->weights[k][i] = m->p.weights[i / L] *
                               (k ? 0.9f : 1 - 0.03f * (float)(i % L));
    }
    m->r = runner_new(m, 1);
    runner_load(m->r, m->weights[0]);
    m->rows = 2;
    m->steps = 3;
    m->gradient = true;
}

static void
mixed_release(struct mixed *m)
{
    runner_close(m->r);
    for (int k = 0; k < 2; k++) {
        free(m->side[k].out);
        free(m->side[k].state);
        free(m->side[k].grad);
        free(m->weights[k]);
    }
    free(m->scored);
    free(m->loss);
    free(m->calls);
    problem_release(&m->p);
}

/* A loss of every number of every net: d = (out - 0.3) / 10. */
static void
lanes_loss(void *ctx, int n, const int32_t *t, const int32_t *b,
           const float *out, ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    const struct loss_seen *s = ctx;
    int size = s->size * LANES;

    for (int p = 0; p < n; p++) {
        size_t at = (size_t)b[p] * (size_t)s->steps + (size_t)t[p];

        memcpy(s->out + at * (size_t)size, out + p * os,
               (size_t)size * sizeof *out);
        for (int i = 0; dout && i < size; i++)
            dout[p * ds + i] = (out[p * os + i] - 0.3f) / 10;
    }
}

/* Something changes now and then; mostly windows repeat. */
static struct window
draw(struct mixed *m, struct target *y)
{
    static const int many[] = { 16, 17, 64, 65, 139 };
    struct window w;

    if (!below(m, 4)) {
        m->rows = below(m, 6) ? 1 + below(m, 9) : many[below(m, 5)];
        m->steps = 1 + below(m, 5);
    }
    if (!below(m, 3))
        m->scores = below(m, 4);
    if (!below(m, 3)) {
        m->which = below(m, 4) ? m->which : 1 - m->which;
        for (size_t i = 0; i < m->W && below(m, 2); i++)
            m->weights[m->which][i] *= 1.01f;
        runner_load(m->r, m->weights[m->which]);
    }
    m->gradient = below(m, 4) != 0;
    problem_window(&m->p, below(m, STEPS - m->steps + 1), m->steps, &w, y);
    w.rows = m->rows;
    w.fresh = !below(m, 3);
    w.scored = m->scored;
    for (int i = 0; i < ROWS * STEPS; i++)
        m->scored[i] = m->scores == 3 ? i % STEPS >= (m->steps - 1) / 2 :
                       m->scores == 0 || !below(m, m->scores == 1 ? 2 : 9);
    if (m->scores < 3)
        m->scored[0] = 1;           /* somebody divides by their number */
    return w;
}

static void
same(const char *what, int n, const char *name, const float *a,
     const float *b, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (memcmp(&a[i], &b[i], sizeof *a))
            fail_msg("%s, window %d: %s[%zu]: %a and %a", what, n, name, i,
                     (double)a[i], (double)b[i]);
}

/* The same window by the runner under test, and by the other. */
static void
one_window(struct mixed *m, const char *what, int n)
{
    struct side *a = &m->side[0], *b = &m->side[1];
    struct target y;
    struct window w = draw(m, &y);
    size_t places = (size_t)(m->rows * m->steps);

    for (size_t i = 0; i < (size_t)m->rows * m->S; i++)
        a->state[i] = b->state[i] = rng_float(&m->g) - 0.5f;
    for (int k = 0; k < 2; k++) {
        struct side *s = &m->side[k];
        struct loss_seen seen = { &y, m->rows, m->steps,
                                  m->p.net->output_size, s->out, m->loss,
                                  m->calls, false };
        loss_fn *loss = m->lanes > 1 ? lanes_loss : loss_float;
        float *grad = m->gradient ? s->grad : NULL;

        memset(s->out, 0, places * m->O * sizeof *s->out);
        w.state = w.next = s->state;
        if (k && m->lanes == 1) {
            contract_run(m->p.net, &w, m->weights[m->which], loss, &seen,
                         grad);
            continue;
        }
        if (k) {
            struct runner *r = runner_new(m, 2);

            runner_load(r, m->weights[m->which]);
            runner_window(r, &w);
            runner_run(r, loss, &seen, grad);
            runner_close(r);
            continue;
        }
        runner_window(m->r, &w);
        runner_run(m->r, loss, &seen, grad);
    }
    same(what, n, "output", a->out, b->out, places * m->O);
    same(what, n, "state", a->state, b->state, (size_t)m->rows * m->S);
    if (m->gradient)
        same(what, n, "gradient", a->grad, b->grad, m->W);
}

static void
check(const char *what, const struct shape *s)
{
    for (int lanes = 1; lanes <= LANES; lanes += LANES - 1) {
        struct mixed m;
        char *name = xasprintf("%s%s", what, lanes > 1 ? ", a fleet" : "");
        bool drops = false;

        mixed_init(&m, *s, 1);
        for (int l = 0; l < m.p.net->nlayers; l++)
            drops |= m.p.net->layers[l].eq->ndrops > 0;
        mixed_release(&m);
        if (lanes == 1 || !drops) {
            mixed_init(&m, *s, lanes);
            for (int n = 0; n < WINDOWS; n++)
                one_window(&m, name, n);
            mixed_release(&m);
        }
        free(name);
    }
}

/* ---- the tests -----------------------------------------------------------*/

static void
builtin_cells(void **unused)
{
    const char *const *names = cell_names();

    (void)unused;
    for (int i = 0; names[i]; i++)
        check(names[i], &(struct shape){
            .cell = names[i], .options = "{}", .input = 4,
            .size = 1 + i * 5 % 23, .head = i % 3 ? 3 : 0, .token = i % 2,
            .layers = 1 + i % 3, .loss = LOSS_MSE });
}

static void
constructs(void **unused)
{
    (void)unused;
    for (const struct test_cell *c = construct_cells; c->name; c++) {
        struct shape s = c->shape;

        s.dropout = true;
        check(c->name, &s);
    }
}

/* What the head may do with the stack's rows, which it works on if all of them
 * are scored. */
static void
outputs(void **unused)
{
    static const char *const cells[] = {
        "input x\nstate h\nh' = tanh(h + x)\noutput h'\n",
        "input x\nstate h\nh' = tanh(W h + V x + b)\noutput h'\n",
        "input x\nstate h\nh' = tanh(h + x)\noutput h' * x\n",
        "input x\nstate h = b\nh' = tanh(W h + x + b)\noutput h' + x\n",
        "input x\nstate h\nstate c\nc' = c * 0.5 + x\nh' = tanh(h) + c'\n"
        "output c'\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        for (int head = 0; head < 2; head++)
            check(cells[i], &(struct shape){
                .cell = cells[i], .input = 5, .size = 5,
                .head = head ? 7 : 0, .layers = 1 + head,
                .loss = LOSS_MSE });
}

/* Vocabularies of which some tokens come, others in each window: in matrices
 * cut up in two ways, too, and in a head alone. */
static void
vocabularies(void **unused)
{
    static const char *const cells[] = {
        "input x\nstate h = b0\nh' = tanh(W x + V h + b)\noutput h'\n",
        "input x\nstate h\nz = sigmoid(A [x; h])\n"
        "h' = z * h + tanh(h - W x + V x)\noutput h' + V x\n",
        "input x\nstate h\nat 1: h' = W x\n"
        "otherwise: h' = tanh(W x - U [h; x])\nend\noutput h'\n",
        "input x\nstate h\nh' = tanh(A [x; h] + B [h; x] - A [h; x])\n"
        "output h'\n",
        "input x\noutput tanh(W x + b)\n",
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        check(cells[i], &(struct shape){
            .cell = cells[i], .input = 65 + 130 * (int)i, .size = 5,
            .head = 4, .token = true, .layers = 1, .loss = LOSS_MSE });
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builtin_cells),
        cmocka_unit_test(constructs),
        cmocka_unit_test(outputs),
        cmocka_unit_test(vocabularies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

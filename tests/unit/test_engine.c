/*
 * test_engine.c - the CPU engine against the double evaluator (to float
 * accuracy) and against the numeric contract followed word for word (bit for
 * bit), for every cell and construct, many shapes, any number of threads and
 * every instruction set this machine has.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../ref/cells.h"
#include "../ref/contract.h"
#include "../ref/ref.h"
#include "base/die.h"
#include "cpu/engine.h"
#include "cpu/kernel.h"

/* What a window came to. */
struct result {
    float *out, *state, *grad;     /* (B,T,O), (B,S), (P) */
    double *loss;                  /* (B,T) */
    int *calls;                    /* (B,T) */
    bool bad;
};

struct windows {                   /* of w->steps steps each, but the last */
    const struct problem *p;
    int steps, n;
    struct result *r;
};

static struct windows
windows_new(const struct problem *p, int steps)
{
    struct windows w = { p, steps, (p->shape.steps + steps - 1) / steps, NULL };
    size_t places = (size_t)p->shape.rows * (size_t)steps;

    w.r = xcalloc((size_t)w.n, sizeof *w.r);
    for (int i = 0; i < w.n; i++) {
        struct result *r = &w.r[i];

        r->out = xcalloc(places * (size_t)p->net->output_size + 1,
                         sizeof *r->out);
        r->state = xcalloc((size_t)p->shape.rows * p->net->state_size + 1,
                           sizeof *r->state);
        r->grad = xcalloc(p->net->weights + 1, sizeof *r->grad);
        r->loss = xcalloc(places + 1, sizeof *r->loss);
        r->calls = xcalloc(places + 1, sizeof *r->calls);
    }
    return w;
}

static void
windows_free(struct windows *w)
{
    for (int i = 0; i < w->n; i++) {
        free(w->r[i].out);
        free(w->r[i].state);
        free(w->r[i].grad);
        free(w->r[i].loss);
        free(w->r[i].calls);
    }
    free(w->r);
}

typedef void run_fn(void *runner, const struct problem *p,
                    const struct window *w, struct loss_seen *seen,
                    float *grad);

/* All windows in turn, each from the state that the one before it left. */
static void
run_windows(struct windows *w, run_fn *run, void *runner, bool gradient)
{
    const struct problem *p = w->p;
    size_t state = (size_t)p->shape.rows * p->net->state_size;

    for (int i = 0; i < w->n; i++) {
        struct result *r = &w->r[i];
        int t0 = i * w->steps, left = p->shape.steps - t0;
        struct window win;
        struct target y;
        struct loss_seen seen = { &y, p->shape.rows,
                                  left < w->steps ? left : w->steps,
                                  p->net->output_size, r->out, r->loss,
                                  r->calls, false };

        problem_window(p, t0, seen.steps, &win, &y);
        if (i)
            memcpy(r->state, r[-1].state, state * sizeof *r->state);
        win.state = r->state;
        run(runner, p, &win, &seen, gradient ? r->grad : NULL);
        r->bad = seen.bad;
    }
}

static void
by_engine(void *runner, const struct problem *p, const struct window *w,
          struct loss_seen *seen, float *grad)
{
    (void)p;
    backend_cpu.run(runner, w, loss_float, seen, grad);
}

static void
by_contract(void *runner, const struct problem *p, const struct window *w,
            struct loss_seen *seen, float *grad)
{
    (void)runner;
    contract_run(p->net, w, p->weights, loss_float, seen, grad);
}

/* ---- one net of a fleet --------------------------------------------------
 * The fleet's nets have other weights each; only one of them is looked at. */

struct in_fleet {
    struct runner *runner;
    int lane;
    struct loss_seen *seen;
};

/* Every 16th number from the lane's on. */
static void
take_lane(float *one, const float *all, size_t n, int lane)
{
    for (size_t i = 0; i < n; i++)
        one[i] = all[i * LANES + (size_t)lane];
}

static float *
give_lanes(const float *one, size_t n, int lane, float other)
{
    float *all = xaligned(n * LANES + LANES, sizeof *all);

    for (size_t i = 0; i < n * LANES; i++)
        all[i] = one[i / LANES] *
                 (i % LANES == (size_t)lane ? 1 : other * (float)(i % LANES));
    return all;
}

static void
fleet_loss(void *ctx, int n, const int32_t *t, const int32_t *b,
           const float *out, ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    const struct in_fleet *f = ctx;
    size_t size = (size_t)f->seen->size;
    float *row = xaligned(size + LANES, sizeof *row);
    float *drow = xaligned(size + LANES, sizeof *row);

    assert_int_equal(os, size * LANES);
    for (int p = 0; p < n; p++) {
        take_lane(row, out + p * os, size, f->lane);
        loss_float(f->seen, 1, t + p, b + p, row, os, dout ? drow : NULL, os);
        for (size_t i = 0; dout && i < size * LANES; i++)
            dout[(size_t)(p * ds) + i] = drow[i / LANES];
    }
    free(row);
    free(drow);
}

static void
by_fleet(void *runner, const struct problem *p, const struct window *w,
         struct loss_seen *seen, float *grad)
{
    struct in_fleet *f = runner;
    size_t states = (size_t)w->rows * p->net->state_size;
    size_t weights = p->net->weights;
    float *state = give_lanes(w->state, states, f->lane, 0.1f);
    float *all = xaligned(weights * LANES + LANES, sizeof *all);
    struct window win = *w;

    f->seen = seen;
    win.state = state;
    backend_cpu.run(f->runner, &win, fleet_loss, f, grad ? all : NULL);
    take_lane(w->state, state, states, f->lane);
    if (grad)
        take_lane(grad, all, weights, f->lane);
    free(state);
    free(all);
}

struct setting {
    const char *isa;       /* NULL: the best */
    int threads;
    bool gradient, twice, observe;
    bool fleet;            /* as one of a fleet's nets */
};

static struct windows
engine(const struct problem *p, int steps, const struct setting *s)
{
    struct windows w = windows_new(p, steps);
    struct backend_options o = { .threads = s->threads,
                                 .gradient = s->gradient,
                                 .observe = s->observe,
                                 .lanes = s->fleet ? LANES : 1 };
    struct in_fleet f = { .lane = (p->shape.size + s->threads) % LANES };
    float *all = NULL;
    struct runner *r;
    void *with;

    if (s->isa)
        setenv("UNROLL_ISA", s->isa, 1);
    r = backend_cpu.open(p->net, &o);
    unsetenv("UNROLL_ISA");
    if (s->fleet)
        all = give_lanes(p->weights, p->net->weights, f.lane, 0.05f);
    f.runner = r;
    with = s->fleet ? (void *)&f : (void *)r;
    backend_cpu.load(r, all ? all : p->weights);
    run_windows(&w, s->fleet ? by_fleet : by_engine, with, s->gradient);
    if (s->twice) {        /* nothing is left over from the first time */
        windows_free(&w);
        w = windows_new(p, steps);
        backend_cpu.load(r, all ? all : p->weights);
        run_windows(&w, s->fleet ? by_fleet : by_engine, with, s->gradient);
    }
    backend_cpu.close(r);
    free(all);
    return w;
}

/* ---- comparisons ---------------------------------------------------------*/

static size_t
places_of(const struct windows *w, int i)
{
    int left = w->p->shape.steps - i * w->steps;

    return (size_t)w->p->shape.rows *
           (size_t)(left < w->steps ? left : w->steps);
}

static bool
scored_at(const struct windows *w, int i, size_t place)
{
    int left = w->p->shape.steps - i * w->steps;
    size_t steps = (size_t)(left < w->steps ? left : w->steps);

    return w->p->scored[place / steps * (size_t)w->p->shape.steps +
                        (size_t)(i * w->steps) + place % steps];
}

static void
same_floats(const char *what, const char *name, const float *a,
            const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], sizeof *a))
            fail_msg("%s: %s[%zu]: %.9g (%a) and %.9g (%a)", what, name, i,
                     (double)a[i], (double)a[i], (double)b[i], (double)b[i]);
}

static void
same_grads(const char *what, const struct net *n, const float *a,
           const float *b)
{
    for (int i = 0; i < n->nparams; i++) {
        const struct net_param *q = &n->params[i];

        same_floats(what, q->name, a + q->offset, b + q->offset,
                    (size_t)q->rows * (size_t)q->cols);
    }
}

static void
same(const char *what, const struct windows *a, const struct windows *b,
     bool gradient)
{
    const struct net *n = a->p->net;

    for (int i = 0; i < a->n; i++) {
        const struct result *r = &a->r[i], *s = &b->r[i];
        size_t places = places_of(a, i);
        char *name = xasprintf("%s, window %d of %d", what, i, a->n);

        same_floats(name, "output", r->out, s->out,
                    places * (size_t)n->output_size);
        same_floats(name, "state", r->state, s->state,
                    (size_t)a->p->shape.rows * n->state_size);
        if (gradient)
            same_grads(name, n, r->grad, s->grad);
        free(name);
    }
}

static void
near_floats(const char *what, const char *name, const float *a,
            const double *b, size_t n, double scale)
{
    for (size_t i = 0; i < n; i++)
        scale = fmax(scale, fabs(b[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)a[i] - b[i]) <= 1e-5 * scale))
            fail_msg("%s: %s[%zu] is %.9g, the evaluator has %.9g (largest "
                     "%g)", what, name, i, (double)a[i], b[i], scale);
}

/* The evaluator goes its own way through all windows. */
static void
near_reference(const char *what, const struct windows *a)
{
    const struct problem *p = a->p;
    const struct net *n = p->net;
    size_t S = (size_t)p->shape.rows * n->state_size, O;
    double *weights = xcalloc(n->weights + 1, sizeof *weights);
    double *grad = xcalloc(n->weights + 1, sizeof *grad);
    double *state = xcalloc(S + 1, sizeof *state);
    double *out = xcalloc((size_t)p->shape.rows * (size_t)a->steps *
                          (size_t)n->output_size + 1, sizeof *out);

    O = (size_t)n->output_size;
    for (size_t i = 0; i < n->weights; i++)
        weights[i] = (double)p->weights[i];
    for (int i = 0; i < a->n; i++) {
        const struct result *r = &a->r[i];
        struct window w;
        struct target y;
        size_t places = places_of(a, i);
        double want, got = 0;

        problem_window(p, i * a->steps, (int)(places / (size_t)p->shape.rows),
                       &w, &y);
        want = ref_run(n, &w, &y, weights, state, out, grad, NULL);
        for (size_t k = 0; k < places; k++) {
            got += r->loss[k];
            assert_int_equal(r->calls[k], scored_at(a, i, k));
            if (!r->calls[k])
                memset(out + k * O, 0, O * sizeof *out);
        }
        assert_false(r->bad);
        if (!(fabs(got / y.divide - want) <= 1e-5 * fabs(want)))
            fail_msg("%s: loss %.9g, the evaluator has %.9g", what,
                     got / y.divide, want);
        near_floats(what, "output", r->out, out, places * O, 0);
        near_floats(what, "state", r->state, state, S, 0);
        for (int q = 0; q < n->nparams; q++)
            near_floats(what, n->params[q].name, r->grad + n->params[q].offset,
                        grad + n->params[q].offset,
                        (size_t)n->params[q].rows *
                        (size_t)n->params[q].cols, 1e-6);
    }
    free(weights);
    free(grad);
    free(state);
    free(out);
}

/* ---- one net, all ways ---------------------------------------------------*/

static void
check_setting(const char *what, const struct windows *want,
              const struct setting *s)
{
    struct windows w;
    char *name;

    if ((s->isa && !kernels_named(s->isa)) ||
        (s->observe && want->p->shape.rows > 64))    /* the engine's limit */
        return;
    for (int l = 0; l < want->p->net->nlayers; l++)
        if (s->fleet && want->p->net->layers[l].eq->ndrops)
            return;
    name = xasprintf("%s, %s, %d threads%s%s%s", what,
                     s->isa ? s->isa : "best", s->threads,
                     s->gradient ? "" : ", forward only",
                     s->twice ? ", again" : "",
                     s->observe ? ", observed" : s->fleet ? ", in a fleet" :
                     "");
    w = engine(want->p, want->steps, s);
    same(name, &w, want, s->gradient);
    windows_free(&w);
    free(name);
}

static void
check_steps(const char *what, const struct problem *p, int steps, bool all)
{
    static const struct setting settings[] = {
        { .threads = 2, .gradient = true },
        { .threads = 3, .gradient = true, .twice = true },
        { .threads = 1 },
        { .threads = 1, .gradient = true, .observe = true },
        { .isa = "avx512", .threads = 1, .gradient = true },
        { .isa = "avx2", .threads = 2, .gradient = true },
        { .isa = "neon", .threads = 2, .gradient = true },
        { .isa = "sse2", .threads = 1, .gradient = true },
        { .threads = 1, .gradient = true, .twice = true, .fleet = true },
        { .threads = 1, .fleet = true },
        { .isa = "avx2", .threads = 2, .gradient = true, .fleet = true },
        { .isa = "neon", .threads = 2, .gradient = true, .fleet = true },
        { .isa = "sse2", .threads = 1, .gradient = true, .fleet = true },
    };
    struct windows want = windows_new(p, steps), first;
    char *name = xasprintf("%s, windows of %d", what, steps);

    first = engine(p, steps, &(struct setting){ .threads = 1,
                                                  .gradient = true });
    near_reference(name, &first);
    run_windows(&want, by_contract, NULL, true);
    same(name, &first, &want, true);
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (all || settings[i].threads == 2)
            check_setting(name, &want, &settings[i]);
    windows_free(&first);
    windows_free(&want);
    free(name);
}

static void
check_shape(const struct shape *s, const char *what)
{
    struct problem p;
    struct shape full = *s;

    full.rows = s->rows ? s->rows : 5;
    full.steps = s->steps ? s->steps : 5;
    if (!full.seed)
        full.seed = 7;
    problem_init(&p, &full);
    check_steps(what, &p, full.steps, true);
    if (full.rows < 16)
        check_steps(what, &p, 2, false);
    check_steps(what, &p, 1, full.rows > 64);
    problem_release(&p);
}

/* ---- the tests -----------------------------------------------------------*/

static void
functions(void **unused)
{
    char text[400];
    const char *name;

    (void)unused;
    for (int i = 0; (name = function_cell(i, text, sizeof text)); i++)
        check_shape(&(struct shape){ .cell = text, .input = 3, .size = 5,
                                     .head = 2, .loss = LOSS_MSE,
                                     .dropout = true, .ragged = true }, name);
}

static void
constructs(void **unused)
{
    (void)unused;
    for (const struct test_cell *c = construct_cells; c->name; c++) {
        struct shape s = c->shape;

        check_shape(&s, c->name);
        s.ragged = true;
        s.rows = 67;
        check_shape(&s, c->name);
    }
}

static void
check_builtin(const char *name, const char *options)
{
    struct shape s = { .cell = name, .options = options, .input = 5,
                       .size = 6, .head = 5, .token = true, .layers = 2 };
    char *what = xasprintf("%s %s", name, options);

    check_shape(&s, what);
    s.token = false;
    s.loss = LOSS_MSE;
    s.sum = true;
    s.ragged = true;
    s.rows = 66;
    s.size = 17;
    s.layers = 1;
    check_shape(&s, what);
    free(what);
}

static void
builtin_cells_all(void **unused)
{
    const char *const *names = cell_names();

    (void)unused;
    for (int i = 0; names[i]; i++)
        check_builtin(names[i], "{}");
    for (int i = 0; option_sets[i].cell; i++)
        check_builtin(option_sets[i].cell, option_sets[i].options);
}

static void
shapes(void **unused)
{
    static const int rows[] = { 1, 3, 64, 65, 130 };
    static const int sizes[] = { 1, 2, 10, 16, 17, 33 };
    static const char *const cells[] = { "gru", "lstm", "rnn", "mgru",
                                         "lstm-torch" };

    (void)unused;
    for (int i = 0; i < 30; i++) {
        struct shape s = {
            .cell = cells[(i + i / 5) % 5], .input = 12, .head = 12,
            .rows = rows[i % 5], .size = sizes[i % 6], .token = i % 3,
            .ragged = i % 2, .layers = 1 + i % 2, .steps = 6,
        };
        char *what = xasprintf("%s, %d rows of %d", s.cell, s.rows, s.size);

        check_shape(&s, what);
        free(what);
    }
}

/* The copy task's width. */
static void
wide(void **unused)
{
    (void)unused;
    check_shape(&(struct shape){ .cell = "gru", .input = 12, .head = 12,
                                 .rows = 65, .size = 128, .token = true,
                                 .steps = 5, .ragged = true, .scale = 0.1f },
                "gru, 65 rows of 128");
    check_shape(&(struct shape){ .cell = "lstm", .input = 40, .head = 3,
                                 .rows = 3, .size = 128, .steps = 4,
                                 .layers = 3, .scale = 0.1f,
                                 .loss = LOSS_MSE },
                "lstm, 3 rows of 128 in 3 layers");
    check_shape(&(struct shape){ .cell = "gru", .input = 12, .head = 12,
                                 .rows = 65, .size = 512, .token = true,
                                 .steps = 2, .ragged = true, .layers = 2,
                                 .scale = 0.05f },
                "gru, 65 rows of 512 in 2 layers");
    check_shape(&(struct shape){ .cell = "mlstm", .input = 512, .head = 512,
                                 .rows = 5, .size = 1024, .steps = 2,
                                 .scale = 0.02f, .loss = LOSS_MSE },
                "mlstm, 5 rows of 1024");
}

/* Far more pairs than a chunk holds, in several blocks. */
static void
long_sums(void **unused)
{
    (void)unused;
    check_shape(&(struct shape){ .cell = "gru", .input = 3, .head = 3,
                                 .rows = 130, .size = 3, .token = true,
                                 .steps = 23, .ragged = true },
                "gru, 130 rows of 23 steps");
    check_shape(&(struct shape){ .cell = "mlstm", .input = 3, .head = 3,
                                 .rows = 7, .size = 3, .steps = 90,
                                 .loss = LOSS_MSE },
                "mlstm, 7 rows of 90 steps");
}

/* One step a window: several blocks of rows are worked on at once. */
static void
one_step(void **unused)
{
    static const int rows[] = { 129, 256, 257, 600 };

    (void)unused;
    for (int i = 0; i < 4; i++) {
        check_shape(&(struct shape){ .cell = "gated", .input = 9, .head = 9,
                                     .rows = rows[i], .size = 16 + i % 2,
                                     .token = true, .layers = 2, .steps = 2,
                                     .ragged = i % 2 }, "gated, one step");
        for (const struct test_cell *c = construct_cells; c->name; c++) {
            struct shape s = c->shape;

            s.rows = rows[i];
            s.ragged = true;
            s.steps = 1;
            check_shape(&s, c->name);
        }
    }
}

/* Every second step is a case of its own. */
static void
many_cases(void **unused)
{
    char text[2000] = "input x\nstate h\n";
    int n = (int)strlen(text);

    (void)unused;
    for (int t = 2; t <= 40; t += 2)
        n += snprintf(text + n, sizeof text - (size_t)n,
                      "at %d: h' = tanh(W x - b)\n", t);
    snprintf(text + n, sizeof text - (size_t)n,
             "otherwise: h' = tanh(U h + V x + b)\nend\noutput h'\n");
    check_shape(&(struct shape){ .cell = text, .input = 3, .head = 2,
                                 .rows = 1, .size = 3, .steps = 41,
                                 .token = true }, "many cases");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions),
        cmocka_unit_test(constructs),
        cmocka_unit_test(builtin_cells_all),
        cmocka_unit_test(shapes),
        cmocka_unit_test(wide),
        cmocka_unit_test(long_sums),
        cmocka_unit_test(one_step),
        cmocka_unit_test(many_cases),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

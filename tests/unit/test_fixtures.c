/*
 * test_fixtures.c - the evaluator and the engine against what PyTorch makes
 * of the same nets (tests/fixtures): outputs, last states, loss, gradients.
 */
#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../ref/fixture.h"
#include "../ref/ref.h"
#include "base/die.h"
#include "cpu/engine.h"

static const char folder[] = "tests/fixtures";

/* The largest difference, measured by the tensor's largest element. */
static void
close_to(const char *file, const char *what, const double *got,
         const double *want, size_t n, double tolerance)
{
    double largest = 0;

    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs(got[i] - want[i]) <= tolerance * largest))
            fail_msg("%s: %s[%zu] is %.17g, PyTorch has %.17g", file, what, i,
                     got[i], want[i]);
}

static void
compare(const char *file, const struct fixture *f, const double *out,
        const double *state, double loss, const double *grad, double tolerance)
{
    const struct net *n = f->p.net;
    const struct shape *s = &f->p.shape;
    size_t places = (size_t)s->rows * (size_t)s->steps;
    size_t size = (size_t)n->output_size;

    for (size_t i = 0; i < places; i++)
        if (f->p.scored[i])
            close_to(file, "out", out + i * size, f->out + i * size, size,
                     tolerance);
    close_to(file, "state", state, f->state, (size_t)s->rows * n->state_size,
             tolerance);
    close_to(file, "loss", &loss, &f->loss, 1, tolerance);
    for (int i = 0; i < n->nparams; i++) {
        const struct net_param *q = &n->params[i];

        close_to(file, q->name, grad + q->offset, f->grad + q->offset,
                 (size_t)q->rows * (size_t)q->cols, tolerance);
    }
}

static void
by_evaluator(const char *file, const struct fixture *f)
{
    const struct net *n = f->p.net;
    const struct shape *s = &f->p.shape;
    size_t places = (size_t)s->rows * (size_t)s->steps;
    double *out = xcalloc(places * (size_t)n->output_size, sizeof *out);
    double *state = xcalloc((size_t)s->rows * n->state_size + 1,
                            sizeof *state);
    double *grad = xcalloc(n->weights + 1, sizeof *grad), loss;
    struct window w;
    struct target y;

    problem_window(&f->p, 0, s->steps, &w, &y);
    loss = ref_run(n, &w, &y, f->weights, state, out, grad, NULL);
    compare(file, f, out, state, loss, grad, 1e-10);
    free(out);
    free(state);
    free(grad);
}

static double *
widened(const float *x, size_t n)
{
    double *y = xcalloc(n + 1, sizeof *y);

    for (size_t i = 0; i < n; i++)
        y[i] = (double)x[i];
    return y;
}

static void
by_engine(const char *file, const struct fixture *f)
{
    const struct net *n = f->p.net;
    const struct shape *s = &f->p.shape;
    size_t places = (size_t)s->rows * (size_t)s->steps;
    size_t nstate = (size_t)s->rows * n->state_size;
    size_t nout = places * (size_t)n->output_size;
    float *out = xcalloc(nout, sizeof *out), *grad, *state;
    double *loss = xcalloc(places, sizeof *loss), sum = 0, *d[3];
    int *calls = xcalloc(places, sizeof *calls);
    struct window w;
    struct target y;
    struct loss_seen seen = { &y, s->rows, s->steps, n->output_size, out,
                              loss, calls, false };
    struct runner *r = runner_open(n, &(struct runner_options){
        .threads = 1, .gradient = true });

    grad = xcalloc(n->weights + 1, sizeof *grad);
    state = xcalloc(nstate + 1, sizeof *state);
    problem_window(&f->p, 0, s->steps, &w, &y);
    w.state = w.next = state;
    runner_load(r, f->p.weights);
    runner_window(r, &w);
    runner_run(r, loss_float, &seen, grad);
    for (size_t i = 0; i < places; i++)
        sum += loss[i];
    d[0] = widened(out, nout);
    d[1] = widened(state, nstate);
    d[2] = widened(grad, n->weights);
    compare(file, f, d[0], d[1], sum / y.divide, d[2], 1e-5);
    runner_close(r);
    for (int i = 0; i < 3; i++)
        free(d[i]);
    free(out);
    free(grad);
    free(state);
    free(loss);
    free(calls);
}

typedef void check_fn(const char *file, const struct fixture *f);

static int
each_fixture(check_fn *check)
{
    DIR *d = opendir(folder);
    struct dirent *e;
    int n = 0;

    if (!d)
        return 0;
    while ((e = readdir(d))) {
        struct fixture f;
        char *path;

        if (!strstr(e->d_name, ".safetensors"))
            continue;
        path = xasprintf("%s/%s", folder, e->d_name);
        fixture_read(path, &f);
        check(e->d_name, &f);
        fixture_release(&f);
        free(path);
        n++;
    }
    closedir(d);
    return n;
}

static void
evaluator(void **unused)
{
    (void)unused;
    assert_true(each_fixture(by_evaluator) >= 9);
}

static void
engine(void **unused)
{
    (void)unused;
    assert_true(each_fixture(by_engine) >= 9);
}

/* Every cell that is compiled in has fixtures. */
static void
coverage(void **unused)
{
    const char *const *names = cell_names();

    (void)unused;
    for (int i = 0; names[i]; i++) {
        char *path = xasprintf("%s/%s-vectors.safetensors", folder, names[i]);
        struct fixture f;

        fixture_read(path, &f);
        fixture_release(&f);
        free(path);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(evaluator),
        cmocka_unit_test(engine),
        cmocka_unit_test(coverage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

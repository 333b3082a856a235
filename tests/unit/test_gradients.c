/*
 * test_gradients.c - the derived adjoint against central differences of the
 * loss, in double (tests/ref/ref.c), for every cell and every function and
 * construct of the language: full, truncated and one-step windows.
 */
#include <dirent.h>
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
#include "../ref/ref.h"
#include "base/die.h"

struct run {
    const struct problem *p;
    struct window w;
    struct target y;
    double *weights, *start, *state;    /* (P), (B,S), (B,S) */
    struct tape tape;
};

/* The loss with everything but the weights as it was. */
static double
loss_at(struct run *r)
{
    size_t n = (size_t)r->w.rows * r->p->net->state_size;

    memcpy(r->state, r->start, n * sizeof *r->state);
    r->tape.replay = true;
    return ref_run(r->p->net, &r->w, &r->y, r->weights, r->state, NULL, NULL,
                   &r->tape);
}

static double
difference(struct run *r, size_t i, double h)
{
    double w = r->weights[i], up, down;

    r->weights[i] = w + h;
    up = loss_at(r);
    r->weights[i] = w - h;
    down = loss_at(r);
    r->weights[i] = w;
    return (up - down) / (2 * h);
}

/* Richardson's step takes the h^2 term away. */
static double
slope(struct run *r, size_t i)
{
    double h = 2e-4;

    return (4 * difference(r, i, h) - difference(r, i, 2 * h)) / 3;
}

/* Counts what it looked at; 1e-6 of the value, and rounding near zero. */
static size_t
compare(struct run *r, const char *what, const double *grad)
{
    const struct net *n = r->p->net;
    size_t nonzero = 0;

    for (int q = 0; q < n->nparams; q++) {
        const struct net_param *p = &n->params[q];

        for (size_t i = 0; i < (size_t)p->rows * (size_t)p->cols; i++) {
            double g = grad[p->offset + i], d = slope(r, p->offset + i);

            nonzero += g != 0;
            if (!(fabs(g - d) <= 1e-6 * fmax(fabs(g), fabs(d)) + 2e-11))
                fail_msg("%s: %s[%zu]: adjoint %.12g, differences %.12g",
                         what, p->name, i, g, d);
        }
    }
    return nonzero;
}

/* Steps t0 .. t0+steps-1 with the state given; state becomes the last. */
static size_t
check_window(const struct problem *p, const char *what, int t0, int steps,
             double *state)
{
    size_t P = p->net->weights, seen;
    size_t S = (size_t)p->shape.rows * p->net->state_size;
    double *grad = xcalloc(P + 1, sizeof *grad);
    struct run r = { .p = p };
    char *name = xasprintf("%s, steps %d..%d", what, t0, t0 + steps - 1);

    problem_window(p, t0, steps, &r.w, &r.y);
    r.weights = xcalloc(P + 1, sizeof *r.weights);
    r.start = xcalloc(S + 1, sizeof *r.start);
    r.state = xcalloc(S + 1, sizeof *r.state);
    for (size_t i = 0; i < P; i++)
        r.weights[i] = (double)p->weights[i];
    memcpy(r.start, state, S * sizeof *state);
    ref_run(p->net, &r.w, &r.y, r.weights, state, NULL, grad, &r.tape);
    seen = compare(&r, name, grad);
    free(name);
    free(grad);
    free(r.weights);
    free(r.start);
    free(r.state);
    tape_free(&r.tape);
    return seen;
}

/* Windows of `steps` steps, the state carried from one to the next. */
static void
check_windows(const struct problem *p, const char *what, int steps)
{
    size_t S = (size_t)p->shape.rows * p->net->state_size, seen = 0;
    double *state = xcalloc(S + 1, sizeof *state);

    for (int t = 0; t < p->shape.steps; t += steps) {
        int left = p->shape.steps - t;

        seen += check_window(p, what, t, left < steps ? left : steps, state);
    }
    if (seen * 3 < p->net->weights)
        fail_msg("%s: only %zu of %zu weights have a gradient", what, seen,
                 p->net->weights);
    free(state);
}

static void
check_shape(const struct shape *s, const char *what)
{
    struct problem p;
    struct shape full = *s;

    full.rows = 3;
    full.steps = 4;
    if (!full.seed)
        full.seed = 11;
    problem_init(&p, &full);
    check_windows(&p, what, 4);
    check_windows(&p, what, 3);
    check_windows(&p, what, 1);
    problem_release(&p);
}

/* ---- the tests -----------------------------------------------------------*/

static void
functions(void **unused)
{
    char text[400];
    const char *name;
    int n = 0;

    (void)unused;
    for (; (name = function_cell(n, text, sizeof text)); n++)
        for (int drop = 0; drop <= !strcmp(name, "drop"); drop++)
            check_shape(&(struct shape){ .cell = text, .input = 3, .size = 4,
                                         .head = 2, .loss = LOSS_MSE,
                                         .dropout = drop, .ragged = true },
                        name);
    assert_true(n > 0);
}

static void
constructs(void **unused)
{
    (void)unused;
    for (const struct test_cell *c = construct_cells; c->name; c++) {
        struct shape s = c->shape;

        check_shape(&s, c->name);
        s.ragged = true;
        s.seed = 5;
        s.sum = s.loss == LOSS_MSE;
        check_shape(&s, c->name);
    }
}

/* Cells of every length: a graph's nodes move as it grows, whatever is being
 * derived just then. */
static void
lengths(void **unused)
{
    (void)unused;
    for (int n = 1; n < 48; n++) {
        char text[2000] = "input x\nstate h\nu = W x + U h\n";
        struct problem p;

        for (int i = 0; i < n; i++)
            strcat(text, i % 3 ? "u = 1.1 * u - u / (u * u + 9)\n"
                               : "u = u + 0.1 * max(-u, cos(u))\n");
        strcat(text, "h' = u\noutput h'\n");
        problem_init(&p, &(struct shape){ .cell = text, .input = 1,
                                          .size = 1, .rows = 1, .steps = 2,
                                          .loss = LOSS_MSE, .seed = 2 });
        check_windows(&p, "a long cell", 2);
        problem_release(&p);
    }
}

/* Every option that is more than a number is set above, or the cell is not
 * fully tested. */
static void
options_covered(const char *name)
{
    char *file, *text = cell_find(name, &file);
    struct cell *c = cell_parse(text, file);
    json_t *options = cell_options(c), *v;
    const char *key;

    json_object_foreach(options, key, v) {
        bool found = json_is_number(v);

        for (int i = 0; option_sets[i].cell; i++)
            found |= !strcmp(option_sets[i].cell, name) &&
                     strstr(option_sets[i].options, key);
        if (!found)
            fail_msg("%s: option %s has no test", name, key);
    }
    json_decref(options);
    cell_free(c);
    free(text);
    free(file);
}

static void
check_builtin(const char *name, const char *options, int input)
{
    struct shape s = { .cell = name, .options = options,
                       .input = input ? input : 5,
                       .size = 4, .head = 5, .token = true };
    char *what = xasprintf("%s %s", name, options);

    check_shape(&s, what);
    s.layers = input ? 1 : 2;
    s.ragged = true;
    s.seed = 3;
    check_shape(&s, what);
    s.token = false;
    s.loss = LOSS_MSE;
    s.size = 3;
    s.layers = 1;
    check_shape(&s, what);
    free(what);
}

static void
builtin_cells_all(void **unused)
{
    const char *const *names = cell_names();

    (void)unused;
    assert_non_null(names[0]);
    for (int i = 0; names[i]; i++) {
        options_covered(names[i]);
        check_builtin(names[i], "{}", 0);
    }
    for (int i = 0; option_sets[i].cell; i++)
        check_builtin(option_sets[i].cell, option_sets[i].options,
                      option_sets[i].input);
}

/* No cell in configs/cells is left out above. */
static void
coverage(void **unused)
{
    const char *const *names = cell_names();
    DIR *d = opendir("configs/cells");
    struct dirent *e;

    (void)unused;
    if (!d)
        skip();
    while ((e = readdir(d))) {
        const char *dot = strrchr(e->d_name, '.');
        bool found = false;

        if (!dot || strcmp(dot, ".cell"))
            continue;
        for (int i = 0; names[i]; i++)
            found |= strlen(names[i]) == (size_t)(dot - e->d_name) &&
                     !strncmp(names[i], e->d_name, strlen(names[i]));
        if (!found)
            fail_msg("%s is not compiled in, and so not tested", e->d_name);
    }
    closedir(d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions),
        cmocka_unit_test(constructs),
        cmocka_unit_test(lengths),
        cmocka_unit_test(builtin_cells_all),
        cmocka_unit_test(coverage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

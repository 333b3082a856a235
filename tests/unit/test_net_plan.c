/*
 * test_net_plan.c - what a net's plan says of operations and memory, which is
 * what --explain and --dry-run print, beside what the engine does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../ref/cells.h"
#include "base/die.h"
#include "cell/cell.h"
#include "cpu/engine.h"
#include "graph/graph.h"
#include "graph/net_plan.h"

/* The head's places are those of the mask. */
static double
count_masked(const struct problem *p, int steps)
{
    double n = 0;

    for (int b = 0; b < p->shape.rows; b++)
        for (int t = 0; t < steps; t++)
            n += p->scored[b * p->shape.steps + t] != 0;
    return n;
}

static void
no_loss(void *ctx, int n, const int32_t *t, const int32_t *b,
        const float *out, ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    const int *width = ctx;

    (void)t, (void)b, (void)out, (void)os;
    for (int i = 0; dout && i < n; i++)
        for (int k = 0; k < *width; k++)
            dout[i * ds + k] = 1;
}

/* The engine has room for whole rows of steps and one more row of each array,
 * and up to a vector's end behind each of them. */
static void
check_bytes(const char *what, const struct net_plan *p, enum step_variant v,
            double rows, double positions, double masked, double got)
{
    double least = runner_kept(p, v, positions, masked);
    double most = runner_kept(p, v, positions + rows + 1, masked + 1) +
                  p->nlayers * 4 * 64;

    if (got < least || got > most)
        fail_msg("%s: %.0f bytes kept, said were %.0f to %.0f", what, got,
                 least, most);
}

/* Twice: the first window's memory must not be what the second one's needs. */
static void
check_window(const char *cell, const struct problem *p, int steps,
             bool gradient)
{
    struct net_plan_options o = { .gradient = true };
    struct net_plan *plan = net_plan_new(p->net, &o);
    enum step_variant v = net_plan_variant(plan, steps);
    struct runner *r = runner_open(p->net, &(struct runner_options){
                                        .threads = 2, .gradient = true,
                                        .profile = true });
    float *grad = xcalloc(p->net->weights + 1, sizeof *grad);
    double positions = (double)p->shape.rows * steps, want;
    double masked = count_masked(p, steps);
    char *what = xasprintf("%s, %d steps%s", cell, steps,
                           gradient ? "" : ", forward");
    struct window w;
    struct target y;

    problem_window(p, 0, steps, &w, &y);
    runner_load(r, p->weights);
    runner_window(r, &w);
    for (int i = 0; i < 2; i++)
        runner_run(r, no_loss, &p->net->output_size, gradient ? grad : NULL);
    want = 2 * net_plan_operations(plan, v, positions, masked, gradient);
    if (runner_operations(r) != want)
        fail_msg("%s: %.17g operations, said were %.17g", what,
                 runner_operations(r), want);
    check_bytes(what, plan, v, p->shape.rows, positions, masked,
                (double)runner_bytes_kept(r));
    runner_close(r);
    net_plan_free(plan);
    free(grad);
    free(what);
}

static void
check_shape(const char *what, const struct shape *s)
{
    static const int steps[] = { 1, 2, 7 };
    struct problem p;
    struct shape full = *s;

    full.rows = full.rows ? full.rows : 5;
    full.steps = 7;
    full.ragged = true;
    problem_init(&p, &full);
    if (p.net->layers[0].graph->ncases == 1)    /* another number a step */
        for (int i = 0; i < 3; i++) {
            check_window(what, &p, steps[i], true);
            check_window(what, &p, steps[i], false);
        }
    problem_release(&p);
}

static void
shipped_cells(void **unused)
{
    const char *const *names = cell_names();

    (void)unused;
    for (int i = 0; names[i]; i++)
        for (int token = 0; token < 2; token++)
            check_shape(names[i], &(struct shape){
                .cell = names[i], .input = 4, .size = 4, .head = 3, .layers = 2,
                .token = token, .rows = 3, .seed = 5 });
}

static void
constructs(void **unused)
{
    (void)unused;
    for (const struct test_cell *c = construct_cells; c->name; c++)
        check_shape(c->name, &c->shape);
}

/* A window of one step does not make the adjoint of the states before it. */
static void
one_step_is_less(void **unused)
{
    struct problem p;
    struct net_plan *plan;
    double one, several;

    (void)unused;
    problem_init(&p, &(struct shape){ .cell = "gru", .input = 4, .size = 8,
                                      .rows = 2, .steps = 2, .seed = 3 });
    plan = net_plan_new(p.net, &(struct net_plan_options){
                                   .gradient = true });
    assert_int_equal(net_plan_variant(plan, 1), STEPS_ONE);
    assert_int_equal(net_plan_variant(plan, 2), STEPS_SEVERAL);
    one = net_plan_operations(plan, STEPS_ONE, 1, 1, true);
    several = net_plan_operations(plan, STEPS_SEVERAL, 1, 1, true);
    /* Uz' and Ur' of 8 by 8: two operations an element; and more */
    assert_true(one + 2 * 2 * 64 <= several);
    net_plan_free(plan);
    problem_release(&p);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shipped_cells),
        cmocka_unit_test(constructs),
        cmocka_unit_test(one_step_is_less),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

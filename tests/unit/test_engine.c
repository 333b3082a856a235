/*
 * test_engine.c - the CPU engine against the double evaluator (to float
 * accuracy) and against the numeric contract followed word for word (bit for
 * bit), for every cell and construct, many shapes, any number of threads and
 * every instruction set this machine has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../ref/cells.h"
#include "base/die.h"
#include "cpu/kernel.h"
#include "unit/engine_run.h"

/* All of a fleet's nets, in float: 64 MB. */
enum { FLEET_WEIGHTS = 1 << 20 };

/* ENGINE=small leaves out shapes that meet the same kernels again: for an
 * emulated machine, on which all of them take an hour. */
static bool small;

static void
check_setting(const char *what, const struct windows *want,
              const struct setting *s)
{
    struct windows w;
    char *name;

    /* What the best kernels do is asked for without a name, too. */
    if ((s->isa && (!kernels_named(s->isa) ||
                    !strcmp(s->isa, kernels_pick()->isa))) ||
        (s->observe && want->p->shape.rows > 64) ||  /* the engine's limit */
        (s->fleet && want->p->net->weights > FLEET_WEIGHTS))
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
    w = run_engine(want->p, want->steps, s);
    windows_same(name, &w, want, s->gradient);
    windows_free(&w);
    free(name);
}

static void
check_steps(const char *what, const struct problem *p, int steps, bool all)
{
    static const struct setting settings[] = {
        { .threads = 2, .gradient = true },
        { .threads = 3, .gradient = true, .twice = true },
        { .threads = 1, .gradient = true, .twice = true },
        { .threads = 1 },
        { .threads = 1, .gradient = true, .observe = true },
        { .isa = "avx512", .threads = 1, .gradient = true },
        { .isa = "avx2", .threads = 2, .gradient = true },
        { .isa = "avx2", .threads = 1, .gradient = true },
        { .isa = "neon", .threads = 2, .gradient = true },
        { .isa = "neon", .threads = 1, .gradient = true },
        { .isa = "sse2", .threads = 1, .gradient = true },
        { .threads = 1, .gradient = true, .twice = true, .fleet = true },
        { .threads = 1, .fleet = true },
        { .isa = "avx2", .threads = 2, .gradient = true, .fleet = true },
        { .isa = "neon", .threads = 2, .gradient = true, .fleet = true },
        { .isa = "sse2", .threads = 1, .gradient = true, .fleet = true },
    };
    struct windows want = run_contract(p, steps), first;
    char *name = xasprintf("%s, windows of %d", what, steps);

    first = run_engine(p, steps, &(struct setting){ .threads = 1,
                                                     .gradient = true });
    windows_near_reference(name, &first);
    windows_same(name, &first, &want, true);
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

        if (!small)
            check_shape(&s, c->name);
        s.ragged = true;
        s.rows = 67;
        check_shape(&s, c->name);
    }
}

static void
check_builtin(const char *name, const char *options, int input)
{
    struct shape s = { .cell = name, .options = options,
                       .input = input ? input : 5,
                       .size = 6, .head = 5, .token = true,
                       .layers = input ? 1 : 2 };
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
        check_builtin(names[i], "{}", 0);
    for (int i = 0; option_sets[i].cell; i++)
        check_builtin(option_sets[i].cell, option_sets[i].options,
                      option_sets[i].input);
}

static void
shapes(void **unused)
{
    static const int rows[] = { 1, 3, 64, 65, 130 };
    static const int sizes[] = { 1, 2, 10, 16, 17, 33 };
    static const char *const cells[] = { "gru", "lstm", "rnn", "mgru",
                                         "lstm-torch" };

    (void)unused;
    for (int i = 0; i < 30; i += small ? 7 : 1) {
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
    if (small) {
        check_shape(&(struct shape){ .cell = "rnn", .input = 12, .head = 12,
                                     .rows = 17, .size = 512, .steps = 2,
                                     .scale = 0.05f }, "rnn, 17 rows of 512");
        return;
    }
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
    for (int i = small ? 3 : 0; i < 4; i++) {
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

/* Windows of one shape, one after another: what the first of them called is
 * called again without looking. */
static void
one_shape(void **unused)
{
    static const int rows[] = { 1, 2, 16, 17 };
    const char *const *names = cell_names();
    struct problem p;

    (void)unused;
    for (int i = 0; names[i]; i++) {
        struct shape s = { .cell = names[i], .options = "{}", .input = 4,
                           .size = 1 + i * 5 % 23, .head = 3, .steps = 11,
                           .rows = rows[i % 4], .token = i % 2,
                           .layers = 1 + i % 3, .seed = 3 };

        if (!strcmp(names[i], "quadratic"))
            s.scale = 0.2f;       /* it squares at each of 11 steps */
        problem_init(&p, &s);
        check_steps(names[i], &p, 2, true);
        check_steps(names[i], &p, 3, true);
        problem_release(&p);
    }
    for (const struct test_cell *c = construct_cells; c->name; c++) {
        struct shape s = c->shape;

        if (small)
            break;
        s.rows = 2;
        s.steps = 9;
        s.seed = 5;
        problem_init(&p, &s);
        check_steps(c->name, &p, 2, true);
        problem_release(&p);
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
    const char *which = getenv("ENGINE");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions),
        cmocka_unit_test(constructs),
        cmocka_unit_test(builtin_cells_all),
        cmocka_unit_test(shapes),
        cmocka_unit_test(wide),
        cmocka_unit_test(long_sums),
        cmocka_unit_test(one_step),
        cmocka_unit_test(one_shape),
        cmocka_unit_test(many_cases),
    };

    small = which && !strcmp(which, "small");
    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What is predicted from a template, beside the numbers of the paper's own
 * formulas worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/json.h"
#include "group/theory.h"
#include "task/compose.h"
#include "task/task.h"

struct predicted {
    struct composition c;
    struct irreps r;
    struct theory t;
};

static void
predict(struct predicted *p, const char *settings)
{
    char *text = xasprintf("{\"name\":\"compose\",%s}", settings);
    json_t *v = json_read_text(text, strlen(text), "test", 1);
    json_t *all = task_settings(v, "test");

    composition_open(&p->c, all, "test");
    irreps_make(&p->r, &p->c.group);
    theory_make(&p->t, &p->r, p->c.x, p->c.len);
    json_decref(all);
    json_decref(v);
    free(text);
}

static void
forget(struct predicted *p)
{
    theory_free(&p->t);
    irreps_free(&p->r);
    composition_close(&p->c);
}

/* To the digits given: half a unit of the sixth. */
static void
near(double got, double want, double digits)
{
    if (!(fabs(got - want) <= digits))
        fail_msg("%.9g, not %.9g", got, want);
}

struct row { const char *settings; int levels; double level[8]; };

#define GROUP(g) "\"group\":\"" g "\","
#define SPECTRUM(s) "\"template\":\"spectrum\"," s
#define POWERS(s) SPECTRUM("\"powers\":\"" s "\"")
#define SIZES(s) SPECTRUM("\"amplitudes\":\"" s "\"")

static void
levels_are_exact(void **state)
{
    static const struct row rows[] = {
        { GROUP("C11") SIZES("0 12.5 10 7.5 5 2.5"), 6,
          { 5.681818, 3.099174, 1.446281, 0.516529, 0.103306, 0 } },
        { GROUP("C20") SIZES("1:10 3:5 5:2.5"), 4,
          { 0.65625, 0.15625, 0.03125, 0 } },
        { GROUP("C5xC5")
          SIZES("1,0:9.74483 0,1:7.28735 1,1:3.51468 2,0:7.07605"), 5,
          { 0.673570, 0.369692, 0.199755, 0.039529, 0 } },
        { GROUP("C5xC5") SIZES("1,0:12 0,1:10 1,1:8 2,0:6 0,2:4"), 6,
          { 1.152, .6912, .3712, .1664, .0512, 0 } },
        { GROUP("C3xC3") "\"template\":\"fourier\",\"modes\":4", 5,
          { 1, .545455, .227273, .045455, 0 } },
        { GROUP("C5") "\"template\":\"onehot\"", 3, { .16, .08, 0 } },
        { GROUP("C10") "\"template\":\"onehot\"", 6,
          { .09, .07, .05, .03, .01, 0 } },
        { GROUP("C4xC4") "\"template\":\"fourier\",\"modes\":1", 2,
          { 1, 0 } },
        { GROUP("D3") POWERS("0 30 3000"), 3, { 505, 5, 0 } },
        { GROUP("D3") "\"height\":10,\"at\":1", 3,
          { 13.888889, 2.777778, 0 } },
        { GROUP("D5") POWERS("0 3000 2000 1000"), 4, { 600, 300, 100, 0 } },
        { GROUP("O") POWERS("0 0 300 0 500"), 3, { 33.3333, 12.5, 0 } },
        { GROUP("O") POWERS("0 400 900 100 1000"), 5,
          { 100, 58.3333, 20.8333, 4.1667, 0 } },
        { GROUP("A5") POWERS("0 1300 0 2000 0"), 3, { 55, 21.6667, 0 } },
        { GROUP("A5") POWERS("0 1300 100 2000 600"), 5,
          { 66.6667, 33.3333, 11.6667, 1.6667, 0 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *w = &rows[i];
        struct predicted p;

        predict(&p, w->settings);
        assert_int_equal(p.t.modes + 1, w->levels);
        for (int j = 0; j < w->levels; j++)
            near(p.t.level[j], w->level[j], w->level[j] > 1 ? 5e-5 : 6e-7);
        forget(&p);
    }
}

/* The rows that the table rounds, by their formulas to 12 digits. */
static void
levels_by_formulas(void **state)
{
    static const double a5[] = { 1300, 100, 2000, 600 }, size[] = { 12.5, 10,
        7.5, 5, 2.5 };
    struct predicted p;
    double sum = 0;

    (void)state;
    predict(&p, GROUP("A5") POWERS("0 1300 100 2000 600"));
    for (int i = 0; i < 4; i++)
        sum += a5[i] / 60;
    near(p.t.level[0], sum, 1e-10);
    near(p.t.level[1], sum - 2000 / 60.0, 1e-10);
    forget(&p);
    predict(&p, GROUP("C11") SIZES("0 12.5 10 7.5 5 2.5"));
    sum = 0;
    for (int i = 4; i >= 0; i--) {
        near(p.t.power[i + 1], 2 * size[i] * size[i] / 11, 1e-11);
        sum += 2 * size[i] * size[i] / 121;
        near(p.t.level[i], sum, 1e-12);
        assert_int_equal(p.t.order[i], i + 1);
    }
    near(p.c.x[0], 6.818182, 5e-7);
    near(p.c.x[1], 1.441713, 5e-7);
    near(p.c.x[2], -1.301920, 5e-7);
    forget(&p);
    predict(&p, GROUP("C100") "\"template\":\"onehot\"");
    assert_int_equal(p.t.modes, 50);
    near(p.t.level[0], .0099, 1e-14);
    near(p.t.level[1], .0097, 1e-14);
    near(p.t.level[49], .0001, 1e-14);
    forget(&p);
}

static void
class_functions(void **state)
{
    struct predicted p;

    (void)state;
    predict(&p, GROUP("D3") POWERS("0 30 3000"));
    near(p.t.norm[1], 13.4164, 5e-5);
    near(p.t.norm[2], 67.0820, 5e-5);
    near(p.c.x[0], 46.957427, 6e-7);
    near(p.c.x[1], -20.124612, 5e-7);
    near(p.c.x[3], -2.236068, 5e-7);
    forget(&p);
    predict(&p, GROUP("D3") "\"height\":10,\"at\":1");
    near(p.t.power[1], 16.666667, 5e-7);
    near(p.t.power[2], 66.666667, 5e-7);
    forget(&p);
    predict(&p, GROUP("O") POWERS("0 0 300 0 500"));
    near(p.c.x[0], 11.635422, 5e-7);
    near(p.c.x[1], -4.564355, 5e-7);
    near(p.c.x[2], 1.028821, 5e-7);
    near(p.c.x[3], 11.635422, 5e-7);        /* the square of a quarter turn */
    forget(&p);
    predict(&p, GROUP("A5") POWERS("0 1300 0 2000 0"));
    near(p.c.x[0], 31.284748, 5e-7);
    near(p.c.x[2], 0, 5e-7);
    near(p.c.x[1], 3.963317, 5e-7);
    near(p.c.x[3], 6.464932, 5e-7);
    forget(&p);
}

static void
is_order(const char *settings, const int *want, int n, const double *plateau)
{
    struct predicted p;

    predict(&p, settings);
    assert_int_equal(p.t.modes, n);
    for (int i = 0; i < n; i++) {
        assert_int_equal(p.t.order[i], want[i]);
        near(p.t.plateau[i], plateau[i], 5e-5);
    }
    forget(&p);
}

/* As the published figure shows; a plateau is what is not learned yet. */
static void
orders(void **state)
{
    (void)state;
    is_order(GROUP("D5") POWERS("0 3000 2000 1000"), (int[]){ 1, 2, 3 }, 3,
             (double[]){ 600, 300, 100 });
    is_order(GROUP("O") POWERS("0 400 900 100 1000"),
             (int[]){ 4, 2, 1, 3 }, 4,
             (double[]){ 100, 58.33333, 20.83333, 4.166667 });
    is_order(GROUP("A5") POWERS("0 1300 100 2000 600"),
             (int[]){ 3, 1, 4, 2 }, 4,
             (double[]){ 66.66667, 33.33333, 11.66667, 1.666667 });
    /* a small power in one dimension goes before a large one in two: by
     * (n P)^1.5 d^-3.5, 500 against 2000 / 2^(7/3) = 396.9 */
    is_order(GROUP("D5") POWERS("0 500 2000 0"), (int[]){ 1, 2 }, 2,
             (double[]){ 250, 200 });
    is_order(GROUP("D5") POWERS("0 390 2000 0"), (int[]){ 2, 1 }, 2,
             (double[]){ 239, 39 });
    /* with k = 4 the exponents are 2.5 and -6.5: 2000 / 2^(13/5) = 329.9 */
    is_order(GROUP("D5") "\"len\":4," POWERS("0 335 2000 0"),
             (int[]){ 1, 2 }, 2, (double[]){ 233.5, 200 });
    is_order(GROUP("D5") "\"len\":4," POWERS("0 325 2000 0"),
             (int[]){ 2, 1 }, 2, (double[]){ 232.5, 32.5 });
    /* one-hot: low dimensions first */
    is_order(GROUP("D5") "\"height\":10", (int[]){ 1, 2, 3 }, 3,
             (double[]){ 9, 8, 4 });
}

/* C20 of the AGF repository: U = 3.0429, .38036, .047545. */
static void
times(void **state)
{
    (void)state;
    near(theory_updates(20, 10, 1e-2, .01, .9), 763.6, .05);
    near(theory_updates(20, 2.5, 1e-2, .01, .9), 6109.1, .05);
    near(theory_updates(20, .625, 1e-2, .01, .9), 48873, .5);
    near(theory_updates(20, 10, 1e-2, .01, 0), 7636, .5);
    /* ln(70.7107) / (3 x 3.0429) * 20 / .02 */
    near(theory_updates_scaled(20, 10, 1e-2, .01), 466.5, .05);
    near(theory_width(5, 2, 1), 10, 1e-9);
    near(theory_width(5, 3, 4), 80, 1e-9);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(levels_are_exact),
        cmocka_unit_test(levels_by_formulas),
        cmocka_unit_test(class_functions),
        cmocka_unit_test(orders),
        cmocka_unit_test(times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

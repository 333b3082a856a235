/* Plateaus of curves that are made to have some: steps with noise, slopes that
 * are none, steps that are missing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/rng.h"
#include "stats/plateau.h"

enum { POINTS = 5000, EVERY = 10, LEVELS = 5 };

static const double level[LEVELS] = { 5.681818, 3.099174, 1.446281, .516529,
                                      .103306 };

struct made {
    double t[POINTS], y[POINTS];
    struct plateau met[LEVELS], extra[64];
    int extras;
};

/* Level j is left at time at[j], within some 30 % of it; noise: standard
 * deviation of log y. */
static void
stairs(struct made *m, const double *at, double noise, uint64_t seed)
{
    struct rng r;

    rng_init(&r, seed, RNG_STATS, 0, 0);
    for (int i = 0; i < POINTS; i++) {
        m->t[i] = (double)(i + 1) * EVERY;
        m->y[i] = 1e-4;
        for (int j = 0; j < LEVELS; j++)
            m->y[i] += (level[j] - (j < LEVELS - 1 ? level[j + 1] : 0))
                / (1 + pow(m->t[i] / at[j], 16));
        m->y[i] *= exp(noise * rng_normal(&r));
    }
}

static void
match(struct made *m)
{
    m->extras = plateaus_match(m->t, m->y, POINTS, level, LEVELS, 0.1, m->met,
                               m->extra);
}

static void
met_are(const struct made *m, const bool *want)
{
    for (int j = 0; j < LEVELS; j++) {
        assert_int_equal(m->met[j].found, want[j]);
        if (want[j])
            assert_true(fabs(m->met[j].value / level[j] - 1) < 0.02);
    }
    assert_int_equal(m->extras, 0);
}

static void
all_steps(void **state)
{
    static const double at[] = { 200, 700, 2500, 9000, 32000 };
    static const bool all[] = { true, true, true, true, true };
    struct made *m = xcalloc(1, sizeof *m);

    (void)state;
    for (int i = 0; i < 12; i++) {
        stairs(m, at, i < 4 ? 0 : i < 8 ? 0.003 : 0.006, (uint64_t)i);
        match(m);
        met_are(m, all);
        for (int j = 0; j < LEVELS; j++) {
            assert_true(m->met[j].to < at[j]);
            assert_true(m->met[j].to > 0.5 * at[j]);
            assert_true(m->met[j].from > (j ? 0.99 * at[j - 1] : 0));
            assert_true(m->met[j].from < (j ? 1.7 * at[j - 1] : 60));
        }
    }
    free(m);
}

/* Two modes at once: the level between them is never there. */
static void
missing_steps(void **state)
{
    static const double one[] = { 200, 2500, 2500, 9000, 32000 };
    static const double two[] = { 700, 700, 700, 1e9, 1e9 };
    struct made *m = xcalloc(1, sizeof *m);

    (void)state;
    for (int i = 0; i < 3; i++) {
        stairs(m, one, 0.01 * i, (uint64_t)i);
        match(m);
        met_are(m, (const bool[]){ true, true, false, true, true });
        stairs(m, two, 0.01 * i, (uint64_t)i);
        match(m);
        met_are(m, (const bool[]){ true, false, false, true, false });
    }
    free(m);
}

static void
slope(struct made *m, double power, double from)
{
    for (int i = 0; i < POINTS; i++) {
        m->t[i] = (double)(i + 1) * EVERY;
        m->y[i] = from * pow(m->t[i] / EVERY, -power);
    }
}

/* A falling curve passes through all levels and stays at none. */
static void
no_steps(void **state)
{
    struct made *m = xcalloc(1, sizeof *m);

    (void)state;
    for (double power = 0.06; power < 2; power *= 1.5) {
        slope(m, power, 6);
        match(m);
        met_are(m, (const bool[]){ false, false, false, false, false });
    }
    slope(m, 0.03, 5.681818 * 1.13);
    match(m);
    assert_true(m->met[0].found);       /* as slow as that is flat */
    free(m);
}

/* Flat, but at no level. */
static void
other_heights(void **state)
{
    struct made *m = xcalloc(1, sizeof *m);

    (void)state;
    slope(m, 0, 2.3);
    match(m);
    for (int j = 0; j < LEVELS; j++)
        assert_false(m->met[j].found);
    assert_int_equal(m->extras, 1);
    assert_true(fabs(m->extra[0].value - 2.3) < 1e-9);
    slope(m, 0, 3.15);
    for (int i = POINTS / 2; i < POINTS; i++)
        m->y[i] = 2.6;
    match(m);
    assert_true(m->met[1].found);
    assert_true(fabs(m->met[1].value / 3.15 - 1) < 1e-3);
    assert_int_equal(m->extras, 1);
    slope(m, 0, 0.01);                  /* all is learned */
    match(m);
    met_are(m, (const bool[]){ false, false, false, false, false });
    free(m);
}

/* Flat for less than a fifth of the time near the level. */
static void
short_rest(void **state)
{
    struct made *m = xcalloc(1, sizeof *m);

    (void)state;
    slope(m, 0, 3.1);
    for (int i = 500; i < POINTS; i++)  /* 5,000 of 30,000 updates */
        m->y[i] = 3.1 * pow(m->t[i] / 5000, i < 3000 ? -0.2 : -3);
    match(m);
    met_are(m, (const bool[]){ false, false, false, false, false });
    for (int i = 500; i < POINTS; i++)  /* and of 15,000 */
        m->y[i] = 3.1 * pow(m->t[i] / 5000, i < 1500 ? -0.2 : -3);
    match(m);
    met_are(m, (const bool[]){ false, true, false, false, false });
    free(m);
}

static void
passing(void **state)
{
    const double t[] = { 0, 1, 10, 100 }, y[] = { 0, 1, 2, 4 };

    (void)state;
    assert_true(fabs(passing_time(t, y, 4, 3) - 31.6227766) < 1e-6);
    assert_true(fabs(passing_time(t, y, 4, 2) - 10) < 1e-9);
    assert_true(passing_time(t, y, 4, 0.5) == 1);
    assert_true(isnan(passing_time(t, y, 4, 5)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_steps),
        cmocka_unit_test(missing_steps),
        cmocka_unit_test(no_steps),
        cmocka_unit_test(other_heights),
        cmocka_unit_test(short_rest),
        cmocka_unit_test(passing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

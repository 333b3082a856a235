/* Assignment against all permutations; information, thresholds and rank
 * correlation against values worked out by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "stats/assign.h"
#include "stats/special.h"

static void
near(double a, double b)
{
    if (fabs(a - b) > 1e-12 * (1 + fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

/* The greatest total over every way to give rows r.. a free column each
 * (rows <= cols). */
static double
by_force(const double *w, int rows, int cols, int r, unsigned taken)
{
    double best = -INFINITY;

    if (r == rows)
        return 0;
    for (int c = 0; c < cols; c++)
        if (!(taken >> c & 1))
            best = fmax(best, w[r * cols + c] +
                        by_force(w, rows, cols, r + 1, taken | 1u << c));
    return best;
}

static void
check_assignment(const double *w, int rows, int cols)
{
    double turned[49], total = 0, best;
    int to[7], pairs = 0;
    unsigned seen = 0;

    for (int r = 0; r < rows; r++)
        for (int c = 0; c < cols; c++)
            turned[c * rows + r] = w[r * cols + c];
    best = rows <= cols ? by_force(w, rows, cols, 0, 0) :
           by_force(turned, cols, rows, 0, 0);
    near(assign_most(w, rows, cols, to), best);
    for (int r = 0; r < rows; r++) {
        if (to[r] < 0)
            continue;
        assert_true(to[r] < cols && !(seen >> to[r] & 1));
        seen |= 1u << to[r];
        total += w[r * cols + to[r]];
        pairs++;
    }
    assert_int_equal(pairs, rows < cols ? rows : cols);
    near(total, best);
}

static void
assignment_is_the_best_of_all(void **state)
{
    struct rng r;
    double w[49];

    (void)state;
    rng_init(&r, 7, RNG_STATS, 0, 0);
    for (int trial = 0; trial < 400; trial++) {
        int rows = 1 + trial % 6, cols = 1 + trial / 6 % 6;

        for (int i = 0; i < rows * cols; i++)
            w[i] = trial % 3 ? rng_double(&r) - 0.5 : rng_below(&r, 3);
        check_assignment(w, rows, cols);
    }
}

static void
assignment_of_little(void **state)
{
    const double same[] = { 1, 1, 1, 1 }, one[] = { -3 };
    int to[2];

    (void)state;
    near(assign_most(same, 2, 2, to), 2);
    assert_int_not_equal(to[0], to[1]);
    near(assign_most(one, 1, 1, to), -3);
    assert_int_equal(to[0], 0);
}

/* x and y equal: all of y's information; independent: none. */
static void
information(void **state)
{
    const int32_t x[] = { 0, 1, 2, 3, 0, 1, 2, 3 };
    const int32_t half[] = { 0, 0, 1, 1, 0, 0, 1, 1 };
    const int32_t none[] = { 0, 0, 0, 0, 1, 1, 1, 1 };
    double bias;

    (void)state;
    near(mutual_information(x, 4, x, 4, 8, &bias), 2);
    near(bias, -3 / (16 * 0.69314718055994531));
    near(mutual_information(x, 4, half, 2, 8, &bias), 1);
    near(mutual_information(x, 4, none, 2, 8, &bias), 0);
    near(bias, 3 / (16 * 0.69314718055994531));
    near(entropy_bits(x, 4, 8), 2);
    near(entropy_bits(half, 2, 8), 1);
    /* p = .5, .25, .25 against a half of them */
    near(mutual_information((const int32_t[]){ 0, 0, 1, 2 }, 3,
                            (const int32_t[]){ 0, 0, 0, 1 }, 2, 4, &bias),
         0.81127812445913286);
}

/* The correction takes off about what chance puts on. */
static void
bias_is_what_chance_gives(void **state)
{
    enum { N = 2000, ROUNDS = 50 };
    int32_t x[N], y[N];
    double mean = 0, bias = 0;
    struct rng r;

    (void)state;
    rng_init(&r, 3, RNG_STATS, 0, 0);
    for (int k = 0; k < ROUNDS; k++) {
        double b;

        for (int i = 0; i < N; i++) {
            x[i] = (int32_t)rng_below(&r, SPECIAL_BINS);
            y[i] = (int32_t)rng_below(&r, 10);
        }
        mean += mutual_information(x, SPECIAL_BINS, y, 10, N, &b) / ROUNDS;
        bias += b / ROUNDS;
    }
    assert_true(fabs(mean - bias) < 0.1 * bias);
}

static void
bins_are_of_equal_width(void **state)
{
    const float x[] = { -1, -0.876f, -0.874f, 0, 0.99f, 1 };
    const float same[] = { 2, 2 };
    int32_t bin[6];

    (void)state;
    special_bins(x, 6, bin);
    assert_int_equal(bin[0], 0);
    assert_int_equal(bin[1], 0);
    assert_int_equal(bin[2], 1);
    assert_int_equal(bin[3], 8);
    assert_int_equal(bin[4], 15);
    assert_int_equal(bin[5], 15);
    special_bins(same, 2, bin);
    assert_int_equal(bin[0], 0);
    assert_int_equal(bin[1], 0);
}

static struct threshold
threshold_of(const float *x, const int32_t *y, int ny, long n)
{
    uint32_t order[16];
    struct threshold t;

    special_order(x, n, order);
    best_threshold(x, order, y, ny, n, &t);
    return t;
}

static void
thresholds(void **state)
{
    const float x[] = { 0.5f, -1, 1, 0, -0.5f, 0.75f };
    const int32_t up[] = { 1, 0, 1, 0, 0, 1 }, down[] = { 0, 1, 0, 1, 1, 0 };
    const int32_t most[] = { 1, 0, 1, 0, 1, 1 }, never[6] = { 0 };
    const int32_t count[] = { 2, 0, 3, 1, 1, 2 };
    const float same[] = { 1, 1, 1, 1, 1, 1 };
    struct threshold t = threshold_of(x, up, 2, 6);

    (void)state;
    near(t.accuracy, 1);
    near(t.at, 0.25);
    assert_true(t.above);
    t = threshold_of(x, down, 2, 6);
    near(t.accuracy, 1);
    assert_false(t.above);
    /* right for 3 of 4 yes and 2 of 2 no, whatever their shares */
    t = threshold_of(x, most, 2, 6);
    near(t.accuracy, (0.75 + 1) / 2);
    assert_true(threshold_of(x, never, 2, 6).accuracy == 0.5);
    assert_true(threshold_of(same, up, 2, 6).accuracy == 0.5);
    t = threshold_of(x, count, 4, 6);
    near(t.accuracy, 1);
    assert_int_equal(t.cut, 1);
}

/* Spearman's, with mean ranks: scipy.stats.spearmanr gives these. */
static void
ranks(void **state)
{
    const float x[] = { 1, 2, 3, 4, 5 }, tied[] = { 1, 1, 2, 2, 3 };
    const int32_t y[] = { 5, 6, 7, 8, 7 }, back[] = { 4, 3, 2, 1, 0 };
    const int32_t same[] = { 2, 2, 2, 2, 2 };
    uint32_t order[5];

    (void)state;
    special_order(x, 5, order);
    near(rank_correlation(x, order, y, 9, 5), 0.82078268166812329);
    near(rank_correlation(x, order, back, 5, 5), -1);
    near(rank_correlation(x, order, same, 3, 5), 0);
    special_order(tied, 5, order);
    near(rank_correlation(tied, order, back, 5, 5), -0.94868329805051377);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(assignment_is_the_best_of_all),
        cmocka_unit_test(assignment_of_little),
        cmocka_unit_test(information),
        cmocka_unit_test(bias_is_what_chance_gives),
        cmocka_unit_test(bins_are_of_equal_width),
        cmocka_unit_test(thresholds),
        cmocka_unit_test(ranks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

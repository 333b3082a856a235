/* test_init.c - starting values: what the kinds promise, and pinned draws. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "train/init.h"
#include "unit/child.h"

enum { MAX = 6 };

/* One layer with up to MAX parameters, made by hand. */
struct toy {
    struct equations eq;
    struct cell_param spec[MAX];
    struct net_param param[MAX];
    struct net_layer layer;
    struct net net;
    float *w;
};

static void
add(struct toy *y, enum init_kind init, int rows, int cols, double a, double b)
{
    int i = y->net.nparams++;

    y->spec[i] = (struct cell_param){
        .name = "p", .matrix = cols > 1, .rows = rows, .cols = cols,
        .fan_in = cols, .init = init, .a = a, .b = b, .sign = 1, .stack = -1,
        .rate = 1, .line = i + 1,
    };
    y->param[i] = (struct net_param){
        .name = "layers.0.p", .index = i, .rows = rows, .cols = cols,
        .matrix = cols > 1, .offset = y->net.weights, .rate = 1,
    };
    y->net.weights += (size_t)rows * (size_t)cols;
    y->eq.params = y->spec;
    y->eq.nparams = y->net.nparams;
    y->layer = (struct net_layer){ .name = "layers.0", .eq = &y->eq };
    y->net.layers = &y->layer;
    y->net.nlayers = 1;
    y->net.params = y->param;
}

static const float *
fill(struct toy *y, uint64_t seed)
{
    y->w = xaligned(y->net.weights, sizeof *y->w);
    init_weights(&y->net, seed, y->w);
    return y->w;
}

/* Largest |q' q - 1| over columns, or over rows. */
static double
off_orthogonal(const double *q, int rows, int cols, bool by_rows)
{
    int n = by_rows ? rows : cols, m = by_rows ? cols : rows;
    double worst = 0;

    for (int a = 0; a < n; a++) {
        for (int b = 0; b <= a; b++) {
            double s = 0;

            for (int i = 0; i < m; i++)
                s += by_rows ? q[a * cols + i] * q[b * cols + i]
                             : q[i * cols + a] * q[i * cols + b];
            worst = fmax(worst, fabs(s - (a == b)));
        }
    }
    return worst;
}

static void
test_orthogonal(void **unused)
{
    static const int size[][2] = {
        { 1, 1 }, { 8, 8 }, { 40, 10 }, { 10, 40 }, { 1, 7 }, { 7, 1 },
        { 128, 128 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        int r = size[i][0], c = size[i][1];
        double *q = xcalloc((size_t)(r * c), sizeof *q), s = 0;

        for (int k = 0; k < r * c; k++)
            q[k] = sin(k * 1.7) + 0.1 * cos(k * k);
        orthogonal(q, r, c);
        s = off_orthogonal(q, r, c, r < c);
        assert_true(s < 1e-13);
        free(q);
    }
}

/* With R's diagonal positive, Q of a matrix that is upper triangular with a
 * positive diagonal is the identity, and of its negative minus that. */
static void
test_sign(void **unused)
{
    double q[9] = { 2, 5, -1, 0, 3, 4, 0, 0, 0.5 };
    double p[9] = { -2, -5, 1, 0, -3, -4, 0, 0, -0.5 };

    (void)unused;
    orthogonal(q, 3, 3);
    orthogonal(p, 3, 3);
    for (int i = 0; i < 9; i++) {
        assert_true(fabs(q[i] - (i % 4 == 0)) < 1e-15);
        assert_true(fabs(p[i] + (i % 4 == 0)) < 1e-15);
    }
}

/* A column of zeros leaves no NaN. */
static void
test_rank(void **unused)
{
    double q[16] = { 0 };

    (void)unused;
    q[1] = 1;
    orthogonal(q, 4, 4);
    assert_true(off_orthogonal(q, 4, 4, false) < 1e-13);
}

static void
moments(const float *w, int n, double *mean, double *deviation, double *lim)
{
    double s = 0, ss = 0;

    *lim = 0;
    for (int i = 0; i < n; i++) {
        s += (double)w[i];
        ss += (double)w[i] * (double)w[i];
        *lim = fmax(*lim, fabs((double)w[i]));
    }
    *mean = s / n;
    *deviation = sqrt(ss / n - *mean * *mean);
}

static void
check(enum init_kind kind, int rows, int cols, double a, double b,
      double want_mean, double want_deviation, double want_limit)
{
    struct toy y = { .w = NULL };
    double mean, deviation, lim;

    add(&y, kind, rows, cols, a, b);
    moments(fill(&y, 7), rows * cols, &mean, &deviation, &lim);
    assert_true(fabs(mean - want_mean) < 0.03 * want_deviation);
    assert_true(fabs(deviation - want_deviation) < 0.02 * want_deviation);
    assert_true(lim <= want_limit);
    free(y.w);
}

static void
test_spread(void **unused)
{
    double fan = 1 / sqrt(200.0), glorot = sqrt(2 / 300.0);

    (void)unused;
    check(INIT_UNIFORM_FAN, 100, 200, 0, 0, 0, fan / sqrt(3), fan);
    check(INIT_XAVIER_UNIFORM, 100, 200, 0, 0, 0, glorot, glorot * sqrt(3));
    check(INIT_XAVIER_NORMAL, 100, 200, 0, 0, 0, glorot, 10);
    check(INIT_NORMAL, 100, 200, 0.3, 0, 0, 0.3, 10);
    check(INIT_UNIFORM, 100, 200, -1, 3, 1, 4 / sqrt(12), 3);
    check(INIT_ORTHOGONAL, 200, 200, 0, 0, 0, 1 / sqrt(200), 1);
}

static void
test_fixed(void **unused)
{
    struct toy y = { .w = NULL };
    const float *w;

    (void)unused;
    add(&y, INIT_CONSTANT, 3, 1, -0.9, 0);
    add(&y, INIT_IDENTITY, 2, 3, 0, 0);
    w = fill(&y, 1);
    for (int i = 0; i < 3; i++)
        assert_true(w[i] == -0.9f);
    for (int i = 0; i < 6; i++)
        assert_true(w[3 + i] == (i == 0 || i == 4));
    free(y.w);
}

/* Forget biases log U[1, T-1], input biases their negatives, of one draw. */
static void
test_chrono(void **unused)
{
    struct toy y = { .w = NULL };
    const float *w;
    double least = 1e9, most = 0;

    (void)unused;
    add(&y, INIT_CHRONO, 2000, 1, 100, 0);
    add(&y, INIT_CHRONO, 2000, 1, 100, 0);
    y.spec[0].stack = y.spec[1].stack = 0;
    y.spec[1].sign = -1;
    w = fill(&y, 1);
    for (int i = 0; i < 2000; i++) {
        double u = exp((double)w[i]);

        assert_true(w[i] == -w[2000 + i]);
        least = fmin(least, u);
        most = fmax(most, u);
    }
    assert_true(least > 0.999 && least < 1.3);
    assert_true(most < 99.001 && most > 98.5);
    free(y.w);
}

/* Four matrices initialised as one: orthogonal together, not each. */
static void
test_stack(void **unused)
{
    struct toy y = { .w = NULL };
    double q[40 * 10];
    const float *w;

    (void)unused;
    for (int i = 0; i < 4; i++)
        add(&y, INIT_ORTHOGONAL, 10, 10, 0, 0);
    for (int i = 0; i < 4; i++)
        y.spec[i].stack = 3;
    w = fill(&y, 5);
    for (int i = 0; i < 400; i++)
        q[i] = (double)w[i];
    assert_true(off_orthogonal(q, 40, 10, false) < 1e-6);
    assert_true(off_orthogonal(q, 10, 10, false) > 0.1);
    free(y.w);
}

/* The list's order, not the table's, is that of the matrix; draws are counted
 * by the list's first. */
static void
test_list(void **unused)
{
    struct toy y = { .w = NULL }, z = { .w = NULL };
    const float *a, *b;

    (void)unused;
    for (int i = 0; i < 2; i++) {
        add(&y, INIT_XAVIER_NORMAL, 3, 4, 0, 0);
        add(&z, INIT_XAVIER_NORMAL, 3, 4, 0, 0);
        y.spec[i].stack = z.spec[i].stack = 0;
        y.spec[i].place = i;
        z.spec[i].place = 1 - i;
    }
    a = fill(&y, 5);
    b = fill(&z, 5);
    assert_memory_not_equal(a, b + 12, 12 * sizeof *a);
    z.spec[1].init = INIT_CONSTANT;
    z.spec[1].stack = -1;
    free(z.w);
    b = fill(&z, 5);
    assert_true(b[12] == 0);
    free(y.w);
    free(z.w);
}

/* Xavier over [W U]: side by side, since their widths differ. */
static void
test_beside(void **unused)
{
    struct toy y = { .w = NULL };
    double mean, deviation, lim;

    (void)unused;
    add(&y, INIT_XAVIER_NORMAL, 100, 60, 0, 0);
    add(&y, INIT_XAVIER_NORMAL, 100, 140, 0, 0);
    y.spec[0].stack = y.spec[1].stack = 0;
    moments(fill(&y, 5), 20000, &mean, &deviation, &lim);
    assert_true(fabs(deviation - sqrt(2 / 300.0)) < 0.002);
    free(y.w);
}

static void
fill_it(void *toy)
{
    fill(toy, 1);
}

static void
test_misfit(void **unused)
{
    struct toy y = { .w = NULL };

    (void)unused;
    add(&y, INIT_XAVIER_NORMAL, 10, 6, 0, 0);
    add(&y, INIT_XAVIER_NORMAL, 11, 7, 0, 0);
    y.spec[0].stack = y.spec[1].stack = 0;
    assert_dies(fill_it, &y, RC_DATA, "share neither rows nor columns");
}

/* A parameter's draws depend on its place and the seed, not on the others. */
static void
test_place(void **unused)
{
    struct toy y = { .w = NULL }, z = { .w = NULL };
    const float *a, *b;
    float first;

    (void)unused;
    add(&y, INIT_NORMAL, 4, 4, 1, 0);
    add(&y, INIT_NORMAL, 4, 4, 1, 0);
    add(&z, INIT_UNIFORM, 100, 7, 0, 1);
    add(&z, INIT_NORMAL, 4, 4, 1, 0);
    a = fill(&y, 3);
    b = fill(&z, 3);
    assert_memory_equal(a + 16, b + 700, 16 * sizeof *a);
    assert_memory_not_equal(a, a + 16, 16 * sizeof *a);
    first = a[0];
    free(y.w);
    free(z.w);
    b = fill(&y, 4);
    assert_true(first != b[0]);
    free(y.w);
}

/* The bytes, once and for all: docs/numerics.md. */
static void
test_pinned(void **unused)
{
    struct toy y = { .w = NULL };
    uint32_t sum = 0, bits;
    const float *w;

    (void)unused;
    add(&y, INIT_UNIFORM_FAN, 5, 9, 0, 0);
    add(&y, INIT_ORTHOGONAL, 6, 6, 0, 0);
    add(&y, INIT_ORTHOGONAL, 3, 8, 0, 0);
    add(&y, INIT_NORMAL, 4, 4, 0.1, 0);
    add(&y, INIT_CHRONO, 9, 1, 50, 0);
    add(&y, INIT_XAVIER_UNIFORM, 4, 9, 0, 0);
    w = fill(&y, 42);
    for (size_t i = 0; i < y.net.weights; i++) {
        memcpy(&bits, &w[i], sizeof bits);
        sum = sum * 31 + bits;
    }
    assert_int_equal(sum, 0x916277aau);
    free(y.w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orthogonal),
        cmocka_unit_test(test_sign),
        cmocka_unit_test(test_rank),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_chrono),
        cmocka_unit_test(test_stack),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_beside),
        cmocka_unit_test(test_misfit),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_pinned),
    };

    return cmocka_run_group_tests_name("init", tests, NULL, NULL);
}

/* Statistics against values from NumPy 1.24 (numpy.linalg.lstsq, numpy.std,
 * numpy.quantile) and Wilson's formula, and what must hold of any layout. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "stats/bootstrap.h"
#include "stats/group.h"
#include "stats/regress.h"
#include "stats/summary.h"
#include "stats/swarm.h"
#include "stats/table.h"

static void
near(double a, double b)
{
    if (fabs(a - b) > 1e-12 * (1 + fabs(b)))
        fail_msg("%.17g is not %.17g", a, b);
}

static void
summary_as_numpy(void **state)
{
    double x[] = { 3, 1, 4, 1, 5, 9, 2, 6.5 };
    struct summary s;

    (void)state;
    summarise(x, 8, &s);
    assert_int_equal(s.n, 8);
    near(s.mean, 3.9375);
    near(s.std, 2.808628287463981);
    near(s.error, 0.9930000539490704);
    near(s.median, 3.5);
    near(s.min, 1);
    near(s.max, 9);
    near(quantile(x, 8, 0.025), 1);
    near(quantile(x, 8, 0.3), 2.1);
    near(quantile(x, 8, 0.975), 8.5625);
}

static void
summary_of_few(void **state)
{
    double one[] = { 0.1 }, same[] = { 0.1, 0.1, 0.1 };
    struct summary s;

    (void)state;
    summarise(one, 1, &s);
    assert_true(s.mean == 0.1 && isnan(s.std) && isnan(s.error));
    summarise(same, 3, &s);
    assert_true(s.mean == 0.1 && s.std == 0);
}

static void
summary_ignores_order(void **state)
{
    double a[] = { 1e16, 1, -1e16, 3, 0.1 };
    double b[] = { 0.1, -1e16, 3, 1e16, 1 };
    struct summary s, t;

    (void)state;
    summarise(a, 5, &s);
    summarise(b, 5, &t);
    assert_memory_equal(&s, &t, sizeof s);
}

static void
wilson_interval(void **state)
{
    double lo, hi;

    (void)state;
    wilson(7, 20, &lo, &hi);
    near(lo, 0.1811918241010821);
    near(hi, 0.5671457233147638);
    wilson(0, 5, &lo, &hi);
    assert_true(lo == 0);
    near(hi, 0.43448246478317476);
    wilson(5, 5, &lo, &hi);
    near(lo, 0.5655175352168252);
    assert_true(hi == 1);
}

/* Ten rows; the first eight are fitted. */
static const double X[10 * 3] = {
    1, 0, 3,  0, 1, 1,  1, 1, 4,  0, 0, 1,  1, 0, 5,
    0, 1, 9,  1, 1, 2,  0, 0, 6,  1, 0, 8,  0, 1, 2,
};
static const double Y[10] = {
    2.0, 1.5, 2.7, 1.1, 3.2, 3.9, 2.1, 2.4, 4.0, 1.7,
};
static const uint32_t order[10] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 };

static void
regression_as_numpy(void **state)
{
    double beta[3];
    struct regression r = { .beta = beta };

    (void)state;
    assert_int_equal(regress(X, Y, 3, order, 8, 10, &r), 0);
    near(beta[0], 0.3008433685763799);
    near(beta[1], 0.17569481829758027);
    near(beta[2], 0.9475521682553153);
    near(r.mse, 0.04774236229640511);
    near(r.r2, 0.9522576377035948);
    near(r.mse_out, 0.042946092966175145);
    near(r.r2_out, 0.9767865813657548);
}

static void
regression_refuses(void **state)
{
    double x[4 * 2] = { 1, 2, 2, 4, 3, 6, 5, 10 }, y[4] = { 1, 2, 3, 5 };
    double beta[2];
    struct regression r = { .beta = beta };

    (void)state;
    /* The second column is twice the first. */
    assert_int_equal(regress(x, y, 2, order, 4, 4, &r), -1);
    /* As many columns as rows. */
    assert_int_equal(regress(X, Y, 3, order, 3, 3, &r), -1);
    /* A constant column has no effect, and the others keep theirs. */
    for (int i = 0; i < 4; i++)
        x[2 * i + 1] = 7;
    assert_int_equal(regress(x, y, 2, order, 4, 4, &r), 0);
    assert_true(beta[1] == 0);
    near(beta[0], 1);
}

static void
bootstraps(void **state)
{
    double x[20], lo, hi, lo2, hi2, blo[3], bhi[3], beta[3];
    struct regression r = { .beta = beta };

    (void)state;
    for (int i = 0; i < 20; i++)
        x[i] = i;
    bootstrap_mean(x, 20, 2000, 1, &lo, &hi);
    bootstrap_mean(x, 20, 2000, 1, &lo2, &hi2);
    assert_true(lo == lo2 && hi == hi2);
    /* mean 9.5, standard error of a resample 5.766 / sqrt(20) = 1.289 */
    assert_true(lo > 6.5 && lo < 7.5 && hi > 11.5 && hi < 12.5);
    assert_int_equal(regress(X, Y, 3, order, 10, 10, &r), 0);
    assert_int_equal(regress_bootstrap(X, Y, 3, order, 10, 200, 1, blo, bhi),
                     0);
    for (int j = 0; j < 3; j++)
        assert_true(blo[j] < beta[j] && beta[j] < bhi[j]);
}

static void
swarm_keeps_apart(void **state)
{
    enum { N = 300 };
    double y[N], at[N];
    int moved = 0;

    (void)state;
    for (int i = 0; i < N; i++)
        y[i] = (i * 7919 % 1000) / 1000.0;
    y[1] = y[0];
    swarm_layout(y, N, 0.04, 0.02, at);
    for (int i = 0; i < N; i++) {
        moved += at[i] != 0;
        for (int j = 0; j < i; j++) {
            double dx = (at[i] - at[j]) / 0.04, dy = (y[i] - y[j]) / 0.02;

            assert_true(dx * dx + dy * dy > 1 - 1e-6);
        }
    }
    assert_true(moved > 0 && moved < N);
}

static void
smooth_keeps_constants(void **state)
{
    double y[50], s[50];

    (void)state;
    for (int i = 0; i < 50; i++)
        y[i] = 2.5;
    y[10] = NAN;
    gauss_smooth(y, 50, 6, s);
    for (int i = 0; i < 50; i++)
        near(s[i], 2.5);
}

/* Records from a list of JSON texts. */
static void
make(struct records *r, const char *const *text, long n)
{
    *r = (struct records){ .n = n, .at = calloc((size_t)n, sizeof *r->at) };
    for (long i = 0; i < n; i++)
        r->at[i] = (struct record){
            json_read_text(text[i], strlen(text[i]), "test", i + 1),
            strdup("test"), i + 1,
        };
}

static void
groups(void **state)
{
    static const char *const text[] = {
        "{\"id\":\"a\",\"m\":3,"
        "\"settings\":{\"cell\":\"gru\",\"t\":{\"len\":10}}}",
        "{\"id\":\"b\",\"m\":1,"
        "\"settings\":{\"cell\":\"gru\",\"t\":{\"len\":9}}}",
        "{\"id\":\"c\",\"m\":5,"
        "\"settings\":{\"cell\":\"gru\",\"t\":{\"len\":10}}}",
        "{\"id\":\"d\",\"m\":null,"
        "\"settings\":{\"cell\":\"gru\",\"t\":{\"len\":9}}}",
    };
    char *by[] = { "cell", "t.len", NULL }, *metric[] = { "m", NULL };
    struct group_options o = { .by = by, .metrics = metric,
                               .success = "m>=3" };
    struct records r;
    json_t *v;
    char *s;

    (void)state;
    make(&r, text, 4);
    v = group_summaries(&r, &o);
    s = json_text(json_array_get(v, 0), false);
    assert_string_equal(s, "{\"cell\":\"gru\",\"t\":{\"len\":9},\"n\":2,"
        "\"m\":{\"n\":1,\"missing\":1,\"mean\":1,\"std\":null,"
        "\"error\":null,\"min\":1,\"median\":1,\"max\":1},"
        "\"success\":{\"rule\":\"m>=3\",\"k\":0,\"n\":2,\"rate\":0,"
        "\"lo\":0,\"hi\":0.657619772493347}}");
    free(s);
    assert_int_equal(json_array_size(v), 2);
    assert_int_equal(json_integer_value(json_at(json_array_get(v, 1),
                                                "t.len")), 10);
    json_decref(v);

    /* The best half of four by m, smallest first; null is never among them. */
    v = group_top(&r, "m", 0.5, 0);
    assert_int_equal(json_array_size(v), 2);
    assert_string_equal(json_string_value(json_at(json_array_get(v, 0),
                                                  "id")), "b");
    assert_string_equal(json_string_value(json_at(json_array_get(v, 1),
                                                  "id")), "a");
    json_decref(v);
    v = group_top(&r, "m", 1, 1);
    assert_int_equal(json_array_size(v), 3);
    assert_string_equal(json_string_value(json_at(json_array_get(v, 0),
                                                  "id")), "c");
    json_decref(v);
    records_release(&r);
}

static void
share_is_exact(void **state)
{
    struct records r;
    const char *text[30];
    json_t *v;

    (void)state;
    for (int i = 0; i < 30; i++)
        text[i] = "{\"m\":1}";
    make(&r, text, 30);
    v = group_top(&r, "m", 0.1, 0);      /* 3.0000000000000004 in floats */
    assert_int_equal(json_array_size(v), 3);
    json_decref(v);
    v = group_top(&r, "m", 0.11, 0);
    assert_int_equal(json_array_size(v), 4);
    json_decref(v);
    records_release(&r);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary_as_numpy),
        cmocka_unit_test(summary_of_few),
        cmocka_unit_test(summary_ignores_order),
        cmocka_unit_test(wilson_interval),
        cmocka_unit_test(regression_as_numpy),
        cmocka_unit_test(regression_refuses),
        cmocka_unit_test(bootstraps),
        cmocka_unit_test(swarm_keeps_apart),
        cmocka_unit_test(smooth_keeps_constants),
        cmocka_unit_test(groups),
        cmocka_unit_test(share_is_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

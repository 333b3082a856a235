/* Groups from names and tables; their irreps by what irreps must satisfy, and
 * by character tables that stand in textbooks. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/rng.h"
#include "group/irreps.h"

#define PI 3.14159265358979323846
#define PHI 1.61803398874989484820

/* The semidirect product of C_m and C_k by a generator's r: (a, b) (c, d) =
 * (a + r^b c, b + d), as a table's text. */
static char *
semidirect(int m, int k, int r)
{
    char *text = xcalloc((size_t)(m * k * m * k), 5), *p = text;
    int power[64] = { 1 };

    for (int i = 1; i <= k; i++)
        power[i] = power[i - 1] * r % m;
    assert_int_equal(power[k] % m, 1 % m);
    for (int u = 0; u < m * k; u++) {
        for (int v = 0; v < m * k; v++) {
            int a = (u / k + power[u % k] * (v / k)) % m;

            p += sprintf(p, "%d ", a * k + (u + v) % k);
        }
        p += sprintf(p, "; ");
    }
    return text;
}

/* 2 x 2 matrices of determinant 1 over the field of 3. */
static char *
special_linear(void)
{
    int at[81], all[24][4], n = 0;
    char *text = xcalloc(24 * 24, 5), *p = text;

    for (int i = 0; i < 81; i++) {
        int m[4] = { i / 27, i / 9 % 3, i / 3 % 3, i % 3 };

        at[i] = n;
        if ((m[0] * m[3] - m[1] * m[2] + 9) % 3 == 1)
            memcpy(all[n++], m, sizeof m);
    }
    assert_int_equal(n, 24);
    for (int u = 0; u < n; u++) {
        for (int v = 0; v < n; v++) {
            const int *a = all[u], *b = all[v];

            p += sprintf(p, "%d ", at[(a[0] * b[0] + a[1] * b[2]) % 3 * 27
                                      + (a[0] * b[1] + a[1] * b[3]) % 3 * 9
                                      + (a[2] * b[0] + a[3] * b[2]) % 3 * 3
                                      + (a[2] * b[1] + a[3] * b[3]) % 3]);
        }
        p += sprintf(p, "; ");
    }
    return text;
}

static void
is_group(const struct group *g)
{
    for (int a = 0; a < g->n; a++) {
        assert_int_equal(group_times(g, a, g->identity), a);
        assert_int_equal(group_times(g, g->identity, a), a);
        assert_int_equal(group_times(g, a, g->inverse[a]), g->identity);
        assert_int_equal(group_times(g, g->inverse[a], a), g->identity);
        for (int b = 0; b < g->n; b++)
            for (int c = 0; c < g->n; c++)
                assert_int_equal(
                    group_times(g, group_times(g, a, b), c),
                    group_times(g, a, group_times(g, b, c)));
    }
}

/* rho(a b) = rho(a) rho(b), and orthogonal. */
static void
is_representation(const struct group *g, const struct irrep *v)
{
    size_t w = (size_t)v->d;

    for (int a = 0; a < g->n; a++) {
        double trace = 0;

        for (int b = 0; b < g->n; b++) {
            const double *x = v->matrix + (size_t)a * w * w;
            const double *y = v->matrix + (size_t)b * w * w;
            const double *z = v->matrix
                + (size_t)group_times(g, a, b) * w * w;

            for (size_t i = 0; i < w; i++)
                for (size_t j = 0; j < w; j++) {
                    double sum = 0;

                    for (size_t k = 0; k < w; k++)
                        sum += x[i * w + k] * y[k * w + j];
                    assert_true(fabs(sum - z[i * w + j]) < 1e-9);
                }
        }
        for (size_t i = 0; i < w; i++)
            trace += v->matrix[(size_t)a * w * w + i * w + i];
        assert_true(fabs(trace - v->trace[a]) < 1e-9);
        for (size_t i = 0; i < w * w; i++)
            assert_true(fabs(v->matrix[(size_t)g->inverse[a] * w * w
                                       + i % w * w + i / w]
                             - v->matrix[(size_t)a * w * w + i]) < 1e-9);
    }
}

/* (1/n) sum chi_i chi_j is c if they are the same, else 0; all real irreps
 * are there if the d^2 / c add up to n. */
static void
are_all(const struct irreps *r)
{
    int n = r->group->n, sum = 0;

    for (int i = 0; i < r->count; i++) {
        sum += r->at[i].d * r->at[i].d / r->at[i].c;
        for (int j = 0; j <= i; j++) {
            double dot = 0;

            for (int a = 0; a < n; a++)
                dot += r->at[i].trace[a] * r->at[j].trace[a] / n;
            assert_true(fabs(dot - (i == j ? r->at[i].c : 0)) < 1e-9);
        }
    }
    assert_int_equal(sum, n);
    for (int a = 0; a < n; a++)
        assert_true(fabs(r->at[0].trace[a] - 1) < 1e-9);
}

/* Plancherel, and there and back. */
static void
transforms(const struct irreps *r)
{
    size_t n = (size_t)r->group->n;
    double *x = xcalloc(3 * n, sizeof *x), *back = x + n, *power = back + n;
    double *hat = xcalloc(fourier_size(r), sizeof *hat), all = 0;
    struct rng random;

    rng_init(&random, 7, RNG_STATS, 1, 0);
    for (size_t a = 0; a < n; a++) {
        x[a] = rng_double(&random) - 0.3;
        all += x[a] * x[a];
    }
    fourier_power(r, x, power);
    for (int i = 0; i < r->count; i++)
        all -= power[i];
    assert_true(fabs(all) < 1e-9);
    fourier(r, x, hat);
    fourier_inverse(r, hat, back);
    for (size_t a = 0; a < n; a++)
        assert_true(fabs(back[a] - x[a]) < 1e-9);
    free(hat);
    free(x);
}

static void
hold(const char *text)
{
    struct group g;
    struct irreps r;

    group_open(&g, text, "test");
    is_group(&g);
    irreps_make(&r, &g);
    are_all(&r);
    for (int i = 0; i < r.count; i++)
        is_representation(&g, &r.at[i]);
    transforms(&r);
    irreps_free(&r);
    group_close(&g);
}

/* Of the 74 groups of order up to 24 those that names and semidirect products
 * of cyclic groups give, SL(2,3) and C4 acting on C2 x C2. */
static void
small_groups(void **state)
{
    static const char *const names[] = {
        "C2xC2", "C4xC2", "C2xC2xC2", "D4", "Q8", "C3xC3", "D5", "C6xC2",
        "A4", "D6", "Q12", "D7", "C8xC2", "C4xC4", "C4xC2xC2",
        "C2xC2xC2xC2", "D4xC2", "Q8xC2", "D8", "Q16", "D9", "C6xC3", "S3xC3",
        "C10xC2", "D10", "Q20", "D11", "C12xC2", "C6xC2xC2", "S4", "O",
        "D12", "Q24", "A4xC2", "D4xC3", "Q8xC3", "S3xC4", "S3xC2xC2",
        "Q12xC2", "D3", "S3", "A3", "D1", "D2",
    };
    /* m, k, r: order 16: C4 by C4, the modular and the semidihedral one;
     * order 20 and 21: Frobenius; order 24: C3 by C8 */
    static const int made[][3] = {
        { 4, 4, 3 }, { 8, 2, 5 }, { 8, 2, 3 }, { 5, 4, 2 }, { 7, 3, 2 },
        { 3, 8, 2 }, { 9, 2, 8 }, { 3, 4, 2 },
    };
    char name[8], *text;

    (void)state;
    for (int p = 1; p <= 24; p++) {
        sprintf(name, "C%d", p);
        hold(name);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        hold(names[i]);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        text = semidirect(made[i][0], made[i][1], made[i][2]);
        hold(text);
        free(text);
    }
    text = special_linear();
    hold(text);
    free(text);
}

static void
larger_groups(void **state)
{
    (void)state;
    hold("A5");
    hold("C9xC7");
    hold("C5xC10");
    hold("D3xQ8");
}

/* Rows of a character table at elements of given classes. */
static void
has_traces(const char *name, const int *d, int count, const int *element,
           int classes, const double *want)
{
    struct group g;
    struct irreps r;

    group_open(&g, name, "test");
    irreps_make(&r, &g);
    assert_int_equal(r.count, count);
    for (int i = 0; i < count; i++) {
        assert_int_equal(r.at[i].d, d[i]);
        for (int k = 0; k < classes; k++)
            assert_true(fabs(r.at[i].trace[element[k]]
                             - want[i * classes + k]) < 1e-10);
    }
    irreps_free(&r);
    group_close(&g);
}

static int
order_of(const struct group *g, int a)
{
    int k = 1;

    for (int b = a; b != g->identity; b = group_times(g, b, a))
        k++;
    return k;
}

/* The first element of that order which is (or is not) a square. */
static int
find_element(const char *name, int order, int square)
{
    struct group g;
    int found = -1;

    group_open(&g, name, "test");
    for (int a = 0; a < g.n && found < 0; a++) {
        int is = 0;

        for (int b = 0; b < g.n; b++)
            is = is || group_times(&g, b, b) == a;
        if (order_of(&g, a) == order && is == square)
            found = a;
    }
    group_close(&g);
    assert_true(found >= 0);
    return found;
}

static void
character_tables(void **state)
{
    /* e, half turn about an axis of fourth order, third, quarter turn, half
     * turn about an edge */
    const int o[] = { 0, find_element("O", 2, 1), find_element("O", 3, 1), 1,
                      find_element("O", 2, 0) };
    /* e, second, third, fifth order: element 1 and its square */
    const int a5[] = { 0, find_element("A5", 2, 0), find_element("A5", 3, 1),
                       1, 3 };
    struct group g;

    (void)state;
    has_traces("O", (const int[]){ 1, 3, 2, 3, 1 }, 5, o, 5, (const double[]){
        1, 1, 1, 1, 1,   3, -1, 0, 1, -1,   2, 2, -1, 0, 0,
        3, -1, 0, -1, 1,   1, 1, 1, -1, -1 });
    group_open(&g, "A5", "test");
    assert_int_equal(group_times(&g, 1, 1), 3);
    assert_int_equal(order_of(&g, 1), 5);
    group_close(&g);
    has_traces("A5", (const int[]){ 1, 3, 5, 3, 4 }, 5, a5, 5,
               (const double[]){
        1, 1, 1, 1, 1,   3, -1, 0, PHI, 1 - PHI,   5, 1, -1, 0, 0,
        3, -1, 0, 1 - PHI, PHI,   4, 0, 1, -1, -1 });
    has_traces("Q8", (const int[]){ 1, 1, 4, 1, 1 }, 5,
               (const int[]){ 0, 2, 1, 4, 5 }, 5, (const double[]){
        1, 1, 1, 1, 1,   1, 1, 1, -1, -1,   4, -4, 0, 0, 0,
        1, 1, -1, 1, -1,   1, 1, -1, -1, 1 });
    has_traces("D5", (const int[]){ 1, 1, 2, 2 }, 4,
               (const int[]){ 0, 1, 2, 5 }, 4, (const double[]){
        1, 1, 1, 1,   1, 1, 1, -1,   2, PHI - 1, -PHI, 0,
        2, -PHI, PHI - 1, 0 });
    has_traces("D6", (const int[]){ 1, 1, 2, 2, 1, 1 }, 6,
               (const int[]){ 1 }, 1, (const double[]){ 1, 1, 1, -1, -1,
                                                        -1 });
    /* S5: by cycles: 1, (2), (5) */
    has_traces("S5", (const int[]){ 1, 1, 6, 5, 5, 4, 4 }, 7,
               (const int[]){ 0, 2, 1 }, 3, (const double[]){
        1, 1, 1,   1, -1, 1,   6, 0, 1,   5, 1, 0,   5, -1, 0,
        4, 2, -1,   4, -2, -1 });
}

/* Power of a function on C_p is that of its discrete Fourier transform. */
static void
cyclic_is_dft(void **state)
{
    (void)state;
    for (int p = 5; p <= 16; p += 11) {
        double x[16], power[16];
        char name[8];
        struct group g;
        struct irreps r;

        sprintf(name, "C%d", p);
        group_open(&g, name, "test");
        irreps_make(&r, &g);
        assert_int_equal(r.count, p / 2 + 1);
        for (int a = 0; a < p; a++)
            x[a] = (a * a * 7 + 3) % 11 - 4.5;
        fourier_power(&r, x, power);
        for (int f = 0; f <= p / 2; f++) {
            double re = 0, im = 0;

            for (int a = 0; a < p; a++) {
                re += x[a] * cos(2 * PI * f * a / p);
                im -= x[a] * sin(2 * PI * f * a / p);
            }
            assert_true(fabs(power[f] - (re * re + im * im) / p
                             * (f == 0 || 2 * f == p ? 1 : 2)) < 1e-9);
        }
        irreps_free(&r);
        group_close(&g);
    }
}

static void
labels(void **state)
{
    static const char *const want[] = { "0,0", "1,0", "0,1", "-1,1", "1,1",
                                        "0,2", "1,2" };
    struct group g;
    struct irreps r;
    char text[32];

    (void)state;
    group_open(&g, "C3xC4", "test");
    irreps_make(&r, &g);
    assert_int_equal(r.count, 7);
    for (int i = 0; i < 7; i++) {
        irrep_label(&r, i, text);
        assert_string_equal(text, want[i]);
    }
    irreps_free(&r);
    group_close(&g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_groups),
        cmocka_unit_test(larger_groups),
        cmocka_unit_test(character_tables),
        cmocka_unit_test(cyclic_is_dft),
        cmocka_unit_test(labels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

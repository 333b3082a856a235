/* Matrices made of learned ones are orthogonal, of one net and of a fleet. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/rng.h"
#include "graph/derived.h"

static const char *const kinds[] = { "cayley", "exp", "householder" };

/* How far U^T U is from I, of the net in lane `lane`. */
static double
off_by(const float *u, int n, int lanes, int lane)
{
    double most = 0;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double s = 0;

            for (int k = 0; k < n; k++)
                s += (double)u[(k * n + i) * lanes + lane] *
                     (double)u[(k * n + j) * lanes + lane];
            most = fmax(most, fabs(s - (i == j)));
        }
    return most;
}

/* Learned elements of this size: large ones, as after many updates, too. */
static void
check(const char *kind, int n, int lanes, double size)
{
    char *text = xasprintf("input x\nstate h\nmatrix U = %s(A)\n"
                           "h' = U h + x\noutput h'\n", kind);
    struct cell *c = cell_parse(text, "x.cell");
    struct net_layer_spec spec = { .name = "layers.0", .cell = c, .size = n };
    struct net *net = net_build(&spec, 1, false, n, NULL);
    size_t floats = (size_t)(n * n * lanes);
    float *a = xcalloc(floats, sizeof *a), *u = xcalloc(floats, sizeof *u);
    struct rng r;

    rng_init(&r, 3, RNG_STATS, (uint32_t)n, 0);
    for (size_t i = 0; i < floats; i++)
        a[i] = (float)(size * rng_normal(&r));
    assert_true(derived_any(net));
    assert_int_equal(net->weights, n * n);
    derived_make(net, lanes, a, u);
    for (int l = 0; l < lanes; l++)
        if (!(off_by(u, n, lanes, l) < 1e-6))
            fail_msg("%s of %d x %d, elements of %g: off by %g", kind, n, n,
                     size, off_by(u, n, lanes, l));
    free(a);
    free(u);
    net_free(net);
    cell_free(c);
    free(text);
}

static void
orthogonal(void **unused)
{
    static const double sizes[] = { 0, 1e-3, 0.3, 3, 100 };

    (void)unused;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 5; i++)
            for (int n = 1; n < 48; n = 2 * n + 1)
                check(kinds[k], n, n < 8 ? 16 : 1, sizes[i]);
    for (int k = 0; k < 3; k++)
        check(kinds[k], 190, 1, 0.1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orthogonal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

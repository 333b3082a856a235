/* test_base.c - die, hash, near, rng, dmath. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/hash.h"
#include "base/near.h"
#include "base/rng.h"
#include "unit/child.h"

/* ---- die --------------------------------------------------------------- */

static void
say(void *arg)
{
    fputs(arg, stderr);
}

static void
die_with_place(void *unused)
{
    (void)unused;
    prog = "p";
    at_exit_run(say, "never said\n");
    at_exit_drop(say, "never said\n");
    die_at("a\nb", 7, "bad '%s'", "x\033\ty");
}

/* CSI in two bytes and in one, a surrogate, an overlong slash, a cut end. */
static void
die_with_bytes(void *unused)
{
    (void)unused;
    die(1, "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x99\x82 \xc2\x9b" "1m "
        "\x9b" "2m \xed\xa0\x80 \xc0\xaf \xf4\x90\x80\x80 \xe2\x82");
}

static void
die_in_exit(void *unused)
{
    (void)unused;
    die(5, "second");
}

static void
die_twice(void *unused)
{
    (void)unused;
    at_exit_run(die_in_exit, NULL);
    fclose(stderr);
    die(RC_DATA, "first");
}

static void
die_for_memory(void *unused)
{
    (void)unused;
    xrealloc(NULL, SIZE_MAX / 2, 8);
}

static void
die_for_aligned_memory(void *unused)
{
    (void)unused;
    xaligned(SIZE_MAX / 2, 4);
}

static void
test_die(void **unused)
{
    void *p;

    (void)unused;
    assert_int_equal(child_run(die_with_place, NULL), 1);
    assert_string_equal(child_err, "p: a?b:7: bad 'x??y'\n");
    assert_int_equal(child_run(die_with_bytes, NULL), 1);
    assert_string_equal(child_err, "test_base: caf\xc3\xa9 \xe2\x82\xac "
                        "\xf0\x9f\x99\x82 ??1m ?2m ??? ?? ???? ??\n");
    assert_int_equal(child_run(die_twice, NULL), 5);
    assert_dies(die_for_memory, NULL, 1, "out of memory");
    assert_dies(die_for_aligned_memory, NULL, 1, "out of memory");
    p = xaligned(3, 5);
    assert_int_equal((uintptr_t)p % 64, 0);
    free(p);
}

static void
print_to(void *path)
{
    if (!freopen(path, "w", stdout))
        _exit(77);
    printf("x\n");
    close_stdout();
    leave(0);
}

static void
test_close_stdout(void **unused)
{
    (void)unused;
    assert_dies(print_to, "/dev/full", 1, "No space left on device");
    assert_int_equal(child_run(print_to, "/dev/null"), 0);
}

/* ---- hash, near -------------------------------------------------------- */

static void
test_hash(void **unused)
{
    char hex[65];

    (void)unused;
    sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9c"
                        "b410ff61f20015ad");
    sha256_hex("", 0, hex);
    assert_memory_equal(hex, "e3b0c44298fc1c14", 16);
    sha256_file("/dev/null", hex);
    assert_memory_equal(hex, "e3b0c44298fc1c14", 16);
    assert_int_equal(crc32_of("123456789", 9), 0xcbf43926);
}

static void
test_near(void **unused)
{
    const char *names[] = { "lr", "optimizer", "clip_norm", "size", "seed" };

    (void)unused;
    assert_string_equal(near_names("optimiser", names, 5), "'optimizer'");
    assert_string_equal(near_names("lrr", names, 5), "'lr'");
    assert_string_equal(near_names("sede", names, 5), "'seed'");
    assert_string_equal(near_names("SIZE", names, 5), "'size'");
    assert_string_equal(near_names("nothing", names, 5), "");
    assert_string_equal(near_names("", names, 5), "");
}

/* ---- rng --------------------------------------------------------------- */

/* The known answers of the generator's authors (Random123, kat_vectors):
 * key {k0, k1} is our seed, counter {c0 .. c3}. */
static void
test_philox(void **unused)
{
    static const struct {
        uint64_t seed, index;
        uint32_t step, purpose, want[4];
    } kat[] = {
        { 0, 0, 0, 0,
          { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 } },
        { UINT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX,
          { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd } },
        { 0x299f31d0a4093822, 0x85a308d3243f6a88, 0x13198a2e, 0x03707344,
          { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 } },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof kat / sizeof kat[0]; i++) {
        uint32_t out[4];

        philox(kat[i].seed, kat[i].index, kat[i].step, kat[i].purpose, out);
        assert_memory_equal(out, kat[i].want, sizeof out);
    }
}

static void
test_draws(void **unused)
{
    struct rng r, s;
    uint32_t block[4], order[1000];
    int seen[1000] = { 0 }, count[6] = { 0 };
    double sum = 0, square = 0;

    (void)unused;
    rng_init(&r, 7, RNG_TASK, 3, UINT64_C(5) << 32);
    for (uint64_t i = 0; i < 3; i++) {
        philox(7, (UINT64_C(5) << 32) + i, 3, RNG_TASK, block);
        for (int k = 0; k < 4; k++)
            assert_int_equal(rng_u32(&r), block[k]);
    }
    s = r;
    assert_true(rng_float(&r) == (float)(rng_u32(&s) >> 8) / 16777216.0f);
    for (int i = 0; i < 60000; i++)
        count[rng_below(&r, 6)]++;
    for (int i = 0; i < 6; i++)
        assert_in_range(count[i], 9600, 10400);
    assert_int_equal(rng_below(&r, 1), 0);
    for (int i = 0; i < 100000; i++) {
        double x = rng_normal(&r), u = rng_double(&r);

        sum += x;
        square += x * x;
        assert_true(u >= 0 && u < 1);
    }
    assert_true(fabs(sum / 1e5) < 0.02 && fabs(square / 1e5 - 1) < 0.03);
    rng_shuffle(&r, order, 1000);
    for (int i = 0; i < 1000; i++)
        seen[order[i]]++;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(seen[i], 1);
}

/* These bits are part of the numeric contract. */
static void
test_pinned_draws(void **unused)
{
    static const uint32_t want[5] = { 3, 2, 1, 0, 4 };
    struct rng r;
    uint32_t order[5];

    (void)unused;
    rng_init(&r, 1, RNG_INIT, 0, 0);
    assert_true(rng_double(&r) == 0x1.27bee43c08e9p-4);
    assert_true(rng_normal(&r) == 0x1.7eda755cca8e1p-1);
    assert_int_equal(rng_below(&r, 1000), 269);
    rng_shuffle(&r, order, 5);
    assert_memory_equal(order, want, sizeof want);
}

/* All bits of dmath over many arguments, in one number: the same on every
 * machine and from every compiler. */
static void
test_pinned_dmath(void **unused)
{
    uint64_t sum = 0;
    struct rng r;

    (void)unused;
    rng_init(&r, 1, RNG_STATS, 0, 0);
    for (int i = 0; i < 20000; i++) {
        double u = rng_double(&r);
        double v[9] = {
            d_exp((u - 0.5) * 1400), d_log(u * 100), d_sin((u - 0.5) * 1e5),
            d_cos((u - 0.5) * 20), d_pow(u * 10, (u - 0.5) * 90),
            d_tanh((u - 0.5) * 10), d_erf((u - 0.5) * 8), rng_normal(&r),
            d_pow(u * 3, i % 40),
        };

        for (int k = 0; k < 9; k++) {
            uint64_t bits;

            memcpy(&bits, &v[k], sizeof bits);
            sum = (sum ^ bits) * UINT64_C(1099511628211);
        }
    }
    assert_int_equal(sum, UINT64_C(0x92f5a633cbfc8153));
}

/* ---- dmath ------------------------------------------------------------- */

static struct rng draws;

static double
between(double a, double b)
{
    return a + (b - a) * rng_double(&draws);
}

/* Distance in units of the last place of the double nearest to `want`. */
static double
ulps(double got, long double want)
{
    double w = fabs((double)want);

    if (got == (double)want || (isnan(got) && isnan((double)want)))
        return 0;
    return (double)(fabsl((long double)got - want) /
                    (nextafter(w, INFINITY) - w));
}

#define ASSERT_NEAR(got, want) \
    do { \
        double u = ulps(got, want); \
        if (!(u <= 4.0)) \
            fail_msg("%s: %g ulp at %.17g", #got, u, x); \
    } while (0)

static void
test_dmath(void **unused)
{
    (void)unused;
    rng_init(&draws, 1, RNG_STATS, 0, 0);
    for (int i = 0; i < 20000; i++) {
        double x = between(-745, 709.7), y, z;

        ASSERT_NEAR(d_exp(x), expl(x));
        ASSERT_NEAR(d_exp(x / 1000), expl(x / 1000));
        x = exp(x);
        ASSERT_NEAR(d_log(x), logl(x));
        x = between(0.5, 2);
        ASSERT_NEAR(d_log(x), logl(x));
        x = 1 + between(-1e-6, 1e-6);
        ASSERT_NEAR(d_log(x), logl(x));
        x = i % 2 ? between(-1e6, 1e6) : between(-10, 10);
        ASSERT_NEAR(d_sin(x), sinl(x));
        ASSERT_NEAR(d_cos(x), cosl(x));
        x = i * 1.5707963267948966;
        ASSERT_NEAR(d_sin(x), sinl(x));
        ASSERT_NEAR(d_cos(x), cosl(x));
        x = i % 2 ? between(-25, 25) : exp(between(-300, 0));
        ASSERT_NEAR(d_tanh(x), tanhl(x));
        x = i % 2 ? between(-7, 7) : exp(between(-300, 0));
        ASSERT_NEAR(d_erf(x), erfl(x));
        x = exp(between(-5, 5));
        y = between(-100, 100);
        ASSERT_NEAR(d_pow(x, y), powl(x, y));
        z = floor(between(-20, 21));
        ASSERT_NEAR(d_pow(x, z), powl(x, z));
        ASSERT_NEAR(d_pow(-x, z), powl(-x, z));
    }
}

static void
test_dmath_edges(void **unused)
{
    double x = 0;

    (void)unused;
    assert_true(isinf(d_exp(710)) && d_exp(-746) == 0 && d_exp(0) == 1);
    assert_true(d_exp(-INFINITY) == 0 && isnan(d_exp(NAN)));
    assert_true(d_log(0) == -INFINITY && isnan(d_log(-1)) && d_log(1) == 0);
    ASSERT_NEAR(d_log(5e-324), logl((long double)5e-324));
    assert_true(d_sin(0) == 0 && d_cos(0) == 1 && isnan(d_sin(INFINITY)));
    assert_true(d_tanh(INFINITY) == 1 && d_tanh(-INFINITY) == -1);
    assert_true(d_erf(INFINITY) == 1 && d_erf(-6.5) == -1);
    assert_true(signbit(d_erf(-0.0)) && signbit(d_tanh(-0.0)));
    for (int i = 0; i <= 22; i++)
        assert_true(d_pow(10, i) == strtod((char[]){ '1', 'e', (char)('0' +
                    i / 10), (char)('0' + i % 10), 0 }, NULL));
    assert_true(d_pow(3, 33) == 5559060566555523 && d_pow(2, -3) == 0.125);
    assert_true(d_pow(0, 0) == 1 && d_pow(0, 2) == 0);
    assert_true(isinf(d_pow(0, -1)) && isinf(d_pow(0, -0.5)));
    assert_true(d_pow(0, 0.5) == 0 && isnan(d_pow(-2, 0.5)));
    assert_true(d_pow(-2, 65) == -0x1p65 && isinf(d_pow(10, 400)));
    assert_true(d_pow(10, -400) == 0 && d_pow(0.5, INFINITY) == 0);
    assert_true(d_pow(2, -1074) == 5e-324);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_die),
        cmocka_unit_test(test_close_stdout),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_near),
        cmocka_unit_test(test_philox),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_pinned_draws),
        cmocka_unit_test(test_pinned_dmath),
        cmocka_unit_test(test_dmath),
        cmocka_unit_test(test_dmath_edges),
    };

    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}

/* test_loss.c - losses and their sums, against plain double arithmetic. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "cpu/loss.h"
#include "train/evaluate.h"
#include "unit/child.h"

enum { B = 70, T = 5, K = 3, WIDE = 16 };

/* A batch with every third place scored, and made-up outputs. */
struct toy {
    struct batch b;
    struct stream_info info;
    struct mask mask;                /* of the steps under way */
    float *out, *dout;               /* (B,T,WIDE) */
};

static void
toy_init(struct toy *y, enum value_kind target)
{
    memset(y, 0, sizeof *y);
    y->info = (struct stream_info){
        .input = VALUE_TOKEN, .target = target, .input_size = 2,
        .target_size = K, .batch = B,
    };
    batch_shape(&y->b, &y->info, B, T);
    y->out = xaligned(B * T * WIDE, sizeof(float));
    y->dout = xaligned(B * T * WIDE, sizeof(float));
    for (int i = 0; i < B * T; i++) {
        y->b.scored[i] = i % 3 == 0;
        if (target == VALUE_TOKEN)
            y->b.classes[i] = i % K;
        for (int k = 0; k < K; k++) {
            y->out[i * WIDE + k] = (float)(3 * sin(i + 2.0 * k));
            if (target == VALUE_VECTOR)
                y->b.values[i * K + k] = (float)cos(i * k);
        }
    }
    for (int r = 0; r < B; r++)
        y->b.length[r] = T;
}

static void
toy_release(struct toy *y)
{
    batch_release(&y->b);
    mask_release(&y->mask);
    free(y->out);
    free(y->dout);
}

/* Steps t0 .. t0+n-1 handed over as a backend would. */
static void
run(struct toy *y, struct loss *l, int t0, int n)
{
    mask_list(&y->mask, y->b.scored + t0, B, n, T);
    loss_begin(l, &y->b, t0, &y->mask);
    for (int t = 0; t < n; t++) {
        for (int r = 0; r < B; r++) {
            int32_t step = t, row = r;
            ptrdiff_t at = (r * T + t0 + t) * WIDE;

            if (y->b.scored[r * T + t0 + t])
                loss_place(l, 1, &step, &row, y->out + at, WIDE,
                           y->dout + at, WIDE);
        }
    }
}

static double
entropy(const struct toy *y, int i, double *p)
{
    double s = 0;

    for (int k = 0; k < K; k++)
        s += exp((double)y->out[i * WIDE + k]);
    for (int k = 0; k < K; k++)
        p[k] = exp((double)y->out[i * WIDE + k]) / s;
    return -log(p[y->b.classes[i]]);
}

static void
test_entropy(void **unused)
{
    struct tally t = { 0 };
    double sum = 0, p[K];
    int n = 0, right = 0;
    struct loss l;
    struct toy y;

    (void)unused;
    toy_init(&y, VALUE_TOKEN);
    loss_init(&l, loss_kind("auto", VALUE_TOKEN), K, 1, kernels_pick());
    run(&y, &l, 0, T);
    loss_sums(&l, &t);
    for (int i = 0; i < B * T; i += 3) {
        int c = y.b.classes[i];

        sum += entropy(&y, i, p);
        right += p[c] >= p[(c + 1) % K] && p[c] >= p[(c + 2) % K];
        n++;
        for (int k = 0; k < K; k++)
            assert_true(fabs((double)y.dout[i * WIDE + k] -
                             (p[k] - (k == c)) / (B * T / 3 + 1)) < 1e-8);
    }
    assert_int_equal(t.places, n);
    assert_int_equal(t.correct, right);
    assert_true(fabs(tally_loss(&t) - sum / n) < 1e-6);
    loss_release(&l);
    toy_release(&y);
}

static void
check_squares(const char *name, double over)
{
    struct tally t = { 0 };
    double sum = 0;
    struct loss l;
    struct toy y;
    int n = 0;

    toy_init(&y, VALUE_VECTOR);
    loss_init(&l, loss_kind(name, VALUE_VECTOR), K, 1, kernels_pick());
    run(&y, &l, 0, T);
    loss_sums(&l, &t);
    for (int i = 0; i < B * T; i += 3) {
        n++;
        for (int k = 0; k < K; k++) {
            double d = (double)y.out[i * WIDE + k] -
                       (double)y.b.values[i * K + k];
            double want = over > 1 ? 2 * d / (117 * over) : 2 * d;

            sum += d * d;
            assert_true(fabs((double)y.dout[i * WIDE + k] - want) < 1e-6);
        }
    }
    assert_int_equal(t.places, n);
    assert_true(fabs(tally_loss(&t) - sum / over / n) < 1e-6);
    loss_release(&l);
    toy_release(&y);
}

static void
test_squares(void **unused)
{
    (void)unused;
    check_squares("mse_mean", K);
    check_squares("auto", K);
    check_squares("mse_sum", 1);
}

/* 16 partial sums to one. */
static double
tree(const double s[16])
{
    return (((s[0] + s[8]) + (s[4] + s[12])) +
            ((s[2] + s[10]) + (s[6] + s[14]))) +
           (((s[1] + s[9]) + (s[5] + s[13])) +
            ((s[3] + s[11]) + (s[7] + s[15])));
}

/* Steps t0 .. t0+n-1 as docs/numerics.md adds their losses up, place by place.
 */
static double
summed(const struct toy *y, const struct loss *l, int t0, int n)
{
    double sum = 0;

    for (int r0 = 0; r0 < B; r0 += 64) {
        int R = B - r0 < 64 ? B - r0 : 64;
        double block = 0;

        for (int c = 0; c < n * R; c += 256) {
            double s[16] = { 0 };

            for (int i = c; i < n * R && i < c + 256; i++) {
                int r = r0 + i % R, t = i / R;

                if (y->b.scored[r * T + t0 + t])
                    s[i % 16] += l->value[r * n + t];
            }
            block += tree(s);
        }
        sum += block;
    }
    return sum;
}

/* A place of many numbers: partial sums of the squares, and derivatives too
 * small to count. */
static void
test_wide(void **unused)
{
    enum { WIDTH = 37 };
    struct stream_info info = {
        .input = VALUE_TOKEN, .target = VALUE_VECTOR, .input_size = 2,
        .target_size = WIDTH, .batch = 1,
    };
    float *out = xaligned(48, sizeof *out), *dout = xaligned(48, sizeof *dout);
    double s[16] = { 0 };
    int32_t zero = 0;
    int small = 0;
    struct mask mask = { 0 };
    struct batch b;
    struct loss l;

    (void)unused;
    memset(&b, 0, sizeof b);
    batch_shape(&b, &info, 1, 1);
    b.scored[0] = 1;
    b.length[0] = 1;
    loss_init(&l, LOSS_MSE_SUM, WIDTH, 1, kernels_pick());
    for (int k = 0; k < WIDTH; k++) {
        out[k] = ldexpf(1 + 0.01f * (float)k, -(k * 11 % 130));
        b.values[k] = 0;
        s[k % 16] += (double)out[k] * (double)out[k];
    }
    mask_list(&mask, b.scored, 1, 1, 1);
    loss_begin(&l, &b, 0, &mask);
    loss_place(&l, 1, &zero, &zero, out, 48, dout, 48);
    assert_true(l.value[0] == tree(s));
    for (int k = 0; k < WIDTH; k++) {
        bool gone = 2 * out[k] < 0x1p-100f;

        small += gone;
        assert_true(dout[k] == (gone ? 0 : 2 * out[k]));
    }
    assert_true(small > 3 && small < WIDTH / 2);
    batch_release(&b);
    mask_release(&mask);
    loss_release(&l);
    free(out);
    free(dout);
}

/* Windows add up to the whole, and sums take a fixed order. */
static void
test_windows(void **unused)
{
    struct tally whole, part, parts = { 0 };
    struct loss l;
    struct toy y;
    double sum;

    (void)unused;
    toy_init(&y, VALUE_TOKEN);
    loss_init(&l, LOSS_CROSS_ENTROPY_SUM, K, 1, kernels_pick());
    run(&y, &l, 0, T);
    for (int i = 0; i < B * T; i++)     /* so that each order is another sum */
        l.value[i] *= ldexp(1, i * 7 % 40);
    loss_sums(&l, &whole);
    assert_true(whole.loss == summed(&y, &l, 0, T));
    run(&y, &l, 0, T);
    loss_sums(&l, &whole);
    run(&y, &l, 0, 2);
    loss_sums(&l, &part);
    tally_add(&parts, &part);
    sum = summed(&y, &l, 0, 2);
    run(&y, &l, 2, 3);
    loss_sums(&l, &part);
    tally_add(&parts, &part);
    assert_true(parts.loss == sum + summed(&y, &l, 2, 3));
    assert_int_equal(parts.places, whole.places);
    assert_int_equal(parts.correct, whole.correct);
    assert_true(fabs(parts.loss - whole.loss) < 1e-9);
    loss_release(&l);
    toy_release(&y);
}

static void
test_positions(void **unused)
{
    struct positions p = { 0 };
    struct loss l;
    struct toy y;

    (void)unused;
    toy_init(&y, VALUE_TOKEN);
    memset(y.b.scored, 0, B * T);
    for (int r = 1; r < B; r++) {
        y.b.scored[r * T + 1] = y.b.scored[r * T + 4] = 1;
        y.out[(r * T + 1) * WIDE + y.b.classes[r * T + 1]] = 9;
        y.out[(r * T + 4) * WIDE + (y.b.classes[r * T + 4] + (r < 11)) % K] = 9;
    }
    loss_init(&l, LOSS_CROSS_ENTROPY, K, 1, kernels_pick());
    run(&y, &l, 0, T);
    positions_add(&p, &y.b, l.correct);
    assert_int_equal(p.n, 2);
    assert_int_equal(p.seen[0], B - 1);
    assert_int_equal(p.right[0], B - 1);
    assert_int_equal(p.right[1], B - 11);
    assert_int_equal(p.rows, B - 1);
    assert_int_equal(p.rows_right, B - 11);
    positions_release(&p);
    loss_release(&l);
    toy_release(&y);
}

static void
wrong_kind(void *target)
{
    loss_kind("mse_sum", *(enum value_kind *)target);
}

static void
test_wrong_kind(void **unused)
{
    enum value_kind token = VALUE_TOKEN;

    (void)unused;
    assert_dies(wrong_kind, &token, RC_DATA, "does not fit a target of");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entropy),
        cmocka_unit_test(test_squares),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_wrong_kind),
    };

    return cmocka_run_group_tests_name("loss", tests, NULL, NULL);
}

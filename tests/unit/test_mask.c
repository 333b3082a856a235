/* test_mask.c - the places of a window that are listed, beside those that its
 * mask has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpu/mask.h"
#include "unit/allocs.h"

enum { ROWS = 200, STEPS = 30, STRIDE = 37 };

static uint8_t scored[ROWS * STRIDE];

/* All of the list, in order, by the definition: microbatch, step, row. */
static void
check(const struct mask *m, const uint8_t *at, int rows, int steps)
{
    uint32_t n = 0, part[ROWS / MICROBATCH + 1] = { 0 };

    for (int r0 = 0; r0 < rows; r0 += MICROBATCH) {
        int k = r0 / MICROBATCH;

        for (int t = 0; t < steps; t++) {
            assert_int_equal(mask_at(m, k, t), n);
            for (int r = r0; r < rows && r < r0 + MICROBATCH; r++) {
                if (!at[r * STRIDE + t])
                    continue;
                assert_int_equal(m->row[n], r - r0);
                part[k]++;
                n++;
            }
            assert_int_equal(mask_at(m, k, t + 1), n);
        }
    }
    assert_int_equal(m->n, n);
    assert_int_equal(mask_rows(m, 0, rows), n);
    for (int r0 = 0; r0 < rows; r0 += MICROBATCH)
        assert_int_equal(mask_rows(m, r0, rows - r0 < MICROBATCH ? rows - r0 :
                                   MICROBATCH), part[r0 / MICROBATCH]);
}

static void
test_lists(void **unused)
{
    static const int rows[] = { 1, 2, 63, 64, 65, 128, 200, 7 };
    static const int steps[] = { 1, 2, 30, 5 }, every[] = { 1, 2, 3, 50 };
    struct mask m = { 0 };

    (void)unused;
    for (int e = 0; e < 5; e++) {       /* the last: nowhere */
        for (int i = 0; i < ROWS * STRIDE; i++)
            scored[i] = e < 4 && i * 7919 % 1009 % every[e] == 0;
        for (int r = 0; r < 8; r++)
            for (int s = 0; s < 4; s++)
                for (int t0 = 0; t0 < STRIDE - steps[s]; t0 += 3) {
                    mask_list(&m, scored + t0, rows[r], steps[s], STRIDE);
                    check(&m, scored + t0, rows[r], steps[s]);
                }
    }
    mask_release(&m);
}

/* Memory is taken for the largest alone. */
static void
test_memory(void **unused)
{
    struct mask m = { 0 };
    long before;

    (void)unused;
    memset(scored, 1, sizeof scored);
    mask_list(&m, scored, ROWS, STEPS, STRIDE);
    before = allocs();
    assert_true(allocs_counted() == (before > 0));
    for (int t = 1; t <= STEPS; t++)
        mask_list(&m, scored, ROWS, t, STRIDE);
    assert_int_equal(allocs(), before);
    mask_release(&m);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests_name("mask", tests, NULL, NULL);
}

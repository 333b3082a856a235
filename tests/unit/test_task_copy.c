/* The copy and delay tasks: shapes, positions, and what draws depend on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "task/source.h"
#include "task/write.h"

static void
open_text(struct source *s, const char *text, int batch)
{
    json_t *v = json_read_text(text, strlen(text), "test", 1);

    source_open(s, v, batch, "test", NULL);
    json_decref(v);
}

/* T symbols, blanks, delimiter, T blanks; the answer at the end counts. */
static void
copy_has_its_shape(void **state)
{
    struct source s;
    struct batch b = { 0 };

    (void)state;
    open_text(&s, "{\"name\":\"copy\",\"len\":7,\"blanks\":3}", 5);
    assert_int_equal(s.info.input_size, 12);
    assert_int_equal(s.info.target_size, 12);
    assert_int_equal(s.info.continues, false);
    source_make(&s, SPLIT_TRAIN, 0, 4, &b);
    assert_int_equal(b.index, 4);
    assert_int_equal(b.rows, 5);
    assert_int_equal(b.steps, 2 * 7 + 3 + 1);
    for (int i = 0; i < b.rows; i++) {
        const int32_t *x = b.tokens + i * b.steps;
        const int32_t *y = b.classes + i * b.steps;

        assert_int_equal(b.length[i], b.steps);
        for (int t = 0; t < b.steps; t++) {
            bool due = t >= 11;

            assert_int_equal(b.scored[i * b.steps + t], due);
            assert_in_range(x[t], t < 7 ? 0 : t == 10 ? 11 : 10,
                            t < 7 ? 9 : t == 10 ? 11 : 10);
            assert_int_equal(y[t], due ? x[t - 11] : 10);
        }
    }
    batch_release(&b);
    source_close(&s);
}

static void
rows_of_different_length(void **state)
{
    struct source s;
    struct batch b = { 0 };
    int seen[7] = { 0 };

    (void)state;
    open_text(&s, "{\"name\":\"copy\",\"len\":6,\"len_min\":3,\"blanks\":0}",
              200);
    source_make(&s, SPLIT_VAL, 0, 0, &b);
    assert_int_equal(b.steps, 13);
    for (int i = 0; i < b.rows; i++) {
        int len = (b.length[i] - 1) / 2, n = 0;

        assert_in_range(len, 3, 6);
        seen[len]++;
        assert_int_equal(b.tokens[i * b.steps + len], 11);
        for (int t = 0; t < b.steps; t++)
            n += b.scored[i * b.steps + t];
        assert_int_equal(n, len);
        for (int t = b.length[i]; t < b.steps; t++) {
            assert_int_equal(b.tokens[i * b.steps + t], 0);
            assert_int_equal(b.scored[i * b.steps + t], 0);
        }
    }
    for (int len = 3; len <= 6; len++)
        assert_in_range(seen[len], 25, 80);
    batch_release(&b);
    source_close(&s);
}

static void
delay_has_its_shape(void **state)
{
    static const char *const text[] = {
        "{\"name\":\"delay\",\"delay\":30}",
        "{\"name\":\"delay\",\"delay\":30,\"score\":\"recall\"}",
    };

    (void)state;
    for (int k = 0; k < 2; k++) {
        struct source s;
        struct batch b = { 0 };

        open_text(&s, text[k], 3);
        assert_int_equal(s.info.input_size, 10);
        source_make(&s, SPLIT_TRAIN, 0, 0, &b);
        assert_int_equal(b.steps, 50);
        for (int t = 0; t < 50; t++) {
            int x = b.tokens[50 + t];

            if (t < 10)
                assert_in_range(x, 0, 7);
            else
                assert_int_equal(x, t == 39 ? 9 : 8);
            assert_int_equal(b.classes[50 + t],
                             t < 40 ? 8 : b.tokens[50 + t - 40]);
            assert_int_equal(b.scored[50 + t], k == 0 || t >= 40);
        }
        batch_release(&b);
        source_close(&s);
    }
}

/* Chi-square of 100,000 symbols: 9 degrees of freedom, 27.9 is p = .001. */
static void
symbols_are_uniform(void **state)
{
    double n[10] = { 0 }, chi = 0;
    struct source s;
    struct batch b = { 0 };

    (void)state;
    open_text(&s, "{\"name\":\"copy\",\"len\":1000}", 100);
    source_make(&s, SPLIT_TRAIN, 0, 0, &b);
    for (int i = 0; i < 100; i++)
        for (int t = 0; t < 1000; t++)
            n[b.tokens[i * b.steps + t]]++;
    for (int k = 0; k < 10; k++)
        chi += (n[k] - 1e4) * (n[k] - 1e4) / 1e4;
    assert_true(chi < 27.9);
    assert_true(chi > 1.15);      /* nor too even: p = .999 */
    batch_release(&b);
    source_close(&s);
}

static bool
same(const char *a, const char *b, enum split split, uint32_t pass)
{
    struct source s, r;
    struct batch x = { 0 }, y = { 0 };
    bool equal;

    open_text(&s, a, 8);
    open_text(&r, b, 8);
    source_make(&s, SPLIT_TRAIN, 0, 0, &x);
    source_make(&r, split, pass, 0, &y);
    assert_int_equal(x.steps, y.steps);
    equal = memcmp(x.tokens, y.tokens, 8 * sizeof *x.tokens
                   * (size_t)x.steps) == 0;
    batch_release(&x);
    batch_release(&y);
    source_close(&s);
    source_close(&r);
    return equal;
}

static void
draws_depend_on_seed_split_and_pass(void **state)
{
    const char *one = "{\"name\":\"copy\"}";

    (void)state;
    assert_true(same(one, "{\"name\":\"copy\",\"seed\":1}", SPLIT_TRAIN, 0));
    assert_false(same(one, "{\"name\":\"copy\",\"seed\":2}", SPLIT_TRAIN, 0));
    assert_false(same(one, one, SPLIT_VAL, 0));
    assert_false(same(one, one, SPLIT_TEST, 0));
    assert_false(same(one, one, SPLIT_TRAIN, 1));
}

/* Row 12 is row 12, whatever batches it comes in. */
static void
batch_size_does_not_matter(void **state)
{
    struct source s, r;
    struct batch x = { 0 }, y = { 0 };

    (void)state;
    open_text(&s, "{\"name\":\"copy\"}", 4);
    open_text(&r, "{\"name\":\"copy\"}", 5);
    source_make(&s, SPLIT_TRAIN, 3, 3, &x);        /* rows 12..15 */
    source_make(&r, SPLIT_TRAIN, 3, 2, &y);        /* rows 10..14 */
    assert_memory_equal(x.tokens, y.tokens + 2 * y.steps,
                        3 * sizeof *x.tokens * (size_t)x.steps);
    batch_release(&x);
    batch_release(&y);
    source_close(&s);
    source_close(&r);
}

static void
settings_are_filled_and_sparse(void **state)
{
    const char *text = "{\"seed\":1,\"len\":20,\"name\":\"copy\"}";
    json_t *v = json_read_text(text, strlen(text), "test", 1);
    json_t *full = task_settings(v, "test"), *sparse = task_sparse(v, "test");
    char *f = json_text(full, false), *s = json_text(sparse, true);

    (void)state;
    assert_string_equal(f, "{\"name\":\"copy\",\"len\":20,\"len_min\":0,"
                        "\"blanks\":10,\"symbols\":10,\"seed\":1}");
    assert_string_equal(s, "{\"len\":20,\"name\":\"copy\"}");
    free(f);
    free(s);
    json_decref(full);
    json_decref(sparse);
    json_decref(v);
}

static void
settings_change_on_request(void **state)
{
    json_t *set = json_pack("{s:i}", "len", 4);
    struct source s;
    struct batch b = { 0 };

    (void)state;
    open_text(&s, "{\"name\":\"copy\"}", 3);
    source_set(&s, set, 2, "request");
    source_make(&s, SPLIT_TRAIN, 0, 0, &b);
    assert_int_equal(b.rows, 2);
    assert_int_equal(b.steps, 19);
    batch_release(&b);
    source_close(&s);
    json_decref(set);
}

static void
same_text(const json_t *a, const json_t *b)
{
    char *x = json_text(a, true), *y = json_text(b, true);

    assert_string_equal(x, y);
    free(x);
    free(y);
}

/* Through a file and back, for every task that needs no text. */
static void
streams_read_back(void **state)
{
    static const char *const tasks[] = {
        "{\"name\":\"copy\",\"len\":9,\"len_min\":2}",
        "{\"name\":\"copy\",\"symbols\":250}",
        "{\"name\":\"delay\",\"delay\":7,\"symbols\":3}",
        "{\"name\":\"delay\",\"score\":\"recall\"}",
        "{\"name\":\"charprint\",\"len\":30}",
        "{\"name\":\"grid\",\"cells\":64}",
        "{\"name\":\"grammar\",\"max_depth\":20}",
    };

    (void)state;
    for (size_t k = 0; k < sizeof tasks / sizeof tasks[0]; k++) {
        char path[] = "/tmp/unroll-task-XXXXXX";
        struct batch_reader *r;
        struct source s;
        struct writer *w;
        struct batch x = { 0 }, y = { 0 };

        close(mkstemp(path));
        open_text(&s, tasks[k], 6);
        s.info.count = 8;
        w = writer_open(path, FORM_TENSORS, &s);
        writer_batches(w, SPLIT_TRAIN, 0, 5, 3, NULL);
        writer_close(w);
        r = batch_reader_open(path);
        assert_true(json_equal(batch_reader_info(r)->task, s.info.task));
        same_text(batch_reader_info(r)->about, s.info.about);
        for (int64_t i = 5; batch_read(r, &x); i++) {
            size_t n;

            source_make(&s, SPLIT_TRAIN, 0, i, &y);
            n = (size_t)y.rows * (size_t)y.steps;
            assert_int_equal(x.index, i);
            assert_int_equal(x.rows, y.rows);
            assert_int_equal(x.steps, y.steps);
            assert_memory_equal(x.tokens, y.tokens, n * sizeof *x.tokens);
            assert_memory_equal(x.scored, y.scored, n);
            for (size_t j = 0; j < n; j++)     /* others are read as 0 */
                assert_int_equal(x.classes[j],
                                 x.scored[j] ? y.classes[j] : 0);
            assert_memory_equal(x.length, y.length, 6 * sizeof *x.length);
            batch_release(&x);
            batch_release(&y);
        }
        batch_reader_close(r);
        source_close(&s);
        unlink(path);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copy_has_its_shape),
        cmocka_unit_test(rows_of_different_length),
        cmocka_unit_test(delay_has_its_shape),
        cmocka_unit_test(symbols_are_uniform),
        cmocka_unit_test(draws_depend_on_seed_split_and_pass),
        cmocka_unit_test(batch_size_does_not_matter),
        cmocka_unit_test(settings_are_filled_and_sparse),
        cmocka_unit_test(settings_change_on_request),
        cmocka_unit_test(streams_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

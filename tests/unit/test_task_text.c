/* The text task: blocks, splits, alphabets, corpora. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "task/source.h"

enum { BYTES = 1000 };

static char path[] = "/tmp/unroll-text-XXXXXX", zipped[64];
static const char *const files[] = { path, NULL };

/* Byte i tells its own place: 200 i / 1000 is the same for five in a row, and
 * none is 0. */
static int
write_text(void **state)
{
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    gzFile z;

    (void)state;
    snprintf(zipped, sizeof zipped, "%s.gz", path);
    z = gzopen(zipped, "wb");
    for (int i = 0; i < BYTES; i++) {
        putc(40 + i / 5, f);
        gzputc(z, 40 + i / 5);
    }
    gzclose(z);
    return fclose(f);
}

static int
remove_text(void **state)
{
    (void)state;
    return unlink(path) | unlink(zipped);
}

static void
open_with(struct source *s, const char *more, int batch,
          const char *const *which)
{
    struct task_files of = { .paths = which };
    char text[256];
    json_t *v;

    snprintf(text, sizeof text, "{\"name\":\"text\"%s}", more);
    v = json_read_text(text, strlen(text), "test", 1);
    source_open(s, v, batch, "test", &of);
    s->files = NULL;
    json_decref(v);
}

static void
random_blocks_stay_in_their_split(void **state)
{
    static const int from[] = { 0, 600, 800 }, to[] = { 600, 800, 1000 };
    int lowest[] = { 999, 999, 999 }, highest[3] = { 0 };
    struct source s;

    (void)state;
    open_with(&s, ",\"history\":20,\"train_end\":0.6,\"val_end\":800", 500,
              files);
    assert_int_equal(s.info.input_size, 256);
    assert_false(s.info.continues);
    assert_int_equal(source_batches(&s, SPLIT_TRAIN), -1);
    for (int k = 0; k < 3; k++) {
        struct batch b = { 0 };

        source_make(&s, (enum split)k, 0, 0, &b);
        assert_int_equal(b.steps, 19);
        for (int i = 0; i < b.rows * b.steps; i++) {
            int t = i % b.steps, x = b.tokens[i], y = b.classes[i];

            assert_in_range(x, 40 + from[k] / 5, 39 + to[k] / 5);
            assert_in_range(y, 40 + from[k] / 5, 39 + to[k] / 5);
            assert_in_range(y - x, 0, 1);
            assert_int_equal(b.scored[i], 1);
            if (t)
                assert_int_equal(x, b.classes[i - 1]);
            if (x < lowest[k])
                lowest[k] = x;
            if (y > highest[k])
                highest[k] = y;
        }
        assert_int_equal(lowest[k], 40 + from[k] / 5);
        assert_int_equal(highest[k], 39 + to[k] / 5);
        batch_release(&b);
    }
    source_close(&s);
}

/* Three rows of 200 bytes each read on from block to block. */
static void
contiguous_rows_read_on(void **state)
{
    struct source s;

    (void)state;
    open_with(&s, ",\"history\":11,\"train_end\":0.6,\"val_end\":0.8,"
              "\"mode\":\"contiguous\"", 3, files);
    assert_true(s.info.continues);
    assert_int_equal(source_batches(&s, SPLIT_TRAIN), 19);
    assert_int_equal(source_batches(&s, SPLIT_TEST), 6);
    for (int64_t k = 0; k < 19; k++) {
        struct batch b = { 0 };

        source_make(&s, SPLIT_TRAIN, 0, k, &b);
        for (int i = 0; i < 30; i++) {
            int at = i / 10 * 200 + (int)k * 10 + i % 10;

            assert_int_equal(b.tokens[i], 40 + at / 5);
            assert_int_equal(b.classes[i], 40 + (at + 1) / 5);
        }
        batch_release(&b);
    }
    source_close(&s);
}

/* Every byte but the first is predicted once, in blocks begun afresh. */
static void
blocks_cover_a_split(void **state)
{
    struct source s;
    int next = 800;

    (void)state;
    open_with(&s, ",\"history\":12,\"train_end\":0.6,\"val_end\":0.8,"
              "\"mode\":\"blocks\"", 7, files);
    assert_false(s.info.continues);
    assert_int_equal(source_batches(&s, SPLIT_TEST), 3);
    for (int64_t k = 0; k < 3; k++) {
        struct batch b = { 0 };

        source_make(&s, SPLIT_TEST, 0, k, &b);
        assert_int_equal(b.rows, k < 2 ? 7 : 5);
        assert_int_equal(b.steps, 11);
        for (int i = 0; i < b.rows * 11 && next < 999; i++) {
            assert_int_equal(b.tokens[i], 40 + next / 5);
            assert_int_equal(b.classes[i], 40 + ++next / 5);
            assert_true(b.scored[i]);
        }
        /* 199 places are 18 blocks of 11 steps and one of 1. */
        assert_int_equal(b.length[b.rows - 1], k < 2 ? 11 : 1);
        assert_false(k == 2 && b.scored[4 * 11 + 1]);
        batch_release(&b);
    }
    assert_int_equal(next, 999);
    source_close(&s);
    /* A split shorter than a block is one. */
    open_with(&s, ",\"history\":900,\"mode\":\"blocks\"", 2, files);
    assert_int_equal(source_batches(&s, SPLIT_TEST), 1);
    {
        struct batch b = { 0 };

        source_make(&s, SPLIT_TEST, 0, 0, &b);
        assert_int_equal(b.rows, 1);
        assert_int_equal(b.steps, 49);
        batch_release(&b);
    }
    source_close(&s);
}

static void
distinct_alphabet_is_in_order(void **state)
{
    struct source s;
    struct batch b = { 0 };

    (void)state;
    open_with(&s, ",\"history\":30,\"alphabet\":\"distinct\"", 9, files);
    assert_int_equal(s.info.input_size, 200);
    assert_int_equal(json_array_size(s.symbols), 200);
    assert_string_equal(json_string_value(json_array_get(s.symbols, 0)),
                        "(");
    assert_string_equal(json_string_value(json_array_get(s.symbols, 199)),
                        "\xc3\xaf");        /* 239 = U+00EF */
    source_make(&s, SPLIT_TEST, 0, 0, &b);
    for (int i = 0; i < b.rows * b.steps; i++)
        assert_in_range(b.tokens[i], 190, 199);
    batch_release(&b);
    source_close(&s);
}

/* The settings name the bytes, not the files they came in. */
static void
corpus_is_its_hash(void **state)
{
    const char *const unzipped[] = { zipped, NULL };
    const char *const twice[] = { path, path, NULL };
    struct source a, b, c;

    (void)state;
    open_with(&a, ",\"history\":20", 1, files);
    open_with(&b, ",\"history\":20", 1, unzipped);
    open_with(&c, ",\"history\":20", 1, twice);
    assert_int_equal(strlen(keys_text(a.info.task, "corpus")), 64);
    assert_true(json_equal(a.info.task, b.info.task));
    assert_false(json_equal(a.info.task, c.info.task));
    source_close(&a);
    source_close(&b);
    source_close(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_blocks_stay_in_their_split),
        cmocka_unit_test(contiguous_rows_read_on),
        cmocka_unit_test(blocks_cover_a_split),
        cmocka_unit_test(distinct_alphabet_is_in_order),
        cmocka_unit_test(corpus_is_its_hash),
    };

    return cmocka_run_group_tests(tests, write_text, remove_text);
}

/* test_batch_open.c - data for a net that is to answer: nobody need know the
 * targets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "stream/batch.h"
#include "unit/batch_try.h"
#include "unit/child.h"
#include "unit/folder.h"

static const struct stream_info classes = {
    .input = VALUE_TOKEN, .target = VALUE_TOKEN, .input_size = 9,
    .target_size = 4,
};
static const struct stream_info vectors = {
    .input = VALUE_TOKEN, .target = VALUE_VECTOR, .input_size = 9,
    .target_size = 2,
};

static struct batch_reader *
open_text(const char *text, const struct stream_info *net, struct batch *b)
{
    FILE *f = fopen("lines", "w");
    struct batch_reader *r;

    assert_true(fputs(text, f) >= 0);
    fclose(f);
    r = batch_reader_open_for("lines", net);
    assert_true(batch_read(r, b));
    return r;
}

static void
test_lines_without(void **unused)
{
    static const uint8_t scored[] = { 0, 0, 0, 0, 1, 0, 0, 0, 0 };
    struct batch b = { 0 };
    struct batch_reader *r = open_text(
        "{\"input\":[1,2,5]}\n{\"input\":[3,1],\"target\":[null,2]}\n"
        "{\"input\":[3],\"target\":null}\n", &classes, &b);
    const struct stream_info *info = batch_reader_info(r);

    (void)unused;
    assert_int_equal(b.rows, 3);
    assert_int_equal(b.steps, 3);
    assert_memory_equal(b.scored, scored, sizeof scored);
    assert_int_equal(b.classes[4], 2);
    assert_int_equal(b.length[2], 1);
    assert_int_equal(info->input_size, 6);
    assert_int_equal(info->target_size, 3);
    batch_release(&b);
    batch_reader_close(r);
}

/* Not a target in sight: kind and size are the net's. */
static void
test_lines_with_none(void **unused)
{
    struct batch b = { 0 };
    struct batch_reader *r = open_text("{\"input\":[1,2]}\n", &vectors, &b);

    (void)unused;
    assert_int_equal(batch_reader_info(r)->target, VALUE_VECTOR);
    assert_int_equal(batch_reader_info(r)->target_size, 2);
    assert_null(b.classes);
    assert_true(b.values[0] == 0 && b.values[3] == 0);
    batch_release(&b);
    batch_reader_close(r);
    r = open_text("{\"input\":[1,2]}\n", &classes, &b);
    assert_int_equal(batch_reader_info(r)->target, VALUE_TOKEN);
    assert_int_equal(batch_reader_info(r)->target_size, 4);
    batch_release(&b);
    batch_reader_close(r);
}

/* The net tells what whole numbers are. */
static void
test_whole_numbers_of_vectors(void **unused)
{
    struct batch b = { 0 };
    struct batch_reader *r = open_text("{\"input\":[1,2],\"target\":[3,4]}\n",
                                       &vectors, &b);

    (void)unused;
    assert_non_null(b.values);
    assert_true(b.values[2] == 3 && b.values[3] == 4);
    batch_release(&b);
    batch_reader_close(r);
}

static void
put_batch(struct tsw *w, int64_t index, bool target)
{
    static uint8_t tokens[] = { 1, 2, 3, 4, 5, 6 };
    static uint8_t right[] = { 3, 2, 1, 0, 1, 2 };
    int32_t length[] = { 3, 2 };
    struct tensor in = { .name = "input", .dtype = DT_U8, .ndim = 2,
                         .shape = { 2, 3 }, .index = index, .data = tokens,
                         .bytes = 6 };
    struct tensor n = { .name = "length", .dtype = DT_I32, .ndim = 1,
                        .shape = { 2 }, .index = index, .data = length,
                        .bytes = 8 };
    struct tensor out = in;

    strcpy(out.name, "target");
    out.data = right;
    tsw_write(w, &in);
    tsw_write(w, &n);
    if (target)
        tsw_write(w, &out);
}

static void
write_stream(const char *header, const char *has)
{
    json_t *h = json_read_text(header, strlen(header), "header", 1);
    struct tsw *w = tsw_open("stream", h);

    for (int i = 0; has[i]; i++)
        put_batch(w, i, has[i] == 't');
    tsw_close(w, (int64_t)strlen(has));
    json_decref(h);
}

static const char brief[] =
    "{\"unroll\":\"stream\",\"input\":\"token\",\"input_size\":9,"
    "\"batch\":2}";

static void
test_stream(void **unused)
{
    struct batch b = { 0 };
    struct batch_reader *r;

    (void)unused;
    write_stream(brief, "-t-");
    r = batch_reader_open_for("stream", &classes);
    assert_int_equal(batch_reader_info(r)->target_size, 4);
    for (int i = 0; i < 3; i++) {
        assert_true(batch_read(r, &b));
        assert_int_equal(b.index, i);
        assert_int_equal(b.tokens[4], 5);
        assert_int_equal(b.tokens[5], 0);
        assert_int_equal(b.length[1], 2);
        assert_int_equal(b.scored[0], i == 1);
        assert_int_equal(b.scored[5], 0);
        assert_int_equal(b.classes[0], i == 1 ? 3 : 0);
        assert_int_equal(b.classes[3], 0);
    }
    assert_false(batch_read(r, &b));
    batch_release(&b);
    batch_reader_close(r);
}

static void
test_not_for_training(void **unused)
{
    (void)unused;
    write_stream(brief, "t");
    assert_dies(batch_try, "stream", 1, "'target' is missing");
    write_stream("{\"unroll\":\"stream\",\"input\":\"token\",\"input_size\":9,"
                 "\"target\":\"token\",\"target_size\":4,\"batch\":2}", "t-");
    assert_dies(batch_try, "stream", 1, "batch 1 is not complete");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_without),
        cmocka_unit_test(test_lines_with_none),
        cmocka_unit_test(test_whole_numbers_of_vectors),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_not_for_training),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}

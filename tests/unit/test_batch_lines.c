/* test_batch_lines.c - batches from JSON lines, and lines that are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/json.h"
#include "stream/batch.h"
#include "unit/batch_try.h"
#include "unit/child.h"
#include "unit/folder.h"

static void
put_text(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_true(fputs(text, f) >= 0);
    fclose(f);
}

static struct batch_reader *
open_lines(const char *text, struct batch *b)
{
    struct batch_reader *r;

    put_text("lines", text);
    r = batch_reader_open("lines");
    assert_true(batch_read(r, b));
    return r;
}

static void
test_lines(void **unused)
{
    struct batch b = { 0 };
    struct batch_reader *r = open_lines(
        "{\"input\":[1,2,9],\"target\":[null,4,0]}\n"
        "\n{\"input\":[3],\"target\":7}\n"
        "{\"input\":[3,3],\"target\":[1,1],\"scored\":[1]}", &b);
    const struct stream_info *info = batch_reader_info(r);
    static const uint8_t scored[] = { 0, 1, 1, 1, 0, 0, 0, 1, 0 };
    static const int32_t classes[] = { 0, 4, 0, 7, 0, 0, 0, 1, 0 };

    (void)unused;
    assert_int_equal(info->input, VALUE_TOKEN);
    assert_int_equal(info->input_size, 10);
    assert_int_equal(info->target_size, 8);
    assert_int_equal(b.rows, 3);
    assert_int_equal(b.steps, 3);
    assert_memory_equal(b.scored, scored, 9);
    assert_memory_equal(b.classes, classes, 36);
    assert_int_equal(b.length[1], 1);
    assert_string_equal(json_string_value(json_at(info->task, "name")),
                        "lines");
    assert_int_equal(json_string_length(json_at(info->task, "sha256")), 64);
    batch_release(&b);
    batch_reader_close(r);
}

static void
test_vector_lines(void **unused)
{
    struct batch b = { 0 };
    struct batch_reader *r = open_lines(
        "{\"input\":[[1,2],[3,4]],\"target\":[0.5,1]}\n"
        "{\"input\":[[1,2]],\"target\":[2,1.5]}\n", &b);

    (void)unused;
    assert_int_equal(batch_reader_info(r)->target, VALUE_VECTOR);
    assert_int_equal(batch_reader_info(r)->target_size, 2);
    assert_true(b.values[2] == 0.5f && b.values[0] == 0 && b.values[5] == 1.5);
    assert_true(b.scored[0] == 0 && b.scored[1] == 1 && b.scored[2] == 1);
    batch_release(&b);
    batch_reader_close(r);
    r = open_lines("{\"input_size\":5,\"target\":\"vector\","
                   "\"split\":\"test\"}\n{\"input\":[1,2],\"target\":3}\n", &b);
    assert_true(b.values[1] == 3);
    assert_int_equal(batch_reader_info(r)->input_size, 5);
    assert_int_equal(batch_reader_info(r)->target_size, 1);
    assert_string_equal(batch_reader_info(r)->split, "test");
    batch_release(&b);
    batch_reader_close(r);
    r = open_lines("{\"input\":[1,2],\"target\":[null,null]}\n"
                   "{\"input\":[1],\"target\":[[1,2,3]]}\n", &b);
    assert_int_equal(batch_reader_info(r)->target_size, 3);
    assert_true(b.values[8] == 3);
    assert_true(!b.scored[0] && !b.scored[1] && b.scored[2]);
    batch_release(&b);
    batch_reader_close(r);
}

/* 1, 1.0 and 1e0 are the same whole number wherever one may stand. */
static void
test_whole_numbers(void **unused)
{
    static const int32_t tokens[] = { 1, 2, 0 }, classes[] = { 0, 2, 1 };
    struct batch b = { 0 };
    struct batch_reader *r = open_lines(
        "{\"input\":[1.0,2e0,0],\"target\":[null,2.0,1e0]}\n", &b);

    (void)unused;
    assert_int_equal(batch_reader_info(r)->input, VALUE_TOKEN);
    assert_int_equal(batch_reader_info(r)->target, VALUE_TOKEN);
    assert_int_equal(batch_reader_info(r)->target_size, 3);
    assert_memory_equal(b.tokens, tokens, sizeof tokens);
    assert_memory_equal(b.classes, classes, sizeof classes);
    batch_release(&b);
    batch_reader_close(r);
    r = open_lines("{\"input_size\":4.0,\"target_size\":2e0}\n"
                   "{\"input\":[1,0],\"target\":[1,0],\"scored\":[1.0]}\n",
                   &b);
    assert_int_equal(batch_reader_info(r)->input_size, 4);
    assert_true(!b.scored[0] && b.scored[1]);
    batch_release(&b);
    batch_reader_close(r);
    r = open_lines("{\"input\":[1,0],\"target\":1.0}\n"
                   "{\"input\":[1],\"target\":null}\n", &b);
    assert_int_equal(batch_reader_info(r)->target, VALUE_TOKEN);
    assert_int_equal(batch_reader_info(r)->target_size, 2);
    assert_true(!b.scored[0] && b.scored[1] && !b.scored[2]);
    batch_release(&b);
    batch_reader_close(r);
}

/* A header with any one of its keys is seen, and means what it says. */
static void
test_line_headers(void **unused)
{
    struct batch b = { 0 };
    const struct stream_info *info;
    struct batch_reader *r = open_lines(
        "{\"target\":\"vector\"}\n"
        "{\"input\":[[0.5],[0.25],[1]],\"target\":[0,1,0]}\n", &b);

    (void)unused;
    info = batch_reader_info(r);
    assert_int_equal(info->target, VALUE_VECTOR);
    assert_int_equal(info->target_size, 3);
    assert_true(b.values[7] == 1 && b.scored[2] && !b.scored[0]);
    assert_false(info->input_seen || info->target_seen || info->batch_told);
    batch_release(&b);
    batch_reader_close(r);
    r = open_lines("{\"split\":\"val\"}\n{\"input\":[1],\"target\":0}\n", &b);
    info = batch_reader_info(r);
    assert_string_equal(info->split, "val");
    assert_true(info->input_seen && info->target_seen);
    batch_release(&b);
    batch_reader_close(r);
    r = open_lines("{\"task\":{\"name\":\"mine\"}}\n"
                   "{\"input\":[1],\"target\":0}\n", &b);
    assert_string_equal(json_string_value(json_at(batch_reader_info(r)->task,
                                                  "name")), "mine");
    batch_release(&b);
    batch_reader_close(r);
    r = open_lines("{\"batch\":2,\"count\":2,\"continues\":true}\n"
                   "{\"input\":[1],\"target\":0}\n"
                   "{\"input\":[2],\"target\":0}\n"
                   "{\"input\":[3],\"target\":0}\n"
                   "{\"input\":[4],\"target\":1}\n", &b);
    assert_int_equal(batch_reader_info(r)->batch, 2);
    assert_int_equal(batch_reader_info(r)->count, 2);
    assert_int_equal(b.rows, 2);
    assert_int_equal(b.tokens[1], 2);
    batch_release(&b);
    assert_true(batch_read(r, &b));
    assert_int_equal(b.index, 1);
    assert_int_equal(b.tokens[0], 3);
    assert_int_equal(b.classes[1], 1);
    batch_release(&b);
    assert_false(batch_read(r, &b));
    batch_reader_close(r);
}

/* What a line says of itself for people: any object, anywhere in it; of a
 * header, its own key. */
static void
test_line_about(void **unused)
{
    struct batch b = { 0 };
    struct batch_reader *r = open_lines(
        "{\"about\":{\"symbols\":[\"a\",\"b\"]}}\n"
        "{\"input\":[1,0],\"about\":{\"x\":{\"y\":[1,{}]},\"}\":\"]\"},"
        "\"target\":[null,1]}\n"
        "{\"about\":{},\"input\":[1],\"target\":0}\n", &b);

    (void)unused;
    assert_int_equal(json_array_size(json_at(batch_reader_info(r)->about,
                                             "symbols")), 2);
    assert_int_equal(b.rows, 2);
    assert_int_equal(b.tokens[0], 1);
    assert_int_equal(b.classes[1], 1);
    assert_true(b.scored[1] && !b.scored[0]);
    batch_release(&b);
    batch_reader_close(r);
}

static void
test_bad_lines(void **unused)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "{\"input\":[1]}", "lines:1: 'target' is missing" },
        { "{\"target\":[1]}", "lines:1: 'input' is not a list" },
        { "{\"input\":[],\"target\":[1]}", "'input' is not a list of at" },
        { "{\"input\":[1],\"target\":[1]}\n\n{\"input\":[1],\"target\":",
          "lines:3: not JSON" },
        { "{\"input\":[1],\"target\":[1]}\n[1]", "lines:2: not a JSON object" },
        { "{\"input\":[1],\"target\":[1,2]}", "'target' has 2 steps, 'input' "
          "1" },
        { "{\"input\":[1.5],\"target\":[1]}", "'input' at step 0 is not a "
          "whole number" },
        { "{\"input\":[-1],\"target\":[1]}", "'input' at step 0" },
        { "{\"input\":[1,null],\"target\":[1,1]}", "'input' at step 1" },
        { "{\"input\":[99999999],\"target\":[1]}", "'input' at step 0" },
        { "{\"input\":[[1,2],[3]],\"target\":1}", "not 2 numbers wide" },
        { "{\"input\":[[1,\"a\"]],\"target\":1}", "no number" },
        { "{\"input\":[[1,1e300]],\"target\":1}", "no number" },
        { "{\"input\":[[]],\"target\":1}", "an empty vector" },
        { "{\"input\":[1],\"target\":[\"a\"]}", "no class, vector or null" },
        { "{\"input\":[1],\"target\":\"a\"}", "neither a number nor a list" },
        { "{\"input\":[1],\"target\":[]}", "neither a number nor a list" },
        { "{\"input\":[1,2],\"target\":[1,[2]]}", "mixes numbers and lists" },
        { "{\"input\":[1,2],\"target\":[1.5,null]}", "but holds null" },
        { "{\"input\":[1],\"target\":1}\n{\"input\":[1],\"target\":1.5}",
          "lines:2: 'target' holds a fraction, but classes came before; if "
          "targets are vectors, put a first line {\"target\":\"vector\"}" },
        { "{\"target\":\"token\"}\n{\"input\":[1],\"target\":1.5}",
          "lines:2: 'target' holds a fraction, but the header says" },
        { "{\"target\":\"token\"}\n{\"input\":[1],\"target\":null}",
          "lines: no target in any line" },
        { "{\"input\":[1],\"target\":1}\n{\"target\":\"vector\"}",
          "lines:2: a header stands on the first line" },
        { "{\"input\":\"vector\"}\n{\"input\":[1],\"target\":1}",
          "lines:2: 'input': a step that is no list of numbers" },
        { "{\"inputs\":[1],\"targets\":[1]}", "lines:1: unknown key 'inputs'" },
        { "{\"batch\":2,\"count\":2}\n{\"input\":[1],\"target\":1}",
          "the header speaks of 2 batches of 2, but 1 lines came" },
        { "{\"batch\":2,\"continues\":true}\n{\"input\":[1],\"target\":1}",
          "1 lines are no multiple of the 2 rows" },
        { "{\"input\":[1],\"target\":[1.5]}\n{\"input\":[1],\"target\":"
          "[1.5,2]}", "lines:2: 'target': a vector that is not 1 numbers" },
        { "{\"input\":[1],\"target\":1,\"scored\":[0]}", "'scored' needs a" },
        { "{\"input\":[1],\"target\":[1],\"scored\":[1]}", "position in 0..0" },
        { "{\"input\":[1],\"target\":[null],\"scored\":[0]}", "has no target" },
        { "{\"input\":[1],\"target\":[1],\"scored\":1}", "not a list of pos" },
        { "{\"input\":[1],\"target\":1,\"about\":[1]}", "holds something" },
        { "{\"input\":[1],\"target\":1,\"about\":{\"x\":1", "lines:1: " },
        { "{\"input\":[1],\"target\":[1],\"score\":[1]}", "unknown key 'score"
          "'" },
        { "{\"input\":[1],\"target\":[null]}", "lines: no target in any line" },
        { "{\"input_size\":5}", "lines: no sequences in it" },
        { "{\"input_size\":5}\n{\"input\":[5],\"target\":1}", "lines:2: "
          "'input' at step 0 is 5, but the header says 5 classes" },
        { "{\"input_size\":0}", "header: 'input_size' is not a whole number" },
        { "{\"input_size\":5,\"input\":\"words\"}", "neither \"token\" nor" },
        { "{\"input_size\":5,\"targets\":5}", "unknown key 'targets' (did you"
          " mean 'target'?)" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        put_text("lines", bad[i].text);
        assert_dies(batch_try, "lines", 1, bad[i].says);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_vector_lines),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_line_headers),
        cmocka_unit_test(test_line_about),
        cmocka_unit_test(test_bad_lines),
    };

    return cmocka_run_group_tests_name("lines", tests, enter_folder,
                                       leave_folder);
}

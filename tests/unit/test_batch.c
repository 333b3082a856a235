/* test_batch.c - batches as records and as lines, and what is refused. */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "stream/batch.h"
#include "unit/child.h"
#include "unit/folder.h"

enum { FULL, LAST, RAGGED };     /* which steps count, how long rows are */

/* Batch `index` of a made-up task. */
static void
make(struct batch *b, const struct stream_info *info, int64_t index, int how)
{
    batch_shape(b, info, 3, 4);
    b->index = index;
    for (int i = 0; i < 12; i++) {
        int row = i / 4, step = i % 4;

        b->length[row] = how == RAGGED ? 4 - row : 4;
        if (step >= b->length[row])
            continue;
        if (b->tokens)
            b->tokens[i] = (i * 7 + (int)index) % info->input_size;
        for (int k = 0; b->vectors && k < info->input_size; k++)
            b->vectors[i * info->input_size + k] = (float)i + 0.1f * (float)k;
        b->scored[i] = how == FULL || (how == LAST && step == 3) ||
                       (how == RAGGED && (i + row) % 3 == 0);
        if (b->classes && b->scored[i])
            b->classes[i] = (i * 5 + 1) % info->target_size;
        for (int k = 0; b->values && b->scored[i] && k < info->target_size;
             k++)
            b->values[i * info->target_size + k] = 1e-7f * (float)(i - k);
    }
}

static void
assert_same(const struct batch *a, const struct batch *b,
            const struct stream_info *info)
{
    size_t n = (size_t)(a->rows * a->steps);

    assert_int_equal(a->index, b->index);
    assert_int_equal(a->rows, b->rows);
    assert_int_equal(a->steps, b->steps);
    assert_memory_equal(a->length, b->length, (size_t)a->rows * 4);
    assert_memory_equal(a->scored, b->scored, n);
    if (info->input == VALUE_TOKEN)
        assert_memory_equal(a->tokens, b->tokens, n * 4);
    else
        assert_memory_equal(a->vectors, b->vectors,
                            n * 4 * (size_t)info->input_size);
    if (info->target == VALUE_TOKEN)
        assert_memory_equal(a->classes, b->classes, n * 4);
    else
        assert_memory_equal(a->values, b->values,
                            n * 4 * (size_t)info->target_size);
}

static struct stream_info
sample_info(enum value_kind input, enum value_kind target, int classes)
{
    return (struct stream_info){
        .input = input, .target = target,
        .input_size = input == VALUE_TOKEN ? classes : 3,
        .target_size = target == VALUE_TOKEN ? classes : 2,
        .batch = 3, .count = 2, .split = "val",
        .task = json_pack("{s:s, s:i}", "name", "none", "len", 4),
    };
}

static void
write_sample(const char *path, const struct stream_info *info, int how)
{
    json_t *header = info_header(info);
    struct tsw *w = tsw_open(path, header);

    for (int i = 0; i < 2; i++) {
        struct batch b = { 0 };

        make(&b, info, i, how);
        batch_write(w, info, &b);
        tsw_flush(w);
        batch_release(&b);
    }
    tsw_close(w, 2);
    json_decref(header);
}

static void
test_records(void **unused)
{
    (void)unused;
    for (int i = 0; i < 2 * 2 * 3 * 2; i++) {
        struct stream_info info = sample_info(i & 1 ? VALUE_TOKEN
            : VALUE_VECTOR, i & 2 ? VALUE_TOKEN : VALUE_VECTOR,
            i >= 12 ? 300 : 12);
        struct batch_reader *r;
        const struct stream_info *got;

        write_sample("s", &info, i / 4 % 3);
        r = batch_reader_open("s");
        got = batch_reader_info(r);
        assert_int_equal(got->input, info.input);
        assert_int_equal(got->target_size, info.target_size);
        assert_int_equal(got->count, 2);
        assert_false(got->continues);
        assert_string_equal(got->split, "val");
        assert_true(json_equal(got->task, info.task));
        for (int k = 0; k < 2; k++) {
            struct batch b = { 0 }, want = { 0 };

            make(&want, &info, k, i / 4 % 3);
            assert_true(batch_read(r, &b));
            assert_same(&b, &want, &info);
            batch_release(&b);
            batch_release(&want);
        }
        assert_false(batch_read(r, &(struct batch){ 0 }));
        batch_reader_close(r);
        info_release(&info);
    }
}

/* What is left out of the records is left out. */
static void
test_sizes(void **unused)
{
    struct stream_info info = sample_info(VALUE_TOKEN, VALUE_TOKEN, 12);

    (void)unused;
    write_sample("s", &info, FULL);
    assert_int_equal(system("test $(grep -ac '\"dtype\"' s) = 4 && "
                            "grep -aq '\"dtype\":\"u8\",\"shape\":.3,4' s"),
                     0);
    write_sample("s", &info, LAST);
    assert_int_equal(system("test $(grep -ac '\"scored\",\"dtype\":\"u8\","
                            "\"shape\":.4.' s) = 2"), 0);
    write_sample("s", &info, RAGGED);
    assert_int_equal(system("test $(grep -ac '\"dtype\"' s) = 8"), 0);
    info_release(&info);
}

/* Printed as lines and read again: the same, but for the header. */
static void
test_print(void **unused)
{
    (void)unused;
    for (int i = 0; i < 4 * 3; i++) {
        struct stream_info info = sample_info(i & 1 ? VALUE_TOKEN
            : VALUE_VECTOR, i & 2 ? VALUE_TOKEN : VALUE_VECTOR, 12);
        FILE *f = fopen("lines", "w");
        struct batch want = { 0 }, b = { 0 };
        struct batch_reader *r;

        make(&want, &info, 0, i / 4);
        fputs("{\"input_size\":", f);
        fprintf(f, "%d,\"target_size\":%d}\n", info.input_size,
                info.target_size);
        batch_print(f, &info, &want);
        fclose(f);
        r = batch_reader_open("lines");
        assert_int_equal(batch_reader_info(r)->input_size, info.input_size);
        assert_int_equal(batch_reader_info(r)->batch, 3);
        assert_int_equal(batch_reader_info(r)->count, 1);
        assert_true(batch_read(r, &b));
        assert_same(&b, &want, &info);
        assert_false(batch_read(r, &(struct batch){ 0 }));
        batch_release(&b);
        batch_release(&want);
        batch_reader_close(r);
        info_release(&info);
    }
    assert_int_equal(system("jq -e .scored lines >/dev/null"), 0);
}

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

/* ---- refused ----------------------------------------------------------- */

static void
read_it(void *path)
{
    struct batch_reader *r = batch_reader_open(path);
    struct batch b = { 0 };

    while (batch_read(r, &b))
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
        assert_dies(read_it, "lines", 1, bad[i].says);
    }
}

/* One record with the right sum, after a header. */
struct part {
    const char *name;
    enum dtype dtype;
    int ndim;
    int64_t shape[3], index;
    const void *data;
};

static void
write_parts(const char *header, const struct part *parts)
{
    json_t *h = json_loads(header, 0, NULL);
    struct tsw *w = tsw_open("parts", h);

    for (; parts->name; parts++) {
        struct tensor t = { .dtype = parts->dtype, .ndim = parts->ndim,
                            .index = parts->index,
                            .data = (void *)parts->data };

        strcpy(t.name, parts->name);
        memcpy(t.shape, parts->shape, sizeof parts->shape);
        tensor_bytes(&t, &t.bytes);
        tsw_write(w, &t);
    }
    tsw_close(w, 1);
    json_decref(h);
}

#define TOKENS "{\"input\":\"token\",\"input_size\":4,\"target\":\"token\"," \
    "\"target_size\":4,\"batch\":1,\"count\":1}"
#define VECTORS "{\"input\":\"vector\",\"input_size\":2,\"target\":" \
    "\"vector\",\"target_size\":1,\"batch\":1,\"count\":1}"

static const uint8_t small[16] = { 0, 1, 2, 3 }, large[2] = { 3, 4 };
static const int32_t lengths[2] = { 2, 1 }, negative[2] = { 0, -1 };
static const float reals[2] = { 1, 2 }, infinite[2] = { 1, (float)1e39 };

#define IN { "input", DT_U8, 2, { 1, 2 }, 0, small }
#define OUT { "target", DT_U8, 2, { 1, 2 }, 0, small }

static void
test_bad_records(void **unused)
{
    static const struct {
        const char *header;
        struct part parts[5];
        const char *says;
    } bad[] = {
        { TOKENS, { IN, { 0 } }, "batch 0 is not complete" },
        { TOKENS, { OUT, { 0 } }, "'target' has no place here" },
        { TOKENS, { IN, IN, { 0 } }, "'input' has no place here" },
        { TOKENS, { IN, { "more", DT_U8, 1, { 1 }, 0, small }, { 0 } },
          "'more' has no place here" },
        { TOKENS, { IN, { "target", DT_U8, 2, { 1, 2 }, -1, small }, { 0 } },
          "'target' has no index" },
        { TOKENS, { { "input", DT_U8, 2, { 1, 2 }, 1, small }, { 0 } },
          "beyond the count" },
        { TOKENS, { { "input", DT_F32, 2, { 1, 2 }, 0, reals }, { 0 } },
          "a dtype other than u8, i32, i64" },
        { TOKENS, { { "input", DT_U8, 1, { 2 }, 0, small }, { 0 } },
          "not of shape [rows, steps] (tokens)" },
        { TOKENS, { { "input", DT_U8, 2, { 0, 2 }, 0, small }, { 0 } },
          "no rows, no steps" },
        { TOKENS, { { "input", DT_U8, 2, { 1, 2 }, 0, large }, OUT, { 0 } },
          "'input' holds 4 at row 0, step 1, but the header says 4 classes" },
        { TOKENS, { { "input", DT_I32, 2, { 1, 2 }, 0, negative }, OUT,
                    { 0 } },
          "'input' holds -1 at row 0, step 1" },
        { TOKENS, { IN, { "target", DT_U8, 2, { 1, 2 }, 0, large }, { 0 } },
          "'target' holds 4" },
        { TOKENS, { IN, { "target", DT_U8, 2, { 2, 1 }, 0, small }, { 0 } },
          "has other rows and steps than 'input'" },
        { TOKENS, { { "length", DT_I32, 1, { 2 }, 0, lengths }, IN, { 0 } },
          "'length' is not of shape [rows]" },
        { TOKENS, { IN, { "length", DT_I32, 1, { 2 }, 0, lengths }, { 0 } },
          "'length' is not of shape [rows]" },
        { TOKENS, { { "length", DT_U8, 1, { 1 }, 0, small }, IN, OUT, { 0 } },
          "'length' holds a length that is not in 1..steps" },
        { TOKENS, { { "length", DT_U8, 1, { 1 }, 0, large }, IN, OUT, { 0 } },
          "'length' holds a length that is not in 1..steps" },
        { TOKENS, { IN, { "length", DT_I32, 1, { 1 }, 0, lengths },
                    { "length", DT_I32, 1, { 1 }, 0, lengths }, { 0 } },
          "'length' has no place here" },
        { TOKENS, { { "scored", DT_U8, 1, { 3 }, 0, small }, IN, { 0 } },
          "'scored' is not of shape [steps]" },
        { TOKENS, { IN, { "scored", DT_U8, 1, { 3 }, 0, small }, { 0 } },
          "'scored' is not of shape [steps]" },
        { TOKENS, { IN, { "scored", DT_I32, 1, { 2 }, 0, lengths }, { 0 } },
          "'scored' is not of shape [steps]" },
        { TOKENS, { { "scored", DT_U8, 1, { 2 }, 0, large }, IN, OUT, { 0 } },
          "'scored' holds something else than 0 and 1" },
        { VECTORS, { { "input", DT_U8, 3, { 1, 1, 2 }, 0, small }, { 0 } },
          "a dtype other than f32, f64" },
        { VECTORS, { { "input", DT_F32, 3, { 1, 2, 1 }, 0, reals }, { 0 } },
          "not as wide as the header says" },
        { VECTORS, { { "input", DT_F32, 3, { 1, 1, 2 }, 0, infinite },
                     { "target", DT_F32, 3, { 1, 1, 1 }, 0, reals }, { 0 } },
          "'input' holds a number that is not finite" },
        { VECTORS, { { "input", DT_F32, 3, { 1, 1, 2 }, 0, reals },
                     { "target", DT_F32, 3, { 1, 1, 1 }, 0, infinite + 1 },
                     { 0 } }, "'target' holds a number that is not finite" },
        { "{}", { { 0 } }, "header: 'input' is missing" },
        { "{\"input\":\"token\",\"input_size\":4,\"target\":\"token\","
          "\"target_size\":-4,\"batch\":1}", { { 0 } },
          "'target_size' is not a whole number in 1..16777216" },
        { "{\"input\":\"token\",\"input_size\":4,\"target\":\"token\","
          "\"target_size\":4,\"batch\":1,\"task\":5}", { { 0 } },
          "'task' is not a JSON object" },
        { "{\"input\":\"token\",\"input_size\":4,\"target\":\"token\","
          "\"target_size\":4,\"batch\":1,\"split\":\"much too long a name\"}",
          { { 0 } }, "'split' is no text of up to 15 letters" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        write_parts(bad[i].header, bad[i].parts);
        assert_dies(read_it, "parts", 1, bad[i].says);
    }
    write_parts(TOKENS, (struct part[]){ IN, OUT, { 0 } });
    assert_int_equal(child_run(read_it, "parts"), 0);
}

/* Cut or flipped anywhere, a stream of batches is refused in one line; only
 * the header's own words can change unnoticed. */
static void
test_damage(void **unused)
{
    struct stream_info info = sample_info(VALUE_TOKEN, VALUE_TOKEN, 12);
    size_t n, header;
    char *all;

    (void)unused;
    write_sample("s", &info, RAGGED);
    all = file_read("s", 1 << 20, &n);
    header = strcspn(all, "\n");
    for (size_t i = 0; i < n; i++) {
        FILE *f = fopen("bad", "w");
        int status;

        all[i] ^= (char)(1 << i % 8);
        fwrite(all, 1, n, f);
        fclose(f);
        all[i] ^= (char)(1 << i % 8);
        status = child_run(read_it, "bad");
        if (status == 0)
            assert_true(i < header && isalnum((unsigned char)all[i]));
        else
            assert_one_line(child_err, ": bad:");
        assert_in_range(status, 0, 1);
        assert_int_equal(truncate("bad", (off_t)i), 0);
        assert_dies(read_it, "bad", 1, ": bad:");
    }
    free(all);
    info_release(&info);
}

static void
test_bad_inputs(void **unused)
{
    (void)unused;
    assert_dies(read_it, "/dev/null", 1, "/dev/null: empty");
    assert_dies(read_it, ".", 1, "Is a directory");
    assert_dies(read_it, "none", 1, "No such file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_vector_lines),
        cmocka_unit_test(test_whole_numbers),
        cmocka_unit_test(test_line_headers),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_bad_records),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_bad_inputs),
    };

    return cmocka_run_group_tests_name("batch", tests, enter_folder,
                                       leave_folder);
}

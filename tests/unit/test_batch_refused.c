/* test_batch_refused.c - records whose sums are right and that are wrong. */
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
          "no rows or no steps" },
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
        assert_dies(batch_try, "parts", 1, bad[i].says);
    }
    write_parts(TOKENS, (struct part[]){ IN, OUT, { 0 } });
    assert_int_equal(child_run(batch_try, "parts"), 0);
}

static void
test_bad_inputs(void **unused)
{
    (void)unused;
    assert_dies(batch_try, "/dev/null", 1, "/dev/null: empty");
    assert_dies(batch_try, ".", 1, "Is a directory");
    assert_dies(batch_try, "none", 1, "No such file");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_records),
        cmocka_unit_test(test_bad_inputs),
    };

    return cmocka_run_group_tests_name("refused", tests, enter_folder,
                                       leave_folder);
}

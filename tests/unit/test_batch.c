/* test_batch.c - batches as records: written, read, printed, damaged.  (Lines:
 * test_batch_lines.c; records that are refused: test_batch_refused.c.) */
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
#include "unit/batch_try.h"
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
        batch_print(f, &info, &want, NULL);
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
        status = child_run(batch_try, "bad");
        if (status == 0)
            assert_true(i < header && isalnum((unsigned char)all[i]));
        else
            assert_one_line(child_err, ": bad:");
        assert_in_range(status, 0, 1);
        assert_int_equal(truncate("bad", (off_t)i), 0);
        assert_dies(batch_try, "bad", 1, ": bad:");
    }
    free(all);
    info_release(&info);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests_name("batch", tests, enter_folder,
                                       leave_folder);
}

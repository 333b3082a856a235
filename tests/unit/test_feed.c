/* test_feed.c - stored sets and where training batches come from. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/die.h"
#include "train/feed.h"
#include "train/set.h"
#include "unit/child.h"

static char folder[] = "/tmp/test_feed.XXXXXX";
static char path[64];

/* Write rows first .. first+rows-1 in batches of `batch`: row i has length
 * i % 4 + 1 and the tokens i % 7, i + 1 % 7, ... */
static void
write_stream(int rows, int batch, int64_t count, bool continues, int first)
{
    struct stream_info info = {
        .input = VALUE_TOKEN, .target = VALUE_TOKEN, .input_size = 7,
        .target_size = 7, .batch = batch, .count = count,
        .continues = continues, .task = json_object(), .split = "train",
    };
    json_t *header = info_header(&info);
    struct tsw *w = tsw_open(path, header);
    int64_t n = 0;

    for (int i = 0; i < rows; i += batch, n++) {
        int k = rows - i < batch ? rows - i : batch;
        struct batch b = { 0 };

        batch_shape(&b, &info, k, 4);
        b.index = first + n;
        for (int r = 0; r < k; r++) {
            b.length[r] = continues ? 4 : (i + r) % 4 + 1;
            for (int t = 0; t < b.length[r]; t++) {
                b.tokens[r * 4 + t] = (i + r + t) % 7;
                b.classes[r * 4 + t] = (i + r) % 7;
                b.scored[r * 4 + t] = 1;
            }
        }
        batch_write(w, &info, &b);
        batch_release(&b);
    }
    tsw_close(w, n);
    json_decref(header);
    json_decref(info.task);
}

static void
read_set(struct set *s, int64_t rows)
{
    struct batch_reader *r = batch_reader_open(path);

    set_read(s, r, rows, "here");
    batch_reader_close(r);
}

static void
test_gather(void **unused)
{
    const uint32_t order[] = { 4, 9, 0, 5, 1 };
    struct set_room room = { 0 };
    const struct batch *b;
    struct set s;

    (void)unused;
    write_stream(10, 3, 4, false, 0);
    read_set(&s, 0);
    assert_int_equal(s.rows, 10);
    assert_int_equal(s.longest, 4);
    b = set_take(&s, order, 2, 3, &room);        /* rows 0, 5, 1 */
    assert_int_equal(b->rows, 3);
    assert_int_equal(b->steps, 2);
    for (int i = 0; i < 3; i++) {
        int row = (int)order[2 + i];

        assert_int_equal(b->length[i], row % 4 + 1);
        for (int t = 0; t < 2; t++) {
            bool in = t < b->length[i];

            assert_int_equal(b->tokens[i * 2 + t], in ? (row + t) % 7 : 0);
            assert_int_equal(b->scored[i * 2 + t], in);
        }
    }
    set_room_release(&room);
    set_release(&s);
}

/* Rows in order that stand together in a batch with its longest are not
 * copied; across batches, or shorter, they are. */
static void
test_view(void **unused)
{
    static const struct { int first, n, batch; } some[] = {
        { 3, 1, 1 }, { 0, 3, -1 }, { 3, 3, 1 }, { 4, 2, -1 }, { 2, 2, -1 },
        { 6, 2, 2 }, { 9, 1, -1 },
    };
    struct set_room room = { 0 };
    struct set s;

    (void)unused;
    write_stream(10, 3, 4, false, 0);
    read_set(&s, 0);
    for (size_t k = 0; k < sizeof some / sizeof *some; k++) {
        int first = some[k].first, n = some[k].n, in = some[k].batch;
        const struct batch *b = set_take(&s, NULL, first, n, &room);

        assert_int_equal(b->rows, n);
        if (in >= 0)
            assert_ptr_equal(b->tokens, s.batch[in].tokens +
                             (first - 3 * in) * 4);
        else
            assert_ptr_equal(b->tokens, room.own.tokens);
        for (int i = 0; i < n; i++) {
            assert_int_equal(b->length[i], (first + i) % 4 + 1);
            for (int t = 0; t < b->steps; t++) {
                int at = i * b->steps + t, within = t < b->length[i];

                assert_int_equal(b->tokens[at],
                                 within ? (first + i + t) % 7 : 0);
                assert_int_equal(b->classes[at],
                                 within ? (first + i) % 7 : 0);
                assert_int_equal(b->scored[at], within);
            }
        }
    }
    set_room_release(&room);
    set_release(&s);
}

/* What a set is does not depend on how it came. */
static void
test_hash(void **unused)
{
    char a[65], b[65], c[65];
    struct set s;

    (void)unused;
    write_stream(10, 3, 4, false, 0);
    read_set(&s, 0);
    set_sha256(&s, a);
    set_release(&s);
    write_stream(10, 10, 1, false, 0);
    read_set(&s, 0);
    set_sha256(&s, b);
    set_release(&s);
    read_set(&s, 9);
    set_sha256(&s, c);
    set_release(&s);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
}

static struct feed *
open_stored(int batch, uint64_t seed)
{
    struct feed *f = feed_open(path);

    assert_true(feed_is_stored(f, 0, false));
    feed_store(f, 0);
    feed_start(f, batch, seed, 0);
    return f;
}

/* Each row once an epoch, in another order each time, the same again when
 * asked in another order. */
static void
test_order(void **unused)
{
    int32_t first[2][10] = { { 0 } };
    struct feed *f;

    (void)unused;
    write_stream(10, 3, 4, false, 0);
    f = open_stored(4, 1);
    assert_int_equal(feed_batches(f), 3);
    for (int epoch = 0; epoch < 2; epoch++) {
        int seen[7] = { 0 }, n = 0;

        for (int i = 0; i < 3; i++) {
            const struct batch *b = feed_batch(f, epoch, i);

            assert_int_equal(b->rows, i < 2 ? 4 : 2);
            for (int r = 0; r < b->rows; r++) {
                first[epoch][n++] = b->tokens[r * b->steps];
                seen[b->tokens[r * b->steps]]++;
            }
        }
        for (int k = 0; k < 7; k++)
            assert_int_equal(seen[k], 1 + (k < 3));
    }
    assert_memory_not_equal(first[0], first[1], sizeof first[0]);
    assert_int_equal(feed_batch(f, 0, 2)->tokens[0], first[0][8]);
    feed_close(f);
    f = open_stored(4, 2);
    for (int i = 0, same = 0; i < 4; i++) {
        const struct batch *b = feed_batch(f, 0, 0);

        same += b->tokens[i * b->steps] == first[0][i];
        assert_true(i < 3 || same < 4);
    }
    feed_close(f);
}

/* Rows that go on from batch to batch are not shuffled. */
static void
test_continuing(void **unused)
{
    struct feed *f;

    (void)unused;
    write_stream(9, 3, 3, true, 0);
    f = open_stored(3, 1);
    assert_int_equal(feed_batches(f), 3);
    for (int epoch = 0; epoch < 2; epoch++)
        for (int i = 0; i < 3; i++)
            assert_int_equal(feed_batch(f, epoch, i)->tokens[0], 3 * i % 7);
    feed_close(f);
}

/* An endless stream: batches before the one asked for are skipped. */
static void
test_pipe(void **unused)
{
    struct feed *f;

    (void)unused;
    write_stream(12, 3, -1, false, 0);
    f = feed_open(path);
    assert_false(feed_is_stored(f, 0, false));
    feed_start(f, 3, 1, 0);
    assert_int_equal(feed_batch(f, 0, 2)->tokens[0], 6);
    assert_int_equal(feed_batch(f, 0, 2)->tokens[0], 6);
    assert_int_equal(feed_batch(f, 0, 3)->tokens[0], 9 % 7);
    feed_close(f);
}

static void
ask(void *index)
{
    struct feed *f = feed_open(path);

    feed_start(f, 3, 1, 0);
    feed_batch(f, 0, *(int *)index);
}

static void
ask_rows(void *rows)
{
    struct set s;

    read_set(&s, *(int *)rows);
}

static void
test_errors(void **unused)
{
    int nine = 9, zero = 0, many = 100;

    (void)unused;
    write_stream(12, 3, -1, false, 2);
    assert_dies(ask, &nine, RC_DATA, "ends before batch 9");
    assert_dies(ask, &zero, RC_DATA, "goes on with batch 2, the run with 0");
    assert_dies(ask_rows, &many, RC_DATA, "has 12 rows, 100 are asked for");
    assert_dies(ask_rows, &zero, RC_DATA, "endless: say how many rows");
    write_stream(12, 4, -1, false, 0);
    assert_dies(ask, &zero, RC_DATA, "has 4 rows, the config says 3");
    write_stream(12, 3, 4, true, 0);
    many = 10;
    assert_dies(ask_rows, &many, RC_DATA, "cannot be cut to 10");
}

static int
set_up(void **unused)
{
    (void)unused;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/stream", folder);
    return 0;
}

static int
tear_down(void **unused)
{
    (void)unused;
    unlink(path);
    return rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gather),
        cmocka_unit_test(test_view),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_continuing),
        cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_errors),
    };

    return cmocka_run_group_tests_name("feed", tests, set_up, tear_down);
}

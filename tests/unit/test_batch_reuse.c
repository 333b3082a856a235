/* test_batch_reuse.c - batches read again and again: the same whatever came
 * before and in whatever order, without memory being asked for. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/die.h"
#include "stream/batch.h"
#include "task/source.h"
#include "task/write.h"
#include "train/feed.h"
#include "unit/allocs.h"
#include "unit/folder.h"

/* ---- in any order -------------------------------------------------------*/

/* Three rows of four steps, 4, 1 and 3 of them there; beside what counts stands
 * what would be refused if it did. */
static const uint8_t length_u8[3] = { 4, 1, 3 };
static const int32_t length_i32[3] = { 4, 1, 3 };
static const int64_t length_i64[3] = { 4, 1, 3 };
static const uint8_t mask[12] = { 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0 };
static const uint8_t mask_want[12] = { 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0 };
static const int32_t in_want[12] = { 1, 2, 3, 4, 5, 0, 0, 0, 6, 5, 4, 0 };
static const int32_t out_want[12] = { 0, 3, 0, 6, 2, 0, 0, 0, 0, 0, 1, 0 };

enum { IN, LENGTH, SCORED, OUT, PARTS };

/* Tensor `k` of the batch as `type`, where it does not count `odd`. */
static struct tensor
part(int k, enum dtype type, double odd)
{
    static const char *const names[] = { "input", "length", "scored",
                                         "target" };
    static double room[PARTS][12];
    struct tensor t = { .dtype = type, .ndim = 2, .shape = { 3, 4, 1 },
                        .data = room[k] };

    strcpy(t.name, names[k]);
    if (k == LENGTH) {
        t.ndim = 1;
        t.data = type == DT_U8 ? (void *)length_u8 : type == DT_I32 ?
                 (void *)length_i32 : (void *)length_i64;
    } else if (k == SCORED) {
        t.data = (void *)mask;
    }
    t.ndim += (k == IN || k == OUT) && type >= DT_F32;
    tensor_bytes(&t, &t.bytes);
    for (int i = 0; (k == IN || k == OUT) && i < 12; i++) {
        bool counts = k == IN ? i % 4 < length_u8[i / 4] : mask_want[i];
        double x = counts ? k == IN ? in_want[i] : out_want[i] : odd;

        switch (type) {
        case DT_U8:
            ((uint8_t *)t.data)[i] = (uint8_t)x;
            break;
        case DT_I32:
            ((int32_t *)t.data)[i] = (int32_t)x;
            break;
        case DT_I64:
            ((int64_t *)t.data)[i] = (int64_t)x;
            break;
        case DT_F32:
            ((float *)t.data)[i] = (float)x;
            break;
        case DT_F64:
            ((double *)t.data)[i] = x;
            break;
        }
    }
    return t;
}

static json_t *
header(enum value_kind kind)
{
    const char *k = kind == VALUE_TOKEN ? "token" : "vector";
    int n = kind == VALUE_TOKEN ? 7 : 1;

    return json_pack("{s:s, s:i, s:s, s:i, s:i}", "input", k, "input_size", n,
                     "target", k, "target_size", n, "batch", 3);
}

static void
check(const struct batch *b, bool vectors)
{
    assert_int_equal(b->rows, 3);
    assert_int_equal(b->steps, 4);
    assert_memory_equal(b->length, length_i32, sizeof length_i32);
    assert_memory_equal(b->scored, mask_want, sizeof mask_want);
    if (!vectors) {
        assert_memory_equal(b->tokens, in_want, sizeof in_want);
        assert_memory_equal(b->classes, out_want, sizeof out_want);
    }
    for (int i = 0; vectors && i < 12; i++) {
        assert_true(b->vectors[i] == (float)in_want[i]);
        assert_true(b->values[i] == (float)out_want[i]);
    }
}

/* The streams of earlier days have length and scored first. */
static void
test_orders(void **unused)
{
    static const int order[][PARTS] = {
        { IN, LENGTH, SCORED, OUT }, { LENGTH, SCORED, IN, OUT },
        { SCORED, LENGTH, IN, OUT }, { LENGTH, IN, SCORED, OUT },
        { IN, SCORED, LENGTH, OUT }, { SCORED, IN, LENGTH, OUT },
    };

    (void)unused;
    for (int type = DT_U8; type <= DT_F64; type++)
        for (int k = 0; k < 6; k++) {
            bool vectors = type >= DT_F32;
            json_t *h = header(vectors ? VALUE_VECTOR : VALUE_TOKEN);
            struct tsw *w = tsw_open("s", h);
            struct batch_reader *r;
            struct batch b = { 0 };

            for (int i = 0; i < PARTS; i++) {
                int p = order[k][i];
                struct tensor t = part(p, p == SCORED ? DT_U8 :
                                       p == LENGTH ? (enum dtype)(k % 3) :
                                       (enum dtype)type,
                                       vectors ? NAN : k & 1 ? 200 : 255);

                tsw_write(w, &t);
            }
            tsw_close(w, 1);
            r = batch_reader_open("s");
            assert_true(batch_read(r, &b));
            check(&b, vectors);
            assert_false(batch_read(r, &b));
            batch_release(&b);
            batch_reader_close(r);
            json_decref(h);
        }
}

/* ---- again and again ----------------------------------------------------*/

static json_t *
task(const char *text)
{
    json_t *t = json_loads(text, 0, NULL);

    assert_non_null(t);
    return t;
}

static void
assert_same(const struct batch *a, const struct batch *b)
{
    size_t n = (size_t)a->rows * (size_t)a->steps;

    assert_int_equal(a->index, b->index);
    assert_int_equal(a->rows, b->rows);
    assert_int_equal(a->steps, b->steps);
    assert_memory_equal(a->length, b->length, (size_t)a->rows * 4);
    assert_memory_equal(a->scored, b->scored, n);
    assert_memory_equal(a->tokens, b->tokens, n * 4);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(a->scored[i] ? a->classes[i] : 0,
                         b->scored[i] ? b->classes[i] : 0);
}

/* Rows of every length, so that batches grow and shrink: into one batch used
 * again, and each into a new one. */
static void
test_shapes(void **unused)
{
    json_t *t = task("{\"name\":\"copy\",\"len\":40,\"len_min\":1,"
                     "\"symbols\":250}");
    struct source s;
    struct writer *w;
    struct batch_reader *r;
    struct batch made = { 0 }, read = { 0 };

    (void)unused;
    source_open(&s, t, 2, NULL, NULL);
    w = writer_open("s", FORM_TENSORS, &s);
    writer_batches(w, SPLIT_TRAIN, 0, 0, 50, NULL);
    writer_close(w);
    r = batch_reader_open("s");
    for (int i = 0; i < 50; i++) {
        struct batch fresh = { 0 };

        source_make(&s, SPLIT_TRAIN, 0, i, &fresh);
        source_make(&s, SPLIT_TRAIN, 0, i, &made);
        assert_same(&fresh, &made);
        assert_memory_equal(fresh.classes, made.classes,
                            (size_t)(made.rows * made.steps) * 4);
        assert_true(batch_read(r, &read));
        assert_same(&fresh, &read);
        batch_release(&fresh);
    }
    assert_false(batch_read(r, &read));
    batch_reader_close(r);
    batch_release(&made);
    batch_release(&read);
    source_close(&s);
    json_decref(t);
}

/* ---- no memory ----------------------------------------------------------*/

static const char *const tasks[] = {
    "{\"name\":\"copy\",\"len_min\":3,\"len\":7}",
    "{\"name\":\"delay\",\"symbols\":20,\"score\":\"recall\"}",
    "{\"name\":\"charprint\"}", "{\"name\":\"charcount\"}",
    "{\"name\":\"grid\"}", "{\"name\":\"tictac\"}",
};
enum { TASKS = sizeof tasks / sizeof *tasks, BATCHES = 20 };

/* Batches made where a task is, after the largest has been. */
static void
test_tasks(void **unused)
{
    (void)unused;
    for (int k = 0; k < TASKS; k++) {
        json_t *t = task(tasks[k]);
        struct batch b = { 0 };
        struct source s;
        long before;

        source_open(&s, t, 30, NULL, NULL);
        source_make(&s, SPLIT_TRAIN, 0, 0, &b);
        source_make(&s, SPLIT_TRAIN, 0, 1, &b);
        before = allocs();
        for (int i = 2; i < BATCHES; i++)
            source_make(&s, SPLIT_TRAIN, 0, i, &b);
        assert_int_equal(allocs(), before);
        batch_release(&b);
        source_close(&s);
        json_decref(t);
    }
}

static void
write_task(const char *text, int64_t count)
{
    json_t *t = task(text);
    struct source s;
    struct writer *w;

    source_open(&s, t, 30, NULL, NULL);
    s.info.count = count;
    w = writer_open("s", FORM_TENSORS, &s);
    writer_batches(w, SPLIT_TRAIN, 0, 0, BATCHES, NULL);
    writer_close(w);
    source_close(&s);
    json_decref(t);
}

static void
read_batches(struct feed *f, int64_t of_epoch)
{
    long before = 0;

    for (int64_t i = 0; i < BATCHES; i++) {
        if (i == 2)
            before = allocs();
        feed_batch(f, of_epoch ? i / of_epoch : 0,
                   of_epoch ? i % of_epoch : i);
    }
    assert_int_equal(allocs(), before);
    feed_close(f);
}

static void
test_feeds(void **unused)
{
    (void)unused;
    assert_true(allocs_counted() == (allocs() > 0));
    for (int k = 0; k < TASKS; k++) {
        struct feed *f;

        write_task(tasks[k], -1);
        f = feed_open("s");
        feed_start(f, 30, 1, 0);
        read_batches(f, 0);
        f = feed_serve("cat s; cat >/dev/null");
        feed_start(f, 30, 1, 0);
        read_batches(f, 0);
        write_task(tasks[k], BATCHES);
        f = feed_open("s");
        feed_store(f, 0);
        feed_start(f, 30, 1, 0);
        read_batches(f, BATCHES / 2);      /* and a new order */
    }
}

/* Vectors, and all five types: no task makes them. */
static void
test_types(void **unused)
{
    (void)unused;
    for (int type = DT_U8; type <= DT_F64; type++) {
        json_t *h = header(type < DT_F32 ? VALUE_TOKEN : VALUE_VECTOR);
        struct tsw *w = tsw_open("s", h);
        struct batch_reader *r;
        struct batch b = { 0 };
        long before = 0;

        for (int i = 0; i < BATCHES; i++)
            for (int k = 0; k < PARTS; k++) {
                struct tensor t = part(k, k == SCORED ? DT_U8 :
                                       k == LENGTH ? DT_I32 :
                                       (enum dtype)type, 1);

                t.index = i;
                tsw_write(w, &t);
            }
        tsw_close(w, BATCHES);
        r = batch_reader_open("s");
        for (int i = 0; i < BATCHES; i++) {
            if (i == 2)
                before = allocs();
            assert_true(batch_read(r, &b));
            check(&b, type >= DT_F32);
        }
        assert_int_equal(allocs(), before);
        batch_release(&b);
        batch_reader_close(r);
        json_decref(h);
    }
}

/* ---- nothing is held back -----------------------------------------------*/

/* A batch is there when it is made, though the next one is long in coming. */
static void
test_at_once(void **unused)
{
    int fd[2], back[2];
    char c = 0;
    pid_t pid;
    struct batch_reader *r;
    struct batch b = { 0 };

    (void)unused;
    assert_int_equal(pipe(fd) | pipe(back), 0);
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        json_t *t = task("{\"name\":\"copy\",\"len\":2}");
        struct source s;
        struct writer *w;

        alarm(20);
        dup2(fd[1], STDOUT_FILENO);
        close(fd[0]);
        close(fd[1]);
        source_open(&s, t, 1, NULL, NULL);
        w = writer_open("-", FORM_TENSORS, &s);
        for (int i = 0; i < 3; i++) {
            writer_batches(w, SPLIT_TRAIN, 0, i, 1, NULL);
            if (read(back[0], &c, 1) != 1)     /* until it was read */
                _exit(1);
        }
        writer_close(w);
        _exit(0);
    }
    close(fd[1]);
    alarm(20);                /* if all fails */
    r = batch_reader_fd(fd[0], "pipe");
    for (int i = 0; i < 3; i++) {
        assert_true(batch_read(r, &b));
        assert_int_equal(b.index, i);
        assert_int_equal(write(back[1], &c, 1), 1);
    }
    assert_false(batch_read(r, &b));
    alarm(0);
    batch_release(&b);
    batch_reader_close(r);
    waitpid(pid, NULL, 0);
    close(back[0]);
    close(back[1]);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_tasks),
        cmocka_unit_test(test_feeds),
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_at_once),
    };

    return cmocka_run_group_tests_name("batch_reuse", tests, enter_folder,
                                       leave_folder);
}

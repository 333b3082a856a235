/* The emulated GPU says what kernels and callers do wrong: where, in a line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/file.h"
#include "cuda/device.h"
#include "unit/child.h"

enum { N = 64 };

static const char *const plans[] = { "ascending", "descending", "1", "2" };
enum { PLANS = sizeof plans / sizeof *plans };

static char *text;
static struct gpu *g;
static struct gpu_stream *s;
static gpu_address x;

static int
start(void **unused)
{
    size_t n;

    (void)unused;
    text = file_read("tests/emulator/faults.cu", 1 << 20, &n);
    return 0;
}

static void
open_device(const char *plan)
{
    setenv("UNROLL_EMULATED", plan, 1);
    g = gpu_open("emulated");
    s = gpu_stream_open(g);
    x = gpu_alloc(g, N * sizeof(int));
}

/* ---- kernels -------------------------------------------------------------*/

static const struct fault {
    const char *kernel;
    unsigned blocks;
    const char *line;             /* a part of it */
} faults[] = {
    { "beyond", 1, "faults.cu:7: writes 4 bytes at byte" },
    { "before", 1, "reads 4 bytes" },
    { "half_beyond", 1, "writes" },
    { "null_pointer", 1, "writes 4 bytes at" },
    { "not_aligned", 1, "not aligned" },
    { "beyond_shared", 1, "of shared memory of 256 bytes: out of bounds" },
    { "beyond_array", 1, "an index beyond an array" },
    { "two_write", 1, "without a barrier" },
    { "two_blocks_write", 3, "without a barrier" },
    { "read_of_another", 1, "without a barrier" },
    { "no_fence", 2, "without a barrier" },
    { "not_all_come", 1, "waits, and so does everybody else" },
    { "some_return", 1, "barrier" },
    { "lane_is_gone", 1, "a lane of its warp that" },
    { "lane_not_named", 1, "is not in the mask" },
    { "lane_from_outside", 1, "a lane that its mask leaves out" },
    { "waits_for_ever", 1, "waits, and so does everybody else" },
    { "too_large", 1, "a number too large for an integer" },
    { "shift", 1, "a shift by too much" },
};
enum { FAULTS = sizeof faults / sizeof *faults };

static void
run_kernel(void *fault)
{
    const struct fault *f = fault;
    struct gpu_shape shape = { .grid = { f->blocks }, .block = { 32 },
                               .shared = 256 };
    int n = N;

    open_device(getenv("UNROLL_EMULATED"));
    gpu_fill(s, x, 0, N * sizeof(int));
    gpu_launch(s, gpu_kernel(gpu_module(g, "faults", text), f->kernel),
               &shape, (void *[]){ &x, &n });
    gpu_wait(s);
}

static void
test_kernels(void **unused)
{
    (void)unused;
    for (int p = 0; p < PLANS; p++)
        for (int i = 0; i < FAULTS; i++) {
            int status;

            setenv("UNROLL_EMULATED", plans[p], 1);
            status = child_run(run_kernel, (void *)(uintptr_t)&faults[i]);
            if (status != RC_DEVICE || !strstr(child_err, faults[i].line) ||
                    !strstr(child_err, faults[i].kernel))
                fail_msg("%s under the plan %s: status %d, %s",
                         faults[i].kernel, plans[p], status, child_err);
            assert_one_line(child_err, "kernel ");
        }
}

static void
test_not_written(void **unused)
{
    struct gpu_shape shape = { .shared = 256 };
    float got[3];
    int n = N;

    (void)unused;
    open_device("fast");
    gpu_launch(s, gpu_kernel(gpu_module(g, "faults", text), "not_written"),
               &shape, (void *[]){ &x, &n });
    gpu_read(s, got, x, sizeof got);
    gpu_wait(s);
    assert_true(isnan(got[0]) && isnan(got[2]));
    gpu_close(g);
}

/* ---- callers -------------------------------------------------------------*/

static struct gpu_kernel *
harmless(void)
{
    return gpu_kernel(gpu_module(g, "none", "extern \"C\" __global__ void\n"
                                 "__launch_bounds__(64)\nnone(void) { }\n"),
                      "none");
}

static void
write_beyond(void)
{
    gpu_write(s, x + 4, text, N * sizeof(int));
}

static void
read_nowhere(void)
{
    gpu_read(s, text, x + (1 << 20), 4);
}

static void
freed_twice(void)
{
    gpu_free(g, x);
    gpu_free(g, x);
}

static void
freed_inside(void)
{
    gpu_free(g, x + 256);
}

static void
no_such_kernel(void)
{
    gpu_kernel(gpu_module(g, "faults", text), "beyonde");
}

static void
no_text(void)
{
    gpu_module(g, "bad", "extern \"C\" __global__ void bad(void)\n{ oops }\n");
}

static void
too_many_threads(void)
{
    gpu_launch(s, harmless(), &(struct gpu_shape){ .block = { 32, 33 } },
               NULL);
}

static void
too_many_together(void)
{
    gpu_launch(s, harmless(), &(struct gpu_shape){ .grid = { 9 },
               .block = { 1024 }, .cooperative = true }, NULL);
}

static void
too_much_shared(void)
{
    gpu_launch(s, harmless(), &(struct gpu_shape){ .shared = 1 << 20 }, NULL);
}

static void
waits_in_capture(void)
{
    gpu_capture(s);
    gpu_wait(s);
}

static void
allocates_in_capture(void)
{
    gpu_capture(s);
    gpu_alloc(g, 4);
}

static void
forgets_a_stream(void)
{
    struct gpu_stream *other = gpu_stream_open(g);
    struct gpu_event *e = gpu_event_open(g);

    gpu_capture(s);
    gpu_fill(s, x, 0, 4);
    gpu_event_record(e, s);
    gpu_event_await(other, e);
    gpu_fill(other, x, 1, 4);
    gpu_capture_end(s);
}

static void
multiplies_too_early(void)
{
    gpu_multiply(s, &(struct gpu_product){ .m = 1, .n = 1, .k = 1, .a = x,
                 .b = x, .c = x, .lda = 1, .ldb = 1, .ldc = 1 });
}

static void
multiplies_beyond(void)
{
    gpu_products(s);
    gpu_multiply(s, &(struct gpu_product){ .m = 8, .n = 8, .k = 9, .a = x,
                 .b = x, .c = x, .lda = 9, .ldb = 8, .ldc = 8 });
}

static const struct misuse {
    void (*fn)(void);
    const char *line;
} misuses[] = {
    { write_beyond, "gpu_write() of 256 bytes at byte 4 of a block of 256" },
    { read_nowhere, "gpu_read() of 4 bytes" },
    { freed_twice, "no block begins there" },
    { freed_inside, "no block begins there" },
    { no_such_kernel, "no kernel is called 'beyonde'" },
    { no_text, "bad.cu:2:" },
    { too_many_threads, "threads are too many" },
    { too_many_together, "9 CTAs do not fit at once" },
    { too_much_shared, "bytes of shared memory are more than" },
    { waits_in_capture, "a stream is waited for while work is captured" },
    { allocates_in_capture, "memory is allocated while work is captured" },
    { forgets_a_stream, "captured work of another stream is not awaited" },
    { multiplies_too_early, "before gpu_products()" },
    { multiplies_beyond, "gpu_multiply(): A of 288 bytes" },
};

static void
run_misuse(void *misuse)
{
    open_device("ascending");
    ((const struct misuse *)misuse)->fn();
    gpu_wait(s);
}

static void
test_callers(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof misuses / sizeof *misuses; i++)
        assert_dies(run_misuse, (void *)(uintptr_t)&misuses[i], RC_DEVICE,
                    misuses[i].line);
}

static void
bad_plan(void *unused)
{
    (void)unused;
    setenv("UNROLL_EMULATED", "upwards", 1);
    gpu_open("emulated");
}

static void
test_plan(void **unused)
{
    (void)unused;
    assert_dies(bad_plan, NULL, RC_DEVICE, "'upwards' is not");
}

/* ---- streams, events, graphs, memory -------------------------------------*/

/* Nothing is done before somebody waits; events put two streams in order. */
static void
test_streams(void **unused)
{
    static const char *const every[] = { "fast", "descending", "1", "2" };

    (void)unused;
    for (int i = 0; i < 4; i++) {
        unsigned char first[4] = { 9, 9, 9, 9 }, then[4];
        struct gpu_stream *other;
        struct gpu_event *e, *before;

        open_device(every[i]);
        other = gpu_stream_open(g);
        e = gpu_event_open(g);
        before = gpu_event_open(g);
        gpu_event_record(before, s);
        gpu_fill(s, x, 1, 4);
        gpu_event_record(e, s);
        gpu_event_await(other, e);
        gpu_read(other, first, x, 4);
        gpu_fill(other, x, 2, 4);
        assert_int_equal(first[0], 9);
        gpu_event_record(e, other);
        gpu_event_await(s, e);
        gpu_read(s, then, x, 4);
        while (!gpu_done(s))
            ;
        assert_int_equal(first[3], 1);
        assert_int_equal(then[3], 2);
        assert_true(gpu_event_seconds(before, e) >= 0);
        gpu_close(g);
    }
}

/* Two streams' work in a graph, done three times. */
static void
test_graphs(void **unused)
{
    (void)unused;
    for (int i = 0; i < PLANS; i++) {
        unsigned char got[4];
        struct gpu_stream *other;
        struct gpu_event *e, *back;
        struct gpu_graph *k;

        open_device(plans[i]);
        other = gpu_stream_open(g);
        e = gpu_event_open(g);
        back = gpu_event_open(g);
        gpu_fill(s, x, 0, 16);
        gpu_capture(s);
        gpu_move(s, x + 4, x, 4);             /* what the last time left */
        gpu_event_record(e, s);
        gpu_event_await(other, e);
        gpu_move(other, x + 8, x + 4, 4);
        gpu_event_record(back, other);
        gpu_fill(s, x, 1, 4);
        gpu_event_await(s, back);
        gpu_move(s, x + 12, x + 8, 4);
        k = gpu_capture_end(s);
        for (int n = 0; n < 3; n++) {
            gpu_graph_launch(s, k);
            gpu_read(s, got, x + 12, 4);
            gpu_wait(s);
            assert_int_equal(got[0], n > 0);
        }
        gpu_graph_free(k);
        gpu_close(g);
    }
}

static void
test_memory(void **unused)
{
    gpu_address y;
    float got;

    (void)unused;
    setenv("UNROLL_EMULATED_MEMORY", "65536", 1);
    open_device("fast");
    assert_int_equal(gpu_facts(g)->memory, 65536);
    assert_int_equal(gpu_free_memory(g), 65536 - N * 4);
    assert_int_equal(gpu_alloc(g, 65536), 0);
    y = gpu_alloc(g, 60000);
    assert_true(y && y % 256 == 0);
    assert_int_equal(gpu_alloc(g, 6000), 0);
    gpu_free(g, x);
    gpu_free(g, y);
    x = gpu_alloc(g, 65536);
    gpu_read(s, &got, x + 60000, 4);
    gpu_wait(s);
    assert_true(isnan(got));
    gpu_close(g);
    unsetenv("UNROLL_EMULATED_MEMORY");
}

/* C = A B + C, each transposed or not, by hand. */
static void
test_products(void **unused)
{
    static const float a[2][3] = { { 1, 2, 3 }, { 4, 5, 6 } };
    static const float b[3][2] = { { 1, -1 }, { 2, 0 }, { 0, 3 } };
    static const float want[4] = { 1 * 1 + 2 * 2 + 3 * 0 + 10,
        1 * -1 + 2 * 0 + 3 * 3 + 10, 4 * 1 + 5 * 2 + 6 * 0 + 10,
        4 * -1 + 5 * 0 + 6 * 3 + 10 };

    (void)unused;
    for (int how = 0; how < 4; how++) {
        float m[22] = { 0 }, got[4];
        bool ta = how & 1, tb = how & 2;

        for (int i = 0; i < 2; i++)
            for (int k = 0; k < 3; k++) {
                m[ta ? 2 * k + i : 3 * i + k] = a[i][k];
                m[6 + (tb ? 3 * i + k : 2 * k + i)] = b[k][i];
            }
        for (int i = 0; i < 4; i++)
            m[12 + i] = 10;
        open_device("fast");
        gpu_products(s);
        gpu_write(s, x, m, sizeof m);
        gpu_multiply(s, &(struct gpu_product){ .type = GPU_F32,
                     .transpose_a = ta, .transpose_b = tb, .m = 2, .n = 2,
                     .k = 3, .a = x, .b = x + 24, .c = x + 48,
                     .lda = ta ? 2 : 3, .ldb = tb ? 3 : 2, .ldc = 2,
                     .beta = 1 });
        gpu_read(s, got, x + 48, sizeof got);
        gpu_wait(s);
        assert_memory_equal(got, want, sizeof got);
        gpu_close(g);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_not_written),
        cmocka_unit_test(test_callers),
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_streams),
        cmocka_unit_test(test_graphs),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_products),
    };

    return cmocka_run_group_tests(tests, start, NULL);
}

/* The emulated GPU: kernels give what they should under every order of their
 * threads, and each barrier that is taken out of them is noticed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/die.h"
#include "base/file.h"
#include "cuda/device.h"
#include "unit/child.h"

enum { BLOCKS = 3, THREADS = 64, N = BLOCKS * THREADS, STEPS = 5, KINDS = 7 };

static const char *const plans[] = { "ascending", "descending", "1", "2",
                                     "3", "fast" };
enum { PLANS = sizeof plans / sizeof *plans, CHECKED = PLANS - 1 };

static const char kernels_file[] = "tests/emulator/kernels.cu";

static char *
kernels_text(void)
{
    size_t n;

    return file_read(kernels_file, 1 << 20, &n);
}

/* What is run, and under which plan. */
struct trial {
    const char *plan, *text;
};

/* ---- a device and what it gives ------------------------------------------*/

struct bench {
    struct gpu *g;
    struct gpu_stream *s;
    struct gpu_module *m;
    gpu_address x, word;              /* (N) numbers; two words of 0 */
};

static int
number(int i)
{
    return (i * 37 + 11) % 101;
}

static void
bench_open(struct bench *b, const struct trial *t)
{
    int x[N];

    setenv("UNROLL_EMULATED", t->plan, 1);
    b->g = gpu_open("emulated");
    b->s = gpu_stream_open(b->g);
    b->m = gpu_module(b->g, "kernels", t->text);
    b->x = gpu_alloc(b->g, sizeof x);
    b->word = gpu_alloc(b->g, 8);
    for (int i = 0; i < N; i++)
        x[i] = number(i);
    gpu_write(b->s, b->x, x, sizeof x);
    gpu_fill(b->s, b->word, 0, 8);
    gpu_wait(b->s);
}

/* n ints that the kernel wrote, or the test is lost. */
static void
launch(struct bench *b, const char *kernel, unsigned blocks, bool cooperative,
       void **args)
{
    struct gpu_shape shape = { .grid = { blocks }, .block = { THREADS },
                               .shared = THREADS * 4,
                               .cooperative = cooperative };

    gpu_launch(b->s, gpu_kernel(b->m, kernel), &shape, args);
}

static gpu_address
zeros(struct bench *b, int n)
{
    gpu_address x = gpu_alloc(b->g, (size_t)n * sizeof(int));

    gpu_fill(b->s, x, 0, (size_t)n * sizeof(int));
    return x;
}

static bool
is(struct bench *b, gpu_address at, const int *want, int n)
{
    int *got = xcalloc((size_t)n, sizeof *got);
    bool same;

    gpu_read(b->s, got, at, (size_t)n * sizeof *got);
    gpu_wait(b->s);
    same = !memcmp(got, want, (size_t)n * sizeof *got);
    free(got);
    return same;
}

/* ---- what is right, by the kernels' comments ------------------------------*/

static bool
sums_right(struct bench *b, const char *kernel)
{
    gpu_address out = gpu_alloc(b->g, BLOCKS * sizeof(int));
    int want[BLOCKS] = { 0 };

    for (int i = 0; i < N; i++)
        want[i / THREADS] += number(i);
    launch(b, kernel, BLOCKS, false, (void *[]){ &b->x, &out });
    return is(b, out, want, BLOCKS);
}

static bool
turn_right(struct bench *b)
{
    gpu_address out = gpu_alloc(b->g, N * sizeof(int));
    int want[N], times = 3;

    for (int i = 0; i < N; i++)
        want[i] = number(i / 32 * 32 + 31 - i % 32);
    launch(b, "turn_warps", BLOCKS, false, (void *[]){ &b->x, &out, &times });
    return is(b, out, want, N);
}

static bool
count_right(struct bench *b)
{
    gpu_address out = zeros(b, 101);
    int want[101] = { 0 }, n = N;

    for (int i = 0; i < N; i++)
        want[number(i)]++;
    launch(b, "count", 2, false, (void *[]){ &b->x, &out, &n });
    return is(b, out, want, 101);
}

static bool
last_right(struct bench *b)
{
    gpu_address part = gpu_alloc(b->g, BLOCKS * sizeof(int));
    gpu_address out = zeros(b, 1), word = b->word + 4;
    int want = 0;

    for (int i = 0; i < N; i++)
        want += number(i);
    launch(b, "sum_last", BLOCKS, false,
           (void *[]){ &b->x, &part, &out, &word });
    return is(b, out, &want, 1);
}

static bool
loop_right(struct bench *b, const char *kernel, bool through_block)
{
    gpu_address h = gpu_alloc(b->g, 2 * N * sizeof(int));
    gpu_address out = gpu_alloc(b->g, STEPS * N * sizeof(int));
    int now[2][N], want[STEPS * N], n = N, steps = STEPS;

    for (int i = 0; i < N; i++)
        now[0][i] = i + 1;
    for (int t = 0; t < STEPS; t++)
        for (int i = 0; i < N; i++) {
            int j = through_block ? i / THREADS * THREADS + THREADS - 1 -
                i % THREADS : i;

            want[t * N + i] = now[(t + 1) % 2][i] =
                (number(j) * now[t % 2][N - 1 - j] +
                 now[t % 2][(i + 1) % N]) % 1000;
        }
    for (int i = 0; i < N; i++)
        now[0][i] = i + 1;
    gpu_write(b->s, h, now[0], sizeof now[0]);
    launch(b, kernel, BLOCKS, true,
           (void *[]){ &b->x, &h, &out, &n, &steps, &b->word });
    return is(b, out, want, STEPS * N);
}

static bool
odd_right(struct bench *b)
{
    gpu_address out = gpu_alloc(b->g, 4 * BLOCKS * sizeof(int));
    int want[4 * BLOCKS] = { 0 };

    for (int i = 0; i < BLOCKS; i++) {
        uint32_t warp = 0;

        for (int j = 0; j < THREADS; j++) {
            want[4 * i] += number(i * THREADS + j) % 2;
            if (j < 32)
                warp |= (uint32_t)(number(i * THREADS + j) % 2) << j;
        }
        want[4 * i + 1] = want[4 * i] == THREADS;
        want[4 * i + 2] = want[4 * i] > 0;
        want[4 * i + 3] = (int)(warp >> 1);
    }
    launch(b, "odd", BLOCKS, false, (void *[]){ &b->x, &out });
    return is(b, out, want, 4 * BLOCKS);
}

/* All of them; status 9 says that numbers were wrong. */
static void
all_kernels(void *trial)
{
    struct bench b;

    bench_open(&b, trial);
    if (!sums_right(&b, "sum_halves") || !sums_right(&b, "sum_warps") ||
            !turn_right(&b) || !count_right(&b) || !last_right(&b) ||
            !loop_right(&b, "loop", true) ||
            !loop_right(&b, "loop_prelude", false) || !odd_right(&b))
        _exit(9);
    gpu_close(b.g);
}

static void
test_right(void **unused)
{
    char *text = kernels_text();

    (void)unused;
    for (int i = 0; i < PLANS; i++) {
        struct trial t = { plans[i], text };

        if (child_run(all_kernels, &t) || *child_err)
            fail_msg("under the plan %s: %s", plans[i], child_err);
    }
    free(text);
}

/* ---- barriers ------------------------------------------------------------*/

/* The text without what stands before the i-th "// barrier" of a line; NULL
 * if there are fewer. */
static char *
without(const char *text, int i)
{
    static const char mark[] = "// barrier";
    char *copy = xstrdup(text), *p = copy;

    for (int n = 0; (p = strstr(p, mark)) != NULL; p += sizeof mark - 1)
        if (n++ == i) {
            for (char *q = p; q > copy && q[-1] != '\n'; q--)
                q[-1] = ' ';
            return copy;
        }
    free(copy);
    return NULL;
}

static void
test_barriers(void **unused)
{
    char *text = kernels_text(), *less;
    int n = 0;

    (void)unused;
    for (; (less = without(text, n)) != NULL; n++) {
        for (int i = 0; i < CHECKED; i++) {
            struct trial t = { plans[i], less };
            int status = child_run(all_kernels, &t);

            if (status != RC_DEVICE ||
                    !strstr(child_err, "without a barrier"))
                fail_msg("barrier %d is not missed under the plan %s: "
                         "status %d, %s", n, plans[i], status, child_err);
        }
        free(less);
    }
    assert_int_equal(n, 15);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_right),
        cmocka_unit_test(test_barriers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

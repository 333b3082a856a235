/*
 * bench_kernels.c - how fast the CPU kernels are, next to what the machine's
 * multiply-adds can do at best in the same seconds.
 *
 *   make bench;  build/release/tests/bench/bench_kernels [ISA]
 *   (else UNROLL_ISA or the best)
 *
 * JSON lines.  Every measurement is taken once a round, all of them in turn,
 * ROUNDS times; what is printed is the median.  "of_peak" is the median of
 * the rounds' own quotients, so that a clock that wanders does no harm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/layout.h"
#include "meter.h"

enum { ROUNDS = 15, MOST = 64, FLOATS = 1 << 23 };

struct job {
    const char *name;
    int rows, cols, depth;      /* gemm: C (rows, cols) += A (rows, depth) B */
    bool turned;                /* A is read down its columns */
    float value;                /* what the inputs hold */
    int code;                   /* ew */
};

struct bench {
    const struct kernels *k;
    float *a, *b, *c;
    double seconds[MOST][ROUNDS], peak[ROUNDS];
};

static const struct job jobs[] = {
    { "gemm", 64, 512, 128, false, 0.5f, 0 },
    { "gemm", 1, 512, 128, false, 0.5f, 0 },
    { "gemm", 8, 512, 128, false, 0.5f, 0 },
    { "gemm", 16, 512, 128, false, 0.5f, 0 },
    { "gemm", 32, 512, 128, false, 0.5f, 0 },
    { "gemm", 32, 16, 16, false, 0.5f, 0 },
    { "gemm", 32, 64, 16, false, 0.5f, 0 },
    { "gemm", 64, 128, 32, false, 0.5f, 0 },
    { "gemm", 64, 1024, 256, false, 0.5f, 0 },
    { "gemm", 64, 2048, 512, false, 0.5f, 0 },
    { "gemm", 64, 128, 512, false, 0.5f, 0 },
    { "gemm", 64, 4096, 1024, false, 0.5f, 0 },
    { "gemm", 4096, 512, 128, false, 0.5f, 0 },
    { "gemm", 64, 1024, 4096, false, 0.5f, 0 },
    { "gemm", 64, 1024, 1024, false, 0.5f, 0 },
    { "gemm", 64, 512, 2048, false, 0.5f, 0 },
    { "gemm-weights", 1024, 1024, 256, true, 0.5f, 0 },
    { "gemm-weights", 128, 512, 256, true, 0.5f, 0 },
    { "gemm-weights", 512, 512, 256, true, 0.5f, 0 },
    { "gemm-subnormal", 64, 512, 128, false, 0x1p-130f, 0 },
    { "mul", 0, 0, 0, false, 0.5f, OP_MUL },
    { "exp", 0, 0, 0, false, 0.5f, OP_EXP },
    { "sigmoid", 0, 0, 0, false, 0.5f, OP_SIGMOID },
    { "tanh", 0, 0, 0, false, 0.5f, OP_TANH },
    { "gelu", 0, 0, 0, false, 0.7f, OP_GELU },
    { "sin", 0, 0, 0, false, 0.5f, OP_SIN },
    { "mul-subnormal", 0, 0, 0, false, 0x1p-70f, OP_MUL },
    { "exp-subnormal", 0, 0, 0, false, -100.0f, OP_EXP },
    { "softmax", 64, 10, 0, false, 0.5f, 0 },
    { "softmax", 64, 1000, 0, false, 0.5f, 0 },
    { "adam", 0, 0, 0, false, 0.5f, 0 },
    { "pack", 512, 128, 0, false, 0.5f, 0 },
};

enum { NJOBS = sizeof jobs / sizeof *jobs, EW_ROWS = 16, EW_SIZE = 128 };

static bool
is(const struct job *j, const char *name)
{
    return !strncmp(j->name, name, strlen(name));
}

/* Operations or elements of one go. */
static double
work(const struct job *j)
{
    if (is(j, "gemm"))
        return 2.0 * j->rows * j->cols * j->depth;
    if (is(j, "softmax") || is(j, "pack"))
        return (double)j->rows * j->cols;
    return (double)EW_ROWS * EW_SIZE;
}

static void
gemm(const struct bench *b, const struct job *j)
{
    ptrdiff_t off[MOST * 8];       /* rows as far apart as the engine's */
    struct gemm_seg seg = {
        b->a, j->turned ? 1 : row_floats(j->depth),
        j->turned ? row_floats(j->rows) : 1, j->depth, true, NULL,
    };
    struct gemm g = {
        .nets = 1, .rows = j->rows, .nvec = j->cols / LANES,
        .nseg = 1, .seg = &seg, .b = b->b, .c = b->c,
        .crs = row_floats(j->cols), .coff = off,
        .mode = j->turned ? GEMM_SUM : GEMM_CHAIN, .init = b->c, .ioff = off,
    };

    for (int v = 0; v < g.nvec; v++)
        off[v] = v * LANES;
    b->k->gemm(&g);
}

static struct rule_numbers
adam(void)
{
    static const float numbers[RULE_NUMBERS] = {
        [RULE_SCALE] = 1, [RULE_LR] = 1e-3f, [RULE_OUT] = 1e-8f,
        [RULE_BETA1] = 0.9f, [RULE_REST1] = 0.1f, [RULE_BETA2] = 0.999f,
        [RULE_REST2] = 0.001f, [RULE_STEP] = 1e-2f, [RULE_ROOT] = 0.03f,
    };
    struct rule_numbers u = { .kind = UPDATE_ADAM };

    for (int i = 0; i < RULE_NUMBERS; i++)
        for (int l = 0; l < LANES; l++)
            u.x[i][l] = numbers[i];
    return u;
}

static void
go(const struct bench *b, const struct job *j)
{
    static int32_t target[64];
    static double loss[64];
    static uint8_t right[64];
    struct ew_op op = {
        .code = (uint8_t)j->code, .nargs = j->code == OP_MUL ? 2 : 1,
        .d = { .where = EA_ARRAY, .arr = 1 }, .a = { .where = EA_ARRAY },
        .b = { .where = EA_ARRAY },
    };
    struct ew_prog run = { 1, 0, EW_SIZE, &op };
    struct ew_ctx ctx = {
        .rows = EW_ROWS, .base = { b->a, b->c }, .stride = { EW_SIZE, EW_SIZE },
    };
    ptrdiff_t stride = (j->cols + LANES - 1) / LANES * LANES;
    const struct rule_numbers rule = adam();
    size_t n = EW_ROWS * EW_SIZE;

    if (is(j, "gemm"))
        gemm(b, j);
    else if (is(j, "softmax"))
        b->k->softmax(1, j->rows, j->cols, b->a, stride, target, 64.0f, loss,
                      right, b->c, stride, NULL, 0);
    else if (is(j, "adam"))
        b->k->update(&rule, n, b->c, b->a, b->c + n, b->c + 2 * n);
    else if (is(j, "pack"))
        b->k->pack(1, b->b, j->cols, 0, 0, b->a, j->cols, 1,
                   j->rows, j->cols, 1.0f);
    else
        b->k->ew(&run, &ctx);
}

/* Seconds of one go: as many as fill about two milliseconds. */
static double
measure(const struct bench *b, const struct job *j)
{
    double t = 0.0;
    long done = 0;

    for (int i = 0; i < FLOATS; i++) {
        b->a[i] = j->value;
        if (i >= 1 << 16 && !is(j, "gemm"))
            break;
        b->b[i] = j->value;
    }
    memset(b->c, 0, (size_t)FLOATS * sizeof *b->c);
    go(b, j);
    for (long n = 1; t < 2e-3; n *= 2) {
        double start = now();

        for (long i = 0; i < n; i++)
            go(b, j);
        t = now() - start;
        done = n;
    }
    return t / (double)done;
}

static void
print_job(const struct bench *b, int i)
{
    const struct job *j = &jobs[i];
    double s = median(b->seconds[i], ROUNDS), share[ROUNDS];

    printf("{\"bench\":\"%s\",\"isa\":\"%s\"", j->name, b->k->isa);
    if (j->rows)
        printf(",\"rows\":%d,\"cols\":%d", j->rows, j->cols);
    if (j->depth)
        printf(",\"depth\":%d", j->depth);
    printf(",\"seconds\":%.4g", s);
    if (!j->depth) {
        printf(",\"ns_per_element\":%.4g}\n", 1e9 * s / work(j));
        return;
    }
    for (int r = 0; r < ROUNDS; r++)
        share[r] = work(j) / b->seconds[i][r] / b->peak[r];
    printf(",\"gflops\":%.4g,\"of_peak\":%.3f}\n", 1e-9 * work(j) / s,
           median(share, ROUNDS));
}

int
main(int argc, char **argv)
{
    static struct bench b;
    double hertz[ROUNDS];

    prog = "bench_kernels";
    b.k = argc > 1 ? kernels_named(argv[1]) : kernels_pick();
    if (!b.k)
        die(RC_DEVICE, "no kernels '%s' on this machine", argv[1]);
    b.a = xaligned(FLOATS, sizeof *b.a);
    b.b = xaligned(FLOATS, sizeof *b.b);
    b.c = xaligned(FLOATS, sizeof *b.c);
    for (int r = 0; r < ROUNDS; r++) {
        hertz[r] = cycles_a_second();
        b.peak[r] = measure_peak(b.k);
        for (int i = 0; i < NJOBS; i++)
            b.seconds[i][r] = measure(&b, &jobs[i]);
    }
    printf("{\"bench\":\"peak\",\"isa\":\"%s\",\"gflops\":%.4g,"
           "\"ghz\":%.3f,\"flops_per_cycle\":%.3g}\n", b.k->isa,
           1e-9 * median(b.peak, ROUNDS), 1e-9 * median(hertz, ROUNDS),
           median(b.peak, ROUNDS) / median(hertz, ROUNDS));
    for (int i = 0; i < NJOBS; i++)
        print_job(&b, i);
    free(b.a);
    free(b.b);
    free(b.c);
    close_stdout();
    return 0;
}

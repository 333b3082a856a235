/*
 * speed.c - what an access to memory, a barrier and a launch cost on the
 * emulated GPU, in processor time.
 *
 *   make bench-emulator;  UNROLL_EMULATED=1 build/release/tests/cuda/speed
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/die.h"
#include "bench/meter.h"
#include "cuda/device.h"

enum { UNITS = 512, STEPS = 20, THREADS = 256, BARRIERS = 400,
       LAUNCHES = 1000, ROUNDS = 5 };

/* A recurrence as a persistent kernel runs it; nothing but barriers; nothing
 * but a number each. */
static const char text[] =
    "extern \"C\" __global__ void\n"
    "loop(const float *w, float *h, int n, int steps, unsigned *word)\n"
    "{\n"
    "    float *s = (float *)shared_memory();\n"
    "    int unit = blockIdx.x * blockDim.x + threadIdx.x;\n"
    "    for (int t = 0; t < steps; t++) {\n"
    "        for (int i = threadIdx.x; i < n; i += blockDim.x)\n"
    "            s[i] = h[(t & 1) * n + i];\n"
    "        __syncthreads();\n"
    "        float c = 0;\n"
    "        for (int k = 0; k < n; k++)\n"
    "            c = fmaf(w[k * n + unit], s[k], c);\n"
    "        h[((t + 1) & 1) * n + unit] = c / (1 + fabsf(c));\n"
    "        grid_barrier(word);\n"
    "    }\n"
    "}\n"
    "extern \"C\" __global__ void\n"
    "barriers(int turns)\n"
    "{\n"
    "    for (int t = 0; t < turns; t++)\n"
    "        __syncthreads();\n"
    "}\n"
    "extern \"C\" __global__ void\n"
    "number(float *x)\n"
    "{\n"
    "    x[threadIdx.x] = threadIdx.x;\n"
    "}\n";

struct bench {
    struct gpu *g;
    struct gpu_stream *s;
    struct gpu_module *m;
    gpu_address w, h, word;
};

static void
loop(struct bench *b)
{
    int n = UNITS, steps = STEPS;

    gpu_launch(b->s, gpu_kernel(b->m, "loop"),
               &(struct gpu_shape){ .grid = { UNITS / THREADS },
                                    .block = { THREADS },
                                    .shared = UNITS * sizeof(float),
                                    .cooperative = true },
               (void *[]){ &b->w, &b->h, &n, &steps, &b->word });
}

static void
barriers(struct bench *b)
{
    int turns = BARRIERS;

    gpu_launch(b->s, gpu_kernel(b->m, "barriers"),
               &(struct gpu_shape){ .block = { THREADS } },
               (void *[]){ &turns });
}

static void
launches(struct bench *b)
{
    for (int i = 0; i < LAUNCHES; i++)
        gpu_launch(b->s, gpu_kernel(b->m, "number"),
                   &(struct gpu_shape){ .block = { THREADS } },
                   (void *[]){ &b->h });
}

static double
seconds(struct bench *b, void (*fn)(struct bench *b))
{
    double s[ROUNDS];

    for (int i = 0; i < ROUNDS; i++) {
        double t = now();

        fn(b);
        gpu_wait(b->s);
        s[i] = now() - t;
    }
    return median(s, ROUNDS);
}

int
main(void)
{
    const char *plan = getenv("UNROLL_EMULATED");
    struct bench b;

    prog = "speed";
    b.g = gpu_open("emulated");
    b.s = gpu_stream_open(b.g);
    b.m = gpu_module(b.g, "speed", text);
    b.w = gpu_alloc(b.g, UNITS * UNITS * sizeof(float));
    b.h = gpu_alloc(b.g, 2 * UNITS * sizeof(float));
    b.word = gpu_alloc(b.g, sizeof(unsigned));
    gpu_fill(b.s, b.w, 0, UNITS * UNITS * sizeof(float));
    gpu_fill(b.s, b.h, 0, 2 * UNITS * sizeof(float));
    gpu_fill(b.s, b.word, 0, sizeof(unsigned));
    printf("{\"bench\":\"emulator\",\"plan\":\"%s\",\"ns_an_access\":%.3g,",
           plan ? plan : "ascending",
           1e9 * seconds(&b, loop) / (2.0 * UNITS * UNITS * STEPS));
    printf("\"ns_a_barrier\":%.3g,", 1e9 * seconds(&b, barriers) /
           ((double)THREADS * BARRIERS));
    printf("\"us_a_launch\":%.3g}\n", 1e6 * seconds(&b, launches) / LAUNCHES);
    gpu_close(b.g);
    close_stdout();
    return 0;
}

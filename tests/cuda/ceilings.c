/*
 * ceilings.c - what a GPU can do at best: multiply-adds, copies, launches,
 * grid barriers.  JSON lines; bench_steps --device cuda has whole updates.
 *
 *   make bench-cuda;  build/release/tests/cuda/ceilings [KIND]
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/die.h"
#include "cuda/device.h"
#include "bench/meter.h"

enum { ROUNDS = 5, THREADS = 256, CHAINS = 8, TURNS = 4096, LAUNCHES = 1000,
       BARRIERS = 1000 };
static const size_t COPIED = 256u << 20;

/* Independent chains: one waits for itself, the others fill its wait. */
static const char text[] =
    "extern \"C\" __global__ void\n"
    "multiply_add(float *out, float a, int turns)\n"
    "{\n"
    "    float c[8];\n"
    "    for (int i = 0; i < 8; i++)\n"
    "        c[i] = threadIdx.x + i;\n"
    "    for (int t = 0; t < turns; t++)\n"
    "        #pragma unroll\n"
    "        for (int i = 0; i < 8; i++)\n"
    "            c[i] = fmaf(c[i], a, 1);\n"
    "    float s = 0;\n"
    "    for (int i = 0; i < 8; i++)\n"
    "        s += c[i];\n"
    "    out[blockIdx.x * blockDim.x + threadIdx.x] = s;\n"
    "}\n"
    "extern \"C\" __global__ void\n"
    "nothing(void)\n"
    "{\n"
    "}\n"
    "extern \"C\" __global__ void\n"
    "barriers(unsigned *word, int turns)\n"
    "{\n"
    "    for (int t = 0; t < turns; t++)\n"
    "        grid_barrier(word);\n"
    "}\n";

struct bench {
    struct gpu *g;
    struct gpu_stream *s;
    struct gpu_module *m;
    struct gpu_event *from, *to;
    const struct gpu_facts *f;
    gpu_address x, y;
};

/* Median seconds of what fn puts in line, after once that does not count. */
static double
seconds(struct bench *b, void (*fn)(struct bench *b))
{
    double s[ROUNDS];

    fn(b);
    gpu_wait(b->s);
    for (int i = 0; i < ROUNDS; i++) {
        gpu_event_record(b->from, b->s);
        fn(b);
        gpu_event_record(b->to, b->s);
        s[i] = gpu_event_seconds(b->from, b->to);
    }
    return median(s, ROUNDS);
}

static unsigned
ctas(const struct bench *b)
{
    return 8 * (unsigned)b->f->multiprocessors;
}

static void
multiply_add(struct bench *b)
{
    float a = 0.5f;
    int turns = TURNS;

    gpu_launch(b->s, gpu_kernel(b->m, "multiply_add"),
               &(struct gpu_shape){ .grid = { ctas(b) },
                                    .block = { THREADS } },
               (void *[]){ &b->x, &a, &turns });
}

static void
copy(struct bench *b)
{
    gpu_move(b->s, b->y, b->x, COPIED);
}

static void
launches(struct bench *b)
{
    struct gpu_kernel *k = gpu_kernel(b->m, "nothing");

    for (int i = 0; i < LAUNCHES; i++)
        gpu_launch(b->s, k, &(struct gpu_shape){ .block = { THREADS } },
                   NULL);
}

static void
barriers(struct bench *b)
{
    int turns = BARRIERS;

    gpu_launch(b->s, gpu_kernel(b->m, "barriers"),
               &(struct gpu_shape){ .grid = { (unsigned)b->f->multiprocessors },
                                    .block = { THREADS },
                                    .cooperative = true },
               (void *[]){ &b->y, &turns });
}

static struct gpu_graph *graph;      /* of `launches` */

static void
graph_launches(struct bench *b)
{
    gpu_graph_launch(b->s, graph);
}

static void
print(const struct bench *b, const char *name, double s, double x,
      const char *unit)
{
    printf("{\"bench\":\"%s\",\"device\":\"%s\",\"seconds\":%.4g,"
           "\"%s\":%.4g}\n", name, b->f->name, s, unit, x);
    fflush(stdout);
}

int
main(int argc, char **argv)
{
    struct bench b;
    double s;

    prog = "ceilings";
    b.g = gpu_open(argc > 1 ? argv[1] : "cuda");
    b.s = gpu_stream_open(b.g);
    b.f = gpu_facts(b.g);
    b.m = gpu_module(b.g, "bench", text);
    b.from = gpu_event_open(b.g);
    b.to = gpu_event_open(b.g);
    b.x = gpu_alloc(b.g, COPIED);
    b.y = gpu_alloc(b.g, COPIED);
    if (!b.x || !b.y)
        die(RC_DEVICE, "no room for two blocks of %zu bytes", COPIED);
    gpu_fill(b.s, b.x, 0, COPIED);
    gpu_fill(b.s, b.y, 0, COPIED);
    s = seconds(&b, multiply_add);
    print(&b, "ceiling-f32", s, 1e-12 * 2 * ctas(&b) * THREADS * CHAINS *
          TURNS / s, "tflops");
    s = seconds(&b, copy);
    print(&b, "ceiling-copy", s, 1e-9 * 2 * (double)COPIED / s,
          "gigabytes_a_second");
    gpu_fill(b.s, b.y, 0, 4);
    s = seconds(&b, launches) / LAUNCHES;
    print(&b, "launch", s, 1e6 * s, "microseconds");
    gpu_capture(b.s);
    launches(&b);
    graph = gpu_capture_end(b.s);
    s = seconds(&b, graph_launches) / LAUNCHES;
    print(&b, "launch-in-graph", s, 1e6 * s, "microseconds");
    gpu_fill(b.s, b.y, 0, 4);
    s = seconds(&b, barriers) / BARRIERS;
    print(&b, "grid-barrier", s, 1e6 * s, "microseconds");
    gpu_close(b.g);
    close_stdout();
    return 0;
}

/*
 * device.h - a graphics processor, as far as nets need one: memory, kernels
 * made of their source text, streams, events, graphs and matrix products.
 *
 * Two things stand behind it, each a shared object beside the programs:
 * unroll-cuda.so, which asks the CUDA driver, NVRTC and cuBLAS, and
 * unroll-emulated.so, which runs the same texts on the host and is for tests
 * (docs/cuda.md).  Nothing above this header knows which one it is.
 *
 *     struct gpu *g = gpu_open("cuda");
 *     struct gpu_stream *s = gpu_stream_open(g);
 *     struct gpu_module *m = gpu_module(g, "scale", text);
 *     struct gpu_kernel *k = gpu_kernel(m, "scale");
 *     gpu_address x = gpu_alloc(g, n * sizeof(float));
 *     if (!x)
 *         ... say how much was wanted ...
 *     gpu_write(s, x, host, n * sizeof(float));
 *     gpu_launch(s, k, &(struct gpu_shape){ .grid = { (n + 255) / 256 },
 *                .block = { 256 } }, (void *[]){ &x, &n });
 *     gpu_read(s, host, x, n * sizeof(float));
 *     gpu_wait(s);
 *     gpu_close(g);               (frees all that was opened on it)
 *
 * Errors.  gpu_alloc() gives 0 where there is no room: its caller knows what
 * would fit.  All else that fails ends the program with one line and
 * RC_DEVICE: no driver, no device, a driver older than the toolkit, a text
 * that does not compile, an access out of bounds, a device that is lost.  What
 * then still runs at exit and asks for the device ends without another line:
 * nothing that cannot be read any more reaches a file.
 *
 * Work.  What takes a stream is put in line there and returns; the work of a
 * stream is done in order, that of two streams in no order but the one that
 * events make.  A failure of work may be reported by any later call.  All
 * calls come from the thread that opened the device.
 *
 * Texts are CUDA C++ without any header, kernels `extern "C" __global__ void
 * name(...)`, compiled for the device's own architecture (never PTX) with the
 * options that keep every bit (options.h), behind lib/cuda/prelude.cu,
 * which says what else a text may use and what it may not.
 */
#ifndef CUDA_DEVICE_H
#define CUDA_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct gpu;
struct gpu_module;    /* a text, compiled and loaded */
struct gpu_kernel;
struct gpu_stream;
struct gpu_event;
struct gpu_graph;     /* work of a stream, kept to be done again and again */

/* A byte in the device's memory, never to be followed on the host.  As an
 * argument of a kernel it is a pointer.  Blocks begin at multiples of 256. */
typedef uint64_t gpu_address;

struct gpu_facts {
    const char *name;             /* "NVIDIA H200"; "emulated" */
    int major, minor;             /* compute capability: 9, 0 */
    int multiprocessors;
    int block_threads;            /* most threads of a CTA: 1024 */
    int multiprocessor_threads;   /* most threads of a multiprocessor at once */
    size_t block_shared;          /* most bytes of shared memory of a CTA, all
                                     of which gpu_launch() can ask for */
    size_t multiprocessor_shared;
    size_t memory;                /* bytes there are */
    size_t cache;                 /* of the L2 */
    int clock;                    /* MHz */
};

/* The first device of a kind: "cuda" or "emulated".  Never NULL. */
struct gpu *gpu_open(const char *kind);
void gpu_close(struct gpu *g);
const struct gpu_facts *gpu_facts(const struct gpu *g);
/* Bytes not taken by anybody just now. */
size_t gpu_free_memory(struct gpu *g);

/* ---- memory --------------------------------------------------------------*/

/* What is in a new block is not defined: NaN where the emulator chooses.
 * bytes is at least 1.  gpu_free() of 0 does nothing; it waits for all work. */
gpu_address gpu_alloc(struct gpu *g, size_t bytes);
void gpu_free(struct gpu *g, gpu_address x);

/* Memory of the host to and from which copies go on beside other work. */
void *gpu_host_alloc(struct gpu *g, size_t bytes);
void gpu_host_free(struct gpu *g, void *x);

/* Host to device, device to host, device to device.  The host's side is
 * borrowed until the stream has come to it; from gpu_host_alloc() the call
 * returns at once, from other memory it may wait. */
void gpu_write(struct gpu_stream *s, gpu_address to, const void *from,
               size_t bytes);
void gpu_read(struct gpu_stream *s, void *to, gpu_address from, size_t bytes);
void gpu_move(struct gpu_stream *s, gpu_address to, gpu_address from,
              size_t bytes);
/* Every byte becomes `byte`. */
void gpu_fill(struct gpu_stream *s, gpu_address to, int byte, size_t bytes);

/* ---- kernels -------------------------------------------------------------*/

/* Compile and load.  `name` is for messages.  The same text gives the module
 * that is there already.  Both last as long as the device. */
struct gpu_module *gpu_module(struct gpu *g, const char *name,
                              const char *text);
/* Dies if the module has no kernel of that name. */
struct gpu_kernel *gpu_kernel(struct gpu_module *m, const char *name);

struct gpu_kernel_facts {
    int registers;            /* of a thread */
    int local;                /* bytes of a thread in memory: arrays, spills */
    int block_threads;        /* most threads of a CTA of this kernel */
};
struct gpu_kernel_facts gpu_kernel_facts(const struct gpu_kernel *k);

/* How many CTAs of so many threads and bytes of shared memory one
 * multiprocessor can hold at once: all CTAs of a cooperative grid must be held
 * at once. */
int gpu_resident(struct gpu_kernel *k, int threads, size_t shared);

struct gpu_shape {
    unsigned grid[3];         /* CTAs; 0 is 1 */
    unsigned block[3];        /* threads of each; 0 is 1 */
    size_t shared;            /* bytes of shared_memory() for each */
    bool cooperative;         /* all CTAs run at once: grid barriers */
};

/* args[i] points to the kernel's argument i, of the type that it is declared
 * with; values are copied before the call returns. */
void gpu_launch(struct gpu_stream *s, struct gpu_kernel *k,
                const struct gpu_shape *shape, void **args);

/* ---- streams, events -----------------------------------------------------*/

struct gpu_stream *gpu_stream_open(struct gpu *g);
void gpu_stream_close(struct gpu_stream *s);      /* waits for its work */
/* Until all its work is done. */
void gpu_wait(struct gpu_stream *s);
/* Is it?  Does not wait. */
bool gpu_done(struct gpu_stream *s);

struct gpu_event *gpu_event_open(struct gpu *g);
void gpu_event_close(struct gpu_event *e);
/* It happens when all that is in line in s by now is done. */
void gpu_event_record(struct gpu_event *e, struct gpu_stream *s);
/* What comes next in s waits for it (as recorded last). */
void gpu_event_await(struct gpu_stream *s, struct gpu_event *e);
/* From one to the other, both recorded; waits for both. */
double gpu_event_seconds(struct gpu_event *from, struct gpu_event *to);

/* ---- graphs --------------------------------------------------------------*/

/* Between these two, work put in line in s (and in streams that await its
 * events, and whose events s awaits before the end) is not done but kept:
 * kernels with their arguments, copies (host memory: from gpu_host_alloc()),
 * fills, products.  No waiting, no allocating, no compiling in between. */
void gpu_capture(struct gpu_stream *s);
struct gpu_graph *gpu_capture_end(struct gpu_stream *s);
/* All of it, in line in s; as often as wanted. */
void gpu_graph_launch(struct gpu_stream *s, struct gpu_graph *k);
void gpu_graph_free(struct gpu_graph *k);

/* ---- products for tensor mathematics (not exact) -------------------------*/

enum gpu_type { GPU_F32, GPU_TF32, GPU_BF16 };

/* C = A B + beta C, sums in f32.  Row-major: A (M,K), B (K,N), C (M,N) f32; A
 * transposed stands as (K,M), B transposed as (N,K).  A and B are f32, worked
 * on as f32 or tf32, or are bf16.  Leading dimensions are elements from row to
 * row.  The same sizes give the same bits on the same device. */
struct gpu_product {
    enum gpu_type type;
    bool transpose_a, transpose_b;
    int m, n, k;
    gpu_address a, b, c;
    int lda, ldb, ldc;
    float beta;               /* 0 or 1 */
};
void gpu_multiply(struct gpu_stream *s, const struct gpu_product *p);
/* Before the first product of a stream; not while work is captured. */
void gpu_products(struct gpu_stream *s);

#endif

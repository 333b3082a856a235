/*
 * toolkit.h - inside unroll-cuda.so: the device of lib/cuda/device.h by the
 * CUDA driver, NVRTC and cuBLAS.
 *
 * None of these is linked: their libraries are opened when a device is, so
 * that what is missing is one line.  Only here are the toolkit's headers
 * included.
 *
 *   load.c      libraries and their functions
 *   open.c      the device, its facts, its memory
 *   compile.c   a text to the machine code of the device's architecture
 *   kept.c      machine code of earlier runs
 *   module.c    kernels, launches
 *   stream.c    streams, copies, events, graphs
 *   product.c   products by cuBLAS
 */
#ifndef TOOLKIT_TOOLKIT_H
#define TOOLKIT_TOOLKIT_H

#include <cublas_v2.h>
#include <cuda.h>
#include <nvrtc.h>

#include "cuda/driver.h"
#include "cuda/toolkit/names.h"

#define MEMBER_(name) __typeof__(name) *name;
#define MEMBER(name) MEMBER_(name)

/* The functions, by their own names: c->cuInit(0). */
struct cuda { void *so; CUDA_NAMES(MEMBER) };
struct nvrtc { void *so; NVRTC_NAMES(MEMBER) };
struct cublas { void *so; CUBLAS_NAMES(MEMBER) };

struct gpu {
    struct gpu_head head;
    struct gpu_host host;
    struct gpu_facts facts;
    char name[256];
    struct cuda cuda;
    struct nvrtc nvrtc;
    struct cublas cublas;
    int driver;                   /* 13000 is CUDA 13.0 */
    int compiler;                 /* of NVRTC, in the same way */
    int architecture;             /* kernels are compiled for: 90 */
    CUdevice device;
    CUcontext context;
    struct gpu_module *modules;
    struct gpu_stream *streams;
    struct gpu_event *events;
    struct gpu_graph *graphs;
    cublasHandle_t products;      /* NULL: not yet */
};

struct gpu_kernel {
    struct gpu_head head;
    struct gpu_module *module;
    struct gpu_kernel *next;
    char *name;
    CUfunction function;
    size_t shared;                /* bytes it may ask for by now */
};

struct gpu_module {
    struct gpu_head head;
    struct gpu *g;
    struct gpu_module *next;
    char *name, *text;
    CUmodule module;
    struct gpu_kernel *kernels;
};

struct gpu_stream {
    struct gpu_head head;
    struct gpu *g;
    struct gpu_stream *next;
    CUstream stream;
    CUdeviceptr workspace;        /* of products; 0: not yet */
};

struct gpu_event {
    struct gpu_head head;
    struct gpu *g;
    struct gpu_event *next;
    CUevent event;
};

struct gpu_graph {
    struct gpu_head head;
    struct gpu *g;
    struct gpu_graph *next;
    CUgraph graph;
    CUgraphExec exec;
};

/* One line, and the end of the program. */
_Noreturn void toolkit_fail(struct gpu *g, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Unless the driver says success: `what` is what was being done. */
void toolkit_check(struct gpu *g, CUresult r, const char *what);
void *toolkit_new(struct gpu *g, size_t bytes);      /* zeroed */
char *toolkit_copy(struct gpu *g, const char *text);

/* ---- load.c --------------------------------------------------------------*/

void load_cuda(struct gpu *g);
void load_nvrtc(struct gpu *g);
void load_cublas(struct gpu *g);

/* ---- compile.c -----------------------------------------------------------*/

/* The architecture to compile for, of those that NVRTC knows: the device's, or
 * the nearest older one of the same generation, whose code it runs too. */
int compile_architecture(struct gpu *g);
/* Machine code; the caller frees. */
void *compile_text(struct gpu *g, const char *name, const char *text);

/* ---- kept.c --------------------------------------------------------------*/

/* Machine code of a key (all that it was made of), n bytes; NULL if none is
 * kept.  The caller frees. */
void *kept_find(struct gpu *g, const char *key, size_t *n);
void kept_put(struct gpu *g, const char *key, const void *code, size_t n);

/* ---- module.c, stream.c, product.c ---------------------------------------*/

struct gpu_module *module_open(struct gpu *g, const char *name,
                               const char *text);
void module_close(struct gpu_module *m);
struct gpu_kernel *module_kernel(struct gpu_module *m, const char *name);
struct gpu_kernel_facts module_facts(const struct gpu_kernel *k);
int module_resident(struct gpu_kernel *k, int threads, size_t shared);
void module_launch(struct gpu_stream *s, struct gpu_kernel *k,
                   const struct gpu_shape *shape, void **args);

struct gpu_stream *stream_open(struct gpu *g);
void stream_close(struct gpu_stream *s);
void stream_wait(struct gpu_stream *s);
bool stream_done(struct gpu_stream *s);
void stream_write(struct gpu_stream *s, gpu_address to, const void *from,
                  size_t bytes);
void stream_read(struct gpu_stream *s, void *to, gpu_address from,
                 size_t bytes);
void stream_move(struct gpu_stream *s, gpu_address to, gpu_address from,
                 size_t bytes);
void stream_fill(struct gpu_stream *s, gpu_address to, int byte,
                 size_t bytes);
void stream_capture(struct gpu_stream *s);
struct gpu_graph *stream_capture_end(struct gpu_stream *s);
void stream_launch(struct gpu_stream *s, struct gpu_graph *k);
struct gpu_event *event_open(struct gpu *g);
void event_close(struct gpu_event *e);
void event_record(struct gpu_event *e, struct gpu_stream *s);
void event_await(struct gpu_stream *s, struct gpu_event *e);
double event_seconds(struct gpu_event *from, struct gpu_event *to);
void graph_free(struct gpu_graph *k);

void product_open(struct gpu_stream *s);
void product_close(struct gpu *g);
void product_multiply(struct gpu_stream *s, const struct gpu_product *p);

#endif

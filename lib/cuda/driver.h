/*
 * driver.h - between device.h and the two shared objects that stand behind it.
 *
 * Each exports one `const struct gpu_driver gpu_driver`, whose functions are
 * those of device.h under shorter names; what they return begins with a struct
 * gpu_head, so that a call finds its way back.  They know nothing of the
 * program but what they are given here.
 */
#ifndef CUDA_DRIVER_H
#define CUDA_DRIVER_H

#include "cuda/device.h"

/* Raised whenever this file changes: a shared object that an older build left
 * behind is refused. */
enum { GPU_DRIVER_VERSION = 2 };

struct gpu_driver;

struct gpu_head {
    const struct gpu_driver *driver;
};

/* What the program does for a shared object. */
struct gpu_host {
    /* Ends the program: one line without its name, such as "the driver has no
     * device; use cpu". */
    void (*fail)(const char *line) __attribute__((noreturn));
    const char *folder;       /* where the shared object was found; borrowed */
    const char *primitive;    /* lib/cuda/primitive.cu and prelude.cu, which */
    const char *prelude;      /* stand before every text; they last */
};

struct gpu_driver {
    int version;

    struct gpu *(*open)(const struct gpu_host *host);
    void (*close)(struct gpu *g);
    const struct gpu_facts *(*facts)(const struct gpu *g);
    size_t (*free_memory)(struct gpu *g);

    gpu_address (*alloc)(struct gpu *g, size_t bytes);
    void (*free)(struct gpu *g, gpu_address x);
    void *(*host_alloc)(struct gpu *g, size_t bytes);
    void (*host_free)(struct gpu *g, void *x);
    void (*write)(struct gpu_stream *s, gpu_address to, const void *from,
                  size_t bytes);
    void (*read)(struct gpu_stream *s, void *to, gpu_address from,
                 size_t bytes);
    void (*move)(struct gpu_stream *s, gpu_address to, gpu_address from,
                 size_t bytes);
    void (*fill)(struct gpu_stream *s, gpu_address to, int byte, size_t bytes);

    struct gpu_module *(*module)(struct gpu *g, const char *name,
                                 const char *text);
    struct gpu_kernel *(*kernel)(struct gpu_module *m, const char *name);
    struct gpu_kernel_facts (*kernel_facts)(const struct gpu_kernel *k);
    int (*resident)(struct gpu_kernel *k, int threads, size_t shared);
    void (*launch)(struct gpu_stream *s, struct gpu_kernel *k,
                   const struct gpu_shape *shape, void **args);

    struct gpu_stream *(*stream_open)(struct gpu *g);
    void (*stream_close)(struct gpu_stream *s);
    void (*wait)(struct gpu_stream *s);
    bool (*done)(struct gpu_stream *s);
    struct gpu_event *(*event_open)(struct gpu *g);
    void (*event_close)(struct gpu_event *e);
    void (*event_record)(struct gpu_event *e, struct gpu_stream *s);
    void (*event_await)(struct gpu_stream *s, struct gpu_event *e);
    double (*event_seconds)(struct gpu_event *from, struct gpu_event *to);

    void (*capture)(struct gpu_stream *s);
    struct gpu_graph *(*capture_end)(struct gpu_stream *s);
    void (*graph_launch)(struct gpu_stream *s, struct gpu_graph *k);
    void (*graph_free)(struct gpu_graph *k);

    void (*products)(struct gpu_stream *s);
    void (*multiply)(struct gpu_stream *s, const struct gpu_product *p);
};

/* Of each shared object, not of the programs. */
extern const struct gpu_driver gpu_driver;

#endif

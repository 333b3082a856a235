/* device.c - finds the shared object of a device, and hands calls on to it. */
#include "cuda/device.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "cuda/driver.h"
#include "cuda/text.h"

/* After the first line, what runs at exit and meets the device again ends
 * without another one. */
static _Noreturn void
fail(const char *line)
{
    static bool failed;

    if (failed)
        leave(RC_DEVICE);
    failed = true;
    die(RC_DEVICE, "%s", line);
}

/* Where the program is, without its name; it may be a unit test's. */
static char *
program_folder(void)
{
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    char *slash;

    path[n > 0 ? n : 0] = 0;
    slash = strrchr(path, '/');
    if (slash)
        *slash = 0;
    return xstrdup(slash ? path : ".");
}

/* Beside the program, or where `make install` puts it: NULL if it is in
 * neither place. */
static char *
find(const char *file, char **folder)
{
    static const char *const places[] = { "", "/../lib/unroll" };
    char *base = program_folder();

    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char *dir = xasprintf("%s%s", base, places[i]);
        char *path = xasprintf("%s/%s", dir, file);

        if (!access(path, F_OK)) {
            free(base);
            *folder = dir;
            return path;
        }
        free(dir);
        free(path);
    }
    free(base);
    return NULL;
}

static const struct gpu_driver *
load(const char *kind, char **folder)
{
    char *file = xasprintf("unroll-%s.so", kind);
    char *path = find(file, folder);
    const struct gpu_driver *d;
    void *so;

    if (!path)
        die(RC_DEVICE, "--device %s: this build has no %s (it is made where "
            "%s is installed: docs/cuda.md); use cpu", kind, file,
            strcmp(kind, "cuda") ? "a test" : "the CUDA toolkit");
    so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!so)
        die(RC_DEVICE, "%s", dlerror());
    d = dlsym(so, "gpu_driver");
    if (!d || d->version != GPU_DRIVER_VERSION)
        die(RC_DEVICE, "%s is of another version of the programs; "
            "make build", path);
    free(file);
    free(path);
    return d;
}

struct gpu *
gpu_open(const char *kind)
{
    struct gpu_host host = { .fail = fail, .prelude = cuda_text("prelude"),
                             .primitive = cuda_text("primitive") };
    char *folder;
    const struct gpu_driver *d = load(kind, &folder);
    struct gpu *g;

    host.folder = folder;
    g = d->open(&host);
    free(folder);
    return g;
}

/* All that a device gives begins with its head. */
static const struct gpu_driver *
of(const void *x)
{
    return ((const struct gpu_head *)x)->driver;
}

void
gpu_close(struct gpu *g)
{
    of(g)->close(g);
}

const struct gpu_facts *
gpu_facts(const struct gpu *g)
{
    return of(g)->facts(g);
}

size_t
gpu_free_memory(struct gpu *g)
{
    return of(g)->free_memory(g);
}

gpu_address
gpu_alloc(struct gpu *g, size_t bytes)
{
    return of(g)->alloc(g, bytes);
}

void
gpu_free(struct gpu *g, gpu_address x)
{
    if (x)
        of(g)->free(g, x);
}

void *
gpu_host_alloc(struct gpu *g, size_t bytes)
{
    return of(g)->host_alloc(g, bytes);
}

void
gpu_host_free(struct gpu *g, void *x)
{
    if (x)
        of(g)->host_free(g, x);
}

void
gpu_write(struct gpu_stream *s, gpu_address to, const void *from, size_t bytes)
{
    if (bytes)
        of(s)->write(s, to, from, bytes);
}

void
gpu_read(struct gpu_stream *s, void *to, gpu_address from, size_t bytes)
{
    if (bytes)
        of(s)->read(s, to, from, bytes);
}

void
gpu_move(struct gpu_stream *s, gpu_address to, gpu_address from, size_t bytes)
{
    if (bytes)
        of(s)->move(s, to, from, bytes);
}

void
gpu_fill(struct gpu_stream *s, gpu_address to, int byte, size_t bytes)
{
    if (bytes)
        of(s)->fill(s, to, byte, bytes);
}

struct gpu_module *
gpu_module(struct gpu *g, const char *name, const char *text)
{
    return of(g)->module(g, name, text);
}

struct gpu_kernel *
gpu_kernel(struct gpu_module *m, const char *name)
{
    return of(m)->kernel(m, name);
}

struct gpu_kernel_facts
gpu_kernel_facts(const struct gpu_kernel *k)
{
    return of(k)->kernel_facts(k);
}

int
gpu_resident(struct gpu_kernel *k, int threads, size_t shared)
{
    return of(k)->resident(k, threads, shared);
}

void
gpu_launch(struct gpu_stream *s, struct gpu_kernel *k,
           const struct gpu_shape *shape, void **args)
{
    struct gpu_shape full = *shape;

    for (int i = 0; i < 3; i++) {
        full.grid[i] += !full.grid[i];
        full.block[i] += !full.block[i];
    }
    of(s)->launch(s, k, &full, args);
}

struct gpu_stream *
gpu_stream_open(struct gpu *g)
{
    return of(g)->stream_open(g);
}

void
gpu_stream_close(struct gpu_stream *s)
{
    of(s)->stream_close(s);
}

void
gpu_wait(struct gpu_stream *s)
{
    of(s)->wait(s);
}

bool
gpu_done(struct gpu_stream *s)
{
    return of(s)->done(s);
}

struct gpu_event *
gpu_event_open(struct gpu *g)
{
    return of(g)->event_open(g);
}

void
gpu_event_close(struct gpu_event *e)
{
    of(e)->event_close(e);
}

void
gpu_event_record(struct gpu_event *e, struct gpu_stream *s)
{
    of(e)->event_record(e, s);
}

void
gpu_event_await(struct gpu_stream *s, struct gpu_event *e)
{
    of(s)->event_await(s, e);
}

double
gpu_event_seconds(struct gpu_event *from, struct gpu_event *to)
{
    return of(from)->event_seconds(from, to);
}

void
gpu_capture(struct gpu_stream *s)
{
    of(s)->capture(s);
}

struct gpu_graph *
gpu_capture_end(struct gpu_stream *s)
{
    return of(s)->capture_end(s);
}

void
gpu_graph_launch(struct gpu_stream *s, struct gpu_graph *k)
{
    of(s)->graph_launch(s, k);
}

void
gpu_graph_free(struct gpu_graph *k)
{
    if (k)
        of(k)->graph_free(k);
}

void
gpu_multiply(struct gpu_stream *s, const struct gpu_product *p)
{
    of(s)->multiply(s, p);
}

void
gpu_products(struct gpu_stream *s)
{
    of(s)->products(s);
}

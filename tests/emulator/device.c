/* device.c - the emulator as a device: its facts, its memory's bounds, the
 * plan that the environment chooses, products. */
#include "emulator/emulator.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MEMORY = 256 << 20, BLOCK_SHARED = 166912 };

static struct gpu_host host;      /* of the device that was opened last */
static char said[1000];

void
emu_say(void)
{
    host.fail(said);
}

void
emu_fail(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(said, sizeof said, fmt, ap);
    va_end(ap);
    grid_leave();
    emu_say();
}

void *
emu_new(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size);

    if (!p)
        emu_fail("no memory for the emulator (%zu items of %zu bytes)", n,
                 size);
    return p;
}

/* xorshift64*: orders of threads need no better one. */
uint64_t
emu_draw(struct gpu *g, uint64_t n)
{
    g->draws ^= g->draws >> 12;
    g->draws ^= g->draws << 25;
    g->draws ^= g->draws >> 27;
    return (g->draws * 0x2545f4914f6cdd1du >> 32) * n >> 32;
}

/* UNROLL_EMULATED: fast, ascending, descending, or a number, the seed of a
 * shuffled order. */
static struct plan
read_plan(void)
{
    const char *s = getenv("UNROLL_EMULATED");
    char *end;
    struct plan p = { PLAN_ASCENDING, 0, 0 };

    if (!s || !strcmp(s, "ascending"))
        return p;
    if (!strcmp(s, "fast"))
        return (struct plan){ PLAN_FAST, 0, 0 };
    if (!strcmp(s, "descending"))
        return (struct plan){ PLAN_DESCENDING, 0, 0 };
    p.kind = PLAN_SHUFFLED;
    p.seed = strtoull(s, &end, 10);
    p.switches = p.seed % 2 ? 128 : 16;
    if (!*s || *end)
        emu_fail("UNROLL_EMULATED: '%s' is not fast, ascending, descending or "
                 "the seed of an order", s);
    return p;
}

static size_t
read_memory(void)
{
    const char *s = getenv("UNROLL_EMULATED_MEMORY");
    unsigned long long n = s ? strtoull(s, NULL, 10) : MEMORY;

    if (n < 4096 || n > (size_t)64 << 30)
        emu_fail("UNROLL_EMULATED_MEMORY: '%s' is no number of bytes", s);
    return n / 4096 * 4096;
}

/* Where the shared object really is, which programs' folders link to. */
static char *
texts_folder(void)
{
    Dl_info me;
    char path[PATH_MAX], *slash, *folder;

    if (!dladdr(&host, &me) || !realpath(me.dli_fname, path))
        emu_fail("unroll-emulated.so does not know where it is");
    slash = strrchr(path, '/');
    *slash = 0;
    if (asprintf(&folder, "%s/texts", path) < 0)
        emu_fail("no memory for a folder's name");
    if (mkdir(folder, 0777) && errno != EEXIST)
        emu_fail("%s: %s", folder, strerror(errno));
    return folder;
}

static struct gpu *
device_open(const struct gpu_host *h)
{
    struct gpu *g;
    size_t memory;

    host = *h;
    memory = read_memory();
    memory_open(memory);
    g = emu_new(1, sizeof *g);
    g->head.driver = &gpu_driver;
    g->host = *h;
    g->plan = read_plan();
    g->draws = (g->plan.seed + 1) * 0x9e3779b97f4a7c15u;
    g->folder = texts_folder();
    g->facts = (struct gpu_facts){
        .name = "emulated", .major = 8, .minor = 0, .multiprocessors = 4,
        .block_threads = 1024, .multiprocessor_threads = 2048,
        .block_shared = BLOCK_SHARED,
        .multiprocessor_shared = BLOCK_SHARED + 1024, .memory = memory,
        .cache = 1 << 20, .clock = 1000,
    };
    if (g->plan.kind != PLAN_FAST)
        shadow_open();
    return g;
}

static void
device_close(struct gpu *g)
{
    stream_drain(g);
    while (g->streams)
        stream_close(g->streams);
    module_close(g);
    memory_clear();
    free(g->folder);
    free(g);
}

static const struct gpu_facts *
facts(const struct gpu *g)
{
    return &g->facts;
}

static size_t
free_memory(struct gpu *g)
{
    return g->facts.memory - g->memory_used;
}

static void
not_captured(const struct gpu *g, const char *what)
{
    if (g->capturing)
        emu_fail("%s while work is captured", what);
}

static gpu_address
alloc(struct gpu *g, size_t bytes)
{
    gpu_address x;

    not_captured(g, "memory is allocated");
    if (!bytes)
        emu_fail("gpu_alloc() of 0 bytes");
    if (bytes > free_memory(g))
        return 0;
    x = memory_alloc(bytes);
    if (x)
        g->memory_used += bytes;
    return x;
}

static void
device_free(struct gpu *g, gpu_address x)
{
    not_captured(g, "memory is freed");
    stream_drain(g);
    g->memory_used -= memory_free(x);
}

static void *
host_alloc(struct gpu *g, size_t bytes)
{
    void *x = emu_new(bytes, 1);

    not_captured(g, "memory is allocated");
    memset(x, 0xff, bytes);
    return x;
}

static void
host_free(struct gpu *g, void *x)
{
    stream_drain(g);
    free(x);
}

static struct gpu_kernel_facts
kernel_facts(const struct gpu_kernel *k)
{
    (void)k;
    return (struct gpu_kernel_facts){ 32, 0, 1024 };
}

int
device_resident(const struct gpu *g, int threads, size_t shared)
{
    size_t n = (size_t)g->facts.multiprocessor_threads / (size_t)threads;
    size_t by_memory = g->facts.multiprocessor_shared / (shared + 1024);

    return (int)(n < by_memory ? n : by_memory < 32 ? by_memory : 32);
}

static int
resident(struct gpu_kernel *k, int threads, size_t shared)
{
    return device_resident(module_gpu(k->module), threads, shared);
}

__attribute__((visibility("default")))
const struct gpu_driver gpu_driver = {
    .version = GPU_DRIVER_VERSION,
    .open = device_open, .close = device_close, .facts = facts,
    .free_memory = free_memory, .alloc = alloc, .free = device_free,
    .host_alloc = host_alloc, .host_free = host_free, .write = copy_write,
    .read = copy_read, .move = copy_move, .fill = copy_fill,
    .module = module_open, .kernel = module_kernel,
    .kernel_facts = kernel_facts, .resident = resident,
    .launch = stream_launch, .stream_open = stream_open,
    .stream_close = stream_close, .wait = stream_wait, .done = stream_done,
    .event_open = event_open, .event_close = event_close,
    .event_record = event_record, .event_await = event_await,
    .event_seconds = event_seconds, .capture = graph_capture,
    .capture_end = graph_end, .graph_launch = graph_launch,
    .graph_free = graph_free, .products = stream_products,
    .multiply = stream_multiply,
};

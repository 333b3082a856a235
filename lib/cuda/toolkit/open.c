/* open.c - the first device that the driver has, its facts and its memory. */
#include "cuda/toolkit/toolkit.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
toolkit_fail(struct gpu *g, const char *fmt, ...)
{
    char line[1000] = "--device cuda: ";
    size_t n = strlen(line);
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(line + n, sizeof line - n, fmt, ap);
    va_end(ap);
    g->host.fail(line);
}

/* After these nothing can be asked of the device any more. */
static bool
is_lost(CUresult r)
{
    return r == CUDA_ERROR_ILLEGAL_ADDRESS || r == CUDA_ERROR_LAUNCH_FAILED ||
        r == CUDA_ERROR_LAUNCH_TIMEOUT ||
        r == CUDA_ERROR_HARDWARE_STACK_ERROR ||
        r == CUDA_ERROR_ILLEGAL_INSTRUCTION ||
        r == CUDA_ERROR_MISALIGNED_ADDRESS ||
        r == CUDA_ERROR_INVALID_ADDRESS_SPACE || r == CUDA_ERROR_INVALID_PC ||
        r == CUDA_ERROR_ECC_UNCORRECTABLE ||
        r == CUDA_ERROR_NVLINK_UNCORRECTABLE ||
        r == CUDA_ERROR_DEVICE_UNAVAILABLE || r == CUDA_ERROR_UNKNOWN ||
        r == CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

void
toolkit_check(struct gpu *g, CUresult r, const char *what)
{
    const char *name = NULL, *text = NULL;

    if (r == CUDA_SUCCESS)
        return;
    g->cuda.cuGetErrorName(r, &name);
    g->cuda.cuGetErrorString(r, &text);
    if (is_lost(r))
        toolkit_fail(g, "the device was lost while %s (%s: %s); what was "
                     "saved can go on", what, name ? name : "unknown error",
                     text ? text : "no text");
    toolkit_fail(g, "%s failed (%s: %s)", what, name ? name : "unknown error",
                 text ? text : "no text");
}

void *
toolkit_new(struct gpu *g, size_t bytes)
{
    void *p = calloc(bytes ? bytes : 1, 1);

    if (!p)
        toolkit_fail(g, "no memory on the host (%zu bytes)", bytes);
    return p;
}

char *
toolkit_copy(struct gpu *g, const char *text)
{
    char *copy = toolkit_new(g, strlen(text) + 1);

    return strcpy(copy, text);
}

static int
attribute(struct gpu *g, CUdevice_attribute a)
{
    int x = 0;

    toolkit_check(g, g->cuda.cuDeviceGetAttribute(&x, a, g->device),
                  "asking what the device is");
    return x;
}

static void
set_facts(struct gpu *g)
{
    struct gpu_facts *f = &g->facts;

    toolkit_check(g, g->cuda.cuDeviceGetName(g->name, sizeof g->name - 1,
                                             g->device),
                  "asking what the device is");
    toolkit_check(g, g->cuda.cuDeviceTotalMem(&f->memory, g->device),
                  "asking what the device is");
    f->name = g->name;
    f->major = attribute(g, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    f->minor = attribute(g, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    f->multiprocessors = attribute(g,
        CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    f->block_threads = attribute(g,
        CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    f->multiprocessor_threads = attribute(g,
        CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR);
    f->block_shared = (size_t)attribute(g,
        CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    f->multiprocessor_shared = (size_t)attribute(g,
        CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR);
    f->cache = (size_t)attribute(g, CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE);
    f->clock = attribute(g, CU_DEVICE_ATTRIBUTE_CLOCK_RATE) / 1000;
    if (!attribute(g, CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH))
        toolkit_fail(g, "%s cannot launch cooperative grids; use cpu",
                     f->name);
}

static void
find_device(struct gpu *g)
{
    CUresult r = g->cuda.cuInit(0);
    int n = 0;

    if (r == CUDA_SUCCESS)
        r = g->cuda.cuDeviceGetCount(&n);
    if (r == CUDA_ERROR_NO_DEVICE || (r == CUDA_SUCCESS && n == 0))
        toolkit_fail(g, "the NVIDIA driver finds no device; use cpu");
    toolkit_check(g, r, "starting the NVIDIA driver");
    toolkit_check(g, g->cuda.cuDeviceGet(&g->device, 0), "opening the device");
}

static struct gpu *
device_open(const struct gpu_host *host)
{
    struct gpu *g = calloc(1, sizeof *g);

    if (!g)
        host->fail("--device cuda: no memory on the host");
    g->head.driver = &gpu_driver;
    g->host = *host;
    load_cuda(g);
    find_device(g);
    set_facts(g);
    load_nvrtc(g);
    g->architecture = compile_architecture(g);
    toolkit_check(g, g->cuda.cuDevicePrimaryCtxRetain(&g->context, g->device),
                  "opening the device");
    toolkit_check(g, g->cuda.cuCtxSetCurrent(g->context),
                  "opening the device");
    return g;
}

static void
device_close(struct gpu *g)
{
    toolkit_check(g, g->cuda.cuCtxSynchronize(), "finishing its work");
    product_close(g);
    while (g->graphs)
        graph_free(g->graphs);
    while (g->events)
        event_close(g->events);
    while (g->streams)
        stream_close(g->streams);
    while (g->modules)
        module_close(g->modules);
    toolkit_check(g, g->cuda.cuDevicePrimaryCtxRelease(g->device),
                  "closing the device");
    free(g);                  /* its libraries stay: they take no unloading */
}

static const struct gpu_facts *
facts(const struct gpu *g)
{
    return &g->facts;
}

static size_t
free_memory(struct gpu *g)
{
    size_t room = 0, all = 0;

    toolkit_check(g, g->cuda.cuMemGetInfo(&room, &all), "asking for memory");
    return room;
}

static gpu_address
alloc(struct gpu *g, size_t bytes)
{
    CUdeviceptr x = 0;
    CUresult r = g->cuda.cuMemAlloc(&x, bytes);

    if (r == CUDA_ERROR_OUT_OF_MEMORY)
        return 0;
    toolkit_check(g, r, "allocating memory");
    return x;
}

static void
memory_free(struct gpu *g, gpu_address x)
{
    toolkit_check(g, g->cuda.cuMemFree(x), "freeing memory");
}

static void *
host_alloc(struct gpu *g, size_t bytes)
{
    void *x = NULL;
    CUresult r = g->cuda.cuMemHostAlloc(&x, bytes, 0);

    if (r == CUDA_ERROR_OUT_OF_MEMORY)
        toolkit_fail(g, "no memory on the host for copies (%zu bytes)",
                     bytes);
    toolkit_check(g, r, "allocating memory on the host");
    return x;
}

static void
host_free(struct gpu *g, void *x)
{
    toolkit_check(g, g->cuda.cuMemFreeHost(x), "freeing memory");
}

__attribute__((visibility("default")))
const struct gpu_driver gpu_driver = {
    .version = GPU_DRIVER_VERSION,
    .open = device_open, .close = device_close, .facts = facts,
    .free_memory = free_memory, .alloc = alloc, .free = memory_free,
    .host_alloc = host_alloc, .host_free = host_free, .write = stream_write,
    .read = stream_read, .move = stream_move, .fill = stream_fill,
    .module = module_open, .kernel = module_kernel,
    .kernel_facts = module_facts, .resident = module_resident,
    .launch = module_launch, .stream_open = stream_open,
    .stream_close = stream_close, .wait = stream_wait, .done = stream_done,
    .event_open = event_open, .event_close = event_close,
    .event_record = event_record, .event_await = event_await,
    .event_seconds = event_seconds, .capture = stream_capture,
    .capture_end = stream_capture_end, .graph_launch = stream_launch,
    .graph_free = graph_free, .products = product_open,
    .multiply = product_multiply,
};

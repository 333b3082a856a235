/* module.c - compiled texts on the device, their kernels, and launches. */
#include "cuda/toolkit/toolkit.h"

#include <stdlib.h>
#include <string.h>

enum { SHARED_AT_ONCE = 48 << 10 };   /* bytes; more must be asked for */

struct gpu_module *
module_open(struct gpu *g, const char *name, const char *text)
{
    struct gpu_module *m = g->modules;
    void *code;

    while (m && strcmp(m->text, text))
        m = m->next;
    if (m)
        return m;
    code = compile_text(g, name, text);
    m = toolkit_new(g, sizeof *m);
    *m = (struct gpu_module){ .head = g->head, .g = g, .next = g->modules,
                              .name = toolkit_copy(g, name),
                              .text = toolkit_copy(g, text) };
    toolkit_check(g, g->cuda.cuModuleLoadData(&m->module, code),
                  "loading kernels");
    free(code);
    g->modules = m;
    return m;
}

void
module_close(struct gpu_module *m)
{
    struct gpu_module **p = &m->g->modules;

    while (*p != m)
        p = &(*p)->next;
    *p = m->next;
    toolkit_check(m->g, m->g->cuda.cuModuleUnload(m->module),
                  "unloading kernels");
    while (m->kernels) {
        struct gpu_kernel *k = m->kernels;

        m->kernels = k->next;
        free(k->name);
        free(k);
    }
    free(m->name);
    free(m->text);
    free(m);
}

struct gpu_kernel *
module_kernel(struct gpu_module *m, const char *name)
{
    struct gpu_kernel *k = m->kernels;
    CUresult r;

    while (k && strcmp(k->name, name))
        k = k->next;
    if (k)
        return k;
    k = toolkit_new(m->g, sizeof *k);
    *k = (struct gpu_kernel){ .head = m->head, .module = m,
                              .next = m->kernels,
                              .name = toolkit_copy(m->g, name),
                              .shared = SHARED_AT_ONCE };
    r = m->g->cuda.cuModuleGetFunction(&k->function, m->module, name);
    if (r == CUDA_ERROR_NOT_FOUND)
        toolkit_fail(m->g, "no kernel of %s is called '%s'", m->name, name);
    toolkit_check(m->g, r, "looking for a kernel");
    m->kernels = k;
    return k;
}

static int
attribute(const struct gpu_kernel *k, CUfunction_attribute a)
{
    struct gpu *g = k->module->g;
    int x = 0;

    toolkit_check(g, g->cuda.cuFuncGetAttribute(&x, a, k->function),
                  "asking what a kernel needs");
    return x;
}

struct gpu_kernel_facts
module_facts(const struct gpu_kernel *k)
{
    return (struct gpu_kernel_facts){
        .registers = attribute(k, CU_FUNC_ATTRIBUTE_NUM_REGS),
        .local = attribute(k, CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES),
        .block_threads = attribute(k,
            CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK),
    };
}

/* More shared memory than every device has is given to those who say so. */
static void
allow_shared(struct gpu_kernel *k, size_t shared)
{
    struct gpu *g = k->module->g;

    if (shared <= k->shared)
        return;
    if (shared > g->facts.block_shared)
        toolkit_fail(g, "kernel %s: %zu bytes of shared memory are more than "
                     "%zu", k->name, shared, g->facts.block_shared);
    toolkit_check(g, g->cuda.cuFuncSetAttribute(k->function,
        CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, (int)shared),
        "asking for shared memory");
    k->shared = shared;
}

int
module_resident(struct gpu_kernel *k, int threads, size_t shared)
{
    struct gpu *g = k->module->g;
    int n = 0;

    allow_shared(k, shared);
    toolkit_check(g, g->cuda.cuOccupancyMaxActiveBlocksPerMultiprocessor(&n,
        k->function, threads, shared), "asking how many CTAs fit");
    return n;
}

void
module_launch(struct gpu_stream *s, struct gpu_kernel *k,
              const struct gpu_shape *shape, void **args)
{
    CUlaunchAttribute together = {
        .id = CU_LAUNCH_ATTRIBUTE_COOPERATIVE, .value.cooperative = 1
    };
    CUlaunchConfig c = {
        .gridDimX = shape->grid[0], .gridDimY = shape->grid[1],
        .gridDimZ = shape->grid[2], .blockDimX = shape->block[0],
        .blockDimY = shape->block[1], .blockDimZ = shape->block[2],
        .sharedMemBytes = (unsigned)shape->shared, .hStream = s->stream,
        .attrs = &together, .numAttrs = shape->cooperative,
    };
    CUresult r;

    allow_shared(k, shape->shared);
    r = s->g->cuda.cuLaunchKernelEx(&c, k->function, args, NULL);
    if (r == CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE ||
            r == CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES ||
            r == CUDA_ERROR_INVALID_VALUE)
        toolkit_fail(s->g, "kernel %s: %u x %u x %u CTAs of %u x %u x %u "
                     "threads and %zu bytes of shared memory do not fit",
                     k->name, c.gridDimX, c.gridDimY, c.gridDimZ, c.blockDimX,
                     c.blockDimY, c.blockDimZ, shape->shared);
    toolkit_check(s->g, r, "launching a kernel");
}

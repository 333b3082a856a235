/*
 * stub.c - a libcuda.so.1 of the tests': a driver whose one device computes
 * nothing, so that what is asked of the driver, in which order, and what is
 * said when it fails, can be seen where there is no GPU.
 *
 *   STUB_LOG=FILE          each call's name, a line each
 *   STUB_FAIL=NAME:CODE    that function fails, always ...
 *   STUB_FAIL=NAME:CODE:N  ... or the N-th time (and all calls after it, as
 *                          after a device is lost)
 *   STUB_VERSION=12040     what cuDriverGetVersion says (CUDA_VERSION)
 *   STUB_DEVICES=0         how many there are (1)
 *   STUB_CAPABILITY=89     compute capability (90)
 *   STUB_MEMORY=BYTES      all there is (1 GiB)
 *   STUB_CUBINS=FOLDER     what is loaded is put there, PID-N.cubin each
 *
 * Memory is the host's; copies and fills are done at once; kernels do nothing.
 */
#include <cuda.h>

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static size_t used;
static int lost;

static long
number(const char *name, long otherwise)
{
    const char *s = getenv(name);

    return s ? strtol(s, NULL, 10) : otherwise;
}

/* What the function of that name has to answer. */
static CUresult
called(const char *name)
{
    static int count;
    const char *log = getenv("STUB_LOG"), *f = getenv("STUB_FAIL");
    size_t n = f ? strcspn(f, ":") : 0;
    FILE *out = log ? fopen(log, "a") : NULL;
    char *end;
    long code, when;

    if (out) {
        fprintf(out, "%s\n", name);
        fclose(out);
    }
    if (lost)
        return (CUresult)lost;
    if (!f || strlen(name) != n || strncmp(f, name, n))
        return CUDA_SUCCESS;
    code = strtol(f + n + 1, &end, 10);
    when = *end == ':' ? strtol(end + 1, NULL, 10) : 0;
    count++;
    if (when && count < when)
        return CUDA_SUCCESS;
    if (when)
        lost = (int)code;
    return (CUresult)code;
}

#define CALLED() \
    do { \
        CUresult r_ = called(__func__); \
        if (r_ != CUDA_SUCCESS) \
            return r_; \
    } while (0)

/* Those that have nothing to do but to be called. */
#define NOTHING(name, ...) \
    CUresult CUDAAPI name(__VA_ARGS__) { CALLED(); return CUDA_SUCCESS; }

NOTHING(cuInit, unsigned flags)
NOTHING(cuDevicePrimaryCtxRelease, CUdevice d)
NOTHING(cuCtxSetCurrent, CUcontext c)
NOTHING(cuCtxSynchronize, void)
NOTHING(cuModuleUnload, CUmodule m)
NOTHING(cuFuncSetAttribute, CUfunction f, CUfunction_attribute a, int x)
NOTHING(cuLaunchKernelEx, const CUlaunchConfig *c, CUfunction f, void **args,
        void **extra)
NOTHING(cuStreamDestroy, CUstream s)
NOTHING(cuStreamSynchronize, CUstream s)
NOTHING(cuStreamQuery, CUstream s)
NOTHING(cuStreamWaitEvent, CUstream s, CUevent e, unsigned flags)
NOTHING(cuEventDestroy, CUevent e)
NOTHING(cuEventRecord, CUevent e, CUstream s)
NOTHING(cuEventSynchronize, CUevent e)
NOTHING(cuStreamBeginCapture, CUstream s, CUstreamCaptureMode m)
NOTHING(cuGraphDestroy, CUgraph g)
NOTHING(cuGraphExecDestroy, CUgraphExec g)
NOTHING(cuGraphLaunch, CUgraphExec g, CUstream s)

/* A handle is any address that is not NULL. */
#define OPENS(name, type, ...) \
    CUresult CUDAAPI name(type *x, ##__VA_ARGS__) \
    { CALLED(); *x = (type)(void *)&used; return CUDA_SUCCESS; }

OPENS(cuDevicePrimaryCtxRetain, CUcontext, CUdevice d)
OPENS(cuModuleGetFunction, CUfunction, CUmodule m, const char *name)
OPENS(cuStreamCreate, CUstream, unsigned flags)
OPENS(cuEventCreate, CUevent, unsigned flags)
OPENS(cuGraphInstantiate, CUgraphExec, CUgraph g, unsigned long long flags)

/* Machine code is a file of its own: an ELF whose last part is the table of its
 * sections. */
static void
keep(const void *image)
{
    static int n;
    const char *folder = getenv("STUB_CUBINS");
    Elf64_Ehdr e;
    char path[1000];
    FILE *f;

    if (!folder)
        return;
    memcpy(&e, image, sizeof e);
    snprintf(path, sizeof path, "%s/%ld-%d.cubin", folder, (long)getpid(),
             n++);
    f = fopen(path, "wb");
    if (!f || memcmp(e.e_ident, ELFMAG, SELFMAG))
        abort();
    fwrite(image, 1, (e.e_phoff > e.e_shoff ?
        e.e_phoff + (size_t)e.e_phnum * e.e_phentsize :
        e.e_shoff + (size_t)e.e_shnum * e.e_shentsize), f);
    fclose(f);
}

CUresult CUDAAPI
cuModuleLoadData(CUmodule *m, const void *image)
{
    CALLED();
    keep(image);
    *m = (CUmodule)(void *)&used;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuStreamEndCapture(CUstream s, CUgraph *g)
{
    CALLED();
    *g = (CUgraph)(void *)&used;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuDriverGetVersion(int *version)
{
    CALLED();
    *version = (int)number("STUB_VERSION", CUDA_VERSION);
    return CUDA_SUCCESS;
}

/* NVRTC asks a driver that is there for tables of its own. */
CUresult CUDAAPI
cuGetExportTable(const void **table, const CUuuid *id)
{
    *table = NULL;
    return CUDA_ERROR_NOT_FOUND;
}

CUresult CUDAAPI
cuGetErrorName(CUresult error, const char **text)
{
    *text = error == CUDA_ERROR_LAUNCH_FAILED ? "CUDA_ERROR_LAUNCH_FAILED" :
        error == CUDA_ERROR_UNKNOWN ? "CUDA_ERROR_UNKNOWN" :
        "CUDA_ERROR_OF_THE_STUB";
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuGetErrorString(CUresult error, const char **text)
{
    *text = error == CUDA_ERROR_LAUNCH_FAILED ?
        "unspecified launch failure" : "as the stub was told";
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuDeviceGetCount(int *n)
{
    CALLED();
    *n = (int)number("STUB_DEVICES", 1);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuDeviceGet(CUdevice *d, int i)
{
    CALLED();
    *d = i;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuDeviceGetName(char *name, int n, CUdevice d)
{
    CALLED();
    snprintf(name, (size_t)n, "a stub");
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuDeviceGetAttribute(int *x, CUdevice_attribute a, CUdevice d)
{
    int capability = (int)number("STUB_CAPABILITY", 90);

    CALLED();
    switch (a) {
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *x = capability / 10;
        break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *x = capability % 10;
        break;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *x = 4; break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *x = 1024; break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: *x = 2048; break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: *x = 166912;
        break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: *x = 167936;
        break;
    default: *x = 1;
    }
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuDeviceTotalMem(size_t *bytes, CUdevice d)
{
    CALLED();
    *bytes = (size_t)number("STUB_MEMORY", 1 << 30);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuMemGetInfo(size_t *room, size_t *all)
{
    CALLED();
    *all = (size_t)number("STUB_MEMORY", 1 << 30);
    *room = *all - used;
    return CUDA_SUCCESS;
}

/* The size stands before the block. */
CUresult CUDAAPI
cuMemAlloc(CUdeviceptr *x, size_t bytes)
{
    char *p;

    CALLED();
    if (bytes > (size_t)number("STUB_MEMORY", 1 << 30) - used)
        return CUDA_ERROR_OUT_OF_MEMORY;
    p = aligned_alloc(256, (bytes + 511) / 256 * 256);
    if (!p)
        return CUDA_ERROR_OUT_OF_MEMORY;
    memcpy(p, &bytes, sizeof bytes);
    memset(p + 256, 0xff, bytes);
    used += bytes;
    *x = (CUdeviceptr)(p + 256);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuMemFree(CUdeviceptr x)
{
    char *p = (char *)x - 256;
    size_t bytes;

    CALLED();
    memcpy(&bytes, p, sizeof bytes);
    used -= bytes;
    free(p);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuMemHostAlloc(void **x, size_t bytes, unsigned flags)
{
    CALLED();
    *x = malloc(bytes);
    return *x ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

CUresult CUDAAPI
cuMemFreeHost(void *x)
{
    CALLED();
    free(x);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuMemcpyHtoDAsync(CUdeviceptr to, const void *from, size_t n, CUstream s)
{
    CALLED();
    memcpy((void *)to, from, n);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuMemcpyDtoHAsync(void *to, CUdeviceptr from, size_t n, CUstream s)
{
    CALLED();
    memcpy(to, (void *)from, n);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, size_t n, CUstream s)
{
    CALLED();
    memcpy((void *)to, (void *)from, n);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuMemsetD8Async(CUdeviceptr to, unsigned char byte, size_t n, CUstream s)
{
    CALLED();
    memset((void *)to, byte, n);
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuFuncGetAttribute(int *x, CUfunction_attribute a, CUfunction f)
{
    CALLED();
    *x = a == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? 1024 :
        a == CU_FUNC_ATTRIBUTE_NUM_REGS ? 32 : 0;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuOccupancyMaxActiveBlocksPerMultiprocessor(int *n, CUfunction f, int threads,
                                            size_t shared)
{
    CALLED();
    *n = 2048 / threads;
    return CUDA_SUCCESS;
}

CUresult CUDAAPI
cuEventElapsedTime(float *milliseconds, CUevent from, CUevent to)
{
    CALLED();
    *milliseconds = 1;
    return CUDA_SUCCESS;
}

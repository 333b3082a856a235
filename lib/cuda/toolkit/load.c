/* load.c - the libraries of driver and toolkit, opened when they are needed. */
#include "cuda/toolkit/toolkit.h"

#include <dlfcn.h>
#include <stdio.h>

#define STRING_(x) #x
#define STRING(x) STRING_(x)
/* The toolkit's libraries are named by its major version. */
#define VERSIONED(name) name ".so." STRING(MAJOR)

struct name {
    const char *name;
    size_t at;                    /* of the pointer, in its struct */
};

#define CUDA_ROW_(x) { #x, offsetof(struct cuda, x) },
#define CUDA_ROW(x) CUDA_ROW_(x)
#define NVRTC_ROW_(x) { #x, offsetof(struct nvrtc, x) },
#define NVRTC_ROW(x) NVRTC_ROW_(x)
#define CUBLAS_ROW_(x) { #x, offsetof(struct cublas, x) },
#define CUBLAS_ROW(x) CUBLAS_ROW_(x)

static const struct name cuda_names[] = { CUDA_NAMES(CUDA_ROW) { 0, 0 } };
static const struct name nvrtc_names[] = { NVRTC_NAMES(NVRTC_ROW) { 0, 0 } };
static const struct name cublas_names[] = {
    CUBLAS_NAMES(CUBLAS_ROW) { 0, 0 }
};

/* The name of the first function that is not there, or NULL. */
static const char *
find_all(void *so, void *table, const struct name *names)
{
    for (; names->name; names++) {
        void *p = dlsym(so, names->name);

        if (!p)
            return names->name;
        *(void **)((char *)table + names->at) = p;
    }
    return NULL;
}

static int
version_of(struct gpu *g, void *so)
{
    __typeof__(cuDriverGetVersion) *get;
    int version = 0;

    *(void **)&get = dlsym(so, "cuDriverGetVersion");
    if (!get || get(&version) != CUDA_SUCCESS || version < 1000)
        toolkit_fail(g, "libcuda.so.1 does not say which CUDA it is of; "
                     "install the NVIDIA driver anew, or use cpu");
    return version;
}

/* A driver runs code that was compiled by the toolkits of its own major
 * version and older ones. */
void
load_cuda(struct gpu *g)
{
    struct cuda *c = &g->cuda;
    const char *missing;

    c->so = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!c->so)
        toolkit_fail(g, "there is no NVIDIA driver (%s); use cpu", dlerror());
    g->driver = version_of(g, c->so);
    missing = find_all(c->so, c, cuda_names);
    if (g->driver / 1000 < CUDA_VERSION / 1000 || missing)
        toolkit_fail(g, "the NVIDIA driver is of CUDA %d.%d, this build needs "
                     "one of CUDA %d or later%s%s; install it, or use cpu",
                     g->driver / 1000, g->driver % 1000 / 10,
                     CUDA_VERSION / 1000, missing ? ": it has no " : "",
                     missing ? missing : "");
}

void
load_nvrtc(struct gpu *g)
{
    struct nvrtc *n = &g->nvrtc;
    const char *missing;
    int major, minor;

    n->so = dlopen(VERSIONED("libnvrtc"), RTLD_NOW | RTLD_LOCAL);
    if (!n->so)
        toolkit_fail(g, "NVRTC, which compiles kernels, is missing (%s); "
                     "install the CUDA toolkit, or use cpu", dlerror());
    missing = find_all(n->so, n, nvrtc_names);
    if (missing)
        toolkit_fail(g, "%s has no %s; install the CUDA toolkit anew",
                     VERSIONED("libnvrtc"), missing);
    if (n->nvrtcVersion(&major, &minor) != NVRTC_SUCCESS)
        toolkit_fail(g, "NVRTC does not say which version it is of");
    g->compiler = 1000 * major + 10 * minor;
}

void
load_cublas(struct gpu *g)
{
    struct cublas *b = &g->cublas;
    const char *missing;

    b->so = dlopen(VERSIONED("libcublas"), RTLD_NOW | RTLD_LOCAL);
    if (!b->so)
        toolkit_fail(g, "cuBLAS, which tensor mathematics needs, is missing "
                     "(%s); install the CUDA toolkit", dlerror());
    missing = find_all(b->so, b, cublas_names);
    if (missing)
        toolkit_fail(g, "%s has no %s; install the CUDA toolkit anew",
                     VERSIONED("libcublas"), missing);
}

/* compile.c - a text of kernels to machine code, by NVRTC. */
#include "cuda/toolkit/toolkit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda/options.h"

static void
check(struct gpu *g, nvrtcResult r, const char *what)
{
    if (r != NVRTC_SUCCESS)
        toolkit_fail(g, "NVRTC: %s failed (%s)", what,
                     g->nvrtc.nvrtcGetErrorString(r));
}

int
compile_architecture(struct gpu *g)
{
    int want = 10 * g->facts.major + g->facts.minor, n = 0, best = 0, *known;

    check(g, g->nvrtc.nvrtcGetNumSupportedArchs(&n), "listing architectures");
    known = toolkit_new(g, (size_t)n * sizeof *known);
    check(g, g->nvrtc.nvrtcGetSupportedArchs(known), "listing architectures");
    for (int i = 0; i < n; i++)
        if (known[i] / 10 == g->facts.major && known[i] <= want &&
                known[i] > best)
            best = known[i];
    free(known);
    if (!best)
        toolkit_fail(g, "%s has compute capability %d.%d, for which NVRTC "
                     "%d.%d cannot compile; use cpu", g->facts.name,
                     g->facts.major, g->facts.minor, g->compiler / 1000,
                     g->compiler % 1000 / 10);
    return best;
}

/* The first line of the log that tells of an error. */
static void
compile_failed(struct gpu *g, nvrtcProgram p, const char *name,
               nvrtcResult r)
{
    size_t n = 0;
    char *log, *line, *rest;

    check(g, g->nvrtc.nvrtcGetProgramLogSize(p, &n), "reading its log");
    log = toolkit_new(g, n + 1);
    check(g, g->nvrtc.nvrtcGetProgramLog(p, log), "reading its log");
    for (line = strtok_r(log, "\n", &rest); line && !strstr(line, "error");
         line = strtok_r(NULL, "\n", &rest))
        ;
    toolkit_fail(g, "kernels %s do not compile: %s", name,
                 line ? line : g->nvrtc.nvrtcGetErrorString(r));
}

void *
compile_text(struct gpu *g, const char *name, const char *text)
{
    struct nvrtc *c = &g->nvrtc;
    char architecture[60], file[200];
    const char *options[] = { architecture, CUDA_OPTIONS };
    size_t room = strlen(g->host.primitive) + strlen(g->host.prelude) +
        strlen(text) + 200, n = 0;
    char *all = toolkit_new(g, room);
    void *code;
    nvrtcProgram p;
    nvrtcResult r;

    snprintf(architecture, sizeof architecture, "--gpu-architecture=sm_%d",
             g->architecture);
    snprintf(file, sizeof file, "%s.cu", name);
    snprintf(all, room, "%s#line 1 \"prelude.cu\"\n%s#line 1 \"%.100s.cu\"\n%s",
             g->host.primitive, g->host.prelude, name, text);
    check(g, c->nvrtcCreateProgram(&p, all, file, 0, NULL, NULL),
          "taking a text");
    r = c->nvrtcCompileProgram(p, sizeof options / sizeof *options, options);
    if (r != NVRTC_SUCCESS)
        compile_failed(g, p, name, r);
    check(g, c->nvrtcGetCUBINSize(p, &n), "giving machine code");
    code = toolkit_new(g, n);
    check(g, c->nvrtcGetCUBIN(p, code), "giving machine code");
    check(g, c->nvrtcDestroyProgram(&p), "ending");
    free(all);
    return code;
}

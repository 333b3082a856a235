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

static const char *const options[] = { CUDA_OPTIONS };
enum { OPTIONS = sizeof options / sizeof *options };

/* What is compiled, and in a comment before it how. */
static char *
source(struct gpu *g, const char *architecture, const char *name,
       const char *text)
{
    size_t room = strlen(g->host.primitive) + strlen(g->host.prelude) +
        strlen(text) + strlen(name) + 1000;
    char *all = toolkit_new(g, room);
    size_t n = (size_t)snprintf(all, room, "// NVRTC %d %s", g->compiler,
                                architecture);

    for (int i = 0; i < OPTIONS; i++)
        n += (size_t)snprintf(all + n, room - n, " %s", options[i]);
    snprintf(all + n, room - n, "\n#line 1 \"primitive.cu\"\n%s"
             "#line 1 \"prelude.cu\"\n%s#line 1 \"%s.cu\"\n%s",
             g->host.primitive, g->host.prelude, name, text);
    return all;
}

static void *
compile(struct gpu *g, const char *name, const char *text,
        const char *architecture, size_t *n)
{
    struct nvrtc *c = &g->nvrtc;
    const char *all[OPTIONS + 1] = { architecture, CUDA_OPTIONS };
    void *code;
    nvrtcProgram p;
    nvrtcResult r;

    check(g, c->nvrtcCreateProgram(&p, text, name, 0, NULL, NULL),
          "taking a text");
    r = c->nvrtcCompileProgram(p, OPTIONS + 1, all);
    if (r != NVRTC_SUCCESS)
        compile_failed(g, p, name, r);
    check(g, c->nvrtcGetCUBINSize(p, n), "giving machine code");
    code = toolkit_new(g, *n);
    check(g, c->nvrtcGetCUBIN(p, code), "giving machine code");
    check(g, c->nvrtcDestroyProgram(&p), "ending");
    return code;
}

/* Of a name what can stand in a file's name and in a line of text. */
static char *
plain(struct gpu *g, const char *name)
{
    char *copy = toolkit_copy(g, name);

    for (char *p = copy; *p; p++)
        if (!(*p >= '0' && *p <= '9') && !(*p >= 'a' && *p <= 'z') &&
                !(*p >= 'A' && *p <= 'Z'))
            *p = '_';
    return copy;
}

void *
compile_text(struct gpu *g, const char *name, const char *text)
{
    char architecture[60], *file = plain(g, name), *all;
    size_t n;
    void *code;

    snprintf(architecture, sizeof architecture, "--gpu-architecture=sm_%d",
             g->architecture);
    all = source(g, architecture, file, text);
    code = kept_find(g, all, &n);
    if (!code) {
        code = compile(g, file, all, architecture, &n);
        kept_put(g, all, code, n);
    }
    free(all);
    free(file);
    return code;
}

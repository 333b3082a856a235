/*
 * module.c - a text of kernels becomes a shared object of the host.
 *
 * g++ sees calls.h, language.hh, the prelude and the text.  With checks each
 * access to memory is a call (-fsanitize=thread, whose library is not used),
 * and what C++ leaves undefined is one too.  What has been compiled is kept in
 * a folder beside unroll-emulated.so, and used again when all that the
 * compiler would see, options and text, is the same to the byte.
 */
#include "emulator/emulator.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;
extern const char emu_language[];     /* calls.h and language.hh */

enum { MOST_KERNELS = 512, MOST_OPTIONS = 48 };

struct gpu_module {
    struct gpu_head head;
    struct gpu_module *next;
    struct gpu *g;
    char *text;                   /* as it was given */
    void *so;
    struct gpu_kernel kernel[MOST_KERNELS];
    int kernels;
};

/* As lib/cuda/options.h has it for NVRTC: no contraction, and all of IEEE. */
#define COMMON "-std=c++17", "-shared", "-fPIC", "-fvisibility=hidden", \
    "-w", "-ffp-contract=off", "-fno-math-errno", \
    "-fno-strict-aliasing", "-fno-exceptions", "-fno-rtti", \
    "-fno-asynchronous-unwind-tables", "-Wl,--build-id=none"

static const char *const fast_options[] = { COMMON, "-O2", NULL };
/* Accesses stay as they are written: neither merged nor made calls of memset
 * and memcpy, which would not be seen. */
static const char *const checked_options[] = {
    COMMON, "-O1", "-g1", "-DEMU_CHECKED", "-fsanitize=thread",
    "-fsanitize=alignment,bounds,shift,integer-divide-by-zero",
    "-fsanitize=float-cast-overflow,signed-integer-overflow",
    "--param", "tsan-distinguish-volatile=1",
    "--param", "tsan-instrument-func-entry-exit=0",
    "-fno-tree-loop-distribute-patterns", "-fno-store-merging",
    "-fno-tree-slp-vectorize", "-fno-tree-vectorize", NULL
};

static bool
has_fma(void)
{
#if defined __x86_64__
    return __builtin_cpu_supports("fma");
#else
    return false;
#endif
}

/* ---- the text ------------------------------------------------------------*/

static bool
is_word(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
        (c >= 'A' && c <= 'Z');
}

/* The word before the parenthesis that opens the parameters: the one that no
 * __launch_bounds__ stands before. */
static const char *
kernel_name(const char *p, size_t *n)
{
    for (;;) {
        const char *open = strchr(p, '('), *end = open;

        if (!open)
            return NULL;
        while (end > p && !is_word(end[-1]))
            end--;
        for (*n = 0; end - *n > p && is_word(*(end - *n - 1));)
            ++*n;
        if (*n && (*n < 8 || strncmp(end - *n, "__launch", 8)))
            return end - *n;
        p = strchr(open, ')');
        if (!p++)
            return NULL;
    }
}

/* Of each place where `word` stands alone, the kernel that follows; where it is
 * a part of a macro, those that follow the macro's name. */
static void
put_after(FILE *f, const char *text, const char *word, bool macros)
{
    size_t length = strlen(word), n;

    for (const char *p = text; (p = strstr(p, word)) != NULL;) {
        const char *line = p, *name;
        char macro[80];

        if ((p > text && is_word(p[-1])) || is_word(p[length])) {
            p += length;
            continue;
        }
        while (line > text && line[-1] != '\n')
            line--;
        p += length;
        if (sscanf(line, " # define %79[A-Za-z0-9_]", macro) == 1) {
            if (macros && strcmp(macro, word))
                put_after(f, p, macro, false);
            continue;
        }
        name = kernel_name(p, &n);
        if (name)
            fprintf(f, "EMU_KERNEL(%.*s)\n", (int)n, name);
    }
}

static void
put_kernels(FILE *f, const char *text)
{
    fprintf(f, "extern \"C\" __attribute__((visibility(\"default\")))\n"
            "const emu_kernel emu_kernels[] = {\n");
    put_after(f, text, "__global__", true);
    fprintf(f, "{ 0, 0, 0, 0 } };\n");
}

/* How many bytes of p are the call of a barrier, a statement by itself; 0: none
 * is there.  `name`: of this one alone, if it is one. */
static size_t
barrier_length(const char *p, bool within_word, const char *name)
{
    static const char *const names[] = {
        "__syncthreads", "__syncwarp", "grid_barrier", "loop_barrier"
    };
    const char *end;

    for (size_t i = 0; !within_word && i < sizeof names / sizeof *names; i++) {
        size_t n = strlen(names[i]);

        if (strncmp(p, names[i], n) || p[n] != '(' ||
                (!(*name >= '0' && *name <= '9') &&
                 (strncmp(name, names[i], n) || name[n] != ':')))
            continue;
        end = p + strcspn(p, ")");
        return end[0] && end[1] == ';' ? (size_t)(end + 1 - p) : 0;
    }
    return 0;
}

/* UNROLL_EMULATED_WITHOUT=TEXT:N takes the N-th barrier (from 0) out of the
 * text of that name, TEXT:FUNCTION:N the N-th call of one of these functions:
 * who looks at it must notice. */
static char *
without_barrier(const char *name, const char *text)
{
    const char *asked = getenv("UNROLL_EMULATED_WITHOUT");
    size_t length = strlen(name), n;
    char *copy = strdup(text);
    long number;

    if (!copy)
        emu_fail("no memory for a text of kernels");
    if (!asked || strncmp(asked, name, length) || asked[length] != ':')
        return copy;
    asked += length + 1;
    number = strtol(strchr(asked, ':') ? strchr(asked, ':') + 1 : asked, NULL,
                    10);
    for (char *p = copy; *p; p++) {
        n = barrier_length(p, p > copy && is_word(p[-1]), asked);
        if (n && number-- == 0) {
            memset(p, ' ', n);
            return copy;
        }
    }
    emu_fail("UNROLL_EMULATED_WITHOUT: %s has fewer barriers", name);
}

/* All that the compiler sees, its options too (as a comment). */
static char *
source(const struct gpu *g, const char *name, const char *text,
       const char *const *options)
{
    char *s = NULL;
    size_t n;
    FILE *f = open_memstream(&s, &n);

    if (!f)
        emu_fail("no memory for a text of kernels");
    fprintf(f, "//");
    for (int i = 0; options[i]; i++)
        fprintf(f, " %s", options[i]);
    fprintf(f, "\n%s#line 1 \"prelude.cu\"\n%s#line 1 \"%s.cu\"\n%s\n",
            emu_language, g->host.prelude, name, text);
    put_kernels(f, text);
    if (fclose(f) || !s)
        emu_fail("no memory for a text of kernels");
    return s;
}

/* ---- the compiler --------------------------------------------------------*/

static uint64_t
hash(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;

    while (*s)
        h = (h ^ (unsigned char)*s++) * 0x100000001b3u;
    return h;
}

static void
put_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    if (!f || fputs(text, f) < 0 || fclose(f))
        emu_fail("%s: %s", path, strerror(errno));
}

static bool
is_file(const char *path, const char *text)
{
    size_t n = strlen(text);
    FILE *f = fopen(path, "r");
    char *got;
    bool same;

    if (!f)
        return false;
    got = emu_new(n + 2, 1);
    same = fread(got, 1, n + 1, f) == n && !memcmp(got, text, n);
    fclose(f);
    free(got);
    return same;
}

/* The first line of a log that tells of an error. */
static void
compile_failed(const char *log, const char *compiler)
{
    char line[400] = "";
    FILE *f = fopen(log, "r");

    while (f && fgets(line, sizeof line, f) && !strstr(line, "error"))
        ;
    if (f)
        fclose(f);
    line[strcspn(line, "\n")] = 0;
    emu_fail("%s: %s (more in %s)", compiler, *line ? line : "it failed", log);
}

static void
compile(const char *from, const char *to, const char *const *options)
{
    const char *argv[MOST_OPTIONS];
    char log[600];
    posix_spawn_file_actions_t files;
    int n = 0, status;
    pid_t pid;

    snprintf(log, sizeof log, "%s.log", to);
    argv[n++] = getenv("CXX") ? getenv("CXX") : "g++";
    while (options[n - 1])
        argv[n] = options[n - 1], n++;
    argv[n++] = "-o";
    argv[n++] = to;
    argv[n++] = from;
    /* not what -fsanitize=thread would add */
    argv[n++] = "-nodefaultlibs";
    argv[n++] = "-lm";
    argv[n++] = "-lc";
    argv[n] = NULL;
    if (posix_spawn_file_actions_init(&files) ||
            posix_spawn_file_actions_addopen(&files, 1, log, O_WRONLY |
                                             O_CREAT | O_TRUNC, 0644) ||
            posix_spawn_file_actions_adddup2(&files, 1, 2))
        emu_fail("no memory to start a compiler");
    if (posix_spawnp(&pid, argv[0], &files, NULL, (char **)(uintptr_t)argv,
                     environ))
        emu_fail("the emulator needs a C++ compiler: %s cannot be started",
                 argv[0]);
    posix_spawn_file_actions_destroy(&files);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            emu_fail("waiting for %s: %s", argv[0], strerror(errno));
    if (status)
        compile_failed(log, argv[0]);
    unlink(log);
}

/* The shared object's path. */
static char *
made(const struct gpu *g, const char *name, const char *text)
{
    const char *const *given = g->plan.kind == PLAN_FAST ? fast_options :
        checked_options;
    const char *options[MOST_OPTIONS];
    char base[500], cc[520], part[540];
    char *so = emu_new(520, 1), *s;
    int n = 0;

    for (; given[n]; n++)
        options[n] = given[n];
    if (has_fma())
        options[n++] = "-mfma";
    options[n] = NULL;
    s = source(g, name, text, options);
    snprintf(base, sizeof base, "%s/%.60s-%016llx", g->folder, name,
             (unsigned long long)hash(s));
    snprintf(cc, sizeof cc, "%s.cc", base);
    snprintf(so, 520, "%s.so", base);
    if (access(so, R_OK) || !is_file(cc, s)) {
        snprintf(part, sizeof part, "%s.%ld.cc", base, (long)getpid());
        put_file(part, s);
        unlink(so);               /* never beside another text */
        if (rename(part, cc))
            emu_fail("%s: %s", cc, strerror(errno));
        snprintf(part, sizeof part, "%s.%ld.part", base, (long)getpid());
        compile(cc, part, options);
        if (rename(part, so))
            emu_fail("%s: %s", so, strerror(errno));
    }
    free(s);
    return so;
}

/* Of a name what can stand in a file's name and in a command. */
static char *
plain(const char *name)
{
    char *copy = strdup(name);

    if (!copy)
        emu_fail("no memory for a name");
    for (char *p = copy; *p; p++)
        if (!is_word(*p))
            *p = '_';
    return copy;
}

struct gpu_module *
module_open(struct gpu *g, const char *name, const char *text)
{
    struct gpu_module *m = g->modules;
    void (*bind)(const struct emu_calls *);
    const struct emu_kernel *k;
    char *path, *file, *less;

    if (g->capturing)
        emu_fail("a text is compiled while work is captured");
    while (m && strcmp(m->text, text))
        m = m->next;
    if (m)
        return m;
    m = emu_new(1, sizeof *m);
    m->head = g->head;
    m->g = g;
    m->text = strdup(text);
    file = plain(name);
    less = without_barrier(file, text);
    path = made(g, file, less);
    free(less);
    free(file);
    m->so = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!m->so)
        emu_fail("%s", dlerror());
    *(void **)&bind = dlsym(m->so, "emu_bind");
    k = dlsym(m->so, "emu_kernels");
    if (!bind || !k)
        emu_fail("%s has no kernels", path);
    bind(&grid_calls);
    for (; k->name && m->kernels < MOST_KERNELS; k++)
        m->kernel[m->kernels++] = (struct gpu_kernel){ g->head, m, k };
    m->next = g->modules;
    g->modules = m;
    free(path);
    return m;
}

struct gpu_kernel *
module_kernel(struct gpu_module *m, const char *name)
{
    for (int i = 0; i < m->kernels; i++)
        if (!strcmp(m->kernel[i].is->name, name))
            return &m->kernel[i];
    emu_fail("no kernel is called '%s'", name);
}

void
module_close(struct gpu *g)
{
    while (g->modules) {
        struct gpu_module *m = g->modules;

        g->modules = m->next;
        dlclose(m->so);
        free(m->text);
        free(m);
    }
}

const struct gpu *
module_gpu(const struct gpu_module *m)
{
    return m->g;
}

/* loop.c - time loops in one launch: what they are told, and how wide. */
#include "cuda/loop.h"

#include <stdio.h>

#include "cuda/launch.h"

enum {
    LOOP_THREADS = 256,
    CTA_WORK = 1 << 14,           /* products of numbers a step that are worth
                                     a CTA of their own */
};

void
loop_open(struct device *d, struct gpu_module *m, enum step_variant v, int l,
          enum region region)
{
    enum loop_kind kind = loop_kind(d, v, l, region);
    const struct plan *p = d->plan->layers[l].plan[v];
    const struct plan_region *g = &p->cases[0].region[region];
    struct kase_code *k = &d->layers[l].code[v].cases[0];
    struct loop *x = &k->loop[region];
    const struct layer *y = &d->layers[l];
    char name[64];

    if (kind == LOOP_NONE)
        return;
    snprintf(name, sizeof name, "loop_%d_%d", l, (int)region);
    x->kernel = gpu_kernel(m, name);
    x->units = kind == LOOP_UNITS ? g->instr[0].size : 0;
    x->code = d->code.n;
    for (int i = 0; i < g->n; i++) {
        const struct launch *in = &k->region[region].launch[i];

        words_word(d, in->kind == I_EW ? 0 : (int64_t)in->code -
                                             (int64_t)x->code);
        if (in->kind == I_GEMM)
            x->work += (double)in->columns * in->depth;
    }
    for (int i = 0; i < p->eq->nstates; i++) {
        words_word(d, (int64_t)y->before[i] - (int64_t)x->code);
        words_word(d, (int64_t)y->after[i] - (int64_t)x->code);
    }
}

/* Shared memory of one of so many CTAs. */
static size_t
bytes(const struct plan_region *g, int ctas)
{
    size_t n = 0;

    for (int i = 0; i < g->n; i++) {
        const struct plan_gemm *p = &g->instr[i].gemm;
        size_t depth = 0, rows = 0;

        if (g->instr[i].kind != I_GEMM)
            continue;
        for (int s = 0; s < p->nseg; s++)
            depth += (size_t)p->seg[s].k;
        for (int o = 0; o < p->nout; o++)
            rows += (size_t)((p->out[o].size + ctas - 1) / ctas);
        n += rows * (depth | 1);
    }
    return n * sizeof(float);
}

/* CTAs for each net; 0: there is no way.  Only a net alone has several, which
 * all have to be there at once. */
static int
ctas_of(struct device *d, const struct loop *x, const struct plan_region *g)
{
    const struct gpu_facts *f = gpu_facts(d->gpu);
    int most = d->o.nets > 1 ? 1 : f->multiprocessors, n = 1;

    while (n < most && (x->work * d->w.B > (double)CTA_WORK * n ||
                        bytes(g, n) > f->block_shared))
        n++;
    if (bytes(g, n) > f->block_shared ||
        (n > 1 && gpu_resident(x->kernel, LOOP_THREADS, bytes(g, n)) < 1))
        return 0;
    return n;
}

bool
loop_run(struct device *d, int l, enum region region)
{
    const struct loop *x = &launch_kase(d, l, 0)->loop[region];
    const struct plan_region *g = &launch_plan(d, l)->cases[0].region[region];
    struct work w = launch_work(d);
    struct gpu_shape s = { .block = { LOOP_THREADS } };
    void *args[] = { &w };
    int n;

    if (!x->kernel || d->w.T < 2)
        return false;
    w.code = launch_code(d, x->code);
    w.a = d->w.padded;
    if (x->units) {
        launch_grid(d, x->kernel, &w, ((size_t)d->w.B * (size_t)x->units +
                                       THREADS - 1) / THREADS, 1, THREADS, 0);
        return true;
    }
    n = ctas_of(d, x, g);
    s.grid[0] = (unsigned)n;
    s.grid[1] = 1;
    s.grid[2] = (unsigned)d->o.nets;
    s.shared = bytes(g, n ? n : 1);
    s.cooperative = n > 1;
    if (n)
        gpu_launch(d->stream, x->kernel, &s, args);
    return n > 0;
}

/*
 * emit_loop.c - a layer's time loop as one kernel (loop.h).
 *
 * Its instructions one after another, a barrier of the CTA behind each, and
 * one of the grid before those that read what other CTAs have written since
 * the last, or write over what others have read.
 */
#include <stdlib.h>

#include "base/die.h"
#include "cuda/loop.h"

/* ---- which loops ---------------------------------------------------------*/

static const struct plan *
plan_of(const struct device *d, enum step_variant v, int l)
{
    return d->plan->layers[l].plan[v];
}

/* Has every run, and every state, the same units? */
static bool
same_units(const struct plan *p, const struct plan_region *g)
{
    for (int i = 0; i < g->n; i++)
        if (g->instr[i].kind != I_EW || g->instr[i].size != g->instr[0].size)
            return false;
    for (int i = 0; i < p->eq->nstates; i++)
        if (p->eq->states[i].size != g->instr[0].size)
            return false;
    return true;
}

enum loop_kind
loop_kind(const struct device *d, enum step_variant v, int l,
          enum region region)
{
    const struct plan *p = plan_of(d, v, l);
    const struct plan_region *g = &p->cases[0].region[region];

    for (int i = 0; i < g->n; i++)
        if (g->instr[i].kind == I_OVER)
            return LOOP_NONE;
    if (l >= d->stack || p->ncases > 1 || !p->eq->nstates || !g->n ||
        (region == R_BLOOP && !p->gradient))
        return LOOP_NONE;
    return same_units(p, g) ? LOOP_UNITS : LOOP_SLICES;
}

/* ---- who waits -----------------------------------------------------------*/

/* Planes, since the last barrier of the grid: of which some CTA's units were
 * written, and of which a CTA read others' units. */
struct flow {
    const struct device *d;
    const struct plan *plan;
    const struct layer *layer;
    const struct place *at;
    bool *written, *read;
};

static void
passed(struct flow *f)
{
    for (int i = 0; i < f->d->nplanes; i++)
        f->written[i] = f->read[i] = false;
}

/* Rows that are written again at a later step. */
static bool
again(const struct place *p)
{
    return p->rows == ROWS_LOCAL || p->rows == ROWS_TURN ||
           p->rows == ROWS_AFTER;
}

static bool
write_waits(const struct flow *f, int value)
{
    const struct place *p = &f->at[value];

    return p->plane >= 0 && again(p) && f->read[p->plane];
}

static bool
waits(const struct flow *f, const struct instr *in)
{
    bool yes = false;

    switch (in->kind) {
    case I_EW:
        for (int i = 0; i < in->nops; i++)
            yes |= write_waits(f, in->ops[i].d);
        break;
    case I_GEMM:
        for (int i = 0; i < in->gemm.nseg; i++)
            yes |= f->written[f->at[in->gemm.seg[i].a].plane];
        for (int i = 0; i < in->gemm.nout; i++)
            yes |= write_waits(f, in->gemm.out[i].d);
        break;
    case I_COPY:
        yes = f->written[f->at[in->copy.a].plane] ||
              write_waits(f, in->copy.d);
        break;
    case I_OVER:              /* in no loop */
        break;
    }
    return yes;
}

static void
note(struct flow *f, const struct instr *in)
{
    switch (in->kind) {
    case I_EW:
        for (int i = 0; i < in->nops; i++)
            if (f->at[in->ops[i].d].plane >= 0)
                f->written[f->at[in->ops[i].d].plane] = true;
        break;
    case I_GEMM:
        for (int i = 0; i < in->gemm.nseg; i++)
            f->read[f->at[in->gemm.seg[i].a].plane] = true;
        for (int i = 0; i < in->gemm.nout; i++)
            f->written[f->at[in->gemm.out[i].d].plane] = true;
        break;
    case I_COPY:
        f->read[f->at[in->copy.a].plane] = true;
        f->written[f->at[in->copy.d].plane] = true;
        break;
    case I_OVER:
        break;
    }
}

/* The adjoints of states, cleared before a step or in its padding. */
static bool
clear_waits(const struct flow *f)
{
    bool yes = false;

    for (int i = 0; i < f->plan->eq->nstates; i++)
        yes |= f->read[f->layer->dstate[i]];
    return yes;
}

static void
note_clear(struct flow *f)
{
    for (int i = 0; i < f->plan->eq->nstates; i++)
        f->written[f->layer->dstate[i]] = true;
}

static bool
meet(struct flow *f, bool wait, bool *barrier)
{
    bool is_new = wait && !*barrier;

    *barrier |= wait;
    if (*barrier)
        passed(f);
    return is_new;
}

/* barrier: (n + 2) before each instruction, before the clearing at a step's
 * beginning, and before that at its end; until another step brings no new one.
 */
static void
find_barriers(struct flow *f, const struct plan_region *g, bool back,
              bool *barrier)
{
    bool more = true;

    for (int round = 0; more || round < 2; round++) {
        more = false;
        if (back) {
            more |= meet(f, clear_waits(f), &barrier[g->n]);
            note_clear(f);
        }
        for (int i = 0; i < g->n; i++) {
            more |= meet(f, waits(f, &g->instr[i]), &barrier[i]);
            note(f, &g->instr[i]);
        }
        if (back) {
            more |= meet(f, clear_waits(f), &barrier[g->n + 1]);
            note_clear(f);
        }
    }
}

/* ---- text ----------------------------------------------------------------*/

static void
head(FILE *f, int l, enum region region)
{
    fprintf(f, "KERNEL\nloop_%d_%d(struct work w)\n{\n"
            "    float *const *at = planes_of(w);\n"
            "    const int64_t *code = w.code;\n", l, (int)region);
}

static void
steps(FILE *f, bool back)
{
    fprintf(f, back ? "    for (int t = w.T - 1; t >= 0; t--) {\n"
                    : "    for (int t = 0; t < w.T; t++) {\n");
    fprintf(f, "        w.first = t * w.B;\n        w.turn = t & 1;\n");
}

/* Number of the words that say where a state's adjoint is before or after the
 * step: loop_open() puts them behind those of the instructions. */
static int
adjoint(const struct plan_region *g, int state, bool after)
{
    return g->n + 2 * state + after;
}

static void
units_text(FILE *f, const struct plan *p, const struct plan_region *g, int l,
           enum region region)
{
    const char *zero = "value_at(w, at, code + code[%d], r)[j] = 0.0f;\n";
    char name[64];

    head(f, l, region);
    fprintf(f, "    const int i = thread_number(), r = i / %d, j = i %% %d;\n\n"
            "    if (!at || r >= w.B)\n        return;\n", g->instr[0].size,
            g->instr[0].size);
    steps(f, region == R_BLOOP);
    for (int i = 0; region == R_BLOOP && i < p->eq->nstates; i++) {
        if (!p->cases[0].dstate[i]) {
            fprintf(f, "        ");
            fprintf(f, zero, adjoint(g, i, false));
        }
        fprintf(f, "        if (t == w.T - 1)\n            ");
        fprintf(f, zero, adjoint(g, i, true));
    }
    for (int i = 0; i < g->n; i++)
        fprintf(f, "        unit_%s(w, at, r, j);\n",
                emit_name(name, sizeof name, l, 0, region, i));
    for (int i = 0; region == R_BLOOP && i < p->eq->nstates; i++) {
        fprintf(f, "        if (w.a && t >= w.list[w.now[NOW_ENDS] + r])\n"
                "            ");
        fprintf(f, zero, adjoint(g, i, false));
    }
    fprintf(f, "    }\n}\n\n");
}

static void
instr_text(FILE *f, const struct instr *in, int l, enum region region, int i)
{
    char name[64];

    switch (in->kind) {
    case I_EW:
        fprintf(f, "        s = slice_of(%d);\n"
                "        for (int i = (int)threadIdx.x; i < s.n * w.B;\n"
                "             i += (int)blockDim.x)\n"
                "            unit_%s(w, at, i / s.n, s.first + i %% s.n);\n",
                in->size, emit_name(name, sizeof name, l, 0, region, i));
        break;
    case I_GEMM:
        fprintf(f, "        loop_product(w, at, code + code[%d], y%d);\n", i,
                i);
        break;
    case I_COPY:
        fprintf(f, "        loop_copy(w, at, code + code[%d], %d, %d, %d);\n",
                i, in->copy.doff, in->copy.aoff, in->copy.n);
        break;
    case I_OVER:
        break;
    }
}

static void
wait_text(FILE *f, bool barrier)
{
    fprintf(f, "        %s;\n", barrier ? "loop_barrier(w)"
                                        : "__syncthreads()");
}

static void
slices_text(FILE *f, const struct plan *p, const struct plan_region *g, int l,
            enum region region, const bool *barrier)
{
    bool back = region == R_BLOOP;

    head(f, l, region);
    fprintf(f, "    float *next = (float *)shared_memory();\n"
            "    struct slice s;\n\n    if (!at)\n        return;\n");
    for (int i = 0; i < g->n; i++)
        if (g->instr[i].kind == I_GEMM)
            fprintf(f, "    float *const y%d = next;\n"
                    "    next = loop_load(at, code + code[%d], y%d);\n", i, i,
                    i);
    steps(f, back);
    if (back) {
        wait_text(f, barrier[g->n]);
        for (int i = 0; i < p->eq->nstates; i++) {
            if (!p->cases[0].dstate[i])
                fprintf(f, "        loop_clear(w, at, code + code[%d], false, "
                        "0);\n", adjoint(g, i, false));
            fprintf(f, "        if (t == w.T - 1)\n            loop_clear(w, "
                    "at, code + code[%d], false, 0);\n", adjoint(g, i, true));
        }
    }
    for (int i = 0; i < g->n; i++) {
        wait_text(f, barrier[i]);
        instr_text(f, &g->instr[i], l, region, i);
    }
    if (back) {
        wait_text(f, barrier[g->n + 1]);
        for (int i = 0; i < p->eq->nstates; i++)
            fprintf(f, "        if (w.a)\n            loop_clear(w, at, code + "
                    "code[%d], true, t);\n", adjoint(g, i, false));
    }
    fprintf(f, "    }\n    (void)s;\n}\n\n");
}

void
emit_loop(FILE *f, struct device *d, enum step_variant v, int l,
          enum region region)
{
    enum loop_kind kind = loop_kind(d, v, l, region);
    const struct plan *p = plan_of(d, v, l);
    const struct plan_region *g = &p->cases[0].region[region];
    size_t planes = (size_t)d->nplanes;
    struct flow flow = {
        .d = d, .plan = p, .layer = &d->layers[l],
        .at = d->layers[l].code[v].cases[0].at,
        .written = xcalloc(planes, sizeof(bool)),
        .read = xcalloc(planes, sizeof(bool)),
    };
    bool *barrier = xcalloc((size_t)g->n + 2, sizeof *barrier);

    if (kind == LOOP_UNITS)
        units_text(f, p, g, l, region);
    if (kind == LOOP_SLICES) {
        find_barriers(&flow, g, region == R_BLOOP, barrier);
        slices_text(f, p, g, l, region, barrier);
    }
    free(flow.written);
    free(flow.read);
    free(barrier);
}

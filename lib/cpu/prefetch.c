/*
 * prefetch.c - memory that a layer's run will touch soon.
 *
 * What is kept for the adjoint is written once and read once, a whole window
 * apart, so element-wise work would wait for it at every step.  Products are
 * bound by arithmetic, so they prefetch the operands of the element-wise work
 * that follows: upwards the rows that this step is about to write, downwards
 * those that the step after it is about to read.
 */
#include "base/die.h"
#include "cpu/run.h"

enum {
    TILE_ABOUT = 24,        /* products of vectors in a step of a tile */
    MOST_LINES = 16,
};

static void
note(struct code_region *g, const struct ref *r)
{
    for (int i = 0; i < g->nprefetch; i++)
        if (g->prefetch[i].place == r->place && g->prefetch[i].off == r->off)
            return;
    if (g->nprefetch < PREFETCH_MOST)
        g->prefetch[g->nprefetch++] = *r;
}

static bool
wanted(const struct ref *r, bool up, bool written)
{
    switch (r->place) {
    case P_KEEP:
        return written || !up;
    case P_NEXT:
    case P_OUT:
        return up && written;
    case P_STATE:
    case P_DOUT:
        return !up;
    default:
        return false;
    }
}

void
prefetch_open(struct code_region *g, const struct plan_region *p,
           const struct ref *at, bool up)
{
    g->prefetch = xcalloc(PREFETCH_MOST, sizeof *g->prefetch);
    for (int i = 0; i < p->n; i++) {
        const struct instr *in = &p->instr[i];

        if (in->kind == I_GEMM)
            g->products += (double)g->code[i].depth * g->code[i].gemm.nvec;
        for (int k = 0; in->kind == I_EW && k < in->nops; k++) {
            const struct plan_op *o = &in->ops[k];

            if (wanted(&at[o->d], up, true))
                note(g, &at[o->d]);
            for (int a = 0; a < o->nargs; a++)
                if (wanted(&at[o->a[a]], up, false))
                    note(g, &at[o->a[a]]);
        }
    }
}

void
prefetch_begin(struct prefetch *a, const struct prefetch_part *part, int n,
            double products)
{
    double floats = 0;
    int lines;

    *a = (struct prefetch){ .next = part, .last = part + n };
    if (!n || products <= 0)
        return;
    for (int i = 0; i < n; i++)
        floats += (double)(part[i].end - part[i].p);
    /* two halves; a little faster than is needed */
    lines = 1 + (int)(floats / LANES * PREFETCH_STRIDE * TILE_ABOUT /
                      products / 2);
    a->lines = lines < MOST_LINES ? lines : MOST_LINES;
    a->half = a->lines * LANES;
    a->step = 2 * a->half;
    a->p = part->p;
    a->end = a->next++->end;
}

void
prefetch_region(const struct runner *r, struct scratch *s, int l,
                const struct code_region *g, bool up, int first, int rows)
{
    struct launch *x = launch_new(s->q, LAUNCH_PREFETCH, (size_t)g->nprefetch *
                                  sizeof(struct prefetch_part));
    struct prefetch_part *part = launch_more(x);

    x->n = up || first >= r->R ? g->nprefetch : 0;
    x->u.prefetch.products = g->products * rows;
    for (int i = 0; i < x->n; i++) {
        ptrdiff_t ld;
        const float *y = ref_rows(r, l, g->prefetch[i], &ld);

        part[i].p = y + (up ? first : first - r->R) * ld;
        part[i].end = part[i].p + rows * ld;
    }
    launch_run(r, s, x);
}

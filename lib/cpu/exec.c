/* exec.c - one region of one layer over some rows. */
#include <string.h>

#include "cpu/run.h"

/* Where the arrays begin, and which of their rows is this run's first. */
struct bases {
    float *const *base;
    float *temp, *dstate, *dnext;
    int first, R, turn;            /* turn: row of the adjoint states */
    struct prefetch *prefetch;     /* NULL: its products ask for nothing */
};

static struct bases
set_bases(const struct runner *r, int l, int first, struct scratch *s)
{
    const struct layer *y = &r->layers[l];
    struct bases b = { .base = y->base, .temp = s->temp, .first = first,
                       .R = r->R };

    if (y->dn[0] && l < r->stack) {
        int t = first / r->R;

        /* in turns: step t writes dn[t & 1] and reads what t + 1 wrote */
        b.turn = first - t * r->R;
        b.dstate = y->dn[t & 1];
        b.dnext = y->dn[1 - (t & 1)];
    }
    return b;
}

/* The run's first row of the values that stand `ld` floats apart. */
static inline float *
rows_of(const struct bases *b, enum place p, ptrdiff_t ld)
{
    switch (p) {
    case P_VEC:
        return b->base[p];
    case P_TEMP:
        return b->temp;
    case P_NEXT:
        return b->base[p] + (b->first + b->R) * ld;
    case P_DSTATE:
        return b->dstate + b->turn * ld;
    case P_DNEXT:
        return b->dnext + b->turn * ld;
    default:
        return b->base[p] + b->first * ld;
    }
}

static void
exec_gemm(const struct runner *r, struct scratch *s, const struct code *c,
          const struct bases *b, const int32_t *tok, int rows)
{
    const struct plan_gemm *p = c->plan;
    struct launch *x = launch_new(s->q, LAUNCH_GEMM, (size_t)p->nseg *
                                  sizeof(struct gemm_seg));
    struct gemm_seg *seg = launch_more(x);
    struct gemm *g = &x->u.gemm;
    ptrdiff_t ld = row_stride(r, p->out[0].size);

    *g = c->gemm;
    for (int i = 0; i < g->nseg; i++) {
        const struct ref *a = &c->a[i];
        ptrdiff_t as = row_stride(r, a->size);

        seg[i] = (struct gemm_seg){ rows_of(b, a->place, as) + c->aoff[i],
                                    as, r->lanes, p->seg[i].k, i == 0, NULL };
    }
    g->seg = seg;
    g->rows = rows;
    g->prefetch = b->prefetch;
    g->c = rows_of(b, c->dst, ld);
    g->crs = ld;
    if (p->init == INIT_TOKEN) {
        g->init = c->table;
        g->irs = g->nvec * LANES;
        g->tok = tok;
        g->tok_stride = 1;
    } else if (p->init != INIT_NONE) {
        g->init = rows_of(b, c->init, ld);
        g->irs = c->init == P_VEC ? 0 : ld;
    }
    launch_run(r, s, x);
}

static void
exec_ew(const struct runner *r, struct scratch *s, const struct code *c,
        const struct bases *b, const int32_t *tok, const uint32_t *place,
        int rows)
{
    struct launch *run = launch_ew(s->q, r->w && r->w->dropout ? &c->ew
                                                        : &c->ew_eval, rows);
    struct ew_ctx *x = launch_more(run);
    ptrdiff_t ld = row_stride(r, c->ew.size / r->lanes);

    x->rows = rows;
    x->tok = tok;
    x->tok_stride = 1;
    x->place = place;
    for (int i = 0; i < c->nplaces; i++) {
        enum place a = (enum place)c->place[i];

        x->base[a] = rows_of(b, a, ld);
        x->stride[a] = ld;
    }
    x->base[P_VEC] = b->base[P_VEC];
    x->stride[P_VEC] = 0;
    x->drop = &r->drop;
    launch_ew_ready(r, s->q, run);
    launch_run(r, s, run);
}

static float *
copy_end(const struct runner *r, int l, const struct bases *b,
         const struct ref *x)
{
    return rows_of(b, x->place, row_stride(r, x->size)) +
           x->off * plane_rows(r, l, x->place);
}

static void
exec_copy(const struct runner *r, struct scratch *s, int l,
          const struct code *code, const struct bases *b, int rows)
{
    const struct plan_copy *c = code->copy;
    const struct ref *to = &code->at[c->d], *from = &code->at[c->a];
    struct launch *x = launch_new(s->q, LAUNCH_COPY, 0);

    x->n = rows;
    x->u.mem.to = copy_end(r, l, b, to) + c->doff * r->lanes;
    x->u.mem.from = copy_end(r, l, b, from) + c->aoff * r->lanes;
    x->u.mem.ts = row_stride(r, to->size);
    x->u.mem.fs = from->place == P_VEC ? 0 : row_stride(r, from->size);
    x->u.mem.bytes = (size_t)(c->n * r->lanes) * sizeof(float);
    launch_run(r, s, x);
}

static struct over_rows
over_rows(const struct runner *r, int l, const struct bases *b,
          const struct ref *x)
{
    return (struct over_rows){
        rows_of(b, x->place, row_stride(r, x->size)) +
            x->off * plane_rows(r, l, x->place),
        x->place == P_VEC ? 0 : row_stride(r, x->size) };
}

static void
exec_over(const struct runner *r, struct scratch *s, int l,
          const struct code *code, const struct bases *b, int rows)
{
    const struct plan_op *o = &code->over->ops[0];
    struct launch *x = launch_new(s->q, LAUNCH_OVER, 0);

    x->u.over = (struct over){
        .op = o->op, .rows = rows, .heads = code->over->heads,
        .units = code->over->size / code->over->heads, .lanes = r->lanes,
        .d = over_rows(r, l, b, &code->at[o->d]) };
    for (int i = 0; i < o->nargs; i++)
        x->u.over.arg[i] = over_rows(r, l, b, &code->at[o->a[i]]);
    launch_run(r, s, x);
}

static void
exec_codes(const struct runner *r, int l, const struct code_region *g,
           const struct bases *b, const int32_t *tok, const uint32_t *place,
           int rows, struct scratch *s)
{
    for (const struct code *c = g->code; c < g->code + g->n; c++)
        switch (c->kind) {
        case I_GEMM:
            exec_gemm(r, s, c, b, tok, rows);
            break;
        case I_EW:
            exec_ew(r, s, c, b, tok, place, rows);
            break;
        case I_OVER:
            exec_over(r, s, l, c, b, rows);
            break;
        case I_COPY:
            exec_copy(r, s, l, c, b, rows);
        }
}

void
exec_region(struct runner *r, int l, int kase, enum region region, int first,
            int rows, struct scratch *s)
{
    const struct code_region *g = &r->layers[l].cases[kase].region[region];
    struct bases b;
    bool head = l >= r->stack;
    const int32_t *tok = head ? r->ctok : r->tok;
    const uint32_t *place = head ? r->cplace : r->place;

    if (!g->n || !rows)
        return;
    b = set_bases(r, l, first, s);
    if (r->spills && g->nprefetch) {
        prefetch_region(r, s, l, g, region == R_LOOP, first, rows);
        b.prefetch = &s->prefetch;
    }
    exec_codes(r, l, g, &b, tok ? tok + first : NULL, place ? place + first
                                                         : NULL, rows, s);
    s->operations += g->operations * rows;
    s->q->operations += g->operations * rows;
}

void
exec_vec(struct runner *r, struct layer *y, const struct code_region *g)
{
    struct bases b = { .base = y->base };

    y->base[P_VEC] = y->vec;
    if (!g->n)
        return;
    exec_codes(r, (int)(y - r->layers), g, &b, NULL, NULL, 1,
               &r->scratch[0]);
}

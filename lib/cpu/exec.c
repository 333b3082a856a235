/* exec.c - one region of one layer over some rows. */
#include <string.h>

#include "base/progress.h"
#include "cpu/run.h"

ptrdiff_t
plane_rows(const struct runner *r, int l, enum place p)
{
    /* odd, so that planes do not all begin at the same place of a page */
    ptrdiff_t rows = (ptrdiff_t)(l < r->trunk ? r->cap_flat : r->cap_compact)
                     | 1;

    switch (p) {
    case P_KEEP:
        break;
    case P_STATE:
    case P_NEXT:
        rows += r->cap_rows;
        break;
    case P_DNEXT:
    case P_DSTATE:
        rows = r->cap_rows;
        break;
    case P_TEMP:
        rows = TILE_ROWS;
        break;
    default:
        rows = 1;
    }
    return rows * r->lanes;
}

static float *
next_state(const struct runner *r, int l, struct ref ref)
{
    return r->layers[l].state + ref.off * plane_rows(r, l, P_NEXT) +
           (ptrdiff_t)r->R * row_stride(r, ref.size);
}

float *
layer_output(const struct runner *r, int l)
{
    const struct layer *y = &r->layers[l];

    return y->layout->output.place == P_NEXT
               ? next_state(r, l, y->layout->output) : y->out;
}

static float *
layer_input(const struct runner *r, int l)
{
    if (l == r->trunk && !r->all_scored)
        return r->cx;
    return l > 0 ? layer_output(r, l - 1) : r->xin;
}

/* The crown's input adjoint is scattered into the trunk's later, unless all
 * places are scored. */
static float *
layer_dx(const struct runner *r, int l)
{
    if (l == 0)
        return NULL;
    return l == r->trunk && !r->all_scored ? r->cdx : r->layers[l - 1].dout;
}

float *
ref_rows(const struct runner *r, int l, struct ref ref, ptrdiff_t *stride)
{
    const struct layer *y = &r->layers[l];

    *stride = row_stride(r, ref.size);
    switch (ref.place) {
    case P_KEEP:
        return y->keep + ref.off * plane_rows(r, l, P_KEEP);
    case P_STATE:
        return y->state + ref.off * plane_rows(r, l, P_STATE);
    case P_NEXT:
        return next_state(r, l, ref);
    case P_INPUT:
        return layer_input(r, l);
    case P_OUT:
        return y->out;
    case P_DOUT:
        return y->dout;
    case P_DX:
        return layer_dx(r, l);
    default:
        return NULL;
    }
}

float *
value_rows(const struct runner *r, int l, int kase, int value,
           ptrdiff_t *stride)
{
    return ref_rows(r, l, r->layers[l].layout->cases[kase].at[value], stride);
}

void
exec_block(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        y->base[P_KEEP] = y->keep;
        y->base[P_INPUT] = layer_input(r, l);
        y->base[P_STATE] = y->base[P_NEXT] = y->state;
        y->base[P_OUT] = y->out;
        y->base[P_DOUT] = y->dout;
        y->base[P_DX] = layer_dx(r, l);
        y->base[P_VEC] = y->vec;
    }
}

/* Where the arrays begin, and which of their rows is this run's first. */
struct bases {
    float *const *base;
    float *temp, *dstate, *dnext;
    int first, R, turn;            /* turn: row of the adjoint states */
    struct ahead *ahead;
};

static struct bases
set_bases(const struct runner *r, int l, int first, struct scratch *s)
{
    const struct layer *y = &r->layers[l];
    struct bases b = { .base = y->base, .temp = s->temp, .first = first,
                       .R = r->R };

    if (y->dn[0] && l < r->trunk) {
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

void
exec_look(const struct runner *r, int l, const struct code *code, int out,
          float *c, const int32_t *tok, int rows)
{
    const struct plan_out *o = &code->plan->out[out];
    const struct layer *y = &r->layers[l];
    const struct net_param *p = &r->net->params[y->net->first_param];

    for (int f = 0; f < rows; f++, c += o->size * LANES) {
        const float *from = o->init < 0 ? NULL :
                            y->vec + code->at[o->init].off * LANES;

        for (int k = 0; k < o->ntok; k++, from = c) {
            const struct plan_tok *t = &o->tok[k];
            const float *w = r->weights + LANES * (p[t->param].offset +
                             (size_t)(t->col0 + tok[f]));

            r->k->fleet_look(c, from, w, p[t->param].cols * LANES, o->size,
                             t->sign < 0);
        }
    }
}

/* The same for a fleet, whose weights need no packing. */
static void
exec_fleet(const struct runner *r, int l, const struct code *c,
           const struct bases *b, const int32_t *tok, int rows)
{
    const struct plan_gemm *p = c->plan;
    struct fleet_seg seg[MAX_SEGS];
    struct fleet_gemm g = { .rows = rows, .nseg = p->nseg, .seg = seg,
                            .mode = c->gemm.mode };

    for (int i = 0; i < p->nout; i++) {
        const struct plan_out *o = &p->out[i];

        g.size = o->size;
        g.crs = row_stride(r, o->size);
        g.c = rows_of(b, c->dst, g.crs) + c->coff[i];
        if (p->init == INIT_TOKEN) {
            exec_look(r, l, c, i, g.c, tok, rows);
            if (r->record)
                tape_look(r->record, l, c, i, g.c, tok, rows);
            g.init = g.c;
            g.irs = g.crs;
        } else if (p->init != INIT_NONE) {
            g.init = rows_of(b, c->init, g.crs) + c->ioff[i];
            g.irs = c->init == P_VEC ? 0 : g.crs;
        }
        for (int s = 0; s < p->nseg; s++) {
            const struct fleet_block *x = &c->block[i * p->nseg + s];
            const struct ref *a = &c->a[s];
            ptrdiff_t as = row_stride(r, a->size);

            seg[s] = (struct fleet_seg){
                rows_of(b, a->place, as) + c->aoff[s], as, LANES,
                r->weights + x->off, x->ns, x->ks, p->seg[s].k, x->minus };
        }
        r->k->fleet_gemm(&g);
        if (r->record)
            tape_fleet(r->record, &g);
    }
}

static void
exec_gemm(const struct runner *r, const struct code *c,
          const struct bases *b, const int32_t *tok, int rows)
{
    const struct plan_gemm *p = c->plan;
    struct gemm g = c->gemm;
    struct gemm_seg seg[MAX_SEGS];
    ptrdiff_t ld = row_floats(p->out[0].size);

    for (int i = 0; i < g.nseg; i++) {
        const struct ref *a = &c->a[i];
        ptrdiff_t as = row_floats(a->size);

        seg[i] = (struct gemm_seg){ rows_of(b, a->place, as) + c->aoff[i],
                                    as, 1, p->seg[i].k, i == 0 };
    }
    g.seg = seg;
    g.rows = rows;
    g.ahead = b->ahead;
    g.c = rows_of(b, c->dst, ld);
    g.crs = ld;
    if (p->init == INIT_TOKEN) {
        g.init = c->table;
        g.irs = g.nvec * LANES;
        g.tok = tok;
        g.tok_stride = 1;
    } else if (p->init != INIT_NONE) {
        g.init = rows_of(b, c->init, ld);
        g.irs = c->init == P_VEC ? 0 : ld;
    }
    r->k->gemm(&g);
    if (r->record)
        tape_gemm(r->record, &g);
}

static void
exec_ew(const struct runner *r, const struct code *c, const struct bases *b,
        const int32_t *tok, const uint32_t *place, int rows)
{
    const struct ew_prog *p = r->w && r->w->dropout ? &c->ew : &c->ew_eval;
    struct ew_ctx x;
    ptrdiff_t ld = row_stride(r, c->ew.size / r->lanes);

    x.rows = rows;
    x.tok = tok;
    x.tok_stride = 1;
    x.place = place;
    for (int i = 0; i < c->nplaces; i++) {
        enum place a = (enum place)c->place[i];

        x.base[a] = rows_of(b, a, ld);
        x.stride[a] = ld;
    }
    x.base[P_VEC] = b->base[P_VEC];
    x.stride[P_VEC] = 0;
    x.drop_seed = r->w ? r->w->seed : 0;
    x.drop_step = r->w ? r->w->update : 0;
    r->k->ew(p, &x);
    if (r->record)
        tape_ew(r->record, r, p, &x);
}

static float *
copy_end(const struct runner *r, int l, const struct bases *b,
         const struct ref *x)
{
    return rows_of(b, x->place, row_stride(r, x->size)) +
           x->off * plane_rows(r, l, x->place);
}

static void
exec_copy(const struct runner *r, int l, const struct code *code,
          const struct bases *b, int rows)
{
    const struct plan_copy *c = code->copy;
    const struct ref *to = &code->at[c->d], *from = &code->at[c->a];
    float *d = copy_end(r, l, b, to) + c->doff * r->lanes;
    const float *a = copy_end(r, l, b, from) + c->aoff * r->lanes;
    ptrdiff_t as = from->place == P_VEC ? 0 : row_stride(r, from->size);
    ptrdiff_t ds = row_stride(r, to->size);
    size_t bytes = (size_t)(c->n * r->lanes) * sizeof(float);

    for (int i = 0; i < rows; i++)
        memcpy(d + i * ds, a + i * as, bytes);
    if (r->record)
        tape_copy(r->record, d, ds, a, as, rows, bytes);
}

static void
exec_codes(const struct runner *r, int l, const struct code_region *g,
           const struct bases *b, const int32_t *tok, const uint32_t *place,
           int rows, struct scratch *s)
{
    double t0 = r->o.profile ? wall_seconds() : 0, t1;

    for (int i = 0; i < g->n; i++) {
        const struct code *c = &g->code[i];

        if (c->kind == I_GEMM && r->lanes > 1)
            exec_fleet(r, l, c, b, tok, rows);
        else if (c->kind == I_GEMM)
            exec_gemm(r, c, b, tok, rows);
        else if (c->kind == I_EW)
            exec_ew(r, c, b, tok, place, rows);
        else
            exec_copy(r, l, c, b, rows);
        if (!r->o.profile)
            continue;
        t1 = wall_seconds();
        s->seconds[c->kind == I_GEMM ? WORK_PRODUCTS : WORK_ELEMENTS] +=
            t1 - t0;
        t0 = t1;
    }
}

void
exec_region(struct runner *r, int l, int kase, enum region region, int first,
            int rows, struct scratch *s)
{
    const struct code_region *g = &r->layers[l].cases[kase].region[region];
    struct bases b;
    struct ahead ahead;
    struct ahead_part part[AHEAD_MOST];
    bool crown = l >= r->trunk;
    const int32_t *tok = crown ? r->ctok : r->tok;
    const uint32_t *place = crown ? r->cplace : r->place;

    if (!g->n || !rows)
        return;
    b = set_bases(r, l, first, s);
    if (r->far && g->nsoon && r->lanes == 1) {
        ahead_region(&ahead, part, r, l, g, region == R_LOOP, first, rows);
        b.ahead = &ahead;
    }
    exec_codes(r, l, g, &b, tok ? tok + first : NULL, place ? place + first
                                                         : NULL, rows, s);
    s->operations += g->operations * rows;
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

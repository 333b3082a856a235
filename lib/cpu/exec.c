/* exec.c - one region of one layer over some rows. */
#include <string.h>

#include "base/progress.h"
#include "cpu/run.h"

float *
layer_output(const struct runner *r, int l, ptrdiff_t *stride)
{
    const struct layer *y = &r->layers[l];

    if (y->plan->output.place == P_NEXT) {
        *stride = y->plan->state;
        return y->state + (size_t)r->R * (size_t)y->plan->state +
               y->plan->output.off;
    }
    *stride = y->plan->out;
    return y->out;
}

static float *
layer_input(const struct runner *r, int l, ptrdiff_t *stride)
{
    if (l == r->trunk && l > 0) {
        *stride = r->layers[l - 1].plan->out;
        return r->cx;
    }
    if (l > 0)
        return layer_output(r, l - 1, stride);
    *stride = round16(r->net->input_size);
    return l == r->trunk ? r->cx : r->xin;
}

/* Row 0 of an array and the floats between its rows. */
static float *
array(const struct runner *r, int l, enum place p, ptrdiff_t *stride)
{
    const struct layer *y = &r->layers[l];

    switch (p) {
    case P_KEEP:
        *stride = y->plan->keep;
        return y->keep;
    case P_INPUT:
        return layer_input(r, l, stride);
    case P_STATE:
        *stride = y->plan->state;
        return y->state;
    case P_NEXT:
        *stride = y->plan->state;
        return y->state ? y->state + (size_t)r->R * (size_t)y->plan->state
                        : NULL;
    case P_OUT:
        *stride = y->plan->out;
        return y->out;
    case P_DOUT:
        *stride = y->plan->out;
        return y->dout;
    case P_DX:
        *stride = l ? r->layers[l - 1].plan->out : 0;
        /* the crown's input adjoint is scattered into the trunk's later */
        return l == 0 ? NULL : l == r->trunk ? r->cdx : r->layers[l - 1].dout;
    case P_VEC:
        *stride = 0;
        return y->vec;
    default:
        *stride = 0;
        return NULL;
    }
}

const float *
sink_rows(const struct runner *r, int l, struct ref ref, ptrdiff_t *stride)
{
    return array(r, l, ref.place, stride) + ref.off;
}

struct bases {
    float *base[PLACES];
    ptrdiff_t stride[PLACES];
};

static void
set_bases(const struct runner *r, int l, int region_temp, int first,
          struct scratch *s, struct bases *b)
{
    const struct layer *y = &r->layers[l];

    for (int p = P_KEEP; p < PLACES; p++) {
        float *base = array(r, l, (enum place)p, &b->stride[p]);

        b->base[p] = base ? base + (ptrdiff_t)first * b->stride[p] : NULL;
    }
    b->base[P_TEMP] = s->temp;
    b->stride[P_TEMP] = region_temp;
    if (y->dn[0]) {
        ptrdiff_t ld = y->plan->state;
        int t = first / r->R, row = first % r->R;

        /* in turns: step t writes dn[t & 1] and reads what t + 1 wrote */
        b->stride[P_DNEXT] = b->stride[P_DSTATE] = ld;
        b->base[P_DSTATE] = y->dn[t & 1] + row * ld;
        b->base[P_DNEXT] = y->dn[1 - (t & 1)] + row * ld;
    }
}

static void
exec_gemm(const struct runner *r, const struct code *c,
          const struct bases *b, const int32_t *tok, int rows)
{
    struct gemm g = c->gemm;
    struct gemm_seg seg[MAX_SEGS];

    for (int i = 0; i < g.nseg; i++) {
        const struct ref *a = &c->plan->seg[i].a;

        seg[i] = (struct gemm_seg){ b->base[a->place] + a->off,
                                    b->stride[a->place], 1,
                                    c->plan->seg[i].k };
    }
    g.seg = seg;
    g.rows = rows;
    g.c = b->base[c->dst];
    g.crs = b->stride[c->dst];
    if (c->plan->init == INIT_TOKEN) {
        g.init = c->table;
        g.irs = g.nvec * LANES;
        g.tok = tok;
        g.tok_stride = 1;
    } else if (c->plan->init != INIT_NONE) {
        g.init = b->base[c->init];
        g.irs = b->stride[c->init];
    }
    r->k->gemm(&g);
}

static void
exec_ew(const struct runner *r, const struct code *c, const struct bases *b,
        const int32_t *tok, const uint32_t *place, int rows)
{
    struct ew_ctx x = { .rows = rows, .tok = tok, .tok_stride = 1,
                        .place = place };

    memcpy(x.base, b->base, sizeof b->base);
    memcpy(x.stride, b->stride, sizeof b->stride);
    if (r->w) {
        x.drop_seed = r->w->seed;
        x.drop_step = r->w->update;
    }
    r->k->ew(r->w && r->w->dropout ? &c->ew : &c->ew_eval, &x);
}

static void
exec_copy(const struct plan_copy *c, const struct bases *b, int rows)
{
    for (int i = 0; i < rows; i++)
        memcpy(b->base[c->d.place] + i * b->stride[c->d.place] + c->d.off +
                   c->doff,
               b->base[c->a.place] + i * b->stride[c->a.place] + c->a.off +
                   c->aoff, (size_t)c->n * sizeof(float));
}

static void
exec_codes(const struct runner *r, const struct code_region *g,
           const struct bases *b, const int32_t *tok, const uint32_t *place,
           int rows, struct scratch *s)
{
    double t0 = r->o.profile ? wall_seconds() : 0, t1;

    for (int i = 0; i < g->n; i++) {
        const struct code *c = &g->code[i];

        if (c->kind == I_GEMM)
            exec_gemm(r, c, b, tok, rows);
        else if (c->kind == I_EW)
            exec_ew(r, c, b, tok, place, rows);
        else
            exec_copy(c->copy, b, rows);
        if (!r->o.profile)
            continue;
        t1 = wall_seconds();
        s->seconds[c->kind == I_GEMM ? 0 : 1] += t1 - t0;
        t0 = t1;
    }
}

void
exec_region(struct runner *r, int l, int kase, enum region region, int first,
            int rows, struct scratch *s)
{
    const struct code_region *g = &r->layers[l].cases[kase].region[region];
    struct bases b = { .base = { NULL } };
    bool crown = l >= r->trunk;
    const int32_t *tok = crown ? r->ctok : r->tok;
    const uint32_t *place = crown ? r->cplace : r->place;

    if (!g->n || !rows)
        return;
    set_bases(r, l, g->temp, first, s, &b);
    exec_codes(r, g, &b, tok ? tok + first : NULL, place ? place + first
                                                         : NULL, rows, s);
}

void
exec_vec(struct runner *r, struct layer *y, const struct code_region *g)
{
    struct bases b = { .base = { NULL } };

    b.base[P_VEC] = y->vec;
    exec_codes(r, g, &b, NULL, NULL, 1, &r->scratch[0]);
}

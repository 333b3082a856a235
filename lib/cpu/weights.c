/*
 * weights.c - gradients of matrices, deferred out of the loops: for each one
 * product over all (step, row) pairs of a block, in segments of 256 pairs
 * (docs/numerics.md, "Weight gradients").  In windows of one step a segment is
 * a block, and several are there at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/stop.h"
#include "cpu/run.h"
#include "graph/derived.h"

static const struct plan_weight *
weight(const struct runner *r, const struct consumer_group *g, int i)
{
    const struct plan *p = r->layers[g->layer].plan;

    return &p->cases[g->kase].weight[g->consumer[i].weight];
}

/* Stretches of some segments, one after another. */
struct parts {
    int n, depth;
    struct segment c[MAX_PARTS];
    bool begins[MAX_PARTS];         /* a segment's first */
};

static void
gather(const struct runner *r, const struct consumer_group *g,
       const struct segment *c, int n, struct parts *p)
{
    p->n = p->depth = 0;
    for (int i = 0; i < n; i++) {
        int k = segment_parts(r, g->layer, g->kase, c + i, p->c + p->n);

        for (int m = p->n; m < p->n + k; m++) {
            p->begins[m] = m == p->n;
            p->depth += p->c[m].end - p->c[m].first;
        }
        p->n += k;
    }
}

/* What the segment after this one will read: its arguments and adjoints. */
static void
prefetch_next(const struct runner *r, const struct consumer_group *g,
        const struct segment *c, struct prefetch *a, struct prefetch_part *part)
{
    const struct plan_weight *w = weight(r, g, 0);
    double products = 0;
    ptrdiff_t ld;
    const float *x = value_rows(r, g->layer, g->kase, w->arg, &ld);
    int n = 0;

    part[n++] = (struct prefetch_part){ x + c->first * ld, x + c->end * ld };
    for (int i = 0; i < g->n && n < PREFETCH_MOST; i++) {
        w = weight(r, g, i);
        x = value_rows(r, g->layer, g->kase, w->dy, &ld);
        part[n++] = (struct prefetch_part){ x + c->first * ld,
                                            x + c->end * ld };
        products += (double)w->rows * round16(w->k) / LANES;
    }
    prefetch_begin(a, part, n, products * SEGMENT);
}

/* The parts without their padding. */
static void
leave_out_pads(const struct runner *r, const struct parts *p,
               struct parts *out)
{
    bool begins = false, goes_on = false;

    out->n = out->depth = 0;
    for (int i = 0; i < p->n; i++, goes_on = false) {
        begins |= p->begins[i];
        for (int f = p->c[i].first; f < p->c[i].end; f++) {
            bool pad = is_pad(r, f);

            if (!pad && goes_on) {
                out->c[out->n - 1].end++;
            } else if (!pad) {
                out->begins[out->n] = begins;
                out->c[out->n++] = (struct segment){ f, f + 1 };
                begins = false;
            }
            out->depth += !pad;
            goes_on = !pad;
        }
    }
}

/* A net's arguments are packed once for all matrices that share them; a fleet's
 * stand as the product takes them. */
static void
arguments(struct runner *r, const struct consumer_group *g,
          const struct parts *p, struct gemm *x, struct gemm_seg *seg,
          float *pack)
{
    const struct plan_weight *w = weight(r, g, 0);
    ptrdiff_t vs;
    const float *v = value_rows(r, g->layer, g->kase, w->arg, &vs);
    int k0 = 0;

    x->nvec = (int)wide(r, w->k) / LANES;
    x->b = pack;
    x->bk = r->lanes > 1 && w->sign > 0 ? vs : 0;
    for (int i = 0; i < p->n; i++) {
        int f = p->c[i].first, k = p->c[i].end - f;

        seg[i].b = v + f * vs;
        if (!x->bk)
            r->k->pack(r->lanes, pack, p->depth, k0, 0, seg[i].b, r->lanes,
                       vs, w->k, k, (float)w->sign);
        k0 += k;
    }
}

/* Products for all matrices that share their argument:
 * sum[n0..n1-1][...] += dy' v, segment by segment. */
static void
dense(struct runner *r, const struct consumer_group *g, const struct parts *p,
      struct prefetch *prefetch, int thread)
{
    struct scratch *s = &r->scratch[thread];
    struct gemm_seg seg[MAX_PARTS];
    struct gemm x = { .nets = r->lanes, .nseg = p->n, .seg = seg,
                      .mode = GEMM_SUM, .prefetch = prefetch };
    int k = weight(r, g, 0)->k, n0, n1;

    arguments(r, g, p, &x, seg, s->pack);
    for (int i = 0; i < g->n; i++) {
        int a = g->consumer[i].accumulator;
        const struct sum *u = &r->sums[a];
        ptrdiff_t ys;
        const float *dy = value_rows(r, g->layer, g->kase,
                                     weight(r, g, i)->dy, &ys);

        sum_share(r, u, thread, &n0, &n1);
        if (n0 == n1)
            continue;
        dy += n0 * r->lanes;
        for (int m = 0; m < p->n; m++) {
            seg[m].a = dy + p->c[m].first * ys;
            seg[m].rs = r->lanes;
            seg[m].ks = ys;
            seg[m].k = p->c[m].end - p->c[m].first;
            seg[m].begins = p->begins[m];
        }
        x.set = sum_begin(r, a, thread, true);
        x.rows = n1 - n0;
        x.c = sum_at(r, a, s) + (size_t)n0 * (size_t)u->ld;
        x.crs = u->ld;
        x.coff = u->off;
        r->k->gemm(&x);
        s->operations += 2.0 * x.rows * k * p->depth;
    }
}

/* Some segments: each is added to the sums by itself, in order.  `next` comes
 * after them, or is NULL. */
static void
group_segments(struct runner *r, const struct consumer_group *g,
             const struct segment *c, int n, const struct segment *next,
             int thread)
{
    bool token = weight(r, g, 0)->token;
    struct prefetch prefetch;
    struct prefetch_part part[PREFETCH_MOST];
    struct parts all, real, *p = &all;

    next = r->spills && pool_threads(r->pool) == 1 && !token ? next : NULL;
    if (next)
        prefetch_next(r, g, next, &prefetch, part);
    for (int i = 0; i < n; i += token ? 1 : n) {
        gather(r, g, c + i, token ? 1 : n, &all);
        if (r->padded && g->layer < r->stack && !token)
            leave_out_pads(r, &all, p = &real);
        if (!p->n)
            continue;
        if (!token)
            dense(r, g, p, next ? &prefetch : NULL, thread);
        for (int k = 0; token && k < g->n; k++)
            tokens_segment(r, g->layer, g->kase, weight(r, g, k),
                         g->consumer[k].accumulator, p->c, p->n, thread);
    }
}

/* A layer's sums before a block of n segments, and after it. */
static void
start_block(struct runner *r, int l, int n, int thread)
{
    struct scratch *s = &r->scratch[thread];
    int n0, n1;

    for (int i = 0; i < r->plan->naccumulators; i++) {
        const struct sum *u = &r->sums[i];

        if (u->a->layer != l)
            continue;
        s->direct[i] = !s->begun[i] || (u->a->consumers == 1 && n <= 1);
        sum_share(r, u, thread, &n0, &n1);
        if (!s->direct[i])
            sum_clear(r, u, thread, u->block, n0, n1);
    }
}

static void
end_block(struct runner *r, int l, int thread)
{
    int n0, n1;

    for (int i = 0; i < r->plan->naccumulators; i++) {
        sum_share(r, &r->sums[i], thread, &n0, &n1);
        if (r->sums[i].a->layer == l && !r->scratch[thread].direct[i])
            sum_add(r, &r->sums[i], thread, n0, n1);
    }
}

/* The matrices that one product alone adds to. */
static void
sole_groups(struct runner *r, int l, const struct segment *c, int n,
            const struct segment *next, int thread)
{
    for (int k = 0; k < r->plan->ngroups; k++)
        if (r->plan->groups[k].layer == l && r->plan->groups[k].sole)
            group_segments(r, &r->plan->groups[k], c, n, next, thread);
}

/* Segment by segment, all that reads a segment's adjoints while they are in
 * cache.  Matrices that several products use take these one after another, each
 * with all its segments. */
static void
layer_block(struct runner *r, int l, const struct segment *c, int n, int thread)
{
    start_block(r, l, n, thread);
    for (int i = 0; i < n && !stop_asked(); i++) {
        if (r->T > 1)
            sole_groups(r, l, &c[i], 1, i + 1 < n ? &c[i + 1] : NULL, thread);
        vectors_segment(r, l, &c[i], thread);
    }
    for (int k = 0; k < r->plan->ngroups; k++) {
        const struct consumer_group *g = &r->plan->groups[k];

        for (int i = 0; g->layer == l && !g->sole && i < n && !stop_asked();
             i++)
            group_segments(r, g, &c[i], 1, i + 1 < n ? &c[i + 1] : NULL,
                         thread);
    }
    vectors_block(r, l, thread);
    end_block(r, l, thread);
}

static void
layer_weights(struct runner *r, int l, int thread)
{
    bool head = l >= r->stack;
    const struct segment *c = head ? r->head_segments : r->stack_segments;
    int n = head ? r->nhead_segments : r->nstack_segments;

    if (r->T > 1) {
        layer_block(r, l, c, n, thread);
        return;
    }
    sole_groups(r, l, c, n, NULL, thread);
    for (int i = 0; i < n; i++)
        layer_block(r, l, &c[i], 1, thread);
}

void
weights_block(struct runner *r, int thread)
{
    double t0 = r->o.profile ? wall_seconds() : 0;

    for (int l = 0; l < r->nlayers; l++)
        if (r->layers[l].plan->gradient)
            layer_weights(r, l, thread);
    for (int l = thread; l < r->nlayers; l += pool_threads(r->pool))
        vectors_states(r, l);
    if (r->o.profile)
        r->scratch[thread].seconds[WORK_PRODUCTS] += wall_seconds() - t0;
}

void
weights_start(struct runner *r, float *grad)
{
    for (int i = 0; i < r->plan->naccumulators; i++) {
        struct sum *u = &r->sums[i];
        const struct net_param *p = &r->net->params[u->a->param];
        size_t at = p->offset + (size_t)u->a->row0 * (size_t)p->cols;

        if (u->in_place)
            u->total = grad + (at + (size_t)u->a->col0) * (size_t)r->lanes;
    }
    for (int i = 0; i < pool_threads(r->pool); i++)
        memset(r->scratch[i].begun, 0, (size_t)r->plan->naccumulators *
               sizeof(bool));
    vectors_start(r);
}

void
weights_finish(struct runner *r, float *grad)
{
    size_t lanes = (size_t)r->lanes;

    for (int i = 0; i < r->net->nparams; i++) {
        const struct net_param *p = &r->net->params[i];

        if (!r->plan->covered[i])
            memset(grad + p->offset * lanes, 0, lanes * (size_t)p->rows *
                   (size_t)p->cols * sizeof *grad);
    }
    for (int i = 0; i < r->plan->naccumulators; i++) {
        for (int t = 0; t < pool_threads(r->pool); t++) {
            r->scratch[t].direct[i] = true;
            sum_begin(r, i, t, false);          /* had no segment at all: +0 */
        }
        if (!r->sums[i].in_place)
            sum_finish(r, &r->sums[i], grad);
    }
    vectors_finish(r, grad);
    if (r->made)
        derived_gradient(r->net, r->lanes, r->learned, grad);
}

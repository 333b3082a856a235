/*
 * weights.c - gradients of matrices, deferred out of the loops: for each one
 * product over all (step, row) pairs of a block, in chunks of 256 pairs
 * (docs/numerics.md, "Weight gradients").  In windows of one step a chunk is
 * a block, and several are there at once.
 */
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/stop.h"
#include "cpu/run.h"

/* Rows of the job's matrix that are this thread's: whole lanes. */
static void
share(const struct runner *r, const struct grad_job *j, int thread, int *n0,
      int *n1)
{
    int n = pool_threads(r->pool), rows = r->net->params[j->param].rows;
    int per = ((rows + n - 1) / n + LANES - 1) / LANES * LANES;

    *n0 = thread * per < rows ? thread * per : rows;
    *n1 = *n0 + per < rows ? *n0 + per : rows;
}

/* Where a job's sums of this block go.  A block's own buffer is needed only
 * where the batch's sum is not +0 any more and the block's is not one chunk's:
 * +0 + x = x, and one chunk is added the same way with or without the stop. */
static bool
direct(const struct runner *r, int job, const struct scratch *s)
{
    return s->direct[job] || (r->T == 1 && r->jobs[job].sites == 1);
}

static float *
job_sum(const struct runner *r, int job, const struct scratch *s)
{
    const struct grad_job *j = &r->jobs[job];

    return direct(r, job, s) ? j->total : j->block;
}

/* Elements of a buffer that belong to rows n0..n1-1. */
static void
clear(const struct runner *r, const struct grad_job *j, float *x, int n0,
      int n1)
{
    for (int n = n0; n < n1 && !j->transposed; n++)
        memset(x + (size_t)n * (size_t)j->ld, 0,
               (size_t)(j->k * r->lanes) * sizeof *x);
    if (!j->transposed)
        return;
    for (int t = 0; t < j->k; t++)
        memset(x + (size_t)t * (size_t)j->ld + (size_t)n0, 0,
               (size_t)(n1 - n0) * sizeof *x);
}

/* Before a total's first sum: is it the first?  A kernel that cannot set it
 * gets it cleared. */
static bool
begin(const struct runner *r, int job, int thread, bool can_set)
{
    const struct grad_job *j = &r->jobs[job];
    struct scratch *s = &r->scratch[thread];
    int n0, n1;

    if (!direct(r, job, s) || s->begun[job])
        return false;
    s->begun[job] = true;
    share(r, j, thread, &n0, &n1);
    if (!can_set)
        clear(r, j, j->total, n0, n1);
    return true;
}

/* Stretches of some chunks, one after another. */
struct parts {
    int n, depth;
    struct chunk c[MAX_PARTS];
    bool begins[MAX_PARTS];         /* a chunk's first */
};

static void
gather(const struct runner *r, const struct grad_group *g,
       const struct chunk *c, int n, struct parts *p)
{
    p->n = p->depth = 0;
    for (int i = 0; i < n; i++) {
        int k = chunk_parts(r, g->layer, g->kase, c + i, p->c + p->n);

        for (int m = p->n; m < p->n + k; m++) {
            p->begins[m] = m == p->n;
            p->depth += p->c[m].end - p->c[m].first;
        }
        p->n += k;
    }
}

/* What the chunk after this one will read: its arguments and adjoints. */
static void
ask_for(const struct runner *r, const struct grad_group *g,
        const struct chunk *c, struct ahead *a, struct ahead_part *part)
{
    const struct plan_weight *w = g->site[0].w;
    double products = 0;
    ptrdiff_t ld;
    const float *x = sink_rows(r, g->layer, w->arg, &ld);
    int n = 0;

    part[n++] = (struct ahead_part){ x + c->first * ld, x + c->end * ld };
    for (int i = 0; i < g->nsites && n < AHEAD_MOST; i++) {
        w = g->site[i].w;
        x = sink_rows(r, g->layer, w->dy, &ld);
        part[n++] = (struct ahead_part){ x + c->first * ld, x + c->end * ld };
        products += (double)w->rows * round16(w->k) / LANES;
    }
    ahead_begin(a, part, n, products * SEGMENT);
}

/* What padding's arguments are packed as: its adjoints are +0. */
static void
pack_pads(const struct runner *r, const struct parts *p, float *pack,
          int nvec)
{
    int k = 0;

    for (int i = 0; i < p->n; i++)
        for (int f = p->c[i].first; f < p->c[i].end; f++, k++)
            for (int v = 0; is_pad(r, f) && v < nvec; v++)
                memset(pack + ((size_t)v * (size_t)p->depth + (size_t)k) *
                       LANES, 0, LANES * sizeof *pack);
}

/* The chunks' arguments, packed once for all matrices that share them; then
 * a product for each: sum[n0..n1-1][...] += dy' v, chunk by chunk. */
static void
dense(struct runner *r, const struct grad_group *g, const struct parts *p,
      struct ahead *ahead, int thread)
{
    const struct plan_weight *first = g->site[0].w;
    struct scratch *s = &r->scratch[thread];
    ptrdiff_t ys, vs;
    const float *v = sink_rows(r, g->layer, first->arg, &vs), *dy;
    int k0 = 0, n0, n1, nvec = round16(first->k) / LANES;
    struct gemm_seg seg[MAX_PARTS];

    for (int i = 0; i < p->n; i++) {
        int f = p->c[i].first, k = p->c[i].end - f;

        r->k->pack(s->pack, p->depth, nvec, k0, 0, v + f * vs, 1, vs,
                   first->k, k, (float)first->sign);
        k0 += k;
    }
    if (r->padded && g->layer < r->trunk)
        pack_pads(r, p, s->pack, nvec);
    for (int i = 0; i < g->nsites; i++) {
        int job = g->site[i].job;
        const struct grad_job *j = &r->jobs[job];
        struct gemm x = {
            .nvec = nvec, .nseg = p->n, .seg = seg, .b = s->pack,
            .crs = j->ld, .coff = j->off, .mode = GEMM_SUM, .ahead = ahead,
        };

        share(r, j, thread, &n0, &n1);
        if (n0 == n1)
            continue;
        dy = sink_rows(r, g->layer, g->site[i].w->dy, &ys) + n0;
        for (int k = 0; k < p->n; k++)
            seg[k] = (struct gemm_seg){ dy + p->c[k].first * ys, 1, ys,
                                        p->c[k].end - p->c[k].first,
                                        p->begins[k] };
        x.set = begin(r, job, thread, true);
        x.rows = n1 - n0;
        x.c = job_sum(r, job, s) + (size_t)n0 * (size_t)j->ld;
        r->k->gemm(&x);
    }
}

/* The parts without their padding. */
static void
leave_out_pads(const struct runner *r, const struct parts *p,
               struct parts *out)
{
    out->n = 0;
    for (int i = 0; i < p->n; i++)
        for (int f = p->c[i].first; f < p->c[i].end; f++) {
            if (is_pad(r, f))
                continue;
            if (out->n && out->c[out->n - 1].end == f)
                out->c[out->n - 1].end++;
            else
                out->c[out->n++] = (struct chunk){ f, f + 1 };
        }
}

/* A fleet's: the arguments stand as the product takes them. */
static void
fleet_chunk(struct runner *r, const struct grad_group *g,
            const struct parts *p, int thread)
{
    struct fleet_seg seg[MAX_PARTS];
    struct parts real;

    if (r->padded && g->layer < r->trunk) {
        leave_out_pads(r, p, &real);
        p = &real;
    }
    for (int i = 0; i < g->nsites; i++) {
        int job = g->site[i].job, n0, n1;
        const struct grad_job *j = &r->jobs[job];
        const struct plan_weight *w = g->site[i].w;
        struct fleet_gemm x = { .size = w->k, .nseg = p->n, .seg = seg,
                                .crs = j->ld, .mode = GEMM_ADD,
                                .irs = j->ld };
        ptrdiff_t ys, vs;
        const float *v = sink_rows(r, g->layer, w->arg, &vs);
        const float *dy = sink_rows(r, g->layer, w->dy, &ys);

        share(r, j, thread, &n0, &n1);
        for (int k = 0; k < p->n; k++)
            seg[k] = (struct fleet_seg){
                dy + p->c[k].first * ys + n0 * LANES, LANES, ys,
                v + p->c[k].first * vs, LANES, vs,
                p->c[k].end - p->c[k].first, w->sign < 0 };
        begin(r, job, thread, false);
        x.rows = n1 - n0;
        x.init = x.c = job_sum(r, job, &r->scratch[thread]) +
                       (size_t)n0 * (size_t)j->ld;
        r->k->fleet_gemm(&x);
    }
}

/* The sum of one token, which becomes +0, to the job's. */
static void
token_sum(const struct runner *r, const struct grad_job *j, float *sum, int t,
          float *from, int n0, int n1, float sign)
{
    int width = (int)wide(r, n1 - n0);

    if (r->lanes > 1) {
        for (int n = n0; n < n1; n++, from += LANES)
            r->k->drain(sum + (size_t)n * (size_t)j->ld + t * LANES, from,
                        LANES, sign);
        return;
    }
    if (j->transposed) {
        r->k->drain(sum + (size_t)t * (size_t)j->ld + n0, from, width, sign);
        return;
    }
    for (int k = 0; k < width; k++) {
        if (n0 + k < n1)
            sum[(size_t)(n0 + k) * (size_t)j->ld + (size_t)t] +=
                sign * from[k];
        from[k] = 0;
    }
}

/* sum[token] += the chunk's adjoints at that token. */
static void
token_chunk(struct runner *r, const struct grad_group *g, int site,
            const struct parts *p, int thread)
{
    const int32_t *tok = g->layer < r->trunk ? r->tok : r->ctok;
    const struct plan_weight *w = g->site[site].w;
    int job = g->site[site].job, n0, n1, width;
    const struct grad_job *j = &r->jobs[job];
    struct scratch *s = &r->scratch[thread];
    float *sum;
    ptrdiff_t ys;
    const float *dy = sink_rows(r, g->layer, w->dy, &ys);

    share(r, j, thread, &n0, &n1);
    if (n0 == n1)
        return;
    begin(r, job, thread, false);
    sum = job_sum(r, job, s);
    width = (int)wide(r, n1 - n0);
    for (int i = 0; i < p->n; i++) {
        int f = p->c[i].first, n = p->c[i].end - f;

        for (int k = f; k < p->c[i].end; k++)
            s->touched[tok[k]] = 1;
        r->k->scatter(s->tok, tok + f, dy + f * ys + n0 * r->lanes, ys, n,
                      width);
    }
    for (int t = 0; t < j->k; t++) {
        if (!s->touched[t])
            continue;
        s->touched[t] = 0;
        token_sum(r, j, sum, t, s->tok + (ptrdiff_t)t * width, n0, n1,
                  (float)w->sign);
    }
}

/* Some chunks: each is added to the sums by itself, in order.  `next` comes
 * after them, or is NULL. */
static void
group_chunks(struct runner *r, const struct grad_group *g,
             const struct chunk *c, int n, const struct chunk *next,
             int thread)
{
    bool lone = g->site[0].w->token || r->lanes > 1;
    struct ahead ahead;
    struct ahead_part part[AHEAD_MOST];
    struct parts p;

    next = r->far && pool_threads(r->pool) == 1 && !lone ? next : NULL;
    if (next)
        ask_for(r, g, next, &ahead, part);
    for (int i = 0; i < n; i += lone ? 1 : n) {
        gather(r, g, c + i, lone ? 1 : n, &p);
        if (!p.n)
            continue;
        if (!lone)
            dense(r, g, &p, next ? &ahead : NULL, thread);
        else if (!g->site[0].w->token)
            fleet_chunk(r, g, &p, thread);
        for (int k = 0; g->site[0].w->token && k < g->nsites; k++)
            token_chunk(r, g, k, &p, thread);
    }
}

static void
add(const struct runner *r, const struct grad_job *j, int n0, int n1)
{
    size_t ld = (size_t)j->ld, k1 = (size_t)(j->k * r->lanes);

    for (size_t n = (size_t)n0; n < (size_t)n1 && !j->transposed; n++)
        for (size_t k = 0; k < k1; k++)
            j->total[n * ld + k] += j->block[n * ld + k];
    if (!j->transposed)
        return;
    for (int t = 0; t < j->k; t++)
        for (int k = n0; k < n1; k++)
            j->total[(size_t)t * (size_t)j->ld + (size_t)k] +=
                j->block[(size_t)t * (size_t)j->ld + (size_t)k];
}

/* A layer's jobs before a block of n chunks, and after it. */
static void
start_block(struct runner *r, int l, int n, int thread)
{
    struct scratch *s = &r->scratch[thread];
    int n0, n1;

    for (int i = 0; i < r->njobs; i++) {
        const struct grad_job *j = &r->jobs[i];

        if (j->layer != l)
            continue;
        s->direct[i] = !s->begun[i] || (j->sites == 1 && n <= 1);
        share(r, j, thread, &n0, &n1);
        if (!s->direct[i])
            clear(r, j, j->block, n0, n1);
    }
}

static void
end_block(struct runner *r, int l, int thread)
{
    int n0, n1;

    for (int i = 0; i < r->njobs; i++) {
        share(r, &r->jobs[i], thread, &n0, &n1);
        if (r->jobs[i].layer == l && !r->scratch[thread].direct[i])
            add(r, &r->jobs[i], n0, n1);
    }
}

/* The matrices that one product alone adds to. */
static void
lone_groups(struct runner *r, int l, const struct chunk *c, int n,
            const struct chunk *next, int thread)
{
    for (int k = 0; k < r->ngroups; k++)
        if (r->groups[k].layer == l && r->groups[k].alone)
            group_chunks(r, &r->groups[k], c, n, next, thread);
}

/* Chunk by chunk, all that reads a chunk's adjoints while they are in cache.
 * Matrices that several products use take these one after another, each with
 * all its chunks. */
static void
layer_block(struct runner *r, int l, const struct chunk *c, int n, int thread)
{
    start_block(r, l, n, thread);
    for (int i = 0; i < n && !stop_asked(); i++) {
        if (r->T > 1)
            lone_groups(r, l, &c[i], 1, i + 1 < n ? &c[i + 1] : NULL, thread);
        vectors_chunk(r, l, &c[i], thread);
    }
    for (int k = 0; k < r->ngroups; k++)
        for (int i = 0; r->groups[k].layer == l && !r->groups[k].alone &&
                        i < n && !stop_asked(); i++)
            group_chunks(r, &r->groups[k], &c[i], 1,
                         i + 1 < n ? &c[i + 1] : NULL, thread);
    vectors_block(r, l, thread);
    end_block(r, l, thread);
}

static void
layer_weights(struct runner *r, int l, int thread)
{
    bool crown = l >= r->trunk;
    const struct chunk *c = crown ? r->crown_chunks : r->trunk_chunks;
    int n = crown ? r->ncrown_chunks : r->ntrunk_chunks;

    if (r->T > 1) {
        layer_block(r, l, c, n, thread);
        return;
    }
    lone_groups(r, l, c, n, NULL, thread);
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
        r->scratch[thread].seconds[0] += wall_seconds() - t0;
}

void
weights_start(struct runner *r, float *grad)
{
    for (int i = 0; i < r->njobs; i++) {
        struct grad_job *j = &r->jobs[i];
        const struct net_param *p = &r->net->params[j->param];

        if (j->in_place)
            j->total = grad + (p->offset + (size_t)j->col0) *
                              (size_t)r->lanes;
    }
    for (int i = 0; i < pool_threads(r->pool); i++)
        memset(r->scratch[i].begun, 0, (size_t)r->njobs * sizeof(bool));
    vectors_start(r);
}

/* The first job of some columns sets them, others add. */
static void
finish_job(const struct runner *r, const struct grad_job *j, float *grad)
{
    const struct net_param *p = &r->net->params[j->param];
    size_t lanes = (size_t)r->lanes, wide_k = (size_t)j->k * lanes;
    size_t cols = (size_t)p->cols * lanes, ld = (size_t)j->ld;
    float *g = grad + (p->offset + (size_t)j->col0) * lanes;

    for (size_t n = 0; n < (size_t)p->rows; n++) {
        if (j->first && !j->transposed) {
            memcpy(g + n * cols, j->total + n * ld,
                   wide_k * sizeof *g);
            continue;
        }
        for (size_t k = 0; k < wide_k; k++) {
            float x = j->total[j->transposed ? k * ld + n : n * ld + k];

            g[n * cols + k] = j->first ? x : g[n * cols + k] + x;
        }
    }
}

void
weights_finish(struct runner *r, float *grad)
{
    size_t lanes = (size_t)r->lanes;

    for (int i = 0; i < r->net->nparams; i++) {
        const struct net_param *p = &r->net->params[i];

        if (!r->covered[i])
            memset(grad + p->offset * lanes, 0, lanes * (size_t)p->rows *
                   (size_t)p->cols * sizeof *grad);
    }
    for (int i = 0; i < r->njobs; i++) {
        for (int t = 0; t < pool_threads(r->pool); t++) {
            r->scratch[t].direct[i] = true;
            begin(r, i, t, false);          /* had no chunk at all: +0 */
        }
        if (!r->jobs[i].in_place)
            finish_job(r, &r->jobs[i], grad);
    }
    vectors_finish(r, grad);
}

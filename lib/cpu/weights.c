/*
 * weights.c - weight gradients, deferred out of the loops: for each matrix one
 * product over all (step, row) pairs of a block, in chunks of 256 pairs
 * (docs/numerics.md, "Weight gradients").
 */
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "cpu/run.h"

/* Steps of two cases can take turns all through a chunk. */
enum { MAX_PARTS = CHUNK_PAIRS / 2 + 1 };

/* The part of chunk c in which case `kase` of layer l runs, as stretches. */
static int
chunk_parts(const struct runner *r, int l, int kase, const struct chunk *c,
            struct chunk *part)
{
    int n = 0;

    if (l >= r->trunk || r->layers[l].plan->ncases == 1) {
        part[0] = *c;
        return 1;
    }
    for (int f = c->first; f < c->end;) {
        int t = f / r->R, end = (t + 1) * r->R;

        if (end > c->end)
            end = c->end;
        if (layer_case(r, l, t) == kase) {
            if (n && part[n - 1].end == f)
                part[n - 1].end = end;
            else
                part[n++] = (struct chunk){ f, end };
        }
        f = end;
    }
    return n;
}

static const struct chunk *
chunks(const struct runner *r, int l, int *n)
{
    *n = l < r->trunk ? r->ntrunk_chunks : r->ncrown_chunks;
    return l < r->trunk ? r->trunk_chunks : r->crown_chunks;
}

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
direct(const struct runner *r, const struct grad_job *j)
{
    int n = j->layer < r->trunk ? r->ntrunk_chunks : r->ncrown_chunks;

    return r->row0 == 0 || (j->sites == 1 && n <= 1);
}

static float *
job_sum(const struct runner *r, const struct grad_job *j)
{
    return direct(r, j) ? j->total : j->block;
}

/* The chunk's arguments, packed once for all matrices that share them; then
 * a product for each: sum[n0..n1-1][...] += dy' v. */
static void
dense_chunk(struct runner *r, const struct grad_group *g,
            const struct chunk *part, int parts, int thread)
{
    const struct plan_weight *first = g->site[0].w;
    struct scratch *s = &r->scratch[thread];
    ptrdiff_t ys, vs;
    const float *v = sink_rows(r, g->layer, first->arg, &vs), *dy;
    int depth = 0, k0 = 0, n0, n1, nvec = round16(first->k) / LANES;
    struct gemm_seg seg[MAX_PARTS];

    for (int p = 0; p < parts; p++)
        depth += part[p].end - part[p].first;
    for (int p = 0; p < parts; p++) {
        int f = part[p].first, k = part[p].end - f;

        r->k->pack(s->pack, depth, nvec, k0, 0, v + f * vs, 1, vs, first->k,
                   k, (float)first->sign);
        k0 += k;
    }
    for (int i = 0; i < g->nsites; i++) {
        const struct grad_job *j = &r->jobs[g->site[i].job];
        struct gemm x = {
            .nvec = nvec, .nseg = parts, .seg = seg, .b = s->pack,
            .crs = j->ld, .coff = j->off, .mode = GEMM_ADD, .irs = j->ld,
            .ioff = j->off,
        };

        share(r, j, thread, &n0, &n1);
        if (n0 == n1)
            continue;
        dy = sink_rows(r, g->layer, g->site[i].w->dy, &ys) + n0;
        for (int p = 0; p < parts; p++)
            seg[p] = (struct gemm_seg){ dy + part[p].first * ys, 1, ys,
                                        part[p].end - part[p].first };
        x.rows = n1 - n0;
        x.init = x.c = job_sum(r, j) + (size_t)n0 * (size_t)j->ld;
        r->k->gemm(&x);
    }
}

/* A fleet's: the arguments stand as the product takes them. */
static void
fleet_chunk(struct runner *r, const struct grad_group *g,
            const struct chunk *part, int parts, int thread)
{
    struct fleet_seg seg[MAX_PARTS];

    for (int i = 0; i < g->nsites; i++) {
        const struct grad_job *j = &r->jobs[g->site[i].job];
        const struct plan_weight *w = g->site[i].w;
        struct fleet_gemm x = { .size = w->k, .nseg = parts, .seg = seg,
                                .crs = j->ld, .mode = GEMM_ADD,
                                .irs = j->ld };
        ptrdiff_t ys, vs;
        const float *v = sink_rows(r, g->layer, w->arg, &vs);
        const float *dy = sink_rows(r, g->layer, w->dy, &ys);
        int n0, n1;

        share(r, j, thread, &n0, &n1);
        for (int p = 0; p < parts; p++)
            seg[p] = (struct fleet_seg){
                dy + part[p].first * ys + n0 * LANES, LANES, ys,
                v + part[p].first * vs, LANES, vs,
                part[p].end - part[p].first, w->sign < 0 };
        x.rows = n1 - n0;
        x.init = x.c = job_sum(r, j) + (size_t)n0 * (size_t)j->ld;
        r->k->fleet_gemm(&x);
    }
}

/* sum[token] += the chunk's adjoints at that token. */
static void
token_chunk(struct runner *r, const struct grad_group *g, int site,
            const struct chunk *part, int parts, int thread)
{
    const int32_t *tok = g->layer < r->trunk ? r->tok : r->ctok;
    const struct plan_weight *w = g->site[site].w;
    const struct grad_job *j = &r->jobs[g->site[site].job];
    struct scratch *s = &r->scratch[thread];
    float *sum = job_sum(r, j), sign = (float)w->sign;
    ptrdiff_t ys;
    const float *dy = sink_rows(r, g->layer, w->dy, &ys);
    int n0, n1, width;

    share(r, j, thread, &n0, &n1);
    if (n0 == n1)
        return;
    width = (int)wide(r, n1 - n0);
    for (int p = 0; p < parts; p++) {
        int f = part[p].first, n = part[p].end - f;

        for (int i = f; i < part[p].end; i++)
            s->touched[tok[i]] = 1;
        r->k->scatter(s->tok, tok + f, dy + f * ys + n0 * r->lanes, ys, n,
                      width);
    }
    for (int t = 0; t < j->k; t++) {
        float *from = s->tok + (ptrdiff_t)t * width;

        if (!s->touched[t])
            continue;
        s->touched[t] = 0;
        for (int n = n0; r->lanes > 1 && n < n1; n++, from += LANES)
            r->k->drain(sum + (size_t)n * (size_t)j->ld + t * LANES, from,
                        LANES, sign);
        if (r->lanes > 1)
            continue;
        if (j->transposed) {
            r->k->drain(sum + (size_t)t * (size_t)j->ld + n0, from, width,
                        sign);
            continue;
        }
        for (int k = 0; k < width; k++) {
            if (n0 + k < n1)
                sum[(size_t)(n0 + k) * (size_t)j->ld + (size_t)t] +=
                    sign * from[k];
            from[k] = 0;
        }
    }
}

static void
group_chunk(struct runner *r, const struct grad_group *g,
            const struct chunk *c, int thread)
{
    struct chunk part[MAX_PARTS];
    int parts = chunk_parts(r, g->layer, g->kase, c, part);

    if (!parts)
        return;
    if (!g->site[0].w->token && r->lanes > 1)
        fleet_chunk(r, g, part, parts, thread);
    else if (!g->site[0].w->token)
        dense_chunk(r, g, part, parts, thread);
    for (int k = 0; g->site[0].w->token && k < g->nsites; k++)
        token_chunk(r, g, k, part, parts, thread);
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

/* Sums of vectors over a chunk's pairs, biases and the like: every so many'th
 * is this thread's. */
static void
reduce_chunk(struct runner *r, int l, const struct chunk *ch, int thread)
{
    struct layer *y = &r->layers[l];
    struct chunk part[MAX_PARTS];
    uint8_t use[CHUNK_PAIRS];
    int threads = pool_threads(r->pool);

    for (int c = 0; c < y->plan->ncases; c++) {
        const struct plan_case *pc = &y->plan->cases[c];
        bool several = y->plan->ncases > 1;
        int parts = chunk_parts(r, l, c, ch, part);

        if (several)
            memset(use, 0, sizeof use);
        for (int p = 0; several && p < parts; p++)
            memset(use + part[p].first - ch->first, 1,
                   (size_t)(part[p].end - part[p].first));
        for (int i = thread; parts && i < pc->nreduce; i += threads) {
            const struct plan_reduce *x = &pc->reduce[i];
            ptrdiff_t stride;
            const float *src = sink_rows(r, l, x->src, &stride);

            r->k->colsum(y->rblock + x->d.off * r->lanes,
                         src + ch->first * stride, stride,
                         ch->end - ch->first, x->size * r->lanes,
                         several ? use : NULL);
        }
    }
}

/* After the block: its sums are added to the batch's, and cleared. */
static void
reduce_end(struct runner *r, int l, int thread)
{
    struct layer *y = &r->layers[l];
    int threads = pool_threads(r->pool);

    for (int c = 0; c < y->plan->ncases; c++) {
        const struct plan_case *pc = &y->plan->cases[c];

        for (int i = thread; i < pc->nreduce; i += threads) {
            ptrdiff_t off = (ptrdiff_t)pc->reduce[i].d.off * r->lanes;

            r->k->drain(y->rtotal + off, y->rblock + off,
                        (int)wide(r, pc->reduce[i].size), 1);
        }
    }
}

/* Chunk by chunk, all that reads a chunk's adjoints while they are in cache.
 * Matrices that several products use take these one after another, each with
 * all its chunks. */
static void
layer_block(struct runner *r, int l, int thread)
{
    int n;
    const struct chunk *c = chunks(r, l, &n);

    for (int i = 0; i < n; i++) {
        for (int k = 0; k < r->ngroups; k++)
            if (r->groups[k].layer == l && r->groups[k].alone)
                group_chunk(r, &r->groups[k], &c[i], thread);
        reduce_chunk(r, l, &c[i], thread);
    }
    for (int k = 0; k < r->ngroups; k++)
        for (int i = 0; r->groups[k].layer == l && !r->groups[k].alone &&
                        i < n; i++)
            group_chunk(r, &r->groups[k], &c[i], thread);
    reduce_end(r, l, thread);
}

static void
jobs_block(struct runner *r, int thread)
{
    int n0, n1;

    for (int i = 0; i < r->njobs; i++) {
        share(r, &r->jobs[i], thread, &n0, &n1);
        if (!direct(r, &r->jobs[i]))
            clear(r, &r->jobs[i], r->jobs[i].block, n0, n1);
    }
    for (int l = 0; l < r->nlayers; l++)
        if (r->layers[l].plan->gradient)
            layer_block(r, l, thread);
    for (int i = 0; i < r->njobs; i++) {
        share(r, &r->jobs[i], thread, &n0, &n1);
        if (!direct(r, &r->jobs[i]))
            add(r, &r->jobs[i], n0, n1);
    }
}

/* Learned initial values: the adjoint of the states before the first step. */
static void
initial_states(struct runner *r, int l)
{
    struct layer *y = &r->layers[l];
    const struct equations *eq = y->net->eq;
    int size = y->plan->state * r->lanes;

    if (!r->w->fresh || l >= r->trunk || !size)
        return;
    memset(y->iblock, 0, (size_t)size * sizeof(float));
    for (int i = 0; i < eq->nstates; i++)
        r->k->colsum(y->iblock + y->plan->state_off[i] * r->lanes,
                     y->dn[0] + (ptrdiff_t)y->plan->state_off[i] *
                         plane_rows(r, l, P_DSTATE),
                     wide(r, eq->states[i].size), r->R,
                     eq->states[i].size * r->lanes, NULL);
    for (int i = 0; i < size; i++)
        y->itotal[i] += y->iblock[i];
}

void
weights_block(struct runner *r, int thread)
{
    double t0 = r->o.profile ? wall_seconds() : 0;
    int threads = pool_threads(r->pool);

    jobs_block(r, thread);
    for (int l = thread; l < r->nlayers; l += threads) {
        if (!r->layers[l].plan->gradient)
            continue;
        initial_states(r, l);
    }
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
            j->total = grad + (p->offset + (size_t)j->col0) * LANES;
        clear(r, j, j->total, 0, p->rows);
    }
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        memset(y->rtotal, 0, (size_t)(y->plan->vec * r->lanes) *
               sizeof(float));
        memset(y->itotal, 0, (size_t)(y->plan->state * r->lanes) *
               sizeof(float));
    }
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

static void
finish_vectors(struct runner *r, struct layer *y, float *grad)
{
    const struct net_param *p = &r->net->params[y->net->first_param];
    const struct equations *eq = y->net->eq;
    int lanes = r->lanes;

    for (int c = 0; c < y->plan->ncases; c++) {
        const struct plan_case *pc = &y->plan->cases[c];

        for (int i = 0; i < pc->nreduce; i++)
            memcpy(y->vec + pc->reduce[i].d.off * lanes,
                   y->rtotal + pc->reduce[i].d.off * lanes,
                   (size_t)(pc->reduce[i].size * lanes) * sizeof(float));
        exec_vec(r, y, &y->cases[c].bvec);
        for (int i = 0; i < pc->nvector; i++) {
            const struct plan_vector *v = &pc->vector[i];
            float *g = grad + p[v->param].offset * (size_t)lanes;

            for (int k = 0; k < v->size * lanes; k++)
                g[k] += y->vec[v->src.off * lanes + k];
        }
    }
    for (int i = 0; r->w->fresh && i < eq->nstates; i++) {
        const struct cell_state *st = &eq->states[i];

        for (int k = 0; st->param >= 0 && k < st->size * lanes; k++)
            grad[p[st->param].offset * (size_t)lanes + (size_t)k] +=
                y->itotal[y->plan->state_off[i] * lanes + k];
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
    for (int i = 0; i < r->njobs; i++)
        if (!r->jobs[i].in_place)
            finish_job(r, &r->jobs[i], grad);
    for (int l = 0; l < r->nlayers; l++)
        if (r->layers[l].plan->gradient)
            finish_vectors(r, &r->layers[l], grad);
}

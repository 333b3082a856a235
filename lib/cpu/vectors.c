/*
 * vectors.c - gradients of biases, scales and learned initial values: plain
 * sums over the pairs of a block's segments (docs/numerics.md, section 3).
 */
#include <string.h>

#include "cpu/run.h"

int
segment_parts(const struct runner *r, int l, int kase, const struct segment *c,
            struct segment *part)
{
    int n = 0;

    if (l >= r->stack || r->layers[l].plan->ncases == 1) {
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
                part[n++] = (struct segment){ f, end };
        }
        f = end;
    }
    return n;
}

/* Every so many'th is this thread's. */
void
vectors_segment(struct runner *r, int l, const struct segment *ch, int thread)
{
    struct layer *y = &r->layers[l];
    struct segment part[MAX_PARTS];
    uint8_t use[SEGMENT];
    int threads = pool_threads(r->pool);

    for (int c = 0; c < y->plan->ncases; c++) {
        const struct plan_case *pc = &y->plan->cases[c];
        const struct ref *at = y->layout->cases[c].at;
        bool several = y->plan->ncases > 1;
        int parts = segment_parts(r, l, c, ch, part);

        if (several)
            memset(use, 0, sizeof use);
        for (int p = 0; several && p < parts; p++)
            memset(use + part[p].first - ch->first, 1,
                   (size_t)(part[p].end - part[p].first));
        for (int i = thread; parts && i < pc->nreduce; i += threads) {
            const struct plan_reduce *x = &pc->reduce[i];
            ptrdiff_t stride;
            const float *src = value_rows(r, l, c, x->src, &stride);

            r->k->colsum(y->rblock + at[x->d].off * r->lanes,
                         src + ch->first * stride, stride,
                         ch->end - ch->first, x->size * r->lanes,
                         several ? use : NULL);
            r->scratch[thread].operations += (double)x->size *
                                             (ch->end - ch->first);
        }
    }
}

void
vectors_block(struct runner *r, int l, int thread)
{
    struct layer *y = &r->layers[l];
    int threads = pool_threads(r->pool);

    for (int c = 0; c < y->plan->ncases; c++) {
        const struct plan_case *pc = &y->plan->cases[c];
        const struct ref *at = y->layout->cases[c].at;

        for (int i = thread; i < pc->nreduce; i += threads) {
            ptrdiff_t off = (ptrdiff_t)at[pc->reduce[i].d].off * r->lanes;

            r->k->drain(y->rtotal + off, y->rblock + off,
                        (int)wide(r, pc->reduce[i].size), 1);
        }
    }
}

/* Learned initial values: the adjoint of the states before the first step. */
void
vectors_states(struct runner *r, int l)
{
    struct layer *y = &r->layers[l];
    const struct equations *eq = y->net->eq;
    int size = y->layout->state * r->lanes;

    if (!y->plan->gradient || !r->w->fresh || l >= r->stack || !size)
        return;
    for (int b = 0; b < r->R; b += MICROBATCH) {
        int rows = r->R - b < MICROBATCH ? r->R - b : MICROBATCH;

        memset(y->iblock, 0, (size_t)size * sizeof(float));
        for (int i = 0; i < eq->nstates; i++) {
            ptrdiff_t ld = row_stride(r, eq->states[i].size);
            const float *x = y->dn[0] + (ptrdiff_t)y->layout->state_off[i] *
                                        plane_rows(r, l, P_DSTATE);

            r->k->colsum(y->iblock + y->layout->state_off[i] * r->lanes,
                         x + b * ld, ld, rows, eq->states[i].size * r->lanes,
                         NULL);
        }
        for (int i = 0; i < size; i++)
            y->itotal[i] += y->iblock[i];
    }
}

void
vectors_start(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        memset(y->rtotal, 0, (size_t)(y->layout->vec * r->lanes) *
               sizeof(float));
        memset(y->itotal, 0, (size_t)(y->layout->state * r->lanes) *
               sizeof(float));
    }
}

/* Did a step of the window run this case?  What did not has no gradient, and
 * its expressions of learned vectors need not be finite. */
static bool
case_ran(const struct runner *r, const struct layer *y, int kase)
{
    bool ran = y->plan->ncases == 1;

    for (int t = 0; !ran && t < r->T; t++)
        ran = layer_case(r, (int)(y - r->layers), t) == kase;
    return ran;
}

static void
finish_layer(struct runner *r, struct layer *y, float *grad)
{
    const struct net_param *p = &r->net->params[y->net->first_param];
    const struct equations *eq = y->net->eq;
    int lanes = r->lanes;

    for (int c = 0; c < y->plan->ncases; c++) {
        const struct plan_case *pc = &y->plan->cases[c];
        const struct ref *at = y->layout->cases[c].at;

        if (!case_ran(r, y, c))
            continue;
        for (int i = 0; i < pc->nreduce; i++)
            memcpy(y->vec + at[pc->reduce[i].d].off * lanes,
                   y->rtotal + at[pc->reduce[i].d].off * lanes,
                   (size_t)(pc->reduce[i].size * lanes) * sizeof(float));
        exec_vec(r, y, &y->cases[c].bvec);
        for (int i = 0; i < pc->nvector; i++) {
            const struct plan_vector *v = &pc->vector[i];
            float *g = grad + p[v->param].offset * (size_t)lanes;

            for (int k = 0; k < v->size * lanes; k++)
                g[k] += y->vec[at[v->src].off * lanes + k];
        }
    }
    for (int i = 0; r->w->fresh && i < eq->nstates; i++) {
        const struct cell_state *st = &eq->states[i];

        for (int k = 0; st->param >= 0 && k < st->size * lanes; k++)
            grad[p[st->param].offset * (size_t)lanes + (size_t)k] +=
                y->itotal[y->layout->state_off[i] * lanes + k];
    }
}

void
vectors_finish(struct runner *r, float *grad)
{
    for (int l = 0; l < r->nlayers; l++)
        if (r->layers[l].plan->gradient)
            finish_layer(r, &r->layers[l], grad);
}

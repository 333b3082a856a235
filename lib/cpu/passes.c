/*
 * passes.c - a block in four passes, each shared out among the threads: the
 * stack forward (by rows), the head with the loss (by scored places), the
 * stack's adjoint (by rows), the weight gradients (by rows of the matrices).
 * No element's chain is ever split between threads, so their number changes
 * no bit.
 */
#include <string.h>

#include "base/progress.h"
#include "base/stop.h"
#include "cpu/run.h"

int
layer_case(const struct runner *r, int l, int t)
{
    const struct plan *p = r->layers[l].plan;

    for (int c = 0; c < p->ncases; c++)
        if (p->cases[c].at - 1 - t == r->w->first_step)  /* at most INT_MAX */
            return c;
    return p->ncases - 1;
}

/* Thread i's rows of the block: multiples of 8, but for the last. */
static void
my_rows(const struct runner *r, int i, int *first, int *end)
{
    int n = pool_threads(r->pool), per = ((r->R + n - 1) / n + 7) / 8 * 8;

    *first = i * per < r->R ? i * per : r->R;
    *end = *first + per < r->R ? *first + per : r->R;
}

/* Rows first..end-1 of step t; temporaries hold TILE_ROWS. */
static void
step(struct runner *r, int l, int t, enum region g, int first, int end,
     struct scratch *s)
{
    int kase = layer_case(r, l, t);

    for (int f = first; f < end; f += TILE_ROWS)
        exec_region(r, l, kase, g, t * r->R + f,
                    end - f < TILE_ROWS ? end - f : TILE_ROWS, s);
}

/* Steps t0..t1-1 of a region that needs no step before or after: one run of
 * rows if they are all mine. */
static void
steps(struct runner *r, int l, enum region g, int t0, int t1, int first,
      int end, struct scratch *s)
{
    int last = t1 * r->R;

    if (r->layers[l].plan->ncases > 1)
        return;
    if (end - first < r->R) {
        for (int t = t0; t < t1; t++)
            step(r, l, t, g, first, end, s);
        return;
    }
    for (int f = t0 * r->R; f < last; f += TILE_ROWS)
        exec_region(r, l, 0, g, f,
                    last - f < TILE_ROWS ? last - f : TILE_ROWS, s);
}

/* Steps taken through all of a layer's regions together: their rows are still
 * in the cache when the loop reads what was made for them. */
static int
at_once(const struct runner *r)
{
    return r->R < TILE_ROWS ? TILE_ROWS / r->R : 1;
}

static void
pass_forward(void *ctx, int i)
{
    struct runner *r = ctx;
    struct scratch *s = &r->scratch[i];
    int first, end, n = at_once(r);

    my_rows(r, i, &first, &end);
    if (first == end || launches_begin(r, s, 0))
        return;
    for (int l = 0; l < r->stack; l++)
        for (int t0 = 0, t1; t0 < r->T && !stop_asked(); t0 = t1) {
            t1 = t0 + n < r->T ? t0 + n : r->T;
            steps(r, l, R_PRE, t0, t1, first, end, s);
            for (int t = t0; t < t1; t++)
                step(r, l, t, R_LOOP, first, end, s);
            steps(r, l, R_POST, t0, t1, first, end, s);
        }
    launches_end(s);
}

static void
head_gather(struct runner *r, int first, int n)
{
    const struct window *w = r->w;
    const float *x = NULL;
    int width = r->net->input_size;
    size_t ld;

    if (r->stack) {
        x = layer_output(r, r->stack - 1);
        width = r->layers[r->stack - 1].plan->eq->output_size;
    } else if (w->tokens) {
        return;
    }
    ld = (size_t)row_stride(r, width);
    for (int p = first; p < first + n; p++) {
        size_t b = (size_t)(r->cb[p] - r->row0), t = (size_t)r->ct[p];
        float *to = r->cx + (size_t)p * ld;

        if (x)
            memcpy(to, x + (t * (size_t)r->R + b) * ld,
                   (size_t)(width * r->lanes) * sizeof *to);
        else
            block_vector(r, to, w->vectors +
                         ((size_t)r->cb[p] * (size_t)w->row_steps + t) *
                         (size_t)width);
    }
}

static void
head_scatter(struct runner *r, int first, int n)
{
    const struct layer *y = &r->layers[r->stack - 1];
    size_t ld = (size_t)layer_stride(r, r->stack - 1);

    for (int p = first; p < first + n; p++)
        memcpy(y->dout + ((size_t)r->ct[p] * (size_t)r->R +
                          (size_t)(r->cb[p] - r->row0)) * ld,
               r->cdx + (size_t)p * ld, ld * sizeof(float));
}

/* Some scored places through the head, the loss, and back. */
static void
head_tile(struct runner *r, int first, int n, struct scratch *s)
{
    struct layer *top = &r->layers[r->nlayers - 1];
    ptrdiff_t stride = layer_stride(r, r->nlayers - 1);
    float *out, *dout = NULL;
    double t0;

    if (!r->all_scored)
        head_gather(r, first, n);
    for (int l = r->stack; l < r->nlayers; l++)
        exec_region(r, l, 0, R_PRE, first, n, s);
    if (r->stack == r->nlayers && !r->all_scored) {
        out = r->cx;
        dout = r->gradient ? r->cdx : NULL;
    } else {
        out = layer_output(r, r->nlayers - 1);
        dout = r->gradient ? top->dout : NULL;
    }
    t0 = r->o.profile ? wall_seconds() : 0;
    r->loss(r->loss_ctx, n, r->ct + first, r->cb + first,
            out + (ptrdiff_t)first * stride, stride,
            dout ? dout + (ptrdiff_t)first * stride : NULL, stride);
    if (r->o.profile)
        s->seconds[WORK_LOSS] += wall_seconds() - t0;
    if (!r->gradient)
        return;
    for (int l = r->nlayers - 1; l >= r->stack; l--)
        exec_region(r, l, 0, R_BPRE, first, n, s);
    if (r->stack && r->layers[r->stack - 1].plan->gradient &&
        !r->all_scored)
        head_scatter(r, first, n);
}

static void
pass_head(void *ctx, int i)
{
    struct runner *r = ctx;
    int n = pool_threads(r->pool);
    int per = ((r->ncompact + n - 1) / n + 15) / 16 * 16;
    int end = (i + 1) * per < r->ncompact ? (i + 1) * per : r->ncompact;

    for (int f = i * per; f < end && !stop_asked(); f += TILE_ROWS)
        head_tile(r, f, end - f < TILE_ROWS ? end - f : TILE_ROWS,
                   &r->scratch[i]);
}

static void
clear(struct runner *r, struct scratch *s, float *to, size_t bytes)
{
    struct launch *x = launch_new(s->q, LAUNCH_CLEAR, 0);

    x->u.mem.to = to;
    x->u.mem.bytes = bytes;
    launch_run(r, s, x);
}

/* Padding carries no adjoint to the step before. */
static void
pad(struct runner *r, struct scratch *s, int l, int t, int first, int end)
{
    struct launch *x = launch_new(s->q, LAUNCH_PAD, 0);

    x->u.pad.layer = l;
    x->u.pad.step = t;
    x->u.pad.first = first;
    x->u.pad.end = end;
    launch_run(r, s, x);
}

static void
step_backward(struct runner *r, int l, int t, int first, int end,
              struct scratch *s)
{
    struct layer *y = &r->layers[l];
    const struct equations *eq = y->net->eq;
    int c = layer_case(r, l, t);

    for (int k = 0; k < eq->nstates; k++) {
        ptrdiff_t ld = row_stride(r, eq->states[k].size);
        ptrdiff_t at = (ptrdiff_t)y->layout->state_off[k] *
                       plane_rows(r, l, P_DSTATE) + first * ld;
        size_t n = (size_t)((end - first) * ld) * sizeof(float);

        if (!y->plan->cases[c].dstate[k])
            clear(r, s, y->dn[t & 1] + at, n);
        if (t == r->T - 1)
            clear(r, s, y->dn[1 - (t & 1)] + at, n);
    }
    step(r, l, t, R_BLOOP, first, end, s);
    pad(r, s, l, t, first, end);
}

static void
pass_backward(void *ctx, int i)
{
    struct runner *r = ctx;
    struct scratch *s = &r->scratch[i];
    int first, end, n = at_once(r);

    my_rows(r, i, &first, &end);
    if (first == end || launches_begin(r, s, 1))
        return;
    for (int l = r->stack - 1; l >= 0; l--) {
        if (!r->layers[l].plan->gradient)
            break;
        for (int t1 = r->T, t0; t1 > 0 && !stop_asked(); t1 = t0) {
            t0 = t1 > n ? t1 - n : 0;
            steps(r, l, R_BPOST, t0, t1, first, end, s);
            for (int t = t1 - 1; t >= t0; t--)
                step_backward(r, l, t, first, end, s);
            steps(r, l, R_BPRE, t0, t1, first, end, s);
        }
    }
    launches_end(s);
}

static void
pass_weights(void *ctx, int i)
{
    weights_block(ctx, i);
}

void
passes_run(struct runner *r)
{
    if (r->stack)
        pool_run(r->pool, pass_forward, r);
    block_end(r);
    pool_run(r->pool, pass_head, r);
    if (!r->gradient)
        return;
    pool_run(r->pool, pass_backward, r);
    for (int l = 0; r->padded && l < r->stack; l++)
        if (r->layers[l].plan->gradient)
            pad_gradients(r, l);
    pool_run(r->pool, pass_weights, r);
}

/*
 * engine.c - the CPU's runner: blocks of rows through trunk, crown, loss and
 * back.
 *
 * A block in four passes, each shared out among the threads: the trunk
 * forward (by rows), the crown with the loss (by scored places), the trunk's
 * adjoint (by rows), the weight gradients (by rows of the matrices).  No
 * element's chain is ever split between threads, so their number changes no
 * bit.
 */
#include "cpu/engine.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/progress.h"
#include "cpu/run.h"

/* ---- open, load, close --------------------------------------------------- */

static void
open_layers(struct runner *r)
{
    int learns = r->nlayers, drops = 0;

    for (int l = r->nlayers - 1; l >= 0; l--)
        if (r->net->layers[l].eq->nparams)
            learns = l;
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        y->net = &r->net->layers[l];
        y->plan = plan_new(y->net->graph, r->o.gradient && l >= learns,
                           r->o.observe, l > learns);
        y->drop_site = drops;
        drops += y->net->eq->ndrops;
        y->vec = xaligned((size_t)y->plan->vec + LANES, sizeof(float));
        y->rblock = xaligned((size_t)y->plan->vec + LANES, sizeof(float));
        y->rtotal = xaligned((size_t)y->plan->vec + LANES, sizeof(float));
        y->iblock = xaligned((size_t)y->plan->state + LANES, sizeof(float));
        y->itotal = xaligned((size_t)y->plan->state + LANES, sizeof(float));
        /* observing wants every place of every layer */
        if (y->net->eq->nstates || y->net->eq->ncases > 1 || r->o.observe)
            r->trunk = l + 1;
    }
}

static void
open_scratch(struct runner *r)
{
    int temp = 0, rows = TILE_ROWS > BLOCK_ROWS ? TILE_ROWS : BLOCK_ROWS;
    int cols = 16, vocabulary = 1, units = 16;

    for (int l = 0; l < r->nlayers; l++) {
        const struct plan *p = r->layers[l].plan;

        for (int c = 0; c < p->ncases; c++)
            for (int g = 0; g < REGIONS; g++)
                if (p->cases[c].region[g].temp > temp)
                    temp = p->cases[c].region[g].temp;
    }
    for (int i = 0; i < r->net->nparams; i++) {
        if (r->net->params[i].cols > cols)
            cols = r->net->params[i].cols;
        if (r->net->params[i].rows > units)
            units = r->net->params[i].rows;
    }
    if (r->net->input_token)
        vocabulary = r->net->input_size;
    r->pack_floats = r->k->pack_size(CHUNK_PAIRS, round16(cols) / LANES);
    r->scratch = xcalloc((size_t)pool_threads(r->pool), sizeof *r->scratch);
    for (int i = 0; i < pool_threads(r->pool); i++) {
        struct scratch *s = &r->scratch[i];

        s->temp = xaligned((size_t)temp * (size_t)rows + LANES,
                           sizeof(float));
        s->pack = xaligned(r->pack_floats + LANES, sizeof(float));
        s->tok = xaligned((size_t)vocabulary * (size_t)round16(units),
                          sizeof(float));
        s->touched = xcalloc((size_t)vocabulary, 1);
    }
}

static struct runner *
cpu_open(const struct net *n, const struct backend_options *o)
{
    struct runner *r = xcalloc(1, sizeof *r);

    r->net = n;
    r->o = *o;
    r->k = kernels_pick();
    r->pool = pool_new(o->threads);
    r->nlayers = n->nlayers;
    r->layers = xcalloc((size_t)n->nlayers + 1, sizeof *r->layers);
    open_layers(r);
    open_scratch(r);
    jobs_open(r);
    code_open(r);
    return r;
}

static void
cpu_load(struct runner *r, const float *weights)
{
    r->weights = weights;
    r->w = NULL;
    code_load(r);
}

static void
free_arrays(struct runner *r)
{
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        free(y->keep);
        free(y->state);
        free(y->out);
        free(y->dout);
        free(y->dn[0]);
        free(y->dn[1]);
        y->keep = y->state = y->out = y->dout = y->dn[0] = y->dn[1] = NULL;
    }
    free(r->xin);
    free(r->tok);
    free(r->place);
    free(r->ct);
    free(r->cb);
    free(r->cx);
    free(r->cdx);
    free(r->ctok);
    free(r->cplace);
    free(r->trunk_chunks);
    free(r->crown_chunks);
}

static void
cpu_close(struct runner *r)
{
    code_close(r);
    free_arrays(r);
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];

        plan_free(y->plan);
        free(y->vec);
        free(y->rblock);
        free(y->rtotal);
        free(y->iblock);
        free(y->itotal);
    }
    jobs_close(r);
    for (int i = 0; i < pool_threads(r->pool); i++) {
        free(r->scratch[i].temp);
        free(r->scratch[i].pack);
        free(r->scratch[i].tok);
        free(r->scratch[i].touched);
    }
    free(r->scratch);
    free(r->layers);
    pool_free(r->pool);
    free(r);
}

/* ---- a block's arrays ---------------------------------------------------- */

static float *
floats(size_t rows, int width)
{
    return xaligned(rows * (size_t)width + LANES, sizeof(float));
}

/* Enough for `flat` trunk places and `compact` crown places; only grows. */
static void
reserve(struct runner *r, size_t flat, size_t compact)
{
    if (flat <= r->cap_flat && compact <= r->cap_compact)
        return;
    free_arrays(r);
    if (flat < r->cap_flat)
        flat = r->cap_flat;
    if (compact < r->cap_compact)
        compact = r->cap_compact;
    r->cap_flat = flat;
    r->cap_compact = compact;
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];
        size_t n = l < r->trunk ? flat : compact;

        n |= 1;                  /* see plane_rows() */
        y->keep = floats(n, y->plan->keep);
        y->out = floats(n, y->plan->output.place == P_OUT ? y->plan->out : 0);
        y->dout = floats(r->o.gradient ? n : 0, y->plan->out);
        if (l >= r->trunk)
            continue;
        y->state = floats(n + BLOCK_ROWS, y->plan->state);
        y->dn[0] = floats(BLOCK_ROWS, y->plan->state);
        y->dn[1] = floats(BLOCK_ROWS, y->plan->state);
    }
    r->xin = floats(r->trunk && !r->net->input_token ? flat : 0,
                    round16(r->net->input_size));
    r->tok = xcalloc(flat + LANES, sizeof *r->tok);
    r->place = xcalloc(flat + LANES, sizeof *r->place);
    r->ct = xcalloc(compact + LANES, sizeof *r->ct);
    r->cb = xcalloc(compact + LANES, sizeof *r->cb);
    r->ctok = xcalloc(compact + LANES, sizeof *r->ctok);
    r->cplace = xcalloc(compact + LANES, sizeof *r->cplace);
    r->cx = floats(compact, r->trunk ? r->layers[r->trunk - 1].plan->out
                            : round16(r->net->input_size));
    r->cdx = floats(r->o.gradient && r->trunk ? compact : 0,
                    r->trunk ? r->layers[r->trunk - 1].plan->out : 0);
    code_relocate(r);
    r->cap_chunks = (int)(flat / CHUNK_PAIRS) + 2;
    r->trunk_chunks = xcalloc((size_t)r->cap_chunks,
                              sizeof *r->trunk_chunks);
    r->crown_chunks = xcalloc((size_t)r->cap_chunks,
                              sizeof *r->crown_chunks);
}

/* Scored places in order, and the chunks they fall into. */
static void
scored_places(struct runner *r)
{
    const struct window *w = r->w;
    int last = -1;

    r->ncompact = r->ncrown_chunks = r->ntrunk_chunks = 0;
    for (int t = 0; t < r->T; t++)
        for (int b = 0; b < r->R; b++) {
            int row = r->row0 + b, pair = t * r->R + b, c = r->ncompact;

            if (!w->scored[(size_t)row * (size_t)w->row_steps + (size_t)t])
                continue;
            r->ct[c] = t;
            r->cb[c] = row;
            r->cplace[c] = (uint32_t)(w->first_step + t) *
                           (uint32_t)w->rows + (uint32_t)row;
            if (w->tokens)
                r->ctok[c] = w->tokens[(size_t)row * (size_t)w->row_steps +
                                       (size_t)t];
            if (pair / CHUNK_PAIRS != last) {
                last = pair / CHUNK_PAIRS;
                r->crown_chunks[r->ncrown_chunks++].first = c;
            }
            r->crown_chunks[r->ncrown_chunks - 1].end = ++r->ncompact;
        }
    for (int f = 0; f < r->T * r->R; f += CHUNK_PAIRS) {
        struct chunk *c = &r->trunk_chunks[r->ntrunk_chunks++];

        c->first = f;
        c->end = f + CHUNK_PAIRS < r->T * r->R ? f + CHUNK_PAIRS
                                               : r->T * r->R;
    }
}

static void
trunk_input(struct runner *r)
{
    const struct window *w = r->w;
    int width = r->net->input_size, ld = round16(width);

    for (int t = 0; t < r->T; t++)
        for (int b = 0; b < r->R; b++) {
            size_t f = (size_t)(t * r->R + b), row = (size_t)(r->row0 + b);
            size_t at = row * (size_t)w->row_steps + (size_t)t;

            r->place[f] = (uint32_t)(w->first_step + t) *
                          (uint32_t)w->rows + (uint32_t)row;
            if (w->tokens)
                r->tok[f] = w->tokens[at];
            else
                memcpy(r->xin + f * (size_t)ld,
                       w->vectors + at * (size_t)width,
                       (size_t)width * sizeof(float));
        }
}

/* Row 0 of a state's plane: the values before the window's first step. */
static float *
state_rows(const struct runner *r, int l, int i)
{
    const struct layer *y = &r->layers[l];

    return y->state + y->plan->state_off[i] * plane_rows(r, l, P_STATE);
}

static void
start_states(struct runner *r)
{
    const struct window *w = r->w;

    for (int l = 0; l < r->trunk; l++) {
        struct layer *y = &r->layers[l];
        const struct equations *eq = y->net->eq;
        size_t off = y->net->state_offset;

        for (int i = 0; i < eq->nstates; i++) {
            const struct cell_state *st = &eq->states[i];
            const float *b0 = st->param < 0 ? NULL
                : y->vec + y->cases[0].plan->param_off[st->param];

            for (int b = 0; b < r->R; b++) {
                float *d = state_rows(r, l, i) + b * round16(st->size);
                const float *s = w->state ? w->state +
                    (size_t)(r->row0 + b) * r->net->state_size + off : NULL;

                for (int j = 0; j < st->size; j++)
                    d[j] = !w->fresh ? s[j] : b0 ? b0[j] : (float)st->num;
            }
            off += (size_t)st->size;
        }
    }
}

static void
end_states(struct runner *r)
{
    const struct window *w = r->w;

    for (int l = 0; w->state && l < r->trunk; l++) {
        struct layer *y = &r->layers[l];
        const struct equations *eq = y->net->eq;
        size_t off = y->net->state_offset;

        for (int i = 0; i < eq->nstates; i++) {
            for (int b = 0; b < r->R; b++)
                memcpy(w->state + (size_t)(r->row0 + b) * r->net->state_size +
                           off,
                       state_rows(r, l, i) + ((ptrdiff_t)r->T * r->R + b) *
                           round16(eq->states[i].size),
                       (size_t)eq->states[i].size * sizeof(float));
            off += (size_t)eq->states[i].size;
        }
    }
}

/* ---- the four passes ----------------------------------------------------- */

int
layer_case(const struct runner *r, int l, int t)
{
    const struct plan *p = r->layers[l].plan;

    for (int c = 0; c < p->ncases; c++)
        if (p->cases[c].at == r->w->first_step + t + 1)
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

/* A region that takes all steps: long runs of rows if they are all mine. */
static void
all_steps(struct runner *r, int l, enum region g, int first, int end,
          struct scratch *s)
{
    int flat = r->T * r->R;

    if (r->layers[l].plan->ncases > 1)
        return;
    if (first == 0 && end == r->R) {
        for (int f = 0; f < flat; f += TILE_ROWS)
            exec_region(r, l, 0, g, f,
                        flat - f < TILE_ROWS ? flat - f : TILE_ROWS, s);
        return;
    }
    for (int t = 0; t < r->T; t++)
        exec_region(r, l, 0, g, t * r->R + first, end - first, s);
}

static void
pass_forward(void *ctx, int i)
{
    struct runner *r = ctx;
    struct scratch *s = &r->scratch[i];
    int first, end;

    my_rows(r, i, &first, &end);
    for (int l = 0; l < r->trunk; l++) {
        all_steps(r, l, R_PRE, first, end, s);
        for (int t = 0; t < r->T; t++)
            exec_region(r, l, layer_case(r, l, t), R_LOOP, t * r->R + first,
                        end - first, s);
        all_steps(r, l, R_POST, first, end, s);
    }
}

static void
crown_gather(struct runner *r, int first, int n)
{
    const struct window *w = r->w;
    const float *x = NULL;
    int width = r->net->input_size;
    size_t ld;

    if (r->trunk) {
        x = layer_output(r, r->trunk - 1);
        width = r->layers[r->trunk - 1].plan->eq->output_size;
    } else if (w->tokens) {
        return;
    }
    ld = (size_t)round16(width);
    for (int p = first; p < first + n; p++) {
        size_t b = (size_t)(r->cb[p] - r->row0), t = (size_t)r->ct[p];
        const float *from = x
            ? x + (t * (size_t)r->R + b) * ld
            : w->vectors + ((size_t)r->cb[p] * (size_t)w->row_steps + t) *
                  (size_t)width;

        memcpy(r->cx + (size_t)p * ld, from,
               (size_t)width * sizeof(float));
    }
}

static void
crown_scatter(struct runner *r, int first, int n)
{
    const struct layer *y = &r->layers[r->trunk - 1];
    size_t ld = (size_t)y->plan->out;

    for (int p = first; p < first + n; p++)
        memcpy(y->dout + ((size_t)r->ct[p] * (size_t)r->R +
                          (size_t)(r->cb[p] - r->row0)) * ld,
               r->cdx + (size_t)p * ld, ld * sizeof(float));
}

/* Some scored places through the crown, the loss, and back. */
static void
crown_tile(struct runner *r, int first, int n, struct scratch *s)
{
    struct layer *top = &r->layers[r->nlayers - 1];
    ptrdiff_t stride = top->plan->out;
    float *out, *dout = NULL;
    double t0;

    crown_gather(r, first, n);
    for (int l = r->trunk; l < r->nlayers; l++)
        exec_region(r, l, 0, R_PRE, first, n, s);
    if (r->trunk == r->nlayers) {
        out = r->cx;
        dout = r->gradient ? r->cdx : NULL;
    } else {
        out = layer_output(r, r->nlayers - 1);
        dout = r->gradient ? top->dout : NULL;
    }
    t0 = r->o.profile ? wall_seconds() : 0;
    r->loss(r->loss_ctx, n, r->ct + first, r->cb + first,
            out + (ptrdiff_t)first * stride, stride,
            dout ? dout + (ptrdiff_t)first * top->plan->out : NULL,
            top->plan->out);
    if (r->o.profile)
        s->seconds[2] += wall_seconds() - t0;
    if (!r->gradient)
        return;
    for (int l = r->nlayers - 1; l >= r->trunk; l--)
        exec_region(r, l, 0, R_BPRE, first, n, s);
    if (r->trunk && r->layers[r->trunk - 1].plan->gradient)
        crown_scatter(r, first, n);
}

static void
pass_crown(void *ctx, int i)
{
    struct runner *r = ctx;
    int n = pool_threads(r->pool);
    int per = ((r->ncompact + n - 1) / n + 15) / 16 * 16;
    int end = (i + 1) * per < r->ncompact ? (i + 1) * per : r->ncompact;

    for (int f = i * per; f < end; f += TILE_ROWS)
        crown_tile(r, f, end - f < TILE_ROWS ? end - f : TILE_ROWS,
                   &r->scratch[i]);
}

static void
loop_backward(struct runner *r, int l, int first, int end, struct scratch *s)
{
    struct layer *y = &r->layers[l];
    const struct equations *eq = y->net->eq;

    for (int t = r->T - 1; t >= 0; t--) {
        int c = layer_case(r, l, t);

        for (int k = 0; k < eq->nstates; k++) {
            ptrdiff_t ld = round16(eq->states[k].size);
            ptrdiff_t at = (ptrdiff_t)y->plan->state_off[k] * BLOCK_ROWS +
                           first * ld;
            size_t n = (size_t)((end - first) * ld) * sizeof(float);

            if (!y->plan->cases[c].dstate[k])
                memset(y->dn[t & 1] + at, 0, n);
            if (t == r->T - 1)
                memset(y->dn[1 - (t & 1)] + at, 0, n);
        }
        exec_region(r, l, c, R_BLOOP, t * r->R + first, end - first, s);
    }
}

static void
pass_backward(void *ctx, int i)
{
    struct runner *r = ctx;
    struct scratch *s = &r->scratch[i];
    int first, end;

    my_rows(r, i, &first, &end);
    for (int l = r->trunk - 1; l >= 0; l--) {
        if (!r->layers[l].plan->gradient)
            break;
        all_steps(r, l, R_BPOST, first, end, s);
        loop_backward(r, l, first, end, s);
        all_steps(r, l, R_BPRE, first, end, s);
    }
}

static void
pass_weights(void *ctx, int i)
{
    weights_block(ctx, i);
}

/* ---- run ----------------------------------------------------------------- */

static void
run_block(struct runner *r)
{
    scored_places(r);
    if (r->trunk) {
        trunk_input(r);
        start_states(r);
        pool_run(r->pool, pass_forward, r);
        end_states(r);
    }
    if (r->gradient && r->trunk) {
        struct layer *y = &r->layers[r->trunk - 1];

        memset(y->dout, 0, (size_t)r->T * (size_t)r->R *
               (size_t)y->plan->out * sizeof(float));
    }
    pool_run(r->pool, pass_crown, r);
    if (!r->gradient)
        return;
    pool_run(r->pool, pass_backward, r);
    pool_run(r->pool, pass_weights, r);
}

static void
set_block(struct runner *r, int row0)
{
    int left = r->w->rows - row0;

    r->row0 = row0;
    r->R = left < BLOCK_ROWS ? left : BLOCK_ROWS;
    r->T = r->w->steps;
    exec_block(r);
}

static size_t
most_scored(const struct runner *r)
{
    const struct window *w = r->w;
    size_t most = 0;

    for (int b0 = 0; b0 < w->rows; b0 += BLOCK_ROWS) {
        size_t n = 0;

        for (int b = b0; b < b0 + BLOCK_ROWS && b < w->rows; b++)
            for (int t = 0; t < w->steps; t++)
                n += w->scored[(size_t)b * (size_t)w->row_steps +
                               (size_t)t] != 0;
        if (n > most)
            most = n;
    }
    return most;
}

static void
cpu_run(struct runner *r, const struct window *w, loss_fn *loss, void *ctx,
        float *grad)
{
    int rows = w->rows < BLOCK_ROWS ? w->rows : BLOCK_ROWS;

    r->w = w;
    r->loss = loss;
    r->loss_ctx = ctx;
    r->gradient = grad != NULL;
    r->R = rows;
    if (r->o.observe && w->rows > BLOCK_ROWS)
        die(RC_DATA, "internal: %d rows to observe, %d is the limit",
            w->rows, BLOCK_ROWS);
    reserve(r, (size_t)rows * (size_t)w->steps, most_scored(r));
    if (grad)
        weights_start(r);
    for (int b = 0; b < w->rows; b += BLOCK_ROWS) {
        set_block(r, b);
        run_block(r);
    }
    if (grad)
        weights_finish(r, grad);
}

static void
cpu_observe(struct runner *r, const struct window *w, observe_fn *fn,
            void *ctx)
{
    for (int t = 0; t < w->steps; t++)
        for (int b = 0; b < r->R; b++)
            for (int l = 0; l < r->trunk; l++) {
                const struct plan *p = r->layers[l].plan;
                const struct plan_case *c =
                    &p->cases[layer_case(r, l, t)];

                for (int i = 0; i < c->nnamed; i++) {
                    ptrdiff_t stride;
                    const float *v = sink_rows(r, l, c->named[i].ref,
                                               &stride);

                    fn(ctx, t, r->row0 + b, r->net->layers[l].name,
                       c->named[i].name,
                       v + (ptrdiff_t)(t * r->R + b) * stride,
                       c->named[i].size);
                }
            }
}

static void
cpu_profile(const struct runner *r, double seconds[4])
{
    memset(seconds, 0, 4 * sizeof *seconds);
    for (int i = 0; i < pool_threads(r->pool); i++)
        for (int k = 0; k < 4; k++)
            seconds[k] += r->scratch[i].seconds[k];
}

const struct backend backend_cpu = {
    "cpu", cpu_open, cpu_load, cpu_run, cpu_observe, cpu_profile, cpu_close,
};

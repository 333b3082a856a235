/* block.c - a block of rows: its arrays, input and states. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/run.h"

void
block_free(struct runner *r)
{
    for (int i = 0; i < pool_threads(r->pool); i++)
        for (int k = 0; k < 2; k++)
            launches_forget(&r->scratch[i].pass[k]);
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
    free(r->ends);
    free(r->xin);
    free(r->tok);
    free(r->place);
    free(r->ct);
    free(r->cb);
    free(r->cx);
    free(r->cdx);
    free(r->ctok);
    free(r->cplace);
    free(r->stack_segments);
    free(r->head_segments);
}

int
block_rows(const struct runner *r)
{
    return net_plan_rows(r->plan, r->w->rows, r->w->steps, r->gradient);
}

static size_t
most_scored(const struct runner *r)
{
    int rows = r->w->rows, most_rows = block_rows(r);
    size_t most = 0;

    for (int b0 = 0; b0 < rows; b0 += most_rows) {
        size_t n = mask_rows(&r->mask, b0, rows - b0 < most_rows ? rows - b0 :
                             most_rows);

        if (n > most)
            most = n;
    }
    return most;
}

static float *
floats(const struct runner *r, size_t rows, int width)
{
    return xaligned(rows * (size_t)width * (size_t)r->lanes + LANES,
                    sizeof(float));
}

enum { FAR = 1 << 17 };          /* kept floats that leave a cache of 512 KB */

/* An array of the values kept for the adjoint. */
static float *
kept(struct runner *r, size_t rows, int width)
{
    r->kept_floats += rows * (size_t)width * (size_t)r->lanes;
    return floats(r, rows, width);
}

static bool
fits(const struct runner *r, size_t flat, size_t compact, int rows)
{
    for (int l = 0; l < r->nlayers; l++)
        if (r->layers[l].layout->keep > r->layers[l].keep_floats)
            return false;
    return flat <= r->cap_flat && compact <= r->cap_compact &&
           rows <= r->cap_rows;
}

void
block_reserve(struct runner *r)
{
    const struct window *w = r->w;
    int rows = block_rows(r);
    size_t flat = (size_t)rows * (size_t)w->steps, compact = most_scored(r);

    if (fits(r, flat, compact, rows))
        return;
    block_free(r);
    if (flat < r->cap_flat)
        flat = r->cap_flat;
    if (compact < r->cap_compact)
        compact = r->cap_compact;
    if (rows > r->cap_rows)
        r->cap_rows = rows;
    r->cap_flat = flat;
    r->cap_compact = compact;
    r->kept_floats = 0;
    for (int l = 0; l < r->nlayers; l++) {
        struct layer *y = &r->layers[l];
        size_t n = l < r->stack ? flat : compact;

        n |= 1;                  /* see plane_rows() */
        if (y->layout->keep > y->keep_floats)
            y->keep_floats = y->layout->keep;
        y->keep = kept(r, n, y->keep_floats);
        y->out = kept(r, n, y->layout->output.place == P_OUT ? y->layout->out :
                        0);
        y->dout = kept(r, r->o.gradient ? n : 0, y->layout->out);
        if (l >= r->stack)
            continue;
        y->state = kept(r, n + (size_t)r->cap_rows, y->layout->state);
        y->dn[0] = floats(r, (size_t)r->cap_rows, y->layout->state);
        y->dn[1] = floats(r, (size_t)r->cap_rows, y->layout->state);
    }
    r->xin = floats(r, r->stack && !r->net->input_token ? flat : 0,
                    row_floats(r->net->input_size));
    r->ends = xcalloc((size_t)r->cap_rows + 1, sizeof *r->ends);
    r->tok = xcalloc(flat + LANES, sizeof *r->tok);
    r->place = xcalloc(flat + LANES, sizeof *r->place);
    r->ct = xcalloc(compact + LANES, sizeof *r->ct);
    r->cb = xcalloc(compact + LANES, sizeof *r->cb);
    r->ctok = xcalloc(compact + LANES, sizeof *r->ctok);
    r->cplace = xcalloc(compact + LANES, sizeof *r->cplace);
    r->cx = floats(r, compact, r->stack ? r->layers[r->stack - 1].layout->out
                               : row_floats(r->net->input_size));
    r->cdx = floats(r, r->o.gradient && r->stack ? compact : 0,
                    r->stack ? r->layers[r->stack - 1].layout->out : 0);
    code_relocate(r);
    r->cap_segments = (int)(flat / MICROBATCH) + 1;
    r->stack_segments = xcalloc((size_t)r->cap_segments,
                              sizeof *r->stack_segments);
    r->head_segments = xcalloc((size_t)r->cap_segments,
                              sizeof *r->head_segments);
}

/* The next scored place; the segments they fall into end at a multiple of
 * `size` pairs, of which *limit is the next. */
static void
scored_place(struct runner *r, int t, int row, int size, int *limit)
{
    const struct window *w = r->w;
    int pair = t * r->R + row - r->row0, c = r->ncompact;

    r->ct[c] = t;
    r->cb[c] = row;
    r->cplace[c] = ((uint32_t)w->first_step + (uint32_t)t) *
                   (uint32_t)w->rows + (uint32_t)row;
    if (w->tokens)
        r->ctok[c] = w->tokens[(size_t)row * (size_t)w->row_steps +
                               (size_t)t];
    if (pair >= *limit) {
        *limit = (pair / size + 1) * size;
        r->head_segments[r->nhead_segments++].first = c;
    }
    r->head_segments[r->nhead_segments - 1].end = ++r->ncompact;
}

/* Scored places in order, and the segments they fall into. */
static void
scored_places(struct runner *r)
{
    const struct mask *m = &r->mask;
    int limit = 0, size = r->T == 1 ? MICROBATCH : SEGMENT;

    r->ncompact = r->nhead_segments = r->nstack_segments = 0;
    for (int t = 0; t < r->T; t++)
        for (int b = r->row0; b < r->row0 + r->R; b += MICROBATCH) {
            int k = b / MICROBATCH;

            for (uint32_t i = mask_at(m, k, t); i < mask_at(m, k, t + 1); i++)
                scored_place(r, t, b + m->row[i], size, &limit);
        }
    r->all_scored = r->stack > 0 && r->ncompact == r->T * r->R;
    for (int f = 0; f < r->T * r->R; f += size) {
        struct segment *c = &r->stack_segments[r->nstack_segments++];

        c->first = f;
        c->end = f + size < r->T * r->R ? f + size : r->T * r->R;
    }
}

/* A row of the input, for every net the same. */
void
block_vector(const struct runner *r, float *to, const float *v)
{
    int n = r->net->input_size;

    if (r->lanes == 1) {
        memcpy(to, v, (size_t)n * sizeof *to);
        return;
    }
    for (int i = 0; i < n; i++)
        for (int j = 0; j < LANES; j++)
            to[i * LANES + j] = v[i];
}

static void
stack_input(struct runner *r)
{
    const struct window *w = r->w;
    ptrdiff_t width = r->net->input_size;
    ptrdiff_t ld = row_stride(r, r->net->input_size);

    for (int t = 0; t < r->T; t++)
        for (int b = 0; b < r->R; b++) {
            size_t f = (size_t)(t * r->R + b), row = (size_t)(r->row0 + b);
            size_t at = row * (size_t)w->row_steps + (size_t)t;

            r->place[f] = ((uint32_t)w->first_step + (uint32_t)t) *
                          (uint32_t)w->rows + (uint32_t)row;
            if (w->tokens)
                r->tok[f] = w->tokens[at];
            else
                block_vector(r, r->xin + f * (size_t)ld,
                             w->vectors + at * (size_t)width);
        }
}

/* Row 0 of a state's plane: the values before the window's first step. */
static float *
state_rows(const struct runner *r, int l, int i)
{
    const struct layer *y = &r->layers[l];

    return y->state + y->layout->state_off[i] * plane_rows(r, l, P_STATE);
}

/* Where a state of row b of the block stands in the window's. */
static size_t
state_at(const struct runner *r, int b, size_t off)
{
    return ((size_t)(r->row0 + b) * r->net->state_size + off) *
           (size_t)r->lanes;
}

/* Learned vector `param` in P_VEC. */
static ptrdiff_t
vector_off(const struct layer *y, int param)
{
    const struct code_case *c = &y->cases[0];

    return c->layout->at[c->plan->param[param]].off;
}

static void
start_states(struct runner *r)
{
    const struct window *w = r->w;

    for (int l = 0; l < r->stack; l++) {
        struct layer *y = &r->layers[l];
        const struct equations *eq = y->net->eq;
        size_t off = y->net->state_offset;

        for (int i = 0; i < eq->nstates; i++) {
            const struct cell_state *st = &eq->states[i];
            const float *b0 = st->param < 0 ? NULL
                : y->vec + vector_off(y, st->param) * r->lanes;

            for (int b = 0; b < r->R; b++) {
                float *d = state_rows(r, l, i) + b * row_stride(r, st->size);
                const float *s = w->fresh ? NULL :
                                 w->state + state_at(r, b, off);

                for (int j = 0; j < st->size * r->lanes; j++)
                    d[j] = !w->fresh ? s[j] : b0 ? b0[j] : (float)st->num;
            }
            off += (size_t)st->size;
        }
    }
}

static void
row_ends(struct runner *r)
{
    const struct window *w = r->w;

    r->padded = false;
    for (int b = 0; b < r->R; b++) {
        int n = w->length ? w->length[r->row0 + b] - w->from : r->T;

        r->ends[b] = n < 0 ? 0 : n < r->T ? n : r->T;
        r->padded |= r->ends[b] < r->T;
    }
}

void
pad_states(const struct runner *r, int l, int t, int first, int end)
{
    const struct layer *y = &r->layers[l];
    const struct equations *eq = y->net->eq;

    for (int i = 0; i < eq->nstates; i++) {
        ptrdiff_t ld = row_stride(r, eq->states[i].size);
        float *d = y->dn[t & 1] + y->layout->state_off[i] *
                                  plane_rows(r, l, P_DSTATE);

        for (int b = first; b < end; b++)
            if (t >= r->ends[b])
                memset(d + b * ld, 0, (size_t)ld * sizeof *d);
    }
}

/* Padding's rows of a value that a gradient reads, at the steps of one case. */
static void
pad_value(const struct runner *r, int l, int kase, int value)
{
    ptrdiff_t ld;
    float *v = value_rows(r, l, kase, value, &ld);
    int size = r->layers[l].plan->cases[kase].value[value].size;

    for (int t = 0; v && t < r->T; t++) {
        if (layer_case(r, l, t) != kase)
            continue;
        for (int b = 0; b < r->R; b++)
            if (t >= r->ends[b])
                memset(v + ((ptrdiff_t)t * r->R + b) * ld, 0,
                       (size_t)wide(r, size) * sizeof *v);
    }
}

void
pad_gradients(const struct runner *r, int l)
{
    const struct plan *p = r->layers[l].plan;

    for (int c = 0; c < p->ncases; c++) {
        const struct plan_case *pc = &p->cases[c];

        for (int i = 0; i < pc->nweight; i++)
            pad_value(r, l, c, pc->weight[i].swapped ? pc->weight[i].arg
                                                     : pc->weight[i].dy);
        for (int i = 0; i < pc->nreduce; i++)
            pad_value(r, l, c, pc->reduce[i].src);
    }
}

void
block_end(struct runner *r)
{
    const struct window *w = r->w;

    for (int l = 0; w->next && l < r->stack; l++) {
        struct layer *y = &r->layers[l];
        const struct equations *eq = y->net->eq;
        size_t off = y->net->state_offset;

        for (int i = 0; i < eq->nstates; i++) {
            for (int b = 0; b < r->R; b++)
                memcpy(w->next + state_at(r, b, off),
                       state_rows(r, l, i) +
                           ((ptrdiff_t)r->ends[b] * r->R + b) *
                           row_stride(r, eq->states[i].size),
                       (size_t)(eq->states[i].size * r->lanes) *
                           sizeof(float));
            off += (size_t)eq->states[i].size;
        }
    }
}

void
block_begin(struct runner *r, int row0)
{
    int left = r->w->rows - row0, most = block_rows(r);
    size_t keep = 0;

    for (int l = 0; l < r->nlayers; l++)
        keep += (size_t)r->layers[l].layout->keep;
    r->row0 = row0;
    r->R = left < most ? left : most;
    r->T = r->w->steps;
    r->spills = (size_t)r->R * (size_t)r->T * keep > FAR;
    scored_places(r);
    row_ends(r);
    address_block(r);
    if (!r->stack) {
        tokens_ready(r, r->ctok, r->w->tokens ? (size_t)r->ncompact : 0);
        return;
    }
    stack_input(r);
    tokens_ready(r, r->tok, r->w->tokens ? (size_t)r->R * (size_t)r->T : 0);
    start_states(r);
    if (r->gradient && !r->all_scored) {
        struct layer *y = &r->layers[r->stack - 1];

        /* the head writes the scored places only */
        memset(y->dout, 0, (size_t)r->T * (size_t)r->R *
               (size_t)layer_stride(r, r->stack - 1) * sizeof(float));
    }
}

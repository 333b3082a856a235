/*
 * words.c - what kernels are told to do, in words on the device: products,
 * sums of gradients, parts of values; and which kernel does it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cuda/loop.h"

/* ---- words ---------------------------------------------------------------*/

size_t
words_word(struct device *d, int64_t x)
{
    struct words *w = &d->code;

    if (w->n == w->room) {
        w->room = w->room ? 2 * w->room : 1024;
        w->word = xrealloc(w->word, w->room, sizeof *w->word);
    }
    w->word[w->n++] = x;
    return w->n - 1;
}

size_t
words_place(struct device *d, const struct place *p)
{
    size_t at = words_word(d, p->plane);

    words_word(d, (int64_t)p->off);
    words_word(d, (int64_t)p->rows);
    words_word(d, p->size);
    return at;
}

static const struct place nowhere = { -1, ROWS_ONE, 0, 0 };

void
words_send(struct device *d)
{
    size_t bytes = d->code.n * sizeof *d->code.word, room = 0;

    if (d->code.n == d->code_sent)
        return;
    graphs_forget(d);
    gpu_free(d->gpu, d->code_there);
    d->code_there = 0;
    planes_grow(d, &d->code_there, &room, bytes);
    gpu_write(d->stream, d->code_there, d->code.word, bytes);
    d->code_sent = d->code.n;
}

/* ---- products ------------------------------------------------------------*/

static const struct net_param *
param(const struct device *d, int l, int i)
{
    return &d->net->params[d->net->layers[l].first_param + i];
}

static void
code_tokens(struct device *d, int l, const struct plan_out *o)
{
    for (int i = 0; i < PLAN_TOKS; i++) {
        const struct plan_tok *t = &o->tok[i];
        const struct net_param *p = i < o->ntok ? param(d, l, t->param) : NULL;

        words_word(d, p ? (int64_t)p->offset + t->col0 : 0);
        words_word(d, p ? p->cols : 0);
        words_word(d, t->sign);
    }
}

static void
code_out(struct device *d, int l, const struct place *at,
         const struct plan_gemm *g, int i)
{
    const struct plan_out *o = &g->out[i];

    words_place(d, &at[o->d]);
    words_place(d, g->init == INIT_NONE || o->init < 0 ? &nowhere
                                                      : &at[o->init]);
    words_word(d, g->init == INIT_TOKEN ? o->ntok : 0);
    code_tokens(d, l, o);
    for (int s = 0; s < g->nseg; s++) {
        const struct plan_block *b = &g->block[i * g->nseg + s];
        const struct net_param *p = param(d, l, b->param);

        words_word(d, (int64_t)(p->offset + (size_t)b->row0 * (size_t)p->cols +
                                (size_t)b->col0));
        words_word(d, b->transposed ? 1 : p->cols);
        words_word(d, b->transposed ? p->cols : 1);
        words_word(d, b->sign);
    }
}

static void
code_product(struct device *d, int l, const struct place *at,
             const struct plan_gemm *g, struct launch *x)
{
    x->code = d->code.n;
    for (int i = 0; i < g->nout; i++) {
        x->columns += g->out[i].size;
        x->tiles1 += (g->out[i].size + 15) / 16;
        x->tiles4 += (g->out[i].size + 63) / 64;
    }
    words_word(d, g->nout);
    words_word(d, g->nseg);
    words_word(d, g->start);
    words_word(d, g->trim);
    words_word(d, x->columns);
    for (int s = 0; s < g->nseg; s++) {
        words_place(d, &at[g->seg[s].a]);
        words_word(d, g->seg[s].k);
        x->depth += g->seg[s].k;
    }
    for (int i = 0; i < g->nout; i++)
        code_out(d, l, at, g, i);
}

/* ---- over units ----------------------------------------------------------*/

static const int over_numbers[OPS] = {
#define OP_OVER(id, ...) [OP_##id] = OVER_##id,
#define OP_OVER_SLOPE(id, ...) [OP_##id] = OVER_##id,
#include "cell/ops.def"
};

static void
code_over(struct device *d, const struct place *at, const struct instr *in,
          struct launch *x)
{
    const struct plan_op *o = &in->ops[0];

    x->over = over_numbers[o->op];
    x->columns = in->heads;
    x->code = words_place(d, &at[o->d]);
    for (int i = 0; i < 3; i++)
        words_place(d, i < o->nargs ? &at[o->a[i]] : &nowhere);
}

/* ---- regions -------------------------------------------------------------*/

static void
code_region(struct device *d, struct gpu_module *m, int l, int kase, int g,
            const struct plan_region *p, const struct place *at,
            struct launch_list *to)
{
    char name[64];

    to->n = p->n;
    to->launch = xcalloc((size_t)p->n + 1, sizeof *to->launch);
    for (int i = 0; i < p->n; i++) {
        const struct instr *in = &p->instr[i];
        struct launch *x = &to->launch[i];

        x->kind = in->kind;
        switch (in->kind) {
        case I_EW:
            x->kernel = gpu_kernel(m, emit_name(name, sizeof name, l, kase, g,
                                                i));
            x->columns = in->size;
            break;
        case I_GEMM:
            code_product(d, l, at, &in->gemm, x);
            break;
        case I_COPY:
            x->code = words_place(d, &at[in->copy.d]);
            words_place(d, &at[in->copy.a]);
            x->copy = in->copy;
            x->columns = in->copy.n;
            break;
        case I_OVER:
            code_over(d, at, in, x);
            break;
        }
    }
}

static void
code_case(struct device *d, struct gpu_module *m, enum step_variant v, int l,
          int c)
{
    const struct plan_case *p = &d->plan->layers[l].plan[v]->cases[c];
    struct kase_code *k = &d->layers[l].code[v].cases[c];

    for (int g = 0; g < REGIONS; g++)
        code_region(d, m, l, c, g, &p->region[g], k->at, &k->region[g]);
    code_region(d, m, l, c, REGIONS, &p->vec, k->at, &k->vec);
    code_region(d, m, l, c, REGIONS + 1, &p->bvec, k->at, &k->bvec);
    if (c == 0) {
        loop_open(d, m, v, l, R_LOOP);
        loop_open(d, m, v, l, R_BLOOP);
    }
    k->reduce = xcalloc((size_t)p->nreduce + 1, sizeof *k->reduce);
    for (int i = 0; i < p->nreduce; i++) {
        k->reduce[i] = words_place(d, &k->at[p->reduce[i].src]);
        words_place(d, &k->at[p->reduce[i].d]);
    }
    k->vector = xcalloc((size_t)p->nvector + 1, sizeof *k->vector);
    for (int i = 0; i < p->nvector; i++) {
        k->vector[i] = words_place(d, &k->at[p->vector[i].src]);
        words_word(d, (int64_t)param(d, l, p->vector[i].param)->offset);
    }
}

/* ---- sums of gradients ---------------------------------------------------*/

static void
code_part(struct device *d, enum step_variant v,
          const struct consumer_group *g, const struct consumer *c)
{
    const struct kase_code *k = &d->layers[g->layer].code[v].cases[g->kase];
    const struct plan *p = d->plan->layers[g->layer].plan[v];
    const struct plan_weight *w = &p->cases[g->kase].weight[c->weight];

    words_place(d, &k->at[w->dy]);
    words_place(d, w->token ? &nowhere : &k->at[w->arg]);
    words_word(d, lists_set(d, g->layer, g->kase));
    words_word(d, w->sign);
    words_word(d, w->token);
}

/* What accumulator a sums, in its products' order. */
static size_t
code_sum(struct device *d, enum step_variant v, int a)
{
    const struct accumulator *x = &d->plan->accumulators[a];
    const struct net_param *p = &d->net->params[x->param];
    size_t at = words_word(d, x->rows);

    words_word(d, x->k);
    words_word(d, (int64_t)(p->offset + (size_t)x->row0 * (size_t)p->cols +
                            (size_t)x->col0));
    words_word(d, p->cols);
    words_word(d, x->first);
    words_word(d, x->consumers);
    for (int g = 0; g < d->plan->ngroups; g++) {
        const struct consumer_group *y = &d->plan->groups[g];

        for (int i = 0; i < y->n; i++)
            if (y->consumer[i].accumulator == a)
                code_part(d, v, y, &y->consumer[i]);
    }
    return at;
}

/* ---- variants ------------------------------------------------------------*/

void
words_variant(struct device *d, enum step_variant v)
{
    struct gpu_module *m;
    char *text;

    if (d->made[v])
        return;
    d->made[v] = true;
    text = emit_runs(d, v);
    m = gpu_module(d->gpu, "the net's element-wise runs", text);
    free(text);
    for (int l = 0; l < d->nlayers; l++)
        for (int c = 0; c < d->plan->layers[l].plan[v]->ncases; c++)
            code_case(d, m, v, l, c);
    if (!d->plan->gradient)
        return;
    d->sum[v] = xcalloc((size_t)d->plan->naccumulators + 1,
                        sizeof *d->sum[v]);
    for (int i = 0; i < d->plan->naccumulators; i++)
        d->sum[v][i] = code_sum(d, v, i);
}

/* ---- what all variants share ---------------------------------------------*/

static void
code_states(struct device *d, int l)
{
    struct layer *y = &d->layers[l];
    const struct equations *eq = y->net->eq;

    y->start = xcalloc((size_t)eq->nstates + 1, sizeof *y->start);
    y->before = xcalloc((size_t)eq->nstates + 1, sizeof *y->before);
    y->after = xcalloc((size_t)eq->nstates + 1, sizeof *y->after);
    for (int i = 0; i < eq->nstates; i++) {
        const struct cell_state *s = &eq->states[i];
        struct place p = { y->state[i], ROWS_HERE, s->size, 0 };
        struct place first = { PLANE_WEIGHTS, ROWS_ONE, s->size, 0 };

        if (s->param >= 0)
            first.off = param(d, l, s->param)->offset;
        y->start[i] = words_place(d, &p);
        words_place(d, s->param >= 0 ? &first : &nowhere);
        p = (struct place){ y->dstate[i], ROWS_TURN, s->size, 0 };
        y->before[i] = words_place(d, &p);
        words_word(d, (int64_t)first.off);
        p.rows = ROWS_AFTER;
        y->after[i] = words_place(d, &p);
    }
}

static void
code_head(struct device *d)
{
    const struct layer *top = &d->layers[d->nlayers - 1], *below;
    struct place cx = { PLANE_CX, ROWS_HERE, 0, 0 };
    struct place cdx = { PLANE_CDX, ROWS_HERE, 0, 0 };

    d->loss = words_place(d, &top->output);
    words_place(d, &top->doutput);
    if (!d->stack || d->stack == d->nlayers)
        return;
    below = &d->layers[d->stack - 1];
    cx.size = cdx.size = below->net->eq->output_size;
    d->head_gather = words_place(d, &cx);
    words_place(d, &below->output);
    d->head_scatter = words_place(d, &below->doutput);
    words_place(d, &cdx);
}

void
words_open(struct device *d)
{
    static const char *const names[KERNELS] = {
        [K_OVER] = "over", [K_PRODUCT] = "product", [K_PRODUCT_1] = "product_1",
        [K_PRODUCT_4] = "product_4", [K_GRADIENT] = "gradient",
        [K_GRADIENT_TOKENS] = "gradient_tokens",
        [K_GRADIENT_1] = "gradient_1", [K_GRADIENT_4] = "gradient_4",
        [K_REDUCE] = "reduce", [K_ADD_VECTOR] = "add_vector",
        [K_ADD_STATES] = "add_states", [K_VECTORS_IN] = "vectors_in",
        [K_START_STATE] = "start_state", [K_END_STATE] = "end_state",
        [K_CLEAR] = "clear", [K_COPY] = "copy", [K_GATHER] = "gather",
        [K_SCATTER] = "scatter", [K_ZERO] = "zero", [K_SOFTMAX] = "softmax",
        [K_SQUARED_ERROR] = "squared_error", [K_TALLY] = "tally",
        [K_CHECK] = "check", [K_SQUARES] = "squares", [K_JUDGE] = "judge",
        [K_UPDATE] = "update",
    };
    static const char *const parts[] = {
        "math", "work", "product", "gradient", "rows", "over", "loss",
        "update", NULL,
    };
    char *text = emit_text(parts, "");
    struct gpu_module *m = gpu_module(d->gpu, "kernels", text);

    free(text);
    for (int i = 0; i < KERNELS; i++)
        d->kernel[i] = gpu_kernel(m, names[i]);
    for (int l = 0; l < d->nlayers; l++)
        code_states(d, l);
    code_head(d);
}

static void
close_list(struct launch_list *x)
{
    free(x->launch);
}

static void
close_case(struct kase_code *k)
{
    for (int g = 0; g < REGIONS; g++)
        close_list(&k->region[g]);
    close_list(&k->vec);
    close_list(&k->bvec);
    free(k->reduce);
    free(k->vector);
}

void
words_close(struct device *d)
{
    for (int l = 0; l < d->nlayers; l++) {
        struct layer *y = &d->layers[l];

        for (int v = 0; v < STEP_VARIANTS; v++)
            for (int c = 0; y->code[v].cases && c < y->ncases; c++)
                close_case(&y->code[v].cases[c]);
        free(y->start);
        free(y->before);
        free(y->after);
    }
    for (int v = 0; v < STEP_VARIANTS; v++)
        free(d->sum[v]);
    free(d->code.word);
}

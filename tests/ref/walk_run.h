/* walk_run.h - forward and backward through layers and steps; see walk.h. */
#include "walk_sums.h"

/* ---- forward -------------------------------------------------------------*/

static void
params_forward(struct walk *k, struct lay *l)
{
    for (int c = 0; c < l->g->ncases; c++)
        for (int v = 0; v < l->g->cases[c].nforward; v++)
            if (l->g->cases[c].node[v].param_only)
                eval(k, l, 0, c, v);
}

static void
layer_forward(struct walk *k, struct lay *l)
{
    params_forward(k, l);
    for (int t = 0; t < k->w->steps; t++) {
        int c = case_of(k, l, t);
        const struct graph_case *g = &l->g->cases[c];

        for (int v = 0; v < g->nforward; v++)
            if (!g->node[v].param_only)
                eval(k, l, t, c, v);
        for (int i = 0; i < l->eq->nstates; i++)
            copy_in(l->state[t + 1][i], l->row[t][g->next[i]], k,
                    l->eq->states[i].size);
    }
}

/* States of all layers to or from one row's vector of the window's state. */
static void
states(struct walk *k, int t, REAL *block, bool out)
{
    for (int i = 0; i < k->net->nlayers; i++) {
        struct lay *l = &k->lay[i];
        size_t off = l->l->state_offset;

        for (int s = 0; s < l->eq->nstates; s++) {
            size_t size = (size_t)l->eq->states[s].size;

            for (int b = 0; b < k->w->rows; b++) {
                REAL *x = block + (size_t)b * k->net->state_size + off;
                REAL *y = l->state[t][s] + (size_t)b * size;

                memcpy(out ? x : y, out ? y : x, size * sizeof *x);
            }
            off += size;
        }
    }
}

static void
states_fresh(struct walk *k)
{
    for (int i = 0; i < k->net->nlayers; i++) {
        struct lay *l = &k->lay[i];

        for (int s = 0; s < l->eq->nstates; s++) {
            const struct cell_state *c = &l->eq->states[s];

            for (int b = 0; b < k->w->rows; b++)
                for (int j = 0; j < c->size; j++)
                    l->state[0][s][at(b, j, c->size)] = c->param < 0
                        ? (REAL)c->num : weights_of(k, l, c->param)[j];
        }
    }
}

/* ---- backward ------------------------------------------------------------*/

/* What the layer below gets: only scored places where l is sparse. */
static void
pass_down(struct walk *k, struct lay *l, int t, int c)
{
    int size = l->eq->input_size, v = l->g->cases[c].dinput;

    if (l == k->lay || v < 0)
        return;
    for (int b = 0; b < k->w->rows; b++)
        if (!l->sparse || scored(k, t, b))
            memcpy(l[-1].dout[t] + at(b, 0, size),
                   l->row[t][v] + at(b, 0, size),
                   (size_t)size * sizeof(REAL));
}

static void
layer_backward(struct walk *k, struct lay *l)
{
    for (int t = k->w->steps - 1; t >= 0; t--) {
        int c = case_of(k, l, t);
        const struct graph_case *g = &l->g->cases[c];

        for (int v = g->nforward; v < g->n; v++)
            if (!g->node[v].param_only)
                eval(k, l, t, c, v);
        for (int i = 0; i < l->eq->nstates; i++) {
            int size = l->eq->states[i].size;

            if (g->dstate[i] >= 0)
                copy_in(l->dnext[i], l->row[t][g->dstate[i]], k, size);
            else
                memset(l->dnext[i], 0, (size_t)k->w->rows * (size_t)size *
                                       sizeof(REAL));
        }
        pass_down(k, l, t, c);
    }
}

/* ---- the whole -----------------------------------------------------------*/

static REAL **
node_values(const struct walk *k, const struct lay *l, int c, bool once)
{
    const struct graph_case *g = &l->g->cases[c];
    REAL **v = xcalloc((size_t)g->n + 1, sizeof *v);

    for (int i = 0; i < (k->grad ? g->n : g->nforward); i++)
        if (g->node[i].param_only == once)
            v[i] = reals(once ? 1 : k->w->rows, g->node[i].size);
    return v;
}

static REAL **
state_values(const struct lay *l, int rows)
{
    REAL **v = xcalloc((size_t)l->eq->nstates + 1, sizeof *v);

    for (int i = 0; i < l->eq->nstates; i++)
        v[i] = reals(rows, l->eq->states[i].size);
    return v;
}

static void
values_free(REAL **v, int n)
{
    for (int i = 0; i < n; i++)
        free(v[i]);
    free(v);
}

static void
lay_init(struct walk *k, struct lay *l)
{
    int T = k->w->steps, B = k->w->rows;

    l->row = xcalloc((size_t)T, sizeof *l->row);
    l->dout = xcalloc((size_t)T, sizeof *l->dout);
    l->state = xcalloc((size_t)T + 1, sizeof *l->state);
    l->once = xcalloc((size_t)l->g->ncases, sizeof *l->once);
    for (int t = 0; t < T; t++) {
        l->row[t] = node_values(k, l, case_of(k, l, t), false);
        l->dout[t] = reals(B, l->eq->output_size);
    }
    for (int c = 0; c < l->g->ncases; c++)
        l->once[c] = node_values(k, l, c, true);
    for (int t = 0; t <= T; t++)
        l->state[t] = state_values(l, B);
    l->dnext = state_values(l, B);
}

static void
lay_release(struct walk *k, struct lay *l)
{
    for (int t = 0; t < k->w->steps; t++)
        values_free(l->row[t], l->g->cases[case_of(k, l, t)].n);
    for (int c = 0; c < l->g->ncases; c++)
        values_free(l->once[c], l->g->cases[c].n);
    for (int t = 0; t <= k->w->steps; t++)
        values_free(l->state[t], l->eq->nstates);
    values_free(l->dnext, l->eq->nstates);
    values_free(l->dout, k->w->steps);
    free(l->row);
    free(l->once);
    free(l->state);
}

/* Of a parameter that others are made of: how, or 0. */
static int
derived(const struct walk *k, int param)
{
    const struct net_param *p = &k->net->params[param];

    return (int)k->net->layers[p->layer].eq->params[p->index].derive;
}

/* All derived matrices in place of what they are made of; with a gradient, that
 * by them becomes that by the learned ones. */
static void
derive(struct walk *k, bool gradient)
{
    for (int i = 0; i < k->net->nparams; i++) {
        const struct net_param *p = &k->net->params[i];
        size_t n = (size_t)p->rows * (size_t)p->cols;
        double *a, *g;

        if (!derived(k, i))
            continue;
        a = xcalloc(2 * n, sizeof *a);
        g = a + n;
        for (size_t j = 0; j < n; j++) {
            a[j] = (double)k->learned[p->offset + j];
            if (gradient)
                g[j] = (double)k->grad[p->offset + j];
        }
        ref_derived(derived(k, i), p->rows, a, g, gradient ? g : NULL);
        for (size_t j = 0; j < n; j++)
            (gradient ? k->grad : k->made)[p->offset + j] = (REAL)g[j];
        free(a);
    }
}

static void
walk_open(struct walk *k)
{
    int n = k->net->nlayers, drops = 0;
    bool sparse = true;

    k->learned = k->weights;
    k->made = xcalloc(k->net->weights + 1, sizeof *k->made);
    memcpy(k->made, k->learned, k->net->weights * sizeof *k->made);
    k->weights = k->made;
    derive(k, false);
    k->lay = xcalloc((size_t)n, sizeof *k->lay);
    for (int i = 0; i < n; i++) {
        struct lay *l = &k->lay[i];

        l->l = &k->net->layers[i];
        l->eq = l->l->eq;
        l->g = l->l->graph;
        l->drop0 = drops;
        drops += l->eq->ndrops;
        lay_init(k, l);
    }
    for (int i = n - 1; i >= 0; i--) {
        sparse = sparse && k->lay[i].eq->nstates == 0;
        k->lay[i].sparse = sparse;
    }
}

static void
walk_close(struct walk *k)
{
    for (int i = 0; i < k->net->nlayers; i++)
        lay_release(k, &k->lay[i]);
    free(k->lay);
    free(k->made);
}

static void
walk_forward(struct walk *k)
{
    for (int i = 0; i < k->net->nlayers; i++)
        layer_forward(k, &k->lay[i]);
}

/* The top layer's output at step t of row b. */
static REAL *
walk_output(const struct walk *k, int t, int b)
{
    const struct lay *l = &k->lay[k->net->nlayers - 1];

    return l->row[t][l->g->cases[case_of(k, l, t)].output] +
           at(b, 0, l->eq->output_size);
}

/* The caller has filled the top layer's dout. */
static void
walk_backward(struct walk *k)
{
    memset(k->grad, 0, k->net->weights * sizeof *k->grad);
    for (int i = k->net->nlayers - 1; i >= 0; i--) {
        layer_backward(k, &k->lay[i]);
        sinks(k, &k->lay[i]);
    }
    derive(k, true);
}

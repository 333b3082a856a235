/* sums.c - what a window comes to: its losses, gradients and new weights. */
#include "cuda/launch.h"

/* ---- losses --------------------------------------------------------------*/

void
run_tally(struct device *d)
{
    struct work w = launch_work(d);

    w.a = 0;
    w.b = launch_microbatches(d);
    launch_grid(d, d->kernel[K_TALLY], &w, 1, 1, PARTIALS * PARTIALS,
                PARTIALS * PARTIALS * (sizeof(double) + sizeof(int)));
}

/* ---- gradients -----------------------------------------------------------*/

/* How many tokens can come. */
static size_t
most_tokens(const struct device *d)
{
    size_t V = (size_t)d->net->input_size;
    size_t positions = (size_t)d->w.B * (size_t)d->w.T;

    return V < positions ? V : positions;
}

static void
sum(struct device *d, int a)
{
    const struct accumulator *x = &d->plan->accumulators[a];
    int rows = x->rows, k = x->k;
    size_t many = (size_t)gpu_facts(d->gpu)->multiprocessors;
    size_t tall = ((size_t)rows + 63) / 64, wide = ((size_t)k + 63) / 64;
    struct work w = launch_work(d);

    w.code = launch_code(d, d->sum[d->w.variant][a]);
    w.b = launch_microbatches(d);
    if (x->tokens)
        launch_each(d, K_GRADIENT_TOKENS, &w, (size_t)rows * most_tokens(d));
    else if (d->mixed[a] || rows < SIDE || k < SIDE)
        launch_each(d, K_GRADIENT, &w, (size_t)rows * (size_t)k);
    else if (tall * wide >= many)
        launch_grid(d, d->kernel[K_GRADIENT_4], &w, tall, wide, SIDE * SIDE,
                    launch_tile_bytes(4));
    else
        launch_grid(d, d->kernel[K_GRADIENT_1], &w,
                    ((size_t)rows + 15) / 16, ((size_t)k + 15) / 16,
                    SIDE * SIDE, launch_tile_bytes(1));
}

/* +0 where sums are added, or set for some columns only. */
static void
clear_gradient(struct device *d)
{
    for (int i = 0; i < d->net->nparams; i++) {
        const struct net_param *p = &d->net->params[i];
        struct work w = launch_work(d);

        if (d->plan->covered[i] && !d->by_token[i])
            continue;
        w.a = p->rows * p->cols;
        w.b = PLANE_GRADIENT;
        w.c = (int)p->offset;
        launch_each(d, K_ZERO, &w, (size_t)w.a);
    }
}

static bool
case_ran(const struct device *d, int l, int c)
{
    bool ran = d->layers[l].ncases == 1;

    for (int t = 0; !ran && t < d->w.T; t++)
        ran = run_case(d, l, t) == c;
    return ran;
}

static void
layer_vectors(struct device *d, int l)
{
    const struct layer *y = &d->layers[l];
    const struct equations *eq = y->net->eq;

    for (int c = 0; c < y->ncases; c++) {
        const struct plan_case *p = &launch_plan(d, l)->cases[c];
        const struct kase_code *k = launch_kase(d, l, c);

        if (!case_ran(d, l, c))
            continue;
        for (int i = 0; i < p->nreduce; i++) {
            struct work w = launch_work(d);

            w.code = launch_code(d, k->reduce[i]);
            w.a = lists_set(d, l, c);
            w.b = launch_microbatches(d);
            launch_grid(d, d->kernel[K_REDUCE], &w,
                        ((size_t)p->reduce[i].size + 15) / 16, 1,
                        SIDE * SIDE, SIDE * SIDE * sizeof(float));
        }
        launch_list(d, &k->bvec, 0, 1, 0);
        for (int i = 0; i < p->nvector; i++) {
            struct work w = launch_work(d);

            w.code = launch_code(d, k->vector[i]);
            w.b = p->vector[i].size;
            launch_each(d, K_ADD_VECTOR, &w, (size_t)w.b);
        }
    }
    for (int i = 0; i < eq->nstates; i++) {
        struct work w = launch_work(d);

        if (eq->states[i].param < 0)
            continue;
        w.code = launch_code(d, y->before[i]);
        w.b = eq->states[i].size;
        launch_each(d, K_ADD_STATES, &w, (size_t)w.b);
    }
}

void
run_gradients(struct device *d)
{
    clear_gradient(d);
    for (int i = 0; i < d->plan->naccumulators; i++)
        if (launch_plan(d, d->plan->accumulators[i].layer)->gradient)
            sum(d, i);
    for (int l = 0; l < d->nlayers; l++)
        if (launch_plan(d, l)->gradient)
            layer_vectors(d, l);
}

/* ---- update --------------------------------------------------------------*/

/* The rule's number in update.cu. */
static int
rule_number(const struct update_rule *u)
{
    switch (u->kind) {
    case UPDATE_MOMENTUM:
        return u->nesterov ? RULE_NESTEROV : UPDATE_MOMENTUM;
    case UPDATE_RMSPROP:
        return u->momentum > 0 ? RULE_RMSPROP_MOMENTUM : UPDATE_RMSPROP;
    case UPDATE_SGD:
    case UPDATE_ADAGRAD:
    case UPDATE_ADAM:
    case UPDATE_ADAMW:
    case UPDATE_PER_NEURON:           /* refused when it is opened */
    case UPDATE_HYBRID:
        break;
    }
    return (int)u->kind;
}

void
run_update(struct device *d, bool update)
{
    const struct update_rule *u = &d->rule[0].rule;
    size_t P = d->net->weights;
    struct work w = launch_work(d);
    bool norm = false;

    for (int i = 0; update && i < d->o.nets; i++)
        norm |= d->rule[i].rule.clip_norm > 0;
    w.a = (int)P;
    w.b = norm;
    launch_each(d, K_CHECK, &w, P);
    if (norm)
        launch_grid(d, d->kernel[K_SQUARES], &w,
                    (P + NORM_SEGMENT * PLACES_A_CTA - 1) /
                    (NORM_SEGMENT * PLACES_A_CTA), 1,
                    PLACES_A_CTA * PARTIALS,
                    PLACES_A_CTA * PARTIALS * sizeof(double));
    launch_each(d, K_JUDGE, &w, 1);
    for (int i = 0; update && i < d->nrates; i++) {
        w.a = (int)d->rate[i].at;
        w.b = (int)d->rate[i].n;
        w.c = i;
        w.d = rule_number(u);
        launch_each(d, K_UPDATE, &w, d->rate[i].n);
    }
}

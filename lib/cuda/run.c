/*
 * run.c - a window: launches put in line, forward, with the loss, and back.
 *
 * Every row of the window is there at once; the loop goes through the steps,
 * and all else takes them together.
 */
#include <string.h>

#include "cuda/launch.h"
#include "cuda/loop.h"

/* ---- cases ---------------------------------------------------------------*/

int
run_case(const struct device *d, int l, int t)
{
    const struct plan *p = launch_plan(d, l);

    for (int c = 0; c < p->ncases; c++)
        if (p->cases[c].at - 1 - t == d->w.first_step)
            return c;
    return p->ncases - 1;
}

/* All steps at once. */
static void
all_steps(struct device *d, int l, enum region g)
{
    if (d->layers[l].ncases == 1)
        launch_list(d, &launch_kase(d, l, 0)->region[g], 0, d->w.B * d->w.T,
                    0);
}

static void
step(struct device *d, int l, int t, enum region g)
{
    launch_list(d, &launch_kase(d, l, run_case(d, l, t))->region[g],
                t * d->w.B, d->w.B, t & 1);
}

/* ---- forward -------------------------------------------------------------*/

static void
vectors_in(struct device *d, int plane, int rows)
{
    struct work w = launch_work(d);

    w.rows = rows;
    w.a = d->net->input_size;
    w.b = plane;
    launch_each(d, K_VECTORS_IN, &w, (size_t)(rows < 0 ? d->w.places : rows) *
                (size_t)w.a);
}

/* Every state of every row: in from plane `states`, or out to it. */
static void
states(struct device *d, enum kernel_number k, int plane)
{
    for (int l = 0; l < d->stack; l++) {
        const struct layer *y = &d->layers[l];
        size_t off = y->net->state_offset;

        for (int i = 0; i < y->net->eq->nstates; i++) {
            const struct cell_state *s = &y->net->eq->states[i];
            struct work w = launch_work(d);
            float num = (float)s->num;

            w.code = launch_code(d, y->start[i]);
            w.a = plane;
            w.b = (int)off;
            w.c = (int)d->net->state_size;
            memcpy(&w.d, &num, sizeof num);
            launch_each(d, k, &w, (size_t)d->w.B * (size_t)s->size);
            off += (size_t)s->size;
        }
    }
}

static void
run_vectors(struct device *d)
{
    for (int l = 0; l < d->nlayers; l++)
        for (int c = 0; c < d->layers[l].ncases; c++)
            launch_list(d, &launch_kase(d, l, c)->vec, 0, 1, 0);
}

void
run_forward(struct device *d, int plane, bool carry)
{
    run_vectors(d);
    if (d->stack && !d->net->input_token)
        vectors_in(d, PLANE_XIN, d->w.B * d->w.T);
    states(d, K_START_STATE, plane);
    for (int l = 0; l < d->stack; l++) {
        all_steps(d, l, R_PRE);
        if (!loop_run(d, l, R_LOOP))
            for (int t = 0; t < d->w.T; t++)
                step(d, l, t, R_LOOP);
        all_steps(d, l, R_POST);
    }
    if (carry)
        states(d, K_END_STATE, plane + 1);
}

/* ---- head and loss -------------------------------------------------------*/

static void
move_rows(struct device *d, enum kernel_number k, size_t code)
{
    struct work w = launch_work(d);

    w.code = launch_code(d, code);
    w.rows = -1;
    launch_each(d, k, &w, (size_t)d->w.places *
                (size_t)d->net->layers[d->stack - 1].eq->output_size);
}

static void
run_head(struct device *d)
{
    if (d->stack < d->nlayers && d->stack)
        move_rows(d, K_GATHER, d->head_gather);
    else if (!d->stack && !d->net->input_token)
        vectors_in(d, PLANE_CX, -1);
    for (int l = d->stack; l < d->nlayers; l++)
        launch_list(d, &launch_kase(d, l, 0)->region[R_PRE], 0, -1, 0);
}

void
run_loss(struct device *d, bool gradient, bool probs)
{
    struct work w = launch_work(d);
    bool entropy = d->o.loss <= LOSS_CROSS_ENTROPY_SUM;

    run_head(d);
    w.code = launch_code(d, d->loss);
    w.rows = -1;
    w.a = gradient;
    w.b = probs;
    w.c = d->stack == d->nlayers;
    w.d = d->o.loss == LOSS_MSE_MEAN;
    launch_grid(d, d->kernel[entropy ? K_SOFTMAX : K_SQUARED_ERROR], &w,
                ((size_t)d->w.places + PLACES_A_CTA - 1) / PLACES_A_CTA, 1,
                PLACES_A_CTA * PARTIALS,
                PLACES_A_CTA * (PARTIALS * sizeof(double) + sizeof(int)));
}

/* ---- back ----------------------------------------------------------------*/

static void
clear(struct device *d, size_t code, int size, int turn, bool padding, int t)
{
    struct work w = launch_work(d);

    w.code = launch_code(d, code);
    w.turn = turn;
    w.a = padding;
    w.b = t;
    launch_each(d, K_CLEAR, &w, (size_t)d->w.B * (size_t)size);
}

static void
step_backward(struct device *d, int l, int t)
{
    const struct layer *y = &d->layers[l];
    const struct equations *eq = y->net->eq;
    const struct plan_case *c = &launch_plan(d, l)->cases[run_case(d, l, t)];

    for (int i = 0; i < eq->nstates; i++) {
        if (!c->dstate[i])
            clear(d, y->before[i], eq->states[i].size, t & 1, false, 0);
        if (t == d->w.T - 1)
            clear(d, y->after[i], eq->states[i].size, t & 1, false, 0);
    }
    step(d, l, t, R_BLOOP);
    for (int i = 0; d->w.padded && i < eq->nstates; i++)
        clear(d, y->before[i], eq->states[i].size, t & 1, true, t);
}

/* The stack's output has an adjoint at scored places alone. */
static void
head_backward(struct device *d)
{
    for (int l = d->nlayers - 1; l >= d->stack; l--)
        launch_list(d, &launch_kase(d, l, 0)->region[R_BPRE], 0, -1, 0);
    if (d->stack && d->stack < d->nlayers &&
        launch_plan(d, d->stack - 1)->gradient)
        move_rows(d, K_SCATTER, d->head_scatter);
}

void
run_clear_output(struct device *d)
{
    const struct layer *y;
    struct work w = launch_work(d);

    if (!d->stack)
        return;
    y = &d->layers[d->stack - 1];
    w.a = d->w.B * d->w.T * y->net->eq->output_size;
    w.b = y->dout;
    launch_each(d, K_ZERO, &w, (size_t)w.a);
}

void
run_backward(struct device *d)
{
    head_backward(d);
    for (int l = d->stack - 1; l >= 0; l--) {
        if (!launch_plan(d, l)->gradient)
            break;
        all_steps(d, l, R_BPOST);
        if (!loop_run(d, l, R_BLOOP))
            for (int t = d->w.T - 1; t >= 0; t--)
                step_backward(d, l, t);
        all_steps(d, l, R_BPRE);
    }
}

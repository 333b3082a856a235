/* engine_run.c - windows by the contract, the engine, or one net of a fleet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../ref/contract.h"
#include "base/die.h"
#include "cpu/engine.h"
#include "cpu/kernel.h"
#include "unit/engine_run.h"

static struct windows
windows_new(const struct problem *p, int steps)
{
    struct windows w = { p, steps, (p->shape.steps + steps - 1) / steps, NULL };
    size_t places = (size_t)p->shape.rows * (size_t)steps;

    w.r = xcalloc((size_t)w.n, sizeof *w.r);
    for (int i = 0; i < w.n; i++) {
        struct result *r = &w.r[i];

        r->out = xcalloc(places * (size_t)p->net->output_size + 1,
                         sizeof *r->out);
        r->state = xcalloc((size_t)p->shape.rows * p->net->state_size + 1,
                           sizeof *r->state);
        r->grad = xcalloc(p->net->weights + 1, sizeof *r->grad);
        r->loss = xcalloc(places + 1, sizeof *r->loss);
        r->calls = xcalloc(places + 1, sizeof *r->calls);
    }
    return w;
}

void
windows_free(struct windows *w)
{
    for (int i = 0; i < w->n; i++) {
        free(w->r[i].out);
        free(w->r[i].state);
        free(w->r[i].grad);
        free(w->r[i].loss);
        free(w->r[i].calls);
    }
    free(w->r);
}

typedef void run_fn(void *runner, const struct problem *p,
                    const struct window *w, struct loss_seen *seen,
                    float *grad);

/* All windows in turn, each from the state that the one before it left. */
static void
run_windows(struct windows *w, run_fn *run, void *runner, bool gradient)
{
    const struct problem *p = w->p;
    size_t state = (size_t)p->shape.rows * p->net->state_size;

    for (int i = 0; i < w->n; i++) {
        struct result *r = &w->r[i];
        int t0 = i * w->steps, left = p->shape.steps - t0;
        struct window win;
        struct target y;
        struct loss_seen seen = { &y, p->shape.rows,
                                  left < w->steps ? left : w->steps,
                                  p->net->output_size, r->out, r->loss,
                                  r->calls, false };

        problem_window(p, t0, seen.steps, &win, &y);
        if (i)
            memcpy(r->state, r[-1].state, state * sizeof *r->state);
        win.state = win.next = r->state;
        run(runner, p, &win, &seen, gradient ? r->grad : NULL);
        r->bad = seen.bad;
    }
}

static void
by_engine(void *runner, const struct problem *p, const struct window *w,
          struct loss_seen *seen, float *grad)
{
    (void)p;
    runner_window(runner, w);
    runner_run(runner, loss_float, seen, grad);
}

static void
by_contract(void *runner, const struct problem *p, const struct window *w,
            struct loss_seen *seen, float *grad)
{
    (void)runner;
    contract_run(p->net, w, p->weights, loss_float, seen, grad);
}

/* ---- one net of a fleet --------------------------------------------------
 * The fleet's nets have other weights each; only one of them is looked at. */

struct in_fleet {
    struct runner *runner;
    int lane;
    struct loss_seen *seen;
};

/* Every 16th number from the lane's on. */
static void
take_lane(float *one, const float *all, size_t n, int lane)
{
    for (size_t i = 0; i < n; i++)
        one[i] = all[i * LANES + (size_t)lane];
}

static float *
give_lanes(const float *one, size_t n, int lane, float other)
{
    float *all = xaligned(n * LANES + LANES, sizeof *all);

    for (size_t i = 0; i < n * LANES; i++)
        all[i] = one[i / LANES] *
                 (i % LANES == (size_t)lane ? 1 : other * (float)(i % LANES));
    return all;
}

static void
fleet_loss(void *ctx, int n, const int32_t *t, const int32_t *b,
           const float *out, ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    const struct in_fleet *f = ctx;
    size_t size = (size_t)f->seen->size;
    float *row = xaligned(size + LANES, sizeof *row);
    float *drow = xaligned(size + LANES, sizeof *row);

    assert_int_equal(os, size * LANES);
    for (int p = 0; p < n; p++) {
        take_lane(row, out + p * os, size, f->lane);
        loss_float(f->seen, 1, t + p, b + p, row, os, dout ? drow : NULL, os);
        for (size_t i = 0; dout && i < size * LANES; i++)
            dout[(size_t)(p * ds) + i] = drow[i / LANES];
    }
    free(row);
    free(drow);
}

static void
by_fleet(void *runner, const struct problem *p, const struct window *w,
         struct loss_seen *seen, float *grad)
{
    struct in_fleet *f = runner;
    size_t states = (size_t)w->rows * p->net->state_size;
    size_t weights = p->net->weights;
    float *state = give_lanes(w->state, states, f->lane, 0.1f);
    float *all = xaligned(weights * LANES + LANES, sizeof *all);
    struct window win = *w;

    f->seen = seen;
    win.state = win.next = state;
    runner_window(f->runner, &win);
    runner_run(f->runner, fleet_loss, f, grad ? all : NULL);
    take_lane(w->next, state, states, f->lane);
    if (grad)
        take_lane(grad, all, weights, f->lane);
    free(state);
    free(all);
}

struct windows
run_engine(const struct problem *p, int steps, const struct setting *s)
{
    struct windows w = windows_new(p, steps);
    struct runner_options o = { .threads = s->threads,
                                 .gradient = s->gradient,
                                 .observe = s->observe,
                                 .lanes = s->fleet ? LANES : 1 };
    struct in_fleet f = { .lane = (p->shape.size + s->threads) % LANES };
    float *all = NULL, *half = NULL;
    struct runner *r;
    void *with;
    size_t n;

    if (s->isa)
        setenv("UNROLL_ISA", s->isa, 1);
    r = runner_open(p->net, &o);
    unsetenv("UNROLL_ISA");
    if (s->fleet)
        all = give_lanes(p->weights, p->net->weights, f.lane, 0.05f);
    f.runner = r;
    with = s->fleet ? (void *)&f : (void *)r;
    if (s->twice) {        /* nothing is left over from the first time */
        n = p->net->weights * (s->fleet ? LANES : 1);
        half = xaligned(n + LANES, sizeof *half);
        for (size_t i = 0; i < n; i++)
            half[i] = (all ? all : p->weights)[i] / 2;
        runner_load(r, half);
        run_windows(&w, s->fleet ? by_fleet : by_engine, with, s->gradient);
        windows_free(&w);
        w = windows_new(p, steps);
    }
    runner_load(r, all ? all : p->weights);
    run_windows(&w, s->fleet ? by_fleet : by_engine, with, s->gradient);
    runner_close(r);
    free(half);
    free(all);
    return w;
}

struct windows
run_contract(const struct problem *p, int steps)
{
    struct windows w = windows_new(p, steps);

    run_windows(&w, by_contract, NULL, true);
    return w;
}

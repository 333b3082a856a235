/* engine_same.c - are two runs the same, or near the double evaluator's? */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../ref/ref.h"
#include "base/die.h"
#include "unit/engine_run.h"

static size_t
places_of(const struct windows *w, int i)
{
    int left = w->p->shape.steps - i * w->steps;

    return (size_t)w->p->shape.rows *
           (size_t)(left < w->steps ? left : w->steps);
}

static bool
scored_at(const struct windows *w, int i, size_t place)
{
    int left = w->p->shape.steps - i * w->steps;
    size_t steps = (size_t)(left < w->steps ? left : w->steps);

    return w->p->scored[place / steps * (size_t)w->p->shape.steps +
                        (size_t)(i * w->steps) + place % steps];
}

static void
same_floats(const char *what, const char *name, const float *a,
            const float *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (memcmp(&a[i], &b[i], sizeof *a))
            fail_msg("%s: %s[%zu]: %.9g (%a) and %.9g (%a)", what, name, i,
                     (double)a[i], (double)a[i], (double)b[i], (double)b[i]);
}

static void
same_grads(const char *what, const struct net *n, const float *a,
           const float *b)
{
    for (int i = 0; i < n->nparams; i++) {
        const struct net_param *q = &n->params[i];

        same_floats(what, q->name, a + q->offset, b + q->offset,
                    (size_t)q->rows * (size_t)q->cols);
    }
}

void
windows_same(const char *what, const struct windows *a,
             const struct windows *b, bool gradient)
{
    const struct net *n = a->p->net;

    for (int i = 0; i < a->n; i++) {
        const struct result *r = &a->r[i], *s = &b->r[i];
        size_t places = places_of(a, i);
        char *name = xasprintf("%s, window %d of %d", what, i, a->n);

        same_floats(name, "output", r->out, s->out,
                    places * (size_t)n->output_size);
        same_floats(name, "state", r->state, s->state,
                    (size_t)a->p->shape.rows * n->state_size);
        if (gradient)
            same_grads(name, n, r->grad, s->grad);
        free(name);
    }
}

static void
near_floats(const char *what, const char *name, const float *a,
            const double *b, size_t n, double scale)
{
    for (size_t i = 0; i < n; i++)
        scale = fmax(scale, fabs(b[i]));
    for (size_t i = 0; i < n; i++)
        if (!(fabs((double)a[i] - b[i]) <= 1e-5 * scale))
            fail_msg("%s: %s[%zu] is %.9g, the evaluator has %.9g (largest "
                     "%g)", what, name, i, (double)a[i], b[i], scale);
}

/* The evaluator goes its own way through all windows. */
void
windows_near_reference(const char *what, const struct windows *a)
{
    const struct problem *p = a->p;
    const struct net *n = p->net;
    size_t S = (size_t)p->shape.rows * n->state_size, O;
    double *weights = xcalloc(n->weights + 1, sizeof *weights);
    double *grad = xcalloc(n->weights + 1, sizeof *grad);
    double *state = xcalloc(S + 1, sizeof *state);
    double *out = xcalloc((size_t)p->shape.rows * (size_t)a->steps *
                          (size_t)n->output_size + 1, sizeof *out);

    O = (size_t)n->output_size;
    for (size_t i = 0; i < n->weights; i++)
        weights[i] = (double)p->weights[i];
    for (int i = 0; i < a->n; i++) {
        const struct result *r = &a->r[i];
        struct window w;
        struct target y;
        size_t places = places_of(a, i);
        double want, got = 0, largest = 0;

        problem_window(p, i * a->steps, (int)(places / (size_t)p->shape.rows),
                       &w, &y);
        want = ref_run(n, &w, &y, weights, state, out, grad, NULL);
        for (size_t k = 0; k < places; k++) {
            got += r->loss[k];
            assert_int_equal(r->calls[k], scored_at(a, i, k));
            if (!r->calls[k])
                memset(out + k * O, 0, O * sizeof *out);
        }
        assert_false(r->bad);
        if (!(fabs(got / y.divide - want) <= 1e-5 * fabs(want)))
            fail_msg("%s: loss %.9g, the evaluator has %.9g", what,
                     got / y.divide, want);
        near_floats(what, "output", r->out, out, places * O, 0);
        near_floats(what, "state", r->state, state, S, 0);
        /* what comes to nothing, as the input gate of slstm at its first step,
         * does so up to roundings of its parts, which are as others are */
        for (size_t k = 0; k < n->weights; k++)
            largest = fmax(largest, fabs(grad[k]));
        for (int q = 0; q < n->nparams; q++)
            near_floats(what, n->params[q].name, r->grad + n->params[q].offset,
                        grad + n->params[q].offset,
                        (size_t)n->params[q].rows *
                        (size_t)n->params[q].cols,
                        fmax(1e-6, 0.02 * largest));
    }
    free(weights);
    free(grad);
    free(state);
    free(out);
}

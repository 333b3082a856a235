/* draw.c - sequences drawn from a net, what it draws being its next input. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/rng.h"
#include "cuda/nets.h"
#include "graph/nucleus.h"

struct drawn {
    int classes;
    float temperature;
    const struct nucleus *keep;     /* NULL: all classes */
    struct rng *rng;        /* one a row */
    float *logits, *probs;  /* (rows,K) */
};

/* Do these logits make a distribution, divided by t? */
static bool
can_draw(const float *logit, int classes, float t)
{
    float largest = -INFINITY;

    for (int k = 0; k < classes && !isnan(largest); k++)
        if (!(logit[k] / t <= largest))
            largest = logit[k] / t;
    return isfinite(largest);
}

static int
pick(struct rng *r, const float *p, int classes)
{
    double sum = 0, u;
    int last = 0;

    for (int k = 0; k < classes; k++)
        sum += (double)p[k];
    u = rng_double(r) * sum;
    for (int k = 0; k < classes; k++) {
        if (p[k] > 0)
            last = k;
        u -= (double)p[k];
        if (u < 0)
            break;
    }
    return last;
}

/* Row b's next token; false: there is none. */
static bool
draw_row(struct drawn *x, int b, int32_t *token, bool *scaled)
{
    const float *logit = x->logits + (size_t)b * (size_t)x->classes;
    float *probs = x->probs + (size_t)b * (size_t)x->classes;

    *scaled = false;
    if (!can_draw(logit, x->classes, 1))
        return false;
    if (x->temperature <= 0) {
        *token = 0;
        for (int k = 1; k < x->classes; k++)
            if (logit[k] > logit[*token])
                *token = k;
        return true;
    }
    *scaled = true;
    if (!can_draw(logit, x->classes, x->temperature))
        return false;
    if (x->keep)
        nucleus_cut(x->keep, x->classes, probs);
    *token = pick(&x->rng[b], probs, x->classes);
    return true;
}

static void
drawing_launches(struct device *d, const struct launches_key *key)
{
    (void)key;
    run_forward(d, PLANE_ONE, true);
    run_loss(d, false, true);
}

/* Logits and probabilities of a step of all rows, the sequences' `step`. */
static void
one_step(struct device *d, const struct drawing *w, const struct batch *b,
         long step, struct drawn *x)
{
    struct window window = {
        .batch = b, .t1 = 1, .first_step = step < INT_MAX ? (int)step
                                                          : INT_MAX,
        .fresh = step == 0, .temperature = x->temperature, .net = w->net,
    };
    const struct place *out = &d->layers[d->nlayers - 1].output;
    size_t bytes = (size_t)w->rows * (size_t)x->classes * sizeof(float);
    size_t shift = out->rows == ROWS_NEXT ? bytes : 0;

    struct launches_key key = { .kind = LAUNCHES_DRAW };

    nets_window(d, &window);
    key.w = d->w;
    graphs_run(d, &key, drawing_launches);
    gpu_read(d->stream, x->probs, plane_address(d, w->net, PLANE_PROBS),
             bytes);
    gpu_read(d->stream, x->logits, plane_address(d, w->net, out->plane) +
             shift, bytes);
    gpu_wait(d->stream);
    planes_swap(d, w->net, PLANE_ONE);
}

bool
nets_draw(struct device *d, const struct drawing *w, int32_t *out,
            struct drawing_fault *fault)
{
    size_t rows = (size_t)w->rows, K = (size_t)d->net->output_size;
    struct batch b = {
        .rows = w->rows, .steps = 1,
        .tokens = xcalloc(rows, sizeof *b.tokens),
        .scored = memset(xcalloc(rows, 1), 1, rows),
    };
    struct drawn x = {
        .classes = d->net->output_size, .temperature = (float)w->temperature,
        .rng = xcalloc(rows, sizeof *x.rng),
        .logits = xcalloc(rows * K, sizeof *x.logits),
        .probs = xcalloc(rows * K, sizeof *x.probs),
    };
    const struct nucleus keep = { w->top_k, w->top_p };
    long before = w->nprime - 1;
    bool fine = true, scaled;

    x.keep = nucleus_needed(&keep, x.classes) ? &keep : NULL;
    for (int r = 0; r < w->rows; r++)
        rng_init(&x.rng[r], w->seed, RNG_SAMPLE, (uint32_t)r, 0);
    planes_probs(d);
    planes_states(d, PLANE_ONE, &d->one_room, w->rows);
    for (long i = -before; i < w->tokens && fine; i++) {
        for (int r = 0; r < w->rows && i <= 0; r++)
            b.tokens[r] = w->prime[i + before];
        one_step(d, w, &b, i + before, &x);
        for (int r = 0; r < w->rows && fine && i >= 0; r++) {
            fine = draw_row(&x, r, &b.tokens[r], &scaled);
            if (!fine)
                *fault = (struct drawing_fault){ r, i, scaled };
        }
        for (int r = 0; r < w->rows && i >= 0; r++)
            out[(size_t)r * (size_t)w->tokens + (size_t)i] = b.tokens[r];
    }
    free(b.tokens);
    free(b.scored);
    free(x.rng);
    free(x.logits);
    free(x.probs);
    return fine;
}

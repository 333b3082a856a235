/* draw.c - sequences drawn from a net, what it draws being its next input. */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/rng.h"
#include "cpu/device.h"
#include "graph/nucleus.h"

/* What is wrong with a row's outputs. */
enum { FINE, OUTPUTS, SCALED };

struct rows {
    const struct kernels *kernels;
    int classes;
    float temperature;
    const struct nucleus *keep;     /* NULL: all classes */
    struct rng *rng;        /* one a row */
    int32_t *token;         /* (rows): what was drawn */
    uint8_t *wrong;         /* (rows) */
    float *probs;           /* (rows, round16(classes)) and as many logits */
};

/* Do these logits make a distribution? */
static bool
can_draw(const struct rows *d, const float *logit)
{
    float largest = -INFINITY;

    for (int k = 0; k < d->classes && !isnan(largest); k++)
        if (!(logit[k] <= largest))
            largest = logit[k];
    return isfinite(largest);
}

static int
pick(const struct rows *d, struct rng *r, const float *p)
{
    double sum = 0, u;
    int last = 0;

    for (int k = 0; k < d->classes; k++)
        sum += (double)p[k];
    u = rng_double(r) * sum;
    for (int k = 0; k < d->classes; k++) {
        if (p[k] > 0)
            last = k;
        u -= (double)p[k];
        if (u < 0)
            break;
    }
    return last;
}

/* The next token of row b. */
static void
draw_row(struct rows *d, int b, const float *logit)
{
    int wide = (d->classes + LANES - 1) / LANES * LANES;
    float *probs = d->probs + (size_t)b * 2 * (size_t)wide;
    float *scaled = probs + wide;
    int32_t target = 0;
    double loss;
    uint8_t correct;

    d->wrong[b] = can_draw(d, logit) ? FINE : OUTPUTS;
    if (d->wrong[b])
        return;
    if (d->temperature <= 0) {
        for (int k = 1; k < d->classes; k++)
            if (logit[k] > logit[target])
                target = k;
        d->token[b] = target;
        return;
    }
    for (int k = 0; k < d->classes; k++)
        scaled[k] = logit[k] / d->temperature;
    d->wrong[b] = can_draw(d, scaled) ? FINE : SCALED;
    if (d->wrong[b])
        return;
    d->kernels->softmax(1, 1, d->classes, scaled, wide, &target, 1, &loss,
                        &correct, NULL, 0, probs, wide);
    if (d->keep)
        nucleus_cut(d->keep, d->classes, probs);
    d->token[b] = pick(d, &d->rng[b], probs);
}

/* A loss that draws each row's next token. */
static void
draw_places(void *ctx, int n, const int32_t *t, const int32_t *b,
            const float *out, ptrdiff_t out_stride, float *dout,
            ptrdiff_t dout_stride)
{
    (void)t;
    (void)dout;
    (void)dout_stride;
    for (int p = 0; p < n; p++)
        draw_row(ctx, b[p], out + p * out_stride);
}

static void
rows_init(struct rows *d, const struct device *dev, const struct drawing *w,
          const struct nucleus *keep)
{
    size_t rows = (size_t)w->rows;
    size_t wide = (size_t)(dev->net->output_size + LANES - 1) / LANES * LANES;

    *d = (struct rows){
        .kernels = dev->kernels, .classes = dev->net->output_size,
        .temperature = (float)w->temperature,
        .keep = nucleus_needed(keep, dev->net->output_size) ? keep : NULL,
        .rng = xcalloc(rows, sizeof *d->rng),
        .token = xcalloc(rows, sizeof *d->token),
        .wrong = xcalloc(rows, 1),
        .probs = xaligned(2 * rows * wide, sizeof *d->probs),
    };
    for (int r = 0; r < w->rows; r++) {
        rng_init(&d->rng[r], w->seed, RNG_SAMPLE, (uint32_t)r, 0);
        d->token[r] = w->prime[0];
    }
}

static void
rows_release(struct rows *d)
{
    free(d->rng);
    free(d->token);
    free(d->wrong);
    free(d->probs);
}

/* False: a row of this step is wrong; *fault says which. */
static bool
all_fine(const struct rows *d, int rows, long step, struct drawing_fault *fault)
{
    for (int r = 0; r < rows; r++)
        if (d->wrong[r]) {
            *fault = (struct drawing_fault){ r, step, d->wrong[r] == SCALED };
            return false;
        }
    return true;
}

/* Nothing is drawn at this step: the next input is already there. */
static void
follow(struct rows *d, int rows, int32_t next)
{
    for (int r = 0; r < rows; r++)
        d->token[r] = next;
}

bool
device_draw(struct device *d, const struct drawing *w, int32_t *out,
            struct drawing_fault *fault)
{
    struct runner *r = device_load(d, w->net, HOLD_WEIGHTS);
    const struct nucleus keep = { w->top_k, w->top_p };
    uint8_t *scored = xcalloc((size_t)w->rows, 1);
    struct states *s = &d->one_states;
    long before = w->nprime - 1;
    struct rows rows;
    bool fine = true;

    rows_init(&rows, d, w, &keep);
    states_reserve(s, w->rows, d->net->state_size, 1);
    for (long i = -before; i < w->tokens && fine; i++) {
        memset(scored, i >= 0, (size_t)w->rows);
        d->window = (struct window){
            .rows = w->rows, .steps = 1, .row_steps = 1,
            .tokens = rows.token, .scored = scored,
            .first_step = i + before < INT_MAX ? (int)(i + before) : INT_MAX,
            .fresh = i == -before, .state = s->now, .next = s->now,
        };
        runner_window(r, &d->window);
        runner_run(r, draw_places, &rows, NULL);
        if (i < 0) {
            follow(&rows, w->rows, w->prime[i + before + 1]);
            continue;
        }
        fine = all_fine(&rows, w->rows, i, fault);
        for (int b = 0; b < w->rows; b++)
            out[(size_t)b * (size_t)w->tokens + (size_t)i] = rows.token[b];
    }
    rows_release(&rows);
    free(scored);
    return fine;
}

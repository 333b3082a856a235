#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/rng.h"
#include "cpu/kernel.h"
#include "stream/agree.h"
#include "train/init.h"
#include "train/sample.h"

struct draw {
    const struct kernels *kernels;
    int classes;
    long step;              /* for messages */
    float temperature;
    struct rng *rng;        /* one a row */
    int32_t *token;         /* (rows): what was drawn */
    float *probs;           /* (rows, round16(classes)) and as many logits */
};

/* Dies if these logits make no distribution. */
static void
need_finite(const struct draw *d, const float *logit, int row,
            const char *what)
{
    float largest = -INFINITY;

    for (int k = 0; k < d->classes && !isnan(largest); k++)
        if (!(logit[k] <= largest))
            largest = logit[k];
    if (!isfinite(largest))
        die(RC_DATA, "%s at step %ld of sample %d are not finite: nothing "
            "to draw from", what, d->step + 1, row + 1);
}

static int
pick(const struct draw *d, struct rng *r, const float *p)
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

/* A loss that loses nothing: it draws each row's next token. */
static void
draw_places(void *ctx, int n, const int32_t *t, const int32_t *b,
            const float *out, ptrdiff_t out_stride, float *dout,
            ptrdiff_t dout_stride)
{
    struct draw *d = ctx;
    int wide = (d->classes + LANES - 1) / LANES * LANES;

    (void)t;
    (void)dout;
    (void)dout_stride;
    for (int p = 0; p < n; p++) {
        const float *logit = out + p * out_stride;
        float *probs = d->probs + (size_t)b[p] * 2 * (size_t)wide;
        float *scaled = probs + wide;
        int32_t target = 0;
        double loss;
        uint8_t correct;

        need_finite(d, logit, b[p], "the net's outputs");
        if (d->temperature <= 0) {
            for (int k = 1; k < d->classes; k++)
                if (logit[k] > logit[target])
                    target = k;
            d->token[b[p]] = target;
            continue;
        }
        for (int k = 0; k < d->classes; k++)
            scaled[k] = logit[k] / d->temperature;
        need_finite(d, scaled, b[p], "outputs divided by --temperature");
        d->kernels->softmax(1, d->classes, scaled, wide, &target, 1, &loss,
                            &correct, NULL, 0, probs, wide);
        d->token[b[p]] = pick(d, &d->rng[b[p]], probs);
    }
}

/* Has learning moved what a token of this class is multiplied by?  A class
 * that never came has no gradient and keeps its first values. */
static bool
was_seen(const struct model_file *m, const float *first, int k)
{
    const struct net *net = m->model->net;

    for (int i = 0; i < net->nparams && !net->params[i].layer; i++) {
        const struct net_param *p = &net->params[i];

        for (int r = 0; p->matrix && p->cols == net->input_size &&
                        r < p->rows; r++) {
            size_t at = p->offset + (size_t)r * (size_t)p->cols + (size_t)k;

            if (m->weights[at] != first[at])
                return true;
        }
    }
    return false;
}

int
sample_start(const struct model_file *m)
{
    const json_t *seed = json_object_get(m->config, "seed");
    uint64_t n = seed ? (uint64_t)json_integer_value(seed) : 1;
    char buf[4];
    float *w;
    int k = '\n';

    if (!agree_symbol(&m->info, 0, buf) ||
        json_object_get(m->info.about, "symbols"))
        return 0;
    w = xaligned(m->model->net->weights + 1, sizeof *w);
    init_weights(m->model->net, n, w);
    if (!was_seen(m, w, k) && was_seen(m, w, ' '))
        k = ' ';
    for (int i = 0; i < m->info.input_size && !was_seen(m, w, k); i++)
        if (was_seen(m, w, i))
            k = i;
    free(w);
    return k;
}

void
sample(const struct model_file *m, const struct backend *backend,
       struct runner *runner, const struct sample_options *o, int32_t *out)
{
    const struct stream_info *info = &m->info;
    size_t rows = (size_t)o->rows;
    size_t wide = (size_t)(info->target_size + LANES - 1) / LANES * LANES;
    float *state = xaligned(rows * m->model->net->state_size + 1,
                            sizeof *state);
    uint8_t *scored = xcalloc(rows, 1);
    struct draw d = {
        .kernels = kernels_pick(), .classes = info->target_size,
        .temperature = (float)o->temperature,
        .rng = xcalloc(rows, sizeof *d.rng),
        .token = xcalloc(rows, sizeof *d.token),
        .probs = xaligned(2 * rows * wide, sizeof *d.probs),
    };

    if (info->input != VALUE_TOKEN || info->target != VALUE_TOKEN ||
        info->input_size != info->target_size)
        die(RC_DATA, "this model does not predict its own input: nothing to "
            "sample");
    if (o->start >= info->input_size)
        die(RC_DATA, "token %d to start with: the model has 0..%d", o->start,
            info->input_size - 1);
    memset(scored, 1, rows);
    for (int r = 0; r < o->rows; r++) {
        rng_init(&d.rng[r], o->seed, RNG_SAMPLE, (uint32_t)r, 0);
        d.token[r] = o->start;
    }
    for (long i = d.step = 0; i < o->tokens; i++, d.step++) {
        struct window w = {
            .rows = o->rows, .steps = 1, .row_steps = 1, .tokens = d.token,
            .scored = scored, .first_step = i < INT_MAX ? (int)i : INT_MAX,
            .fresh = i == 0, .state = state,
        };

        backend->run(runner, &w, draw_places, &d, NULL);
        for (int r = 0; r < o->rows; r++)
            out[(size_t)r * (size_t)o->tokens + (size_t)i] = d.token[r];
    }
    free(state);
    free(scored);
    free(d.rng);
    free(d.token);
    free(d.probs);
}

/* Names hold bytes as characters U+0001..U+00FF, byte 0 as U+0100. */
static void
print_name(FILE *out, const char *name)
{
    const unsigned char *p = (const unsigned char *)name;

    for (; *p; p++) {
        if (*p < 0x80)
            putc(*p, out);
        else if (p[1])
            putc(((*p & 0x3f) << 6 | (p[1] & 0x3f)) & 0xff, out), p++;
    }
}

void
sample_print(FILE *out, const struct stream_info *info, const int32_t *row,
             long n, bool numbers)
{
    char buf[4];

    if (!numbers && agree_symbol(info, 0, buf)) {
        for (long i = 0; i < n; i++) {
            const char *s = agree_symbol(info, row[i], buf);

            print_name(out, *s ? s : "?");
        }
        putc('\n', out);
        return;
    }
    putc('[', out);
    for (long i = 0; i < n; i++)
        fprintf(out, "%s%d", i ? "," : "", row[i]);
    fputs("]\n", out);
}

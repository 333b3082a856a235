/* forward.c - batches run forward: losses, outputs, named vectors. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/stop.h"
#include "cuda/nets.h"

/* By place what stands by compact place: n bytes each. */
static void
spread(const struct device *d, void *to, const void *from, size_t n)
{
    const int32_t *row = d->ints.x + d->list + d->ints.x[NOW_PLACES];

    for (int p = 0; p < d->w.compact; p++) {
        size_t t = (size_t)(row[p] / d->w.B), b = (size_t)(row[p] % d->w.B);

        memcpy((char *)to + (b * (size_t)d->w.T + t) * n,
               (const char *)from + (size_t)p * n, n);
    }
}

static void *
plane_read(struct device *d, int net, int plane, size_t bytes)
{
    void *x = xcalloc(bytes + 1, 1);

    if (bytes)
        gpu_read(d->stream, x, plane_address(d, net, plane), bytes);
    gpu_wait(d->stream);
    return x;
}

static void
get_correct(struct device *d, const struct forward *f)
{
    size_t n = (size_t)d->w.compact;
    int32_t *x = plane_read(d, f->net, PLANE_RIGHT, n * sizeof *x);
    uint8_t *right = xcalloc(n + 1, 1);

    for (size_t i = 0; i < n; i++)
        right[i] = (uint8_t)x[i];
    spread(d, f->correct, right, 1);
    free(right);
    free(x);
}

/* Outputs of scored places. */
static void
get_outputs(struct device *d, const struct forward *f)
{
    const struct layer *top = &d->layers[d->nlayers - 1];
    size_t K = (size_t)d->net->output_size, rows = (size_t)d->w.compact;
    const int32_t *row = d->ints.x + d->list + d->ints.x[NOW_PLACES];
    bool by_place = d->stack == d->nlayers;
    float *x, *compact;
    size_t shift = top->output.rows == ROWS_NEXT ? (size_t)d->w.B : 0;

    if (by_place)
        rows = (size_t)d->w.B * (size_t)d->w.T + shift;
    x = plane_read(d, f->net, top->output.plane, rows * K * sizeof *x);
    compact = xcalloc((size_t)d->w.compact * K + 1, sizeof *compact);
    for (size_t p = 0; p < (size_t)d->w.compact; p++)
        memcpy(compact + p * K,
               x + (by_place ? (size_t)row[p] + shift : p) * K,
               K * sizeof *x);
    spread(d, f->outputs, compact, K * sizeof *x);
    free(compact);
    free(x);
}

static void
get_places(struct device *d, const struct forward *f)
{
    size_t n = (size_t)d->w.compact, K = (size_t)d->net->output_size;
    void *x;

    if (f->loss) {
        x = plane_read(d, f->net, PLANE_LOSSES, n * sizeof(double));
        spread(d, f->loss, x, sizeof(double));
        free(x);
    }
    if (f->correct && d->o.loss <= LOSS_CROSS_ENTROPY_SUM)
        get_correct(d, f);
    if (f->probs) {
        x = plane_read(d, f->net, PLANE_PROBS, n * K * sizeof(float));
        spread(d, f->probs, x, K * sizeof(float));
        free(x);
    }
    if (f->outputs)
        get_outputs(d, f);
}

/* Forward runs have their own weights' plane: kernels see the one that is
 * asked for as PLANE_WEIGHTS. */
static void
use_weights(struct device *d, int net, enum holding weights)
{
    if (weights == HOLD_BEST)
        planes_exchange(d, net, PLANE_WEIGHTS, PLANE_BEST);
}

static void
forward_launches(struct device *d, const struct launches_key *key)
{
    run_forward(d, PLANE_ONE, true);
    if (!key->w.places)
        return;
    run_loss(d, false, key->probs);
    run_tally(d);
}

bool
nets_forward(struct device *d, const struct forward *f,
               struct tally *sums)
{
    const struct batch *b = f->batch;
    struct window w = {
        .batch = b, .t1 = b->steps, .first_step = f->first_step,
        .fresh = f->fresh, .net = f->net,
    };
    bool probs = f->probs && d->o.loss <= LOSS_CROSS_ENTROPY_SUM;
    double out[OUTCOMES] = { 0 };
    struct launches_key key = { .kind = LAUNCHES_FORWARD, .probs = probs };

    if (probs)
        planes_probs(d);
    planes_states(d, PLANE_ONE, &d->one_room, b->rows);
    use_weights(d, f->net, f->weights);
    nets_send(d, b);
    nets_window(d, &w);
    key.w = d->w;
    graphs_run(d, &key, forward_launches);
    if (d->w.compact) {
        gpu_read(d->stream, out, plane_address(d, f->net, PLANE_OUTCOME),
                 sizeof out);
    }
    gpu_wait(d->stream);
    use_weights(d, f->net, f->weights);
    planes_swap(d, f->net, PLANE_ONE);
    if (d->batch && d->batch != b)
        nets_send(d, d->batch);
    if (stop_asked())
        return false;
    get_places(d, f);
    *sums = (struct tally){ out[OUT_LOSS], d->w.compact,
                            (int64_t)out[OUT_RIGHT] };
    return true;
}

/* ---- named vectors -------------------------------------------------------*/

/* Of one net: planes as they were read, by number; NULL: not yet. */
static const float *
seen(struct device *d, float **planes, const struct place *p)
{
    size_t rows = (size_t)d->w.B * (size_t)(d->w.T + 1);
    size_t most = (size_t)(d->cap_flat + d->cap_B);

    if (d->plane[p->plane].extent != EXTENT_STATES)
        rows = (size_t)d->w.B * (size_t)d->w.T;
    if (rows > most)
        rows = most;
    if (!planes[p->plane])
        planes[p->plane] = plane_read(d, 0, p->plane, rows *
                                      (size_t)p->size * sizeof(float));
    return planes[p->plane];
}

void
nets_observe(struct device *d, observe_fn *fn, void *ctx)
{
    float **planes = xcalloc((size_t)d->nplanes, sizeof *planes);

    for (int t = 0; t < d->w.T; t++)
        for (int b = 0; b < d->w.B; b++)
            for (int l = 0; l < d->stack; l++) {
                int k = run_case(d, l, t);
                const struct plan *p = d->plan->layers[l].plan[d->w.variant];
                const struct plan_case *c = &p->cases[k];
                const struct place *at =
                    d->layers[l].code[d->w.variant].cases[k].at;

                for (int i = 0; i < c->nnamed; i++) {
                    const struct place *x = &at[c->named[i].value];
                    size_t row = (size_t)(t * d->w.B + b);

                    row += x->rows == ROWS_NEXT ? (size_t)d->w.B : 0;
                    fn(ctx, t, b, d->net->layers[l].name, c->named[i].name,
                       seen(d, planes, x) + row * (size_t)x->size,
                       c->named[i].size);
                }
            }
    for (int i = 0; i < d->nplanes; i++)
        free(planes[i]);
    free(planes);
}

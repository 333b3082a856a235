/* loss.c - see loss.h. */
#include "cpu/loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "graph/sizes.h"

enum { CHUNK = 64 };

enum loss_kind
loss_kind(const char *name, enum value_kind target)
{
    static const char *const names[] = {
        "cross_entropy", "cross_entropy_sum", "mse_mean", "mse_sum",
    };
    int k = target == VALUE_TOKEN ? LOSS_CROSS_ENTROPY : LOSS_MSE_MEAN;

    for (int i = 0; i < 4; i++)
        if (!strcmp(name, names[i]))
            k = i;
    if ((k <= LOSS_CROSS_ENTROPY_SUM) != (target == VALUE_TOKEN))
        die(RC_DATA, "loss %s does not fit a target of %s", name,
            target == VALUE_TOKEN ? "classes" : "vectors");
    return (enum loss_kind)k;
}

void
loss_init(struct loss *l, enum loss_kind kind, int classes,
          const struct kernels *k)
{
    memset(l, 0, sizeof *l);
    l->kind = kind;
    l->classes = classes;
    l->kernels = k;
}

void
loss_release(struct loss *l)
{
    free(l->value);
    free(l->correct);
    free(l->probs);
}

static float
divisor(const struct loss *l)
{
    switch (l->kind) {
    case LOSS_CROSS_ENTROPY:
        return (float)l->scored;
    case LOSS_MSE_MEAN:
        return (float)((double)l->scored * l->classes);
    default:
        return 1;
    }
}

void
loss_begin(struct loss *l, const struct batch *b, int t0, int steps)
{
    size_t n = (size_t)b->rows * (size_t)steps;

    l->batch = b;
    l->t0 = t0;
    l->steps = steps;
    l->rows = b->rows;
    l->scored = 0;
    for (int r = 0; r < b->rows; r++) {
        const uint8_t *s = b->scored + (size_t)r * (size_t)b->steps + t0;

        for (int t = 0; t < steps; t++)
            l->scored += s[t];
    }
    if (n > l->room) {
        free(l->value);
        free(l->correct);
        l->value = xcalloc(n, sizeof *l->value);
        l->correct = xcalloc(n, 1);
        l->room = n;
    }
    if (l->want_probs && n * (size_t)l->classes > l->probs_room) {
        free(l->probs);
        l->probs_room = n * (size_t)l->classes;
        l->probs = xcalloc(l->probs_room, sizeof *l->probs);
    }
    l->divisor = divisor(l);
}

/* Up to CHUNK places of cross-entropy, by the kernel. */
static void
entropy_chunk(struct loss *l, int n, const int32_t *t, const int32_t *b,
              const float *out, ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    int32_t target[CHUNK];
    double loss[CHUNK];
    uint8_t correct[CHUNK];

    for (int p = 0; p < n; p++)
        target[p] = l->batch->classes[(size_t)b[p] * (size_t)l->batch->steps +
                                      (size_t)(l->t0 + t[p])];
    l->kernels->softmax(n, l->classes, out, os, target, l->divisor, loss,
                        correct, dout, ds, NULL, 0);
    for (int p = 0; p < n; p++) {
        size_t at = (size_t)b[p] * (size_t)l->steps + (size_t)t[p];

        l->value[at] = loss[p];
        l->correct[at] = correct[p];
    }
}

/* Probabilities too: one place a call, as rows are packed without pads. */
static void
keep_probs(struct loss *l, int n, const int32_t *t, const int32_t *b,
           const float *out, ptrdiff_t os)
{
    const int lanes = (l->classes + LANES - 1) / LANES * LANES;
    float *row = xaligned((size_t)lanes, sizeof *row);
    int32_t target = 0;
    double loss;
    uint8_t correct;

    for (int p = 0; p < n; p++) {
        size_t at = (size_t)b[p] * (size_t)l->steps + (size_t)t[p];

        l->kernels->softmax(1, l->classes, out + p * os, os, &target, 1,
                            &loss, &correct, NULL, 0, row, lanes);
        memcpy(l->probs + at * (size_t)l->classes, row,
               (size_t)l->classes * sizeof *row);
    }
    free(row);
}

/* Squared error of one place: differences in float, their squares (exact in
 * double) summed in double, k ascending. */
static void
square_place(struct loss *l, int t, int b, const float *out, float *dout)
{
    size_t at = (size_t)b * (size_t)l->batch->steps + (size_t)(l->t0 + t);
    const float *y = l->batch->values + at * (size_t)l->classes;
    double s = 0;

    for (int k = 0; k < l->classes; k++) {
        float d = out[k] - y[k];

        s += (double)d * (double)d;
        if (dout)
            dout[k] = (d + d) / l->divisor;
    }
    at = (size_t)b * (size_t)l->steps + (size_t)t;
    l->value[at] = l->kind == LOSS_MSE_MEAN ? s / l->classes : s;
}

void
loss_place(void *ctx, int n, const int32_t *t, const int32_t *b,
           const float *out, ptrdiff_t out_stride, float *dout,
           ptrdiff_t dout_stride)
{
    struct loss *l = ctx;
    bool entropy = l->kind <= LOSS_CROSS_ENTROPY_SUM;

    if (!entropy) {
        for (int p = 0; p < n; p++)
            square_place(l, t[p], b[p], out + p * out_stride,
                         dout ? dout + p * dout_stride : NULL);
        return;
    }
    if (l->want_probs)
        keep_probs(l, n, t, b, out, out_stride);
    for (int p = 0; p < n; p += CHUNK)
        entropy_chunk(l, n - p < CHUNK ? n - p : CHUNK, t + p, b + p,
                      out + p * out_stride, out_stride,
                      dout ? dout + p * dout_stride : NULL, dout_stride);
}

void
loss_tally(const struct loss *l, struct tally *tally)
{
    const struct batch *b = l->batch;
    double sum = 0;

    for (int r0 = 0; r0 < l->rows; r0 += MICROBATCH) {
        int r1 = r0 + MICROBATCH < l->rows ? r0 + MICROBATCH : l->rows;

        for (int t = 0; t < l->steps; t++) {
            for (int r = r0; r < r1; r++) {
                size_t at = (size_t)r * (size_t)l->steps + (size_t)t;

                if (!b->scored[(size_t)r * (size_t)b->steps +
                               (size_t)(l->t0 + t)])
                    continue;
                sum += l->value[at];
                tally->correct += l->correct[at];
            }
        }
    }
    tally->loss += sum;
    tally->places += l->scored;
}

double
tally_loss(const struct tally *t)
{
    return t->places ? t->loss / (double)t->places : NAN;
}

double
tally_accuracy(const struct tally *t)
{
    return t->places ? (double)t->correct / (double)t->places : NAN;
}

static void
positions_grow(struct positions *p, int n)
{
    if (n > p->room) {
        int room = n > 2 * p->room ? n : 2 * p->room;

        p->seen = xrealloc(p->seen, (size_t)room, sizeof *p->seen);
        p->right = xrealloc(p->right, (size_t)room, sizeof *p->right);
        p->room = room;
    }
    for (; p->n < n; p->n++)
        p->seen[p->n] = p->right[p->n] = 0;
}

void
positions_add(struct positions *p, const struct loss *l)
{
    const struct batch *b = l->batch;

    for (int r = 0; r < l->rows; r++) {
        const uint8_t *s = b->scored + (size_t)r * (size_t)b->steps + l->t0;
        int k = 0, right = 0;

        for (int t = 0; t < l->steps; t++) {
            size_t at = (size_t)r * (size_t)l->steps + (size_t)t;

            if (!s[t])
                continue;
            if (k >= p->n)
                positions_grow(p, k + 1);
            p->seen[k]++;
            p->right[k] += l->correct[at];
            right += l->correct[at];
            k++;
        }
        p->rows += k > 0;
        p->rows_right += k > 0 && right == k;
    }
}

void
positions_release(struct positions *p)
{
    free(p->seen);
    free(p->right);
}

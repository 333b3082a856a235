/* loss.c - losses of places, by kernels, and their sums. */
#include "cpu/loss.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "cpu/partials.h"

enum { CHUNK = 256 };

void
loss_init(struct loss *l, enum loss_kind kind, int classes, int lanes,
          const struct kernels *k)
{
    memset(l, 0, sizeof *l);
    l->kind = kind;
    l->classes = classes;
    l->lanes = lanes;
    l->kernels = k;
}

void
loss_release(struct loss *l)
{
    free(l->own_value);
    free(l->own_correct);
}

void
loss_begin(struct loss *l, const struct batch *b, int t0,
           const struct mask *m)
{
    size_t n = (size_t)m->rows * (size_t)m->steps * (size_t)l->lanes;

    l->batch = b;
    l->t0 = t0;
    l->steps = m->steps;
    l->mask = m;
    if (n > l->room) {
        free(l->own_value);
        free(l->own_correct);
        l->own_value = xaligned(n, sizeof *l->own_value);
        l->own_correct = memset(xaligned(n, 1), 0, n);
        l->room = n;
    }
    l->value = l->own_value;
    l->correct = l->own_correct;
    l->probs = l->outputs = NULL;
    l->divisor = loss_divisor(l->kind, m->n, l->classes);
}

/* Where step t of row b stands among the window's places, and the batch's. */
static size_t
place(const struct loss *l, int t, int b)
{
    return (size_t)b * (size_t)l->steps + (size_t)t;
}

static size_t
in_batch(const struct loss *l, int t, int b)
{
    return (size_t)b * (size_t)l->batch->steps + (size_t)(l->t0 + t);
}

/* Up to CHUNK places of cross-entropy, or CHUNK / LANES of a fleet, by the
 * kernel. */
static void
entropy_chunk(struct loss *l, int n, const int32_t *t, const int32_t *b,
              const float *out, ptrdiff_t os, float *dout, ptrdiff_t ds)
{
    const size_t lanes = (size_t)l->lanes;
    int32_t target[CHUNK];
    double loss[CHUNK];
    uint8_t correct[CHUNK];

    target[0] = 0;
    for (int p = 0; p < n; p++)
        target[p] = l->batch->classes[in_batch(l, t[p], b[p])];
    l->kernels->softmax(l->lanes, n, l->classes, out, os, target, l->divisor,
                        loss, correct, dout, ds, NULL, 0);
    for (int p = 0; p < n; p++) {
        size_t at = place(l, t[p], b[p]) * lanes, from = (size_t)p * lanes;

        for (size_t i = 0; i < lanes; i++) {
            l->value[at + i] = loss[from + i];
            l->correct[at + i] = correct[from + i];
        }
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
        l->kernels->softmax(1, 1, l->classes, out + p * os, os, &target, 1,
                            &loss, &correct, NULL, 0, row, lanes);
        memcpy(l->probs + place(l, t[p], b[p]) * (size_t)l->classes, row,
               (size_t)l->classes * sizeof *row);
    }
    free(row);
}

/* Squared error of one place, a net a lane: differences in float, their
 * squares (exact in double) in partial sums by k mod 16. */
static void
square_place(struct loss *l, int t, int b, const float *out, float *dout)
{
    const float *y = l->batch->values +
                     in_batch(l, t, b) * (size_t)l->classes;
    size_t at = place(l, t, b) * (size_t)l->lanes;

    for (int i = 0; i < l->lanes; i++) {
        double part[PARTIALS] = { 0 }, sum = 0;

        for (int k = 0; k < l->classes; k++) {
            float d = out[k * l->lanes + i] - y[k];

            part[k % PARTIALS] += (double)d * (double)d;
            if (dout)
                dout[k * l->lanes + i] = trim((d + d) / l->divisor);
        }
        partials_end(part, 1, &sum);
        l->value[at + (size_t)i] = l->kind == LOSS_MSE_MEAN
                                       ? sum / l->classes : sum;
    }
}

void
loss_place(void *ctx, int n, const int32_t *t, const int32_t *b,
           const float *out, ptrdiff_t out_stride, float *dout,
           ptrdiff_t dout_stride)
{
    struct loss *l = ctx;
    int most = CHUNK / l->lanes;

    for (int p = 0; l->outputs && p < n; p++)
        memcpy(l->outputs + place(l, t[p], b[p]) * (size_t)l->classes,
               out + p * out_stride, (size_t)l->classes * sizeof *out);
    if (l->kind > LOSS_CROSS_ENTROPY_SUM) {
        for (int p = 0; p < n; p++)
            square_place(l, t[p], b[p], out + p * out_stride,
                         dout ? dout + p * dout_stride : NULL);
        return;
    }
    if (l->probs)
        keep_probs(l, n, t, b, out, out_stride);
    for (int p = 0; p < n; p += most)
        entropy_chunk(l, n - p < most ? n - p : most, t + p, b + p,
                      out + p * out_stride, out_stride,
                      dout ? dout + p * dout_stride : NULL, dout_stride);
}

/* The places of the microbatch that begins at row r0, added up by their number
 * among its pairs, t * rows + row: segment by segment, of each PARTIALS sums.
 * A segment without a place would add +0. */
static inline void
sum_microbatch(const struct loss *l, const int lanes, int r0, double *sum,
               int64_t *correct)
{
    const struct mask *m = l->mask;
    int rows = m->rows - r0 < MICROBATCH ? m->rows - r0 : MICROBATCH;
    double part[PARTIALS * LANES];
    size_t end = SEGMENT;

    partials_clear(part, lanes);
    for (int t = 0; t < m->steps; t++) {
        uint32_t k1 = mask_at(m, r0 / MICROBATCH, t + 1);

        for (uint32_t k = mask_at(m, r0 / MICROBATCH, t); k < k1; k++) {
            size_t at = place(l, t, r0 + m->row[k]) * (size_t)lanes;
            size_t n = (size_t)t * (size_t)rows + m->row[k];
            double *p = part + n % PARTIALS * (size_t)lanes;

            if (n >= end) {
                partials_end(part, lanes, sum);
                end = n / SEGMENT * SEGMENT + SEGMENT;
            }
            for (int i = 0; i < lanes; i++) {
                p[i] += l->value[at + (size_t)i];
                correct[i] += l->correct[at + (size_t)i];
            }
        }
    }
    partials_end(part, lanes, sum);
}

/* What all places of up to 16 nets come to. */
static inline void
sum_places(const struct loss *l, const int lanes, double *sum,
           int64_t *correct)
{
    for (int r0 = 0; r0 < l->mask->rows; r0 += MICROBATCH) {
        double one[LANES] = { 0 };

        sum_microbatch(l, lanes, r0, one, correct);
        for (int i = 0; i < lanes; i++)
            sum[i] += one[i];
    }
}

void
loss_sums(const struct loss *l, struct tally *t)
{
    double sum[LANES] = { 0 };
    int64_t correct[LANES] = { 0 };

    if (l->lanes == 1)          /* for the compiler: a loop of one */
        sum_places(l, 1, sum, correct);
    else
        sum_places(l, LANES, sum, correct);
    for (int i = 0; i < l->lanes; i++)
        t[i] = (struct tally){ sum[i], l->mask->n, correct[i] };
}

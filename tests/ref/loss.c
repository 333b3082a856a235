/* loss.c - see loss.h. */
#include "loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

static double
cross_entropy(int target, int size, const double *out, double divide,
              double *dout)
{
    double max = out[0], sum = 0;

    for (int i = 1; i < size; i++)
        max = out[i] > max ? out[i] : max;
    for (int i = 0; i < size; i++)
        sum += exp(out[i] - max);
    for (int i = 0; dout && i < size; i++)
        dout[i] = (exp(out[i] - max) / sum - (i == target)) / divide;
    return log(sum) - (out[target] - max);
}

double
place_loss(const struct target *y, int t, int b, int size, const double *out,
           double *dout)
{
    size_t place = (size_t)b * (size_t)y->row_steps + (size_t)t;
    double sum = 0;

    if (y->kind == LOSS_XENT)
        return cross_entropy(y->token[place], size, out, y->divide, dout);
    for (int i = 0; i < size; i++) {
        double e = out[i] - (double)y->vector[place * (size_t)size + (size_t)i];

        sum += e * e;
        if (dout)
            dout[i] = 2 * e / y->divide;
    }
    return sum;
}

void
loss_float(void *ctx, int n, const int32_t *t, const int32_t *b,
           const float *out, ptrdiff_t out_stride, float *dout,
           ptrdiff_t dout_stride)
{
    struct loss_seen *s = ctx;
    size_t size = (size_t)s->size;
    double *o = xcalloc(2 * size, sizeof *o), *d = o + size;

    if ((uintptr_t)out % 64 || out_stride % 16 || (uintptr_t)dout % 64)
        s->bad = true;
    for (int p = 0; p < n; p++) {
        size_t place = (size_t)b[p] * (size_t)s->steps + (size_t)t[p];

        for (size_t i = 0; i < size; i++)
            o[i] = (double)out[p * out_stride + (ptrdiff_t)i];
        memcpy(s->out + place * size, out + p * out_stride,
               size * sizeof *out);
        s->loss[place] = place_loss(s->y, t[p], b[p], s->size, o,
                                    dout ? d : NULL);
        s->calls[place]++;
        if (p && (t[p] < t[p - 1] || (t[p] == t[p - 1] && b[p] <= b[p - 1])))
            s->bad = true;
        for (size_t i = 0; dout && i < size; i++)
            dout[p * dout_stride + (ptrdiff_t)i] = (float)d[i];
    }
    free(o);
}

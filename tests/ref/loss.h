/*
 * loss.h - losses for tests, in double: cross-entropy or squared error at the
 * scored places of a window, for the evaluators and, as a loss_fn, for the
 * engine.
 */
#ifndef REF_LOSS_H
#define REF_LOSS_H

#include "cpu/engine.h"

enum test_loss { LOSS_XENT, LOSS_MSE };

struct target {
    enum test_loss kind;
    int row_steps;             /* steps a row of the arrays below */
    const int32_t *token;      /* (B,T): classes, LOSS_XENT */
    const float *vector;       /* (B,T,O): LOSS_MSE */
    double divide;             /* the mean divides by this; 1: the sum */
};

/* One place's loss before the division; dout (may be NULL) is its derivative
 * after it. */
double place_loss(const struct target *y, int t, int b, int size,
                  const double *out, double *dout);

/* What loss_float is called with: it keeps all it sees by place. */
struct loss_seen {
    const struct target *y;
    int rows, steps, size;
    float *out;                /* (B,T,O), owned by the caller */
    double *loss;              /* (B,T), 0 where nothing is scored */
    int *calls;                /* (B,T): how often the place was seen */
    bool bad;                  /* places out of order, or not aligned */
};

/* A loss_fn; ctx is a struct loss_seen. */
void loss_float(void *ctx, int n, const int32_t *t, const int32_t *b,
                const float *out, ptrdiff_t out_stride, float *dout,
                ptrdiff_t dout_stride);

#endif

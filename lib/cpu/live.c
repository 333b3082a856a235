/*
 * live.c - the weights whose gradient may differ from +0: all, but for the
 * columns of a large table by token whose token did not come.
 */
#include <stdlib.h>

#include "base/die.h"
#include "cpu/engine.h"
#include "cpu/run.h"

enum {
    LARGE = 1 << 16,                /* weights of a table */
    FEW = 8,                        /* of so many of its columns one came, at
                                       most */
};

static void
add(struct live *v, size_t at, size_t n, double rate)
{
    struct stretch *last = v->n ? &v->stretch[v->n - 1] : NULL;

    if (!n)
        return;
    if (last && last->at + last->n == at && last->rate == rate) {
        last->n += n;
        return;
    }
    if (v->n == v->cap) {
        v->cap = v->cap ? 2 * v->cap : 64;
        v->stretch = xrealloc(v->stretch, (size_t)v->cap,
                              sizeof *v->stretch);
    }
    v->stretch[v->n++] = (struct stretch){ at, n, rate };
}

/* The parameter's columns that are +0 but for those of few tokens, or NULL. */
static const struct sum *
table_of(const struct runner *r, int param)
{
    for (int i = 0; i < r->plan->naccumulators; i++) {
        const struct sum *u = &r->sums[i];

        if (u->a->param == param && tokens_alone(u) && u->in &&
            (size_t)u->rows * (size_t)u->a->k >= LARGE &&
            u->written.n <= u->a->k / FEW)
            return u;
    }
    return NULL;
}

static int
ascending(const void *a, const void *b)
{
    const int32_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void
add_table(struct live *v, const struct net_param *p, const struct sum *u)
{
    size_t cols = (size_t)p->cols, col0 = (size_t)u->a->col0;
    size_t end = col0 + (size_t)u->a->k;

    qsort(u->written.list, (size_t)u->written.n, sizeof *u->written.list,
          ascending);
    for (size_t row = 0; row < (size_t)p->rows; row++) {
        size_t at = p->offset + row * cols;

        add(v, at, col0, p->rate);
        for (int i = 0; i < u->written.n; i++)
            add(v, at + col0 + (size_t)u->written.list[i], 1, p->rate);
        add(v, at + end, cols - end, p->rate);
    }
}

const struct stretch *
runner_live(struct runner *r, int *n)
{
    bool all = true;

    r->live.n = 0;
    for (int i = 0; i < r->net->nparams; i++) {
        const struct net_param *p = &r->net->params[i];
        const struct sum *u = table_of(r, i);

        if (u)
            add_table(&r->live, p, u);
        else
            add(&r->live, p->offset, (size_t)p->rows * (size_t)p->cols,
                p->rate);
        all &= !u;
    }
    *n = r->live.n;
    return all ? NULL : r->live.stretch;
}

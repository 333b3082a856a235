/*
 * live.c - the weights whose gradient may differ from +0: all, but for the
 * columns of a large table by token whose token did not come.
 */
#include "cpu/live.h"

#include <stdlib.h>

#include "base/die.h"
#include "cpu/run.h"

enum {
    FEW = 8,                        /* of so many of its columns one came, at
                                       most */
};

void
stretches_add(struct stretches *s, size_t at, size_t n, double rate)
{
    struct stretch *last = s->n ? &s->x[s->n - 1] : NULL;

    if (!n)
        return;
    if (last && last->at + last->n == at && last->rate == rate) {
        last->n += n;
        return;
    }
    if (s->n == s->cap) {
        s->cap = s->cap ? 2 * s->cap : 64;
        s->x = xrealloc(s->x, (size_t)s->cap, sizeof *s->x);
    }
    s->x[s->n++] = (struct stretch){ at, n, rate };
}

static void
add_whole(struct stretches *s, const struct net_param *p)
{
    stretches_add(s, p->offset, (size_t)p->rows * (size_t)p->cols, p->rate);
}

void
stretches_all(struct stretches *s, const struct net *net)
{
    for (int i = 0; i < net->nparams; i++)
        add_whole(s, &net->params[i]);
}

void
stretches_release(struct stretches *s)
{
    free(s->x);
}

/* The parameter's columns that are +0 but for those of few tokens, or NULL. */
static const struct sum *
table_of(const struct runner *r, int param)
{
    for (int i = 0; i < r->plan->naccumulators; i++) {
        const struct sum *u = &r->sums[i];

        if (u->a->param == param && tokens_alone(u) && u->in &&
            u->rows == r->net->params[param].rows &&
            (size_t)u->rows * (size_t)u->a->k >= LARGE_TABLE &&
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
add_table(struct stretches *s, const struct net_param *p, const struct sum *u)
{
    size_t cols = (size_t)p->cols, col0 = (size_t)u->a->col0;
    size_t end = col0 + (size_t)u->a->k;

    qsort(u->written.list, (size_t)u->written.n, sizeof *u->written.list,
          ascending);
    for (size_t row = 0; row < (size_t)p->rows; row++) {
        size_t at = p->offset + row * cols;

        stretches_add(s, at, col0, p->rate);
        for (int i = 0; i < u->written.n; i++)
            stretches_add(s, at + col0 + (size_t)u->written.list[i], 1,
                          p->rate);
        stretches_add(s, at + end, cols - end, p->rate);
    }
}

const struct stretches *
runner_live(struct runner *r)
{
    bool all = true;

    r->live.n = 0;
    for (int i = 0; i < r->net->nparams; i++) {
        const struct sum *u = table_of(r, i);

        if (u)
            add_table(&r->live, &r->net->params[i], u);
        else
            add_whole(&r->live, &r->net->params[i]);
        all &= !u;
    }
    return all ? NULL : &r->live;
}

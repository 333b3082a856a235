/* theory.c - levels, order and times from a template. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "group/eigen.h"
#include "group/theory.h"

/* Irreps of `from` in descending order of value. */
static void
sort_modes(const int *from, int n, const double *value, int *to)
{
    bool *taken = xcalloc((size_t)n + 1, sizeof *taken);

    for (int j = 0; j < n; j++) {
        int best = -1;

        for (int i = 0; i < n; i++)
            if (!taken[i] && (best < 0 || value[from[i]]
                              > value[from[best]] * (1 + 1e-9)))
                best = i;
        taken[best] = true;
        to[j] = from[best];
    }
    free(taken);
}

static double *
steps_down(const struct theory *t, const int *order, int n)
{
    double *level = xcalloc((size_t)t->modes + 1, sizeof *level), sum = 0;

    for (int j = t->modes - 1; j >= 0; j--) {
        sum += t->power[order[j]];
        level[j] = sum / n;
    }
    return level;
}

static void
measure(struct theory *t, const struct irreps *r, const double *x, int k)
{
    double *all = xcalloc(fourier_size(r), sizeof *all), *hat = all;

    fourier(r, x, hat);
    fourier_power(r, x, t->power);
    for (int i = 0; i < r->count; i++) {
        int d = r->at[i].d;

        t->norm[i] = operator_norm(hat, d);
        t->score[i] = t->norm[i] > 0 ? d_pow(t->norm[i], k + 1)
            / d_pow(sqrt(d), k - 1) : 0;
        hat += d * d;
    }
    free(all);
}

void
theory_make(struct theory *t, const struct irreps *r, const double *x, int k)
{
    size_t count = (size_t)r->count;
    int *some = xcalloc(count, sizeof *some);
    double all = 0;

    memset(t, 0, sizeof *t);
    t->count = r->count;
    t->power = xcalloc(count, sizeof *t->power);
    t->norm = xcalloc(count, sizeof *t->norm);
    t->score = xcalloc(count, sizeof *t->score);
    t->order = xcalloc(count, sizeof *t->order);
    t->by_power = xcalloc(count, sizeof *t->by_power);
    measure(t, r, x, k);
    for (size_t i = 0; i < count; i++)
        all += t->power[i];
    for (int i = 0; i < r->count; i++)
        if (t->power[i] > 1e-18 * all)
            some[t->modes++] = i;
        else                                /* what rounding leaves */
            t->power[i] = t->norm[i] = t->score[i] = 0;
    sort_modes(some, t->modes, t->score, t->order);
    sort_modes(some, t->modes, t->power, t->by_power);
    t->plateau = steps_down(t, t->order, r->group->n);
    t->level = steps_down(t, t->by_power, r->group->n);
    free(some);
}

void
theory_free(struct theory *t)
{
    free(t->power);
    free(t->norm);
    free(t->score);
    free(t->order);
    free(t->by_power);
    free(t->plateau);
    free(t->level);
    memset(t, 0, sizeof *t);
}

static double
utility(int p, double power)
{
    double half = p * power / 2;

    return sqrt(2.0 * p / 27) * half * sqrt(half) / ((double)p * p);
}

double
theory_updates(int p, double power, double init, double lr, double momentum)
{
    double theta = sqrt(2) * init;

    return (1 / theta - 1) / (3 * utility(p, power))
        * (p * (1 - momentum)) / (2 * lr);
}

double
theory_updates_scaled(int p, double power, double init, double lr)
{
    return -d_log(sqrt(2) * init) / (3 * utility(p, power)) * p / (2 * lr);
}

double
theory_width(int n, int k, int m)
{
    return m * d_pow(2, k - 1) * n;
}

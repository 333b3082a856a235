/* derived.c - see derived.h. */
#include "graph/derived.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "graph/square.h"

/* ---- one matrix ----------------------------------------------------------*/

/* A learned matrix, or a gradient, in the floats of one net. */
struct place {
    int n, lanes;
    float *p;
};

static void
read(const struct place *from, struct square *to)
{
    for (int i = 0; i < to->n; i++)
        for (int j = 0; j < to->n; j++)
            square_row(to, i)[j] = (double)from->p[((size_t)i * (size_t)to->n +
                                            (size_t)j) * (size_t)from->lanes];
}

static void
write(const struct square *from, const struct place *to)
{
    for (int i = 0; i < from->n; i++)
        for (int j = 0; j < from->n; j++)
            to->p[((size_t)i * (size_t)from->n + (size_t)j) *
                  (size_t)to->lanes] = (float)square_row(from, i)[j];
}

/* a becomes (a - a^T) / 2. */
static void
skew(struct square *a)
{
    for (int i = 0; i < a->n; i++)
        for (int j = 0; j <= i; j++) {
            double x = square_row(a, i)[j], y = square_row(a, j)[i];

            square_row(a, i)[j] = (x - y) / 2;
            square_row(a, j)[i] = (y - x) / 2;
        }
}

/* m = I + sign * s */
static void
identity_and(struct square *m, const struct square *s, double sign)
{
    for (int i = 0; i < m->n; i++)
        for (int j = 0; j < m->n; j++)
            square_row(m, i)[j] = (i == j) + sign * square_row(s, i)[j];
}

static void
cayley(const struct square *s, struct square *u)
{
    struct square m = square_new(s->n);

    identity_and(&m, s, 1);
    identity_and(u, s, -1);
    square_solve(&m, u);
    free(m.x);
}

/* g, by U, becomes that by S: with T = (I - S)^-1 G, -(T U^T + T). */
static void
cayley_gradient(const struct square *s, struct square *g)
{
    struct square u = square_new(s->n), m = square_new(s->n);

    cayley(s, &u);
    identity_and(&m, s, -1);
    square_solve(&m, g);
    square_transpose(&m, &u);
    square_multiply(&u, g, &m);
    for (int i = 0; i < g->n; i++)
        for (int j = 0; j < g->n; j++)
            square_row(g, i)[j] = -(square_row(&u, i)[j] + square_row(g, i)[j]);
    free(u.x);
    free(m.x);
}

/* ---- reflections ---------------------------------------------------------*/

/* w = v^T u, column by column, sums over rows ascending. */
static void
times(const double *v, const struct square *u, double *w)
{
    memset(w, 0, (size_t)u->ld * sizeof *w);
    for (int i = 0; i < u->n; i++)
        square_add_row(u->ld, w, square_row(u, i), v[i]);
}

/* 2 / v^T v; 0 of no vector at all. */
static double
factor(const double *v, int n)
{
    double vv = 0;

    for (int i = 0; i < n; i++)
        vv = vv + v[i] * v[i];
    return vv > 0 ? 2 / vv : 0;
}

/* u becomes H u; w is v^T u as it was. */
static void
reflect(const double *v, double f, struct square *u, double *w)
{
    times(v, u, w);
    for (int i = 0; i < u->n; i++)
        square_take_off(u->ld, square_row(u, i), w, f * v[i]);
}

static void
householder(const struct square *v, struct square *u)
{
    struct square t = square_new(v->n);
    double *w = xcalloc((size_t)v->ld, sizeof *w);

    square_transpose(&t, v);
    for (int i = 0; i < u->n; i++)
        for (int j = 0; j < u->n; j++)
            square_row(u, i)[j] = i == j;
    for (int k = v->n - 1; k >= 0; k--)
        reflect(square_row(&t, k), factor(square_row(&t, k), v->n), u, w);
    free(w);
    free(t.x);
}

static double
dot(const double *a, const double *b, int n)
{
    double s = 0;

    for (int i = 0; i < n; i++)
        s = s + a[i] * b[i];
    return s;
}

/* From the first reflection on: y is what it was applied to, g the gradient of
 * what came of it, and both go on to the next.  By v: -f (G w + Y h) +
 * f^2 (h w) v, where w = Y^T v and h = G^T v. */
static void
householder_gradient(const struct square *v, struct square *g)
{
    struct square t = square_new(v->n), y = square_new(v->n);
    double *w = xcalloc(2 * (size_t)v->ld, sizeof *w), *h = w + v->ld;
    int n = v->n;

    square_transpose(&t, v);
    householder(v, &y);
    for (int k = 0; k < n; k++) {
        double *x = square_row(&t, k), f = factor(x, n), hw;

        reflect(x, f, &y, h);           /* its own inverse */
        times(x, &y, w);
        times(x, g, h);
        hw = dot(h, w, n);
        for (int i = 0; i < n; i++) {
            double a = dot(square_row(g, i), w, n);
            double b = dot(square_row(&y, i), h, n);

            square_row(&t, k)[i] = f * f * hw * x[i] - f * (a + b);
        }
        for (int i = 0; i < n; i++)      /* x is gone: it is column k of v */
            square_take_off(g->ld, square_row(g, i), h,
                            f * square_row(v, i)[k]);
    }
    square_transpose(g, &t);
    free(w);
    free(t.x);
    free(y.x);
}

/* ---- all of a net --------------------------------------------------------*/

static enum derive
derive_of(const struct net *n, int i)
{
    const struct net_param *p = &n->params[i];

    return n->layers[p->layer].eq->params[p->index].derive;
}

bool
derived_any(const struct net *n)
{
    for (int i = 0; i < n->nparams; i++)
        if (derive_of(n, i))
            return true;
    return false;
}

static void
make_one(enum derive how, const struct place *from, const struct place *to)
{
    struct square a = square_new(from->n), u = square_new(from->n);

    read(from, &a);
    if (how == DERIVE_HOUSEHOLDER) {
        householder(&a, &u);
    } else {
        skew(&a);
        if (how == DERIVE_CAYLEY)
            cayley(&a, &u);
        else
            square_exp(&a, &u);
    }
    write(&u, to);
    free(a.x);
    free(u.x);
}

static void
gradient_of_one(enum derive how, const struct place *from,
                const struct place *grad)
{
    struct square a = square_new(from->n), g = square_new(from->n);

    read(from, &a);
    read(grad, &g);
    if (how == DERIVE_HOUSEHOLDER) {
        householder_gradient(&a, &g);
    } else {
        skew(&a);
        if (how == DERIVE_CAYLEY)
            cayley_gradient(&a, &g);
        else
            square_exp_gradient(&a, &g);
        skew(&g);
    }
    write(&g, grad);
    free(a.x);
    free(g.x);
}

void
derived_make(const struct net *n, int lanes, const float *weights,
             float *made)
{
    memcpy(made, weights, n->weights * (size_t)lanes * sizeof *made);
    for (int i = 0; i < n->nparams; i++) {
        const struct net_param *p = &n->params[i];

        for (int l = 0; derive_of(n, i) && l < lanes; l++) {
            size_t at = p->offset * (size_t)lanes + (size_t)l;

            make_one(derive_of(n, i), &(struct place){ p->rows, lanes,
                         (float *)weights + at },
                     &(struct place){ p->rows, lanes, made + at });
        }
    }
}

void
derived_gradient(const struct net *n, int lanes, const float *weights,
                 float *grad)
{
    for (int i = 0; i < n->nparams; i++) {
        const struct net_param *p = &n->params[i];

        for (int l = 0; derive_of(n, i) && l < lanes; l++) {
            size_t at = p->offset * (size_t)lanes + (size_t)l;

            gradient_of_one(derive_of(n, i), &(struct place){ p->rows, lanes,
                                (float *)weights + at },
                            &(struct place){ p->rows, lanes, grad + at });
        }
    }
}

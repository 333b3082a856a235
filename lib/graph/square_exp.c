/* square_exp.c - the exponential of a skew-symmetric matrix, and its adjoint.
 */
#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "graph/square.h"

/* e^X = B0 + X4 (B1 + X4 B2) to the 12th power, X = S / 2^halved, and the
 * squares after it. */
enum { POWERS = 5, MOST_HALVED = 60 };

struct series {
    int halved;
    struct square x[POWERS];          /* [k]: X^k, from 1 */
    struct square b[3], inner, y[MOST_HALVED + 1];
};

static const double factorial[] = {
    1, 1, 2, 6, 24, 120, 720, 5040, 40320, 362880, 3628800, 39916800,
    479001600,
};

/* The least number of halvings that bring the largest sum of a row's
 * magnitudes to 1/2. */
static int
halvings(const struct square *s)
{
    double most = 0;
    int n = 0;

    for (int i = 0; i < s->n; i++) {
        double sum = 0;

        for (int j = 0; j < s->n; j++)
            sum = sum + fabs(square_row(s, i)[j]);
        most = sum > most ? sum : most;
    }
    while (n < MOST_HALVED && most > 0.5) {
        most /= 2;
        n++;
    }
    return n;
}

/* b[k] = sum of X^j / (4k + j)!, j = 0..3, and of the last to 4. */
static void
part(struct series *e, int k)
{
    struct square *b = &e->b[k];

    for (int i = 0; i < b->n; i++)
        for (int c = 0; c < b->n; c++) {
            double s = (i == c) / factorial[4 * k];

            for (int j = 1; j <= 3 + (k == 2); j++)
                s = s + square_row(&e->x[j], i)[c] / factorial[4 * k + j];
            square_row(b, i)[c] = s;
        }
}

static void
series_open(struct series *e, const struct square *s)
{
    double by = 1;

    e->halved = halvings(s);
    for (int k = 0; k < e->halved; k++)
        by /= 2;
    for (int k = 1; k < POWERS; k++)
        e->x[k] = square_new(s->n);
    for (int k = 0; k < 3; k++)
        e->b[k] = square_new(s->n);
    e->inner = square_new(s->n);
    for (int k = 0; k <= e->halved; k++)
        e->y[k] = square_new(s->n);
    for (int i = 0; i < s->n; i++)
        for (int j = 0; j < s->n; j++)
            square_row(&e->x[1], i)[j] = square_row(s, i)[j] * by;
    square_multiply(&e->x[2], &e->x[1], &e->x[1]);
    square_multiply(&e->x[3], &e->x[2], &e->x[1]);
    square_multiply(&e->x[4], &e->x[2], &e->x[2]);
    for (int k = 0; k < 3; k++)
        part(e, k);
    square_multiply(&e->inner, &e->x[4], &e->b[2]);
    for (int i = 0; i < s->n; i++)
        square_add_row(s->ld, square_row(&e->inner, i),
                       square_row(&e->b[1], i), 1);
    square_multiply(&e->y[0], &e->x[4], &e->inner);
    for (int i = 0; i < s->n; i++)
        square_add_row(s->ld, square_row(&e->y[0], i),
                       square_row(&e->b[0], i), 1);
    for (int k = 0; k < e->halved; k++)
        square_multiply(&e->y[k + 1], &e->y[k], &e->y[k]);
}

static void
series_close(struct series *e)
{
    for (int k = 1; k < POWERS; k++)
        free(e->x[k].x);
    for (int k = 0; k < 3; k++)
        free(e->b[k].x);
    free(e->inner.x);
    for (int k = 0; k <= e->halved; k++)
        free(e->y[k].x);
}

void
square_exp(const struct square *s, struct square *u)
{
    struct series e;

    series_open(&e, s);
    square_copy(u, &e.y[e.halved]);
    series_close(&e);
}

/* to += by * x */
static void
add_square(struct square *to, const struct square *x, double by)
{
    for (int i = 0; i < to->n; i++)
        for (int j = 0; j < to->n; j++)
            square_row(to, i)[j] = square_row(to, i)[j] +
                                   by * square_row(x, i)[j];
}

/* z = x y: dx += dz y^T, dy += x^T dz. */
static void
back(const struct square *dz, const struct square *x, const struct square *y,
     struct square *dx, struct square *dy)
{
    struct square t = square_new(dz->n), p = square_new(dz->n);

    square_transpose(&t, y);
    square_multiply(&p, dz, &t);
    add_square(dx, &p, 1);
    square_transpose(&t, x);
    square_multiply(&p, &t, dz);
    add_square(dy, &p, 1);
    free(t.x);
    free(p.x);
}

/* The parts' gradients to those of the powers. */
static void
back_parts(struct square d[POWERS], const struct square db[3])
{
    for (int k = 0; k < 3; k++)
        for (int j = 1; j <= 3 + (k == 2); j++)
            add_square(&d[j], &db[k], 1 / factorial[4 * k + j]);
}

void
square_exp_gradient(const struct square *s, struct square *g)
{
    struct series e;
    struct square d[POWERS], db[3], next = square_new(s->n);
    double by = 1;

    series_open(&e, s);
    for (int k = 1; k < POWERS; k++) {
        d[k] = square_new(s->n);
        square_clear(&d[k]);
    }
    for (int k = 0; k < 3; k++) {
        db[k] = square_new(s->n);
        square_clear(&db[k]);
    }
    for (int k = e.halved; k-- > 0; by /= 2) {
        square_clear(&next);
        back(g, &e.y[k], &e.y[k], &next, &next);
        square_copy(g, &next);
    }
    square_copy(&db[0], g);
    back(g, &e.x[4], &e.inner, &d[4], &db[1]);
    back(&db[1], &e.x[4], &e.b[2], &d[4], &db[2]);
    back_parts(d, db);
    back(&d[4], &e.x[2], &e.x[2], &d[2], &d[2]);
    back(&d[3], &e.x[2], &e.x[1], &d[2], &d[1]);
    back(&d[2], &e.x[1], &e.x[1], &d[1], &d[1]);
    for (int i = 0; i < g->n; i++)
        for (int j = 0; j < g->n; j++)
            square_row(g, i)[j] = square_row(&d[1], i)[j] * by;
    for (int k = 1; k < POWERS; k++)
        free(d[k].x);
    for (int k = 0; k < 3; k++)
        free(db[k].x);
    free(next.x);
    series_close(&e);
}

/* irreps.c - real irreps from a table (irreps.h says how). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/rng.h"
#include "base/sort.h"
#include "group/eigen.h"
#include "group/irreps.h"

enum { TRIES = 40 };

/* Numbers that are to be told apart, and their smallest distance. */
#define APART 1e-7
#define SAME 1e-9

/* x, rounded, if it is as good as a whole number; else -1. */
static int
whole(double x)
{
    double k = floor(x + 0.5);

    return fabs(x - k) < 1e-5 && k < 2 * GROUP_ORDER ? (int)k : -1;
}

static int
root(int x)
{
    int k = 0;

    while (k * k < x)
        k++;
    return k * k == x ? k : -1;
}

/* The matrix of a random symmetric class function on class functions, in the
 * basis of 1 on a class, divided by the root of its size. */
static void
class_matrix(const struct group *g, const int *class, const int *size,
             const int *first, int count, struct rng *r, double *m)
{
    double *a = xcalloc((size_t)count, sizeof *a);

    for (int k = 0; k < count; k++)
        a[k] = rng_double(r) / sqrt(size[k]);
    memset(m, 0, (size_t)count * (size_t)count * sizeof *m);
    for (int j = 0; j < count; j++)
        for (int q = 0; q < g->n; q++)
            m[j * count + class[q]] += a[class[group_times(
                g, first[j], g->inverse[q])]];
    for (int j = 0; j < count; j++)
        for (int k = 0; k < count; k++)
            m[j * count + k] *= sqrt((double)size[j] / size[k]);
    for (int j = 0; j < count; j++)      /* but for rounding it is already */
        for (int k = 0; k < j; k++)
            m[j * count + k] = m[k * count + j] =
                (m[j * count + k] + m[k * count + j]) / 2;
    free(a);
}

/* e(1) = D / n, D = d^2 / c; and sum e(g^2) is +-sqrt(D) or 0, by c (Frobenius
 * and Schur). */
static bool
read_projector(const struct group *g, const double *e, struct irrep *v)
{
    int dim = whole(g->n * e[g->identity]), m = root(dim);
    double sum = 0;

    for (int a = 0; a < g->n; a++)
        sum += e[group_times(g, a, a)];
    if (dim < 1)
        return false;
    if (fabs(sum) < 0.1) {
        v->c = 2;
        v->d = root(2 * dim);
    } else {
        v->c = sum > 0 ? 1 : 4;
        v->d = sum > 0 ? m : 2 * m;
        if (fabs(fabs(sum) - m) > 1e-5)
            return false;
    }
    return v->d > 0;
}

/* Traces of all real irreps; false if the draw was not good enough. */
static bool
find_traces(struct irreps *r, const int *class, const int *size,
            const int *first, int count, struct rng *random)
{
    const struct group *g = r->group;
    size_t w = (size_t)count, n = (size_t)g->n;
    double *m = xcalloc(2 * w * w + w + n, sizeof *m);
    double *vector = m + w * w, *value = vector + w * w, *e = value + w;
    bool good = true;
    int dims = 0;

    class_matrix(g, class, size, first, count, random, m);
    eigen_symmetric(m, count, value, vector);
    for (int i = 0; i < count && good; i++) {
        struct irrep *v = &r->at[i];
        double scale = vector[class[g->identity] * count + i];

        if (i && value[i] - value[i - 1] < APART)
            good = false;
        for (size_t a = 0; a < n; a++)
            e[a] = scale * vector[class[a] * count + i] / sqrt(size[class[a]]);
        good = good && read_projector(g, e, v);
        for (size_t a = 0; a < n && good; a++)
            v->trace[a] = g->n * v->c * e[a] / v->d;
        dims += good ? v->d * v->d / v->c : 0;
    }
    free(m);
    return good && dims == g->n;
}

/* An orthonormal basis (D,n) of the image of irrep v's projector: columns of
 * the projector, as many as are independent. */
static void
make_basis(const struct group *g, const struct irrep *v, double *basis)
{
    int dim = v->d * v->d / v->c, k = 0;
    double scale = (double)v->d / v->c / g->n;

    for (int a = 0; a < g->n && k < dim; a++) {
        double *x = basis + (size_t)k * (size_t)g->n, norm = 0;

        for (int h = 0; h < g->n; h++)
            x[h] = scale * v->trace[group_times(g, h, g->inverse[a])];
        for (int i = 0; i < 2 * k; i++) {      /* twice is enough */
            const double *y = basis + (size_t)(i % k) * (size_t)g->n;
            double dot = 0;

            for (int h = 0; h < g->n; h++)
                dot += x[h] * y[h];
            for (int h = 0; h < g->n; h++)
                x[h] -= dot * y[h];
        }
        for (int h = 0; h < g->n; h++)
            norm += x[h] * x[h];
        if (norm < 1e-6 * scale)
            continue;
        norm = sqrt(norm);
        for (int h = 0; h < g->n; h++)
            x[h] /= norm;
        k++;
    }
    if (k < dim)
        die(RC_DATA, "a group of order %d: only %d of %d functions of an "
            "irrep were found", g->n, k, dim);
}

/* What a random symmetric function does to the basis from the right. */
static void
right_matrix(const struct group *g, const double *basis, int dim,
             struct rng *random, double *m)
{
    size_t n = (size_t)g->n;
    double *b = xcalloc(2 * n, sizeof *b), *y = b + n;

    for (int a = 0; a < g->n; a++)
        b[a] = rng_double(random);
    for (int a = 0; a < g->n; a++)
        if (g->inverse[a] < a)
            b[a] = b[g->inverse[a]];
    for (int j = 0; j < dim; j++) {
        const double *x = basis + (size_t)j * n;

        memset(y, 0, n * sizeof *y);
        for (int h = 0; h < g->n; h++)
            for (int a = 0; a < g->n; a++)
                y[group_times(g, h, a)] += x[h] * b[a];
        for (int i = 0; i <= j; i++) {
            const double *z = basis + (size_t)i * n;
            double dot = 0;

            for (size_t h = 0; h < n; h++)
                dot += z[h] * y[h];
            m[i * dim + j] = m[j * dim + i] = dot;
        }
    }
    free(b);
}

/* An orthonormal basis (d,n) of one left ideal in the image, in place of the
 * image's. */
static bool
cut_ideal(const struct group *g, const struct irrep *v, struct rng *random,
          double *basis)
{
    int dim = v->d * v->d / v->c, d = v->d;
    size_t w = (size_t)dim, n = (size_t)g->n;
    double *m = xcalloc(2 * w * w + w, sizeof *m);
    double *vector = m + w * w, *value = vector + w * w;
    double *ideal = xcalloc((size_t)d * n, sizeof *ideal);
    bool good;

    right_matrix(g, basis, dim, random, m);
    eigen_symmetric(m, dim, value, vector);
    good = value[d - 1] - value[0] < SAME * g->n
        && (dim == d || value[d] - value[d - 1] > APART);
    for (int j = 0; j < d; j++)
        for (int i = 0; i < dim; i++)
            for (size_t h = 0; h < n; h++)
                ideal[(size_t)j * n + h] += vector[i * dim + j]
                    * basis[(size_t)i * n + h];
    if (good)
        memcpy(basis, ideal, (size_t)d * n * sizeof *ideal);
    free(ideal);
    free(m);
    return good;
}

/* rho(g)[j][k] = <b_j, g b_k> = sum_h b_j(h) b_k(g^-1 h) */
static void
represent(const struct group *g, struct irrep *v, const double *basis)
{
    size_t n = (size_t)g->n, d = (size_t)v->d;

    for (int a = 0; a < g->n; a++)
        for (size_t j = 0; j < d; j++)
            for (size_t k = 0; k < d; k++) {
                const double *x = basis + j * n, *y = basis + k * n;
                double dot = 0;

                for (int h = 0; h < g->n; h++)
                    dot += x[h] * y[group_times(g, g->inverse[a], h)];
                v->matrix[((size_t)a * d + j) * d + k] = dot;
            }
}

static int
compare(const void *a, const void *b, void *ctx)
{
    const struct irrep *u = a, *v = b;
    const struct group *g = ctx;

    for (int i = 0; i < g->n; i++) {
        double x = u->trace[i] / u->d, y = v->trace[i] / v->d;

        if (fabs(x - y) > 1e-6)
            return x > y ? -1 : 1;
    }
    return 0;
}

static void
make_matrices(struct irreps *r, struct irrep *v, struct rng *random)
{
    const struct group *g = r->group;
    int dim = v->d * v->d / v->c, tries = 0;
    size_t n = (size_t)g->n, d = (size_t)v->d;
    double *basis = xcalloc((size_t)dim * n, sizeof *basis);

    v->matrix = xcalloc(n * d * d, sizeof *v->matrix);
    make_basis(g, v, basis);
    while (dim > v->d && !cut_ideal(g, v, random, basis))
        if (++tries == TRIES)
            die(RC_DATA, "a group of order %d: an irrep of dimension %d could "
                "not be cut out", g->n, v->d);
    represent(g, v, basis);
    free(basis);
}

void
irreps_make(struct irreps *r, const struct group *g)
{
    size_t n = (size_t)g->n;
    int *class = xcalloc(3 * n, sizeof *class);
    int *size = class + n, *first = size + n, tries = 0;
    struct rng random;

    rng_init(&random, 0, RNG_STATS, 0, 0);
    r->group = g;
    r->count = group_classes(g, class, size, first);
    r->at = xcalloc((size_t)r->count, sizeof *r->at);
    for (int i = 0; i < r->count; i++)
        r->at[i].trace = xcalloc(n, sizeof *r->at[i].trace);
    while (!find_traces(r, class, size, first, r->count, &random))
        if (++tries == TRIES)
            die(RC_DATA, "a group of order %d: its irreps could not be told "
                "apart", g->n);
    sort_stable(r->at, (size_t)r->count, sizeof *r->at, compare, (void *)g);
    for (int i = 0; i < r->count; i++)
        make_matrices(r, &r->at[i], &random);
    free(class);
}

void
irreps_free(struct irreps *r)
{
    for (int i = 0; i < r->count; i++) {
        free(r->at[i].trace);
        free(r->at[i].matrix);
    }
    free(r->at);
    memset(r, 0, sizeof *r);
}

/* Does irrep v have the frequencies (row, col)? */
static bool
has_frequencies(const struct group *g, const struct irrep *v, int row,
                int col)
{
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 2; j++) {
            double turn = (double)(i * row % g->p) / g->p
                + (double)(j * col % g->q) / g->q;
            int a = i % g->p * g->q + j % g->q;

            if (fabs(v->trace[a] / v->d
                     - d_cos(2 * 3.14159265358979323846 * turn)) > 1e-6)
                return false;
        }
    return true;
}

void
irrep_label(const struct irreps *r, int i, char text[32])
{
    const struct group *g = r->group;

    snprintf(text, 32, "%d", i);
    for (int col = 0; g->q > 1 && col <= g->q / 2; col++)
        for (int k = 0; k < g->p; k++) {
            int row = k % 2 ? -(k + 1) / 2 : k / 2;   /* 0, -1, 1, -2, 2 ... */

            row = -row;
            if (!has_frequencies(g, &r->at[i], row, col))
                continue;
            snprintf(text, 32, "%d,%d", row, col);
            return;
        }
}

/*
 * derived.h - matrices made of learned ones, plainly, from docs/numerics.md,
 * section 20: all in double, n x n, rows one after another.  Nothing of it
 * comes from lib/.
 */
#ifndef REF_DERIVED_H
#define REF_DERIVED_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

static double *
ref_square(int n)
{
    return xcalloc((size_t)n * (size_t)n + 1, sizeof(double));
}

/* z = x y, or with one of them transposed. */
static void
ref_multiply(int n, const double *x, int xt, const double *y, int yt,
             double *z)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double s = 0;

            for (int k = 0; k < n; k++)
                s = s + x[xt ? k * n + i : i * n + k] *
                        y[yt ? j * n + k : k * n + j];
            z[i * n + j] = s;
        }
}

/* x = m^-1 x, m lost. */
static void
ref_solve(int n, double *m, double *x)
{
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) {
            double f = m[i * n + k] / m[k * n + k];

            for (int j = k + 1; j < n; j++)
                m[i * n + j] = m[i * n + j] - f * m[k * n + j];
            for (int j = 0; j < n; j++)
                x[i * n + j] = x[i * n + j] - f * x[k * n + j];
        }
    for (int k = n - 1; k >= 0; k--)
        for (int j = 0; j < n; j++) {
            x[k * n + j] = x[k * n + j] / m[k * n + k];
            for (int i = 0; i < k; i++)
                x[i * n + j] = x[i * n + j] - m[i * n + k] * x[k * n + j];
        }
}

static void
ref_skew(int n, const double *a, double *s)
{
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            s[i * n + j] = (a[i * n + j] - a[j * n + i]) / 2;
}

/* x = (I + by s)^-1 x */
static void
ref_solve_by(int n, const double *s, double by, double *x)
{
    double *m = ref_square(n);

    for (int i = 0; i < n * n; i++)
        m[i] = (i % (n + 1) == 0) + by * s[i];
    ref_solve(n, m, x);
    free(m);
}

static void
ref_cayley(int n, const double *s, double *u)
{
    for (int i = 0; i < n * n; i++)
        u[i] = (i % (n + 1) == 0) - s[i];
    ref_solve_by(n, s, 1, u);
}

static void
ref_cayley_back(int n, const double *s, double *g)
{
    double *u = ref_square(n), *p = ref_square(n);

    ref_cayley(n, s, u);
    ref_solve_by(n, s, -1, g);
    ref_multiply(n, g, 0, u, 1, p);
    for (int i = 0; i < n * n; i++)
        g[i] = -(p[i] + g[i]);
    free(u);
    free(p);
}

/* e^S; with g, the gradient by e^S there becomes that by S. */
static void
ref_exponential(int n, const double *s, double *u, double *g)
{
    double f[13] = { 1 }, most = 0, by = 1, *x[5], *b[3], *q, *y[61];
    double *dx[5], *db[3], *p = ref_square(n);
    size_t bytes = (size_t)(n * n) * sizeof *u;
    int halved = 0;

    for (int k = 1; k < 13; k++)
        f[k] = f[k - 1] * k;
    for (int i = 0; i < n; i++) {
        double sum = 0;

        for (int j = 0; j < n; j++)
            sum = sum + fabs(s[i * n + j]);
        most = sum > most ? sum : most;
    }
    for (; halved < 60 && most > 0.5; halved++) {
        most = most / 2;
        by = by / 2;
    }
    for (int k = 0; k < 5; k++) {
        x[k] = ref_square(n);
        dx[k] = ref_square(n);
    }
    for (int i = 0; i < n * n; i++)
        x[1][i] = s[i] * by;
    ref_multiply(n, x[1], 0, x[1], 0, x[2]);
    ref_multiply(n, x[2], 0, x[1], 0, x[3]);
    ref_multiply(n, x[2], 0, x[2], 0, x[4]);
    for (int k = 0; k < 3; k++) {
        b[k] = ref_square(n);
        db[k] = ref_square(n);
        for (int i = 0; i < n * n; i++) {
            b[k][i] = (i % (n + 1) == 0) / f[4 * k];
            for (int j = 1; j < (k == 2 ? 5 : 4); j++)
                b[k][i] = b[k][i] + x[j][i] / f[4 * k + j];
        }
    }
    q = ref_square(n);
    ref_multiply(n, x[4], 0, b[2], 0, q);
    for (int i = 0; i < n * n; i++)
        q[i] = q[i] + b[1][i];
    y[0] = ref_square(n);
    ref_multiply(n, x[4], 0, q, 0, y[0]);
    for (int i = 0; i < n * n; i++)
        y[0][i] = y[0][i] + b[0][i];
    for (int k = 0; k < halved; k++) {
        y[k + 1] = ref_square(n);
        ref_multiply(n, y[k], 0, y[k], 0, y[k + 1]);
    }
    memcpy(u, y[halved], bytes);
#define BACK(dz, a, c, da, dc) do { \
        ref_multiply(n, dz, 0, c, 1, p); \
        for (int i_ = 0; i_ < n * n; i_++) \
            (da)[i_] = (da)[i_] + p[i_]; \
        ref_multiply(n, a, 1, dz, 0, p); \
        for (int i_ = 0; i_ < n * n; i_++) \
            (dc)[i_] = (dc)[i_] + p[i_]; \
    } while (0)
    for (int k = halved - 1; g && k >= 0; k--) {
        double *z = ref_square(n);

        BACK(g, y[k], y[k], z, z);
        memcpy(g, z, bytes);
        free(z);
    }
    if (g) {
        memcpy(db[0], g, bytes);
        BACK(g, x[4], q, dx[4], db[1]);
        BACK(db[1], x[4], b[2], dx[4], db[2]);
        for (int k = 0; k < 3; k++)
            for (int j = 1; j < (k == 2 ? 5 : 4); j++)
                for (int i = 0; i < n * n; i++)
                    dx[j][i] = dx[j][i] + 1 / f[4 * k + j] * db[k][i];
        BACK(dx[4], x[2], x[2], dx[2], dx[2]);
        BACK(dx[3], x[2], x[1], dx[2], dx[1]);
        BACK(dx[2], x[1], x[1], dx[1], dx[1]);
        for (int i = 0; i < n * n; i++)
            g[i] = dx[1][i] * by;
    }
#undef BACK
    for (int k = 0; k <= halved; k++)
        free(y[k]);
    for (int k = 0; k < 5; k++) {
        free(x[k]);
        free(dx[k]);
    }
    for (int k = 0; k < 3; k++) {
        free(b[k]);
        free(db[k]);
    }
    free(q);
    free(p);
}

/* v^T u, by column. */
static void
ref_times(int n, const double *v, int k, const double *u, double *w)
{
    for (int j = 0; j < n; j++) {
        w[j] = 0;
        for (int i = 0; i < n; i++)
            w[j] = w[j] + v[i * n + k] * u[i * n + j];
    }
}

static double
ref_factor(int n, const double *v, int k)
{
    double vv = 0;

    for (int i = 0; i < n; i++)
        vv = vv + v[i * n + k] * v[i * n + k];
    return vv > 0 ? 2 / vv : 0;
}

static void
ref_reflect(int n, const double *v, int k, double *u, double *w)
{
    double f = ref_factor(n, v, k);

    ref_times(n, v, k, u, w);
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            u[i * n + j] = u[i * n + j] - f * v[i * n + k] * w[j];
}

static void
ref_householder(int n, const double *v, double *u)
{
    double *w = ref_square(n);

    for (int i = 0; i < n * n; i++)
        u[i] = i % (n + 1) == 0;
    for (int k = n - 1; k >= 0; k--)
        ref_reflect(n, v, k, u, w);
    free(w);
}

static void
ref_householder_back(int n, const double *v, double *g)
{
    double *y = ref_square(n), *d = ref_square(n), *w = ref_square(n);
    double *h = ref_square(n);

    ref_householder(n, v, y);
    for (int k = 0; k < n; k++) {
        double f = ref_factor(n, v, k), hw = 0;

        ref_reflect(n, v, k, y, w);
        ref_times(n, v, k, y, w);
        ref_times(n, v, k, g, h);
        for (int j = 0; j < n; j++)
            hw = hw + h[j] * w[j];
        for (int i = 0; i < n; i++) {
            double a = 0, b = 0;

            for (int j = 0; j < n; j++) {
                a = a + g[i * n + j] * w[j];
                b = b + y[i * n + j] * h[j];
            }
            d[i * n + k] = f * f * hw * v[i * n + k] - f * (a + b);
        }
        for (int i = 0; i < n; i++)
            for (int j = 0; j < n; j++)
                g[i * n + j] = g[i * n + j] - f * v[i * n + k] * h[j];
    }
    memcpy(g, d, (size_t)(n * n) * sizeof *g);
    free(y);
    free(d);
    free(w);
    free(h);
}

/* The matrix made of a; or, with g, the gradient by it there becomes that by
 * a. */
static inline void
ref_derived(int how, int n, const double *a, double *u, double *g)
{
    double *s = ref_square(n), *d = ref_square(n);

    ref_skew(n, a, s);
    if (how == 3 && g)
        ref_householder_back(n, a, g);
    else if (how == 3)
        ref_householder(n, a, u);
    else if (how == 2)
        ref_exponential(n, s, g ? d : u, g);
    else if (g)
        ref_cayley_back(n, s, g);
    else
        ref_cayley(n, s, u);
    if (g && how != 3) {
        ref_skew(n, g, d);
        memcpy(g, d, (size_t)(n * n) * sizeof *g);
    }
    free(s);
    free(d);
}

#endif

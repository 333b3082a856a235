/* eigen.c - Jacobi's method. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "group/eigen.h"

/* Rows i and j of x, turned. */
static void
turn(double *x, int n, int i, int j, double c, double s)
{
    double *p = x + (size_t)i * (size_t)n, *q = x + (size_t)j * (size_t)n;

    for (int k = 0; k < n; k++) {
        double u = p[k], v = q[k];

        p[k] = c * u - s * v;
        q[k] = s * u + c * v;
    }
}

/* Make a[i][j] 0: rows are turned, and the columns get the same numbers.  The
 * eigenvectors are the rows of v here. */
static void
annihilate(double *a, double *v, int n, int i, int j)
{
    size_t w = (size_t)n, ii = (size_t)i * (w + 1), jj = (size_t)j * (w + 1);
    double off = a[(size_t)i * w + (size_t)j];
    double half = (a[jj] - a[ii]) / (2 * off);
    double t = 1 / (fabs(half) + sqrt(half * half + 1));
    double c, s, di, dj;

    if (half < 0)
        t = -t;
    c = 1 / sqrt(t * t + 1);
    s = t * c;
    di = a[ii] - t * off;
    dj = a[jj] + t * off;
    turn(a, n, i, j, c, s);
    turn(v, n, i, j, c, s);
    for (size_t k = 0; k < w; k++) {
        a[k * w + (size_t)i] = a[(size_t)i * w + k];
        a[k * w + (size_t)j] = a[(size_t)j * w + k];
    }
    a[ii] = di;
    a[jj] = dj;
    a[(size_t)i * w + (size_t)j] = a[(size_t)j * w + (size_t)i] = 0;
}

/* The order of ascending values; equal ones stay. */
static void
sort(const double *row, int n, double *value, double *vector)
{
    for (int i = 0; i < n; i++) {
        int at = 0;

        for (int j = 0; j < n; j++)
            at += value[j] < value[i] || (value[j] == value[i] && j < i);
        for (int k = 0; k < n; k++)
            vector[k * n + at] = row[i * n + k];
    }
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && value[j] < value[j - 1]; j--) {
            double x = value[j];

            value[j] = value[j - 1];
            value[j - 1] = x;
        }
}

void
eigen_symmetric(double *a, int n, double *value, double *vector)
{
    size_t w = (size_t)n;
    double *row = xcalloc(w * w, sizeof *row), all = 0;

    for (size_t i = 0; i < w * w; i++)
        all += a[i] * a[i];
    for (int i = 0; i < n; i++)
        row[i * n + i] = 1;
    for (int sweep = 0; sweep < 50; sweep++) {
        double off = 0;

        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                off += a[i * n + j] * a[i * n + j];
        if (off <= all * 1e-32)
            break;
        for (int i = 0; i < n; i++)
            for (int j = i + 1; j < n; j++)
                if (a[i * n + j] * a[i * n + j] > off * 1e-20 / n)
                    annihilate(a, row, n, i, j);
    }
    for (int i = 0; i < n; i++)
        value[i] = a[i * n + i];
    sort(row, n, value, vector);
    free(row);
}

double
operator_norm(const double *a, int n)
{
    size_t w = (size_t)n;
    double *square = xcalloc(2 * w * w + w, sizeof *square), norm;

    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int k = 0; k < n; k++)
                square[i * n + j] += a[k * n + i] * a[k * n + j];
    eigen_symmetric(square, n, square + 2 * w * w, square + w * w);
    norm = square[2 * w * w + w - 1];
    free(square);
    return norm > 0 ? sqrt(norm) : 0;
}

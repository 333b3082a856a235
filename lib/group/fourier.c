/* fourier.c - functions on a group and their transforms. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "group/irreps.h"

size_t
fourier_size(const struct irreps *r)
{
    size_t size = 0;

    for (int i = 0; i < r->count; i++)
        size += (size_t)(r->at[i].d * r->at[i].d);
    return size;
}

void
fourier(const struct irreps *r, const double *x, double *hat)
{
    memset(hat, 0, fourier_size(r) * sizeof *hat);
    for (int i = 0; i < r->count; i++) {
        const struct irrep *v = &r->at[i];
        const double *rho = v->matrix;

        for (int g = 0; g < r->group->n; g++, rho += v->d * v->d)
            for (int j = 0; j < v->d; j++)
                for (int k = 0; k < v->d; k++)
                    hat[j * v->d + k] += x[g] * rho[k * v->d + j];
        hat += v->d * v->d;
    }
}

void
fourier_inverse(const struct irreps *r, const double *hat, double *x)
{
    int n = r->group->n;

    memset(x, 0, (size_t)n * sizeof *x);
    for (int i = 0; i < r->count; i++) {
        const struct irrep *v = &r->at[i];
        const double *rho = v->matrix;
        double scale = (double)v->d / v->c / n;

        for (int g = 0; g < n; g++, rho += v->d * v->d)
            for (int j = 0; j < v->d; j++)
                for (int k = 0; k < v->d; k++)
                    x[g] += scale * rho[j * v->d + k] * hat[k * v->d + j];
        hat += v->d * v->d;
    }
}

void
fourier_power(const struct irreps *r, const double *x, double *power)
{
    double *all = xcalloc(fourier_size(r), sizeof *all);
    const double *hat = all;

    fourier(r, x, all);
    for (int i = 0; i < r->count; i++) {
        const struct irrep *v = &r->at[i];
        double sum = 0;

        for (int j = 0; j < v->d * v->d; j++)
            sum += hat[j] * hat[j];
        power[i] = sum * v->d / v->c / r->group->n;
        hat += v->d * v->d;
    }
    free(all);
}

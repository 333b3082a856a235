#include "stats/swarm.h"

#include <math.h>
#include <stdlib.h>

#include "base/die.h"

struct point {
    double y;
    long i;
};

static int
by_height(const void *pa, const void *pb)
{
    const struct point *a = pa, *b = pb;

    if (a->y != b->y)
        return (a->y > b->y) - (a->y < b->y);
    return (a->i > b->i) - (a->i < b->i);
}

/* Does a point at sideways place x keep clear of the near ones? */
static int
is_free(double x, const double *place, const double *reach, long n)
{
    for (long k = 0; k < n; k++)
        if (fabs(x - place[k]) < reach[k] * (1 - 1e-9))
            return 0;
    return 1;
}

void
swarm_layout(const double *y, long n, double dx, double dy, double *offset)
{
    struct point *p = xcalloc((size_t)n, sizeof *p);
    double *place = xcalloc((size_t)n, sizeof *place);
    double *reach = xcalloc((size_t)n, sizeof *reach);

    for (long i = 0; i < n; i++)
        p[i] = (struct point){ y[i], i };
    qsort(p, (size_t)n, sizeof *p, by_height);
    for (long i = 0; i < n; i++) {
        long near = 0;
        double best = INFINITY;

        /* Those already placed and close in height, each with the sideways
         * distance that two touching ellipses leave. */
        for (long j = i - 1; j >= 0 && p[i].y - p[j].y < dy; j--) {
            double d = (p[i].y - p[j].y) / dy;

            place[near] = offset[p[j].i];
            reach[near++] = dx * sqrt(1 - d * d);
        }
        if (is_free(0, place, reach, near))
            best = 0;
        /* Otherwise it touches one of them, left or right. */
        for (long k = 0; k < near; k++)
            for (int side = 1; side >= -1; side -= 2) {
                double x = place[k] + side * reach[k];

                if (fabs(x) < fabs(best) && is_free(x, place, reach, near))
                    best = x;
            }
        offset[p[i].i] = best;
    }
    free(p);
    free(place);
    free(reach);
}

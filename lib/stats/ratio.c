#include <math.h>

#include "stats/ratio.h"

void
ratio_add(struct ratio *r, double x, double n)
{
    r->clusters++;
    r->sum += x;
    r->squares += x * x;
    r->cross += x * n;
    r->lengths += n * n;
    r->places += n;
}

double
ratio_error(const struct ratio *r)
{
    double n = (double)r->clusters, q = r->sum / r->places;
    double ss = r->squares - 2 * q * r->cross + q * q * r->lengths;

    return n < 2 ? NAN : sqrt(fmax(ss, 0) * n / (n - 1)) / r->places;
}

/* plateau.c - steps of a curve. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "stats/plateau.h"

enum { LEAST = 9, EXTRAS = 64 };

static const double FLAT = 0.05, SHARE = 0.2, ONE = 0.02;
/* The widths of windows in log t, from and to. */
static const double NARROW = 0.2, WIDE = 1.1;

/* The curve in logarithms, and sums over its first i points. */
struct curve {
    long n;
    double *t, *u, *v;           /* t, log t, log y */
    double (*sum)[5];            /* u, v, uu, uv, vv, less the first point's */
};

static void
curve_open(struct curve *c, const double *t, const double *y, long n)
{
    size_t room = (size_t)n + 1;

    c->n = 0;
    c->t = xcalloc(room, sizeof *c->t);
    c->u = xcalloc(room, sizeof *c->u);
    c->v = xcalloc(room, sizeof *c->v);
    c->sum = xcalloc(room, sizeof *c->sum);
    for (long i = 0; i < n; i++) {
        long k = c->n;
        double u, v;

        if (!(t[i] > 0) || !(y[i] > 0) || !isfinite(t[i]) || !isfinite(y[i]))
            continue;
        c->t[k] = t[i];
        c->u[k] = d_log(t[i]);
        c->v[k] = d_log(y[i]);
        u = c->u[k] - c->u[0];
        v = c->v[k] - c->v[0];
        c->sum[k + 1][0] = c->sum[k][0] + u;
        c->sum[k + 1][1] = c->sum[k][1] + v;
        c->sum[k + 1][2] = c->sum[k][2] + u * u;
        c->sum[k + 1][3] = c->sum[k][3] + u * v;
        c->sum[k + 1][4] = c->sum[k][4] + v * v;
        c->n++;
    }
}

static void
curve_close(struct curve *c)
{
    free(c->t);
    free(c->u);
    free(c->v);
    free(c->sum);
}

/* The slope of points a .. b-1, and its standard error. */
static double
regression(const struct curve *c, long a, long b, double *error)
{
    double n = (double)(b - a), s[5], uu, uv, vv, rest;

    for (int i = 0; i < 5; i++)
        s[i] = c->sum[b][i] - c->sum[a][i];
    uu = s[2] - s[0] * s[0] / n;
    uv = s[3] - s[0] * s[1] / n;
    vv = s[4] - s[1] * s[1] / n;
    if (!(uu > 0)) {
        *error = 0;
        return 0;
    }
    rest = vv - uv * uv / uu;
    *error = rest > 0 && n > 2 ? sqrt(rest / (n - 2) / uu) : 0;
    return uv / uu;
}

/* The first point that is not before x. */
static long
first_from(const struct curve *c, double x)
{
    long a = 0, b = c->n;

    while (a < b) {
        long m = (a + b) / 2;

        if (c->u[m] < x)
            a = m + 1;
        else
            b = m;
    }
    return a;
}

/* Mark a window's points, but for the sixteenth at either end, which may reach
 * over a step without much of a slope. */
static void
mark_window(const struct curve *c, long a, long b, bool *flat)
{
    long edge = (b - a + 15) / 16, from = a ? a + edge : a;

    if (b < c->n)
        b -= edge;
    memset(flat + from, true, (size_t)(b - from) * sizeof *flat);
}

/* From each point on one window, as wide as it takes to know its slope. */
static void
mark_flat(const struct curve *c, bool *flat)
{
    for (long a = 0; a < c->n; a++)
        for (double w = NARROW; w <= WIDE; w *= 1.5) {
            long b = first_from(c, c->u[a] + w);
            double error, slope;

            b = b < a + LEAST ? a + LEAST : b + 1;
            if (b > c->n)
                break;
            slope = regression(c, a, b, &error);
            if (error >= FLAT / 3)
                continue;
            if (fabs(slope) < FLAT)
                mark_window(c, a, b, flat);
            break;
        }
}

/* The mean of log y over log t in points a .. b. */
static double
height(const struct curve *c, long a, long b)
{
    double area = 0;

    for (long i = a; i < b; i++)
        area += (c->u[i + 1] - c->u[i]) * (c->v[i + 1] + c->v[i]) / 2;
    return b > a ? area / (c->u[b] - c->u[a]) : c->v[a];
}

struct stretch { long a, b; double v; };     /* points a .. b; height */

/* Is all between two stretches as high as they are? */
static bool
go_together(const struct curve *c, const struct stretch *x,
            const struct stretch *y)
{
    return fabs(x->v - y->v) < ONE
        && fabs(height(c, x->b, y->a) - x->v) < ONE
        && c->u[y->a] - c->u[x->b] < c->u[x->b] - c->u[x->a];
}

/* A new array. */
static struct stretch *
find_stretches(const struct curve *c, int *count)
{
    struct stretch *s = xcalloc((size_t)c->n + 1, sizeof *s);
    bool *flat = xcalloc((size_t)c->n + 1, sizeof *flat);
    int n = 0;

    mark_flat(c, flat);
    for (long i = 0; i < c->n; i++) {
        long a = i;

        if (!flat[i])
            continue;
        while (i + 1 < c->n && flat[i + 1])
            i++;
        s[n] = (struct stretch){ a, i, height(c, a, i) };
        if (n && go_together(c, &s[n - 1], &s[n])) {
            s[n - 1].b = i;
            s[n - 1].v = height(c, s[n - 1].a, i);
        } else {
            n++;
        }
    }
    free(flat);
    *count = n;
    return s;
}

/* Which level's band v lies in; -1: below all. */
static int
band_of(const double *level, int count, double v)
{
    double last = d_log(level[count - 1]), step = d_log(2);

    if (count > 1)
        step = (d_log(level[count - 2]) - last) / 2;
    if (v < last - step)
        return -1;
    for (int j = 0; j + 1 < count; j++)
        if (v > (d_log(level[j]) + d_log(level[j + 1])) / 2)
            return j;
    return count - 1;
}

static void
take(const struct curve *c, const struct stretch *s, struct plateau *p)
{
    *p = (struct plateau){ true, c->t[s->a], c->t[s->b], d_exp(s->v) };
}

/* s, a plateau in the band of a level at height v, beside the one that meets
 * it so far: the nearer one stays, the other is extra. */
static void
meet(const struct curve *c, const struct stretch *s, double v,
     double tolerance, struct plateau *met, struct plateau *extra, int *extras)
{
    struct plateau new, *other = &new;
    double now = met->found ? fabs(d_log(met->value) - v) : INFINITY;

    take(c, s, &new);
    if (fabs(s->v - v) < tolerance && fabs(s->v - v) < now) {
        struct plateau was = *met;

        *met = new;
        new = was;
    }
    if (other->found && *extras < EXTRAS)
        extra[(*extras)++] = *other;
}

int
plateaus_match(const double *t, const double *y, long n, const double *level,
               int count, double tolerance, struct plateau *met,
               struct plateau *extra)
{
    double *spent = xcalloc((size_t)count + 1, sizeof *spent);
    struct stretch *s;
    struct curve c;
    int stretches, extras = 0;

    memset(met, 0, (size_t)count * sizeof *met);
    curve_open(&c, t, y, n);
    for (long i = 0; i + 1 < c.n && count; i++) {
        double v = (c.v[i] + c.v[i + 1]) / 2;
        int j = band_of(level, count, v);

        if (j >= 0)
            spent[j] += c.t[i + 1] - c.t[i];
    }
    s = find_stretches(&c, &stretches);
    for (int i = 0; i < stretches && count; i++) {
        int j = band_of(level, count, s[i].v);
        double lasts = c.t[s[i].b] - c.t[s[i].a];

        if (j >= 0 && lasts > 0 && lasts >= SHARE * spent[j])
            meet(&c, &s[i], d_log(level[j]), tolerance, &met[j], extra,
                 &extras);
    }
    free(s);
    free(spent);
    curve_close(&c);
    return extras;
}

double
passing_time(const double *t, const double *y, long n, double value)
{
    for (long i = 0; i < n; i++) {
        double share;

        if (!(y[i] >= value))
            continue;
        if (i == 0 || !(t[i - 1] > 0) || !(y[i - 1] < value))
            return t[i];
        share = (value - y[i - 1]) / (y[i] - y[i - 1]);
        return t[i - 1] * d_exp(share * d_log(t[i] / t[i - 1]));
    }
    return NAN;
}

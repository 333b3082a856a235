/* template.c - templates from numbers, spectra and draws. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/rng.h"
#include "group/template.h"

#define PI 3.14159265358979323846

/* Powers of the first and the last of the modes drawn. */
static const double FIRST = 100, LAST = 10;

double *
numbers_parse(const char *text, size_t *n, const char *what,
              const char *where)
{
    double *x = xcalloc(strlen(text) / 2 + 1, sizeof *x);

    *n = 0;
    for (text += strspn(text, " ,"); *text; text += strspn(text, " ,")) {
        char *end;
        double v = strtod(text, &end);

        if (end == text || (*end && *end != ' ' && *end != ',')
            || !isfinite(v) || strspn(text, "+-.0123456789eE")
               < (size_t)(end - text))
            group_bad(where, "%s: '%.*s' is no number", what,
                      (int)strcspn(text, " ,"), text);
        x[(*n)++] = v;
        text = end;
    }
    return x;
}

void
centre(double *x, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i];
    for (int i = 0; i < n; i++)
        x[i] -= sum / n;
}

void
standardise(double *x, int n)
{
    double sum = 0;

    centre(x, n);
    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    sum = sqrt(sum / n);
    for (int i = 0; i < n && sum > 1e-12; i++)
        x[i] /= sum;
}

/* ---- spectra ---- */

static int
find_label(const struct irreps *r, const char *word, size_t len)
{
    for (int i = 0; i < r->count; i++) {
        char label[32];

        irrep_label(r, i, label);
        if (strlen(label) == len && !strncmp(label, word, len))
            return i;
    }
    return -1;
}

/* A number an irrep. */
static double *
parse_spectrum(const struct irreps *r, const char *text, const char *what,
               const char *where)
{
    double *x = xcalloc((size_t)r->count, sizeof *x);
    int n = 0, named = 0;

    for (text += strspn(text, " "); *text; text += strspn(text, " ")) {
        size_t len = strcspn(text, " "), label = strcspn(text, " :");
        int i = label < len ? find_label(r, text, label) : n++;
        size_t skip = label < len ? label + 1 : 0, count;
        char *word = xasprintf("%.*s", (int)(len - skip), text + skip);
        double *v;

        named += label < len;
        if (i < 0)
            group_bad(where, "%s: no irrep '%.*s'; 'theory' lists them", what,
                      (int)label, text);
        v = numbers_parse(word, &count, what, where);
        if (count == 1 && i < r->count)
            x[i] = *v;
        if (count != 1 || (count == 1 && *v < 0))
            group_bad(where, "%s: '%s' is no number from 0", what, word);
        free(word);
        free(v);
        text += len;
    }
    if (n && (named || n != r->count))
        group_bad(where, named ? "%s: numbers (%d) and labels are mixed"
                  : "%s: %d numbers, the group has %d irreps", what, n,
                  r->count);
    if (x[0] > 0)
        group_bad(where, "%s: the first irrep is the mean, which is taken "
                  "away: its number is 0", what);
    return x;
}

static void
spectrum_template(const struct template *t, const struct group *g,
                  const char *where, double *x)
{
    bool power = t->powers[0] != '\0';
    struct irreps r;
    double *a;

    if (power == (t->amplitudes[0] != '\0'))
        group_bad(where, "the template 'spectrum' needs powers or "
                  "amplitudes%s", power ? ", not both" : "");
    irreps_make(&r, g);
    a = parse_spectrum(&r, power ? t->powers : t->amplitudes, power ?
                       "powers" : "amplitudes", where);
    for (int i = 0; i < r.count; i++) {
        const struct irrep *v = &r.at[i];
        double scale = power ? sqrt(g->n * v->c * a[i]) / v->d : a[i];

        scale *= (double)v->d / v->c / g->n;
        for (int h = 0; h < g->n; h++)
            x[h] += scale * v->trace[h];
    }
    centre(x, g->n);
    free(a);
    irreps_free(&r);
}

/* ---- waves and bumps ---- */

struct wave { int row, col; };

static void
need_cyclic(const struct template *t, const struct group *g, const char *kind,
            const char *where)
{
    if (!g->q)
        group_bad(where, "the template '%s' needs a cyclic group or a product "
                  "of two, as C10 or C5xC5; others have onehot, spectrum and "
                  "values", kind);
    if (t->modes < 1)
        group_bad(where, "modes is %d: at least 1", t->modes);
}

static void
add_wave(const struct group *g, struct wave w, double amplitude, double phase,
         double *x)
{
    for (int a = 0; a < g->p; a++)
        for (int b = 0; b < g->q; b++) {
            double turn = (double)(((long)a * w.row % g->p + g->p) % g->p)
                / g->p + (double)((long)b * w.col % g->q) / g->q;

            x[a * g->q + b] += amplitude * d_cos(2 * PI * turn + phase);
        }
}

/* The frequencies of C_p x C_q that may be taken, in their order; how many. */
static int
list_waves(const struct group *g, struct wave *w)
{
    int n = 0;

    for (int size = 1; size <= g->p * g->p + g->q * g->q; size++)
        for (int row = 0; row <= g->p / 2; row++)
            for (int col = 0; col <= g->q / 2; col++) {
                bool own_col = 2 * col % g->q == 0;
                bool own_row = 2 * row % g->p == 0;

                if (row * row + col * col != size || (own_col && own_row))
                    continue;
                w[n++] = (struct wave){ row, col };
                if (!own_col && !own_row)
                    w[n++] = (struct wave){ -row, col };
            }
    return n;
}

static void
fourier_template(const struct template *t, const struct group *g,
                 const char *where, double *x)
{
    size_t room = (size_t)(g->n + g->p);
    struct wave *w = xcalloc(room, sizeof *w);
    uint32_t *order = xcalloc(room, sizeof *order);
    struct rng r;
    int n;

    need_cyclic(t, g, "fourier", where);
    n = g->q == 1 ? g->p / 2 : list_waves(g, w);
    if (t->modes > n)
        group_bad(where, "%d modes: there are %d here", t->modes, n);
    rng_init(&r, t->seed, RNG_TEMPLATE, 0, 0);
    for (int i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    if (g->q == 1)
        rng_shuffle(&r, order, (uint32_t)n);
    for (int i = 0; g->q == 1 && i < n; i++)
        w[i] = (struct wave){ (int)order[i] + 1, 0 };
    for (int i = 0; i < t->modes; i++) {
        double step = t->modes > 1 ? (double)i / (t->modes - 1) : 0;
        double power = FIRST + step * (LAST - FIRST);
        double phase = 2 * PI * rng_double(&r);

        if (2 * w[i].row == g->p && g->q == 1)     /* up and down: +-1 */
            add_wave(g, w[i], sqrt(power / 2), 0, x);
        else
            add_wave(g, w[i], sqrt(power), phase, x);
    }
    standardise(x, g->n);
    free(order);
    free(w);
}

/* The distance on a circle of n places. */
static double
apart(double a, double b, int n)
{
    double d = fabs(a - b);

    return d < n - d ? d : n - d;
}

static void
gaussian_template(const struct template *t, const struct group *g,
                  const char *where, double *x)
{
    struct rng r;

    need_cyclic(t, g, "gaussian", where);
    rng_init(&r, t->seed, RNG_TEMPLATE, 0, 0);
    for (int i = 0; i < t->modes; i++) {
        double row = g->p * rng_double(&r);
        double col = g->q == 1 ? 0 : g->q * rng_double(&r);
        double width = 0.5 + 1.5 * rng_double(&r);
        double height = 0.5 + 0.5 * rng_double(&r);

        for (int k = 0; k < g->n; k++) {
            double u = apart(k / g->q, row, g->p);
            double v = g->q == 1 ? 0 : apart(k % g->q, col, g->q);

            x[k] += height * d_exp(-(u * u + v * v) / (2 * width * width));
        }
    }
    standardise(x, g->n);
}

static void
values_template(const struct template *t, const struct group *g,
                const char *where, double *x)
{
    size_t n;
    double *v = numbers_parse(t->values, &n, "values", where);

    if (n != (size_t)g->n)
        group_bad(where, "a template of %zu values: the group has %d "
                  "elements", n, g->n);
    memcpy(x, v, n * sizeof *v);
    free(v);
    centre(x, g->n);
}

void
template_make(const struct template *t, const struct group *g,
              const char *where, double *x)
{
    double sum = 0;

    memset(x, 0, (size_t)g->n * sizeof *x);
    switch (t->kind) {
    case TEMPLATE_ONEHOT:
        if (t->at >= g->n)
            group_bad(where, "at is %d: the group's elements are 0..%d",
                      t->at, g->n - 1);
        x[t->at] = t->height;
        centre(x, g->n);
        break;
    case TEMPLATE_SPECTRUM: spectrum_template(t, g, where, x); break;
    case TEMPLATE_FOURIER: fourier_template(t, g, where, x); break;
    case TEMPLATE_GAUSSIAN: gaussian_template(t, g, where, x); break;
    case TEMPLATE_IMAGE: image_template(t, g, where, x); break;
    case TEMPLATE_VALUES: values_template(t, g, where, x); break;
    }
    for (int i = 0; i < g->n; i++)
        sum += x[i] * x[i];
    if (!(sum > 1e-20) || !isfinite(sum))
        group_bad(where, "the template is the same everywhere (or too "
                  "large): there is nothing to learn");
}

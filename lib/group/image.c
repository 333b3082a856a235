/* image.c - a template from a picture. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/file.h"
#include "base/memfile.h"
#include "group/template.h"

enum { IMAGE_BYTES = 1 << 20, IMAGE_SIDE = 4096, IMAGE_PIXELS = 1 << 16 };

struct image {
    int rows, cols;
    double *pixel;
};

static void
parse(struct image *m, const char *text, const char *where)
{
    size_t at = 0, n;

    memset(m, 0, sizeof *m);
    m->pixel = xcalloc(strlen(text) / 2 + 1, sizeof *m->pixel);
    while (*text) {
        size_t len = strcspn(text, ";");
        char *row = xasprintf("%.*s", (int)len, text);
        double *x = numbers_parse(row, &n, "image", where);

        if (n && m->rows && n != (size_t)m->cols)
            group_bad(where, "image: row %d has %zu numbers, the first has "
                      "%d", m->rows, n, m->cols);
        if (n) {
            memcpy(m->pixel + at, x, n * sizeof *x);
            m->cols = (int)n;
            m->rows++;
            at += n;
        }
        free(row);
        free(x);
        text += len + (text[len] == ';');
    }
    if (!m->rows)
        group_bad(where, "the template 'image' needs one: --image FILE");
}

/* Means of rows, columns or the diagonals from the upper left; a new array. */
static double *
fold(const struct image *m, enum template_fold how, int *n)
{
    int rows = m->rows, cols = m->cols;
    int size = how == FOLD_ROWS ? rows : how == FOLD_COLUMNS ? cols
        : rows < cols ? rows : cols;
    double *x = xcalloc((size_t)size, sizeof *x);

    for (int i = 0; i < rows; i++)
        for (int j = 0; j < cols; j++)
            if (how == FOLD_ROWS)
                x[i] += m->pixel[i * cols + j] / cols;
            else if (how == FOLD_COLUMNS)
                x[j] += m->pixel[i * cols + j] / rows;
            else if (i == j)
                x[i] = m->pixel[i * cols + j];
    *n = size;
    return x;
}

/* Second derivatives m[0..n-1], n >= 4, of the spline through y at 0, 1 ...:
 * m[i-1] + 4 m[i] + m[i+1] = 6 (y[i-1] - 2 y[i] + y[i+1]) inside, and the
 * third derivative goes on at 1 and n - 2: m[0] = 2 m[1] - m[2] and its
 * mirror image, which makes 6 m[1] the first equation's left side. */
static void
bend(const double *y, int n, double *m)
{
    double *diag = xcalloc((size_t)n, sizeof *diag);

    for (int i = 1; i < n - 1; i++) {
        diag[i] = i == 1 || i == n - 2 ? 6 : 4;
        m[i] = 6 * (y[i - 1] - 2 * y[i] + y[i + 1]);
        if (i > 1 && i < n - 2) {
            diag[i] -= (i > 2) / diag[i - 1];
            m[i] -= m[i - 1] / diag[i - 1];
        }
    }
    m[n - 2] /= diag[n - 2];
    for (int i = n - 3; i > 0; i--)
        m[i] = (m[i] - (i == 1 ? 0 : m[i + 1])) / diag[i];
    m[0] = 2 * m[1] - m[2];
    m[n - 1] = 2 * m[n - 2] - m[n - 3];
    free(diag);
}

/* y, at n places, read at p places from end to end. */
static void
spline(const double *y, int n, int p, double *x)
{
    double *m = xcalloc((size_t)n, sizeof *m);

    bend(y, n, m);
    for (int k = 0; k < p; k++) {
        double at = p > 1 ? (double)k * (n - 1) / (p - 1) : 0;
        int i = at >= n - 1 ? n - 2 : (int)at;
        double b = at - i, a = 1 - b;

        x[k] = a * y[i] + b * y[i + 1]
            + ((a * a * a - a) * m[i] + (b * b * b - b) * m[i + 1]) / 6;
    }
    free(m);
}

/* Where place k of `to` falls among `from`: between *i and *i + 1. */
static double
place(int k, int to, int from, int *i)
{
    double at = to > 1 ? (double)k * (from - 1) / (to - 1) : 0;

    *i = at >= from - 1 ? from - 1 : (int)at;
    return at - *i;
}

static void
resize(const struct image *m, int p, int q, double *x)
{
    for (int a = 0; a < p; a++)
        for (int b = 0; b < q; b++) {
            int i, j;
            double u = place(a, p, m->rows, &i), v = place(b, q, m->cols, &j);
            const double *at = m->pixel + i * m->cols + j;
            int down = u > 0 ? m->cols : 0, right = v > 0;

            x[a * q + b] = (1 - u) * ((1 - v) * at[0] + v * at[right])
                + u * ((1 - v) * at[down] + v * at[down + right]);
        }
}

void
image_template(const struct template *t, const struct group *g,
               const char *where, double *x)
{
    struct image m;
    double *line;
    int n;

    if (!g->q)
        group_bad(where, "the template 'image' needs a cyclic group or a "
                  "product of two, as C10 or C5xC5");
    parse(&m, t->image, where);
    if (g->q > 1) {
        resize(&m, g->p, g->q, x);
    } else {
        line = fold(&m, t->fold, &n);
        if (n < 4)
            group_bad(where, "image: %d values to go through; the spline "
                      "needs 4", n);
        spline(line, n, g->p, x);
        free(line);
    }
    standardise(x, g->n);
    free(m.pixel);
}

/* ---- files ---- */

/* The next number of a PGM's text; -1 if there is none. */
static long
pgm_number(const char *text, size_t n, size_t *at)
{
    long x = 0;

    while (*at < n && (isspace((unsigned char)text[*at]) || text[*at] == '#'))
        if (text[(*at)++] == '#')
            while (*at < n && text[*at] != '\n')
                (*at)++;
    if (*at >= n || !isdigit((unsigned char)text[*at]))
        return -1;
    while (*at < n && isdigit((unsigned char)text[*at]))
        if ((x = 10 * x + (text[(*at)++] - '0')) > 65535)
            return -1;
    return x;
}

static void
read_pgm(FILE *out, const char *text, size_t n, const char *path)
{
    bool plain = text[1] == '2';
    size_t at = 2;
    long cols = pgm_number(text, n, &at), rows = pgm_number(text, n, &at);
    long most = pgm_number(text, n, &at);

    if (cols < 1 || cols > IMAGE_SIDE || rows < 1 || rows > IMAGE_SIDE
        || rows * cols > IMAGE_PIXELS || most < 1
        || (!plain && (most > 255 || at >= n)))
        die_at(path, 0, "a PGM image of at most %d x %d points, %d in all, "
               "with values up to %d, is wanted", IMAGE_SIDE, IMAGE_SIDE,
               IMAGE_PIXELS, plain ? 65535 : 255);
    at += !plain;
    for (long i = 0; i < rows * cols; i++) {
        long x = plain ? pgm_number(text, n, &at)
            : at < n ? (long)(unsigned char)text[at++] : -1;

        if (x < 0 || x > most)
            die_at(path, 0, x < 0 ? "the image is cut: point %ld is missing"
                   : "point %ld is brighter than the header says", i);
        fprintf(out, "%s%ld", !i ? "" : i % cols ? " " : "; ", x);
    }
}

static void
read_lines(FILE *out, const char *text, size_t n, const char *path)
{
    bool any = false, comment = false;

    for (size_t i = 0; i < n; i++) {
        char c = text[i];

        comment = c != '\n' && (comment || c == '#');
        if (comment || c == '\r')
            continue;
        if (c == '\n')
            c = ';';
        if (c == '\t')
            c = ' ';
        if (!strchr("+-.,eE0123456789 ;", c) || !c)
            die_at(path, 0, "neither a PGM image nor lines of numbers");
        any = any || isdigit((unsigned char)c);
        putc(c, out);
    }
    if (!any)
        die_at(path, 0, "no numbers in it");
}

char *
image_read(const char *path)
{
    size_t n;
    char *text = file_read(path, IMAGE_BYTES, &n);
    struct memfile *page = memfile_open();

    if (n > 2 && text[0] == 'P' && (text[1] == '2' || text[1] == '5'))
        read_pgm(memfile_stream(page), text, n, path);
    else
        read_lines(memfile_stream(page), text, n, path);
    free(text);
    return memfile_close(page, NULL);
}

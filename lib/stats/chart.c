/* chart.c - curves drawn with characters. */
#include "stats/chart.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"

enum { LABEL = 9, COLOURS = 7 };    /* characters before the area */

/* Colours that colour-blind readers tell apart (Okabe and Ito 2008), of the
 * 256 that terminals have. */
static const int colours[COLOURS] = { 32, 208, 36, 176, 74, 166, 220 };

struct canvas {
    const struct chart_style *style;
    int across, down;           /* characters of the area */
    int wide, high;             /* dots of it */
    uint8_t *dots;              /* (down,across): Braille's bits */
    int *who;                   /* (down,across): the series drawn last */
    double x0, x1, y0, y1;      /* what the area shows */
};

static double
height(const struct chart_style *style, double y)
{
    return !style->log ? y : y > 0 ? d_log(y) : NAN;
}

static void
widen(double v, double *lo, double *hi)
{
    *lo = v < *lo ? v : *lo;
    *hi = v > *hi ? v : *hi;
}

static void
find_range(struct canvas *c, const struct chart_series *s, int n)
{
    c->x0 = c->y0 = INFINITY;
    c->x1 = c->y1 = -INFINITY;
    for (int i = 0; i < n; i++)
        for (long k = 0; k < s[i].n; k++) {
            double y = height(c->style, s[i].y[k]);

            if (!isfinite(y) || !isfinite(s[i].x[k]))
                continue;
            widen(s[i].x[k], &c->x0, &c->x1);
            widen(y, &c->y0, &c->y1);
        }
    if (!(c->x1 >= c->x0))
        die(RC_DATA, "nothing to draw: no number is finite%s",
            c->style->log ? " and above 0" : "");
    if (!(c->x1 > c->x0))
        c->x1 = c->x0 + 1;
    if (!(c->y1 > c->y0))
        c->y1 = c->y0 + (c->y0 != 0 ? fabs(c->y0) : 1);
}

/* Bits of a Braille character's dots, column by column. */
static uint8_t
bit(int x, int y)
{
    static const uint8_t bits[2][4] = { { 1, 2, 4, 64 }, { 8, 16, 32, 128 } };

    return bits[x][y];
}

static void
dot(struct canvas *c, int x, int y, int series)
{
    int w = c->wide / c->across, h = c->high / c->down;
    size_t at = (size_t)(y / h) * (size_t)c->across + (size_t)(x / w);

    c->dots[at] |= c->style->letters ? 1 : bit(x % w, y % h);
    c->who[at] = series;
}

static int
place(double v, double lo, double hi, int n)
{
    return (int)((v - lo) / (hi - lo) * (n - 1) + 0.5);
}

static void
line(struct canvas *c, int x0, int y0, int x1, int y1, int series)
{
    int dx = abs(x1 - x0), dy = abs(y1 - y0), n = dx > dy ? dx : dy;

    for (int i = 0; i <= n; i++)
        dot(c, x0 + (n ? (x1 - x0) * i / n : 0),
            y0 + (n ? (y1 - y0) * i / n : 0), series);
}

static void
draw(struct canvas *c, const struct chart_series *s, int series)
{
    bool was = false;
    int x0 = 0, y0 = 0;

    for (long k = 0; k < s->n; k++) {
        double v = height(c->style, s->y[k]);
        int x, y;

        if (!isfinite(v) || !isfinite(s->x[k])) {
            was = false;
            continue;
        }
        x = place(s->x[k], c->x0, c->x1, c->wide);
        y = c->high - 1 - place(v, c->y0, c->y1, c->high);
        line(c, was ? x0 : x, was ? y0 : y, x, y, series);
        x0 = x;
        y0 = y;
        was = true;
    }
}

/* ---- text ---------------------------------------------------------------*/

static void
put_braille(FILE *out, uint8_t bits)
{
    putc(0xe2, out);            /* U+2800 + bits in UTF-8 */
    putc(0xa0 | bits >> 6, out);
    putc(0x80 | (bits & 0x3f), out);
}

static char
letter(int series)
{
    return (char)('a' + series % 26);
}

static void
put_cell(FILE *out, const struct canvas *c, size_t at, int *colour)
{
    int want = c->style->colour && c->dots[at]
                   ? colours[c->who[at] % COLOURS] : 0;

    if (want != *colour && c->style->colour) {
        if (want)
            fprintf(out, "\033[38;5;%dm", want);
        else
            fputs("\033[0m", out);
        *colour = want;
    }
    if (!c->dots[at])
        putc(' ', out);
    else if (c->style->letters)
        putc(letter(c->who[at]), out);
    else
        put_braille(out, c->dots[at]);
}

static double
shown(const struct canvas *c, double v)
{
    return c->style->log ? d_exp(v) : v;
}

static void
put_row(FILE *out, const struct canvas *c, int row)
{
    size_t at = (size_t)row * (size_t)c->across;
    int last = c->across, colour = 0;

    if (row == 0)
        fprintf(out, "%*.4g ", LABEL - 2, shown(c, c->y1));
    else if (row == c->down - 1)
        fprintf(out, "%*.4g ", LABEL - 2, shown(c, c->y0));
    else if (row == c->down / 2)
        fprintf(out, "%*.4g ", LABEL - 2, shown(c, c->y1 - (c->y1 - c->y0) *
                row / (c->down - 1)));
    else
        fprintf(out, "%*s", LABEL - 1, "");
    putc('|', out);
    while (last && !c->dots[at + (size_t)last - 1])
        last--;
    for (int i = 0; i < last; i++)
        put_cell(out, c, at + (size_t)i, &colour);
    if (colour)
        fputs("\033[0m", out);
    putc('\n', out);
}

static void
put_axis(FILE *out, const struct canvas *c)
{
    char from[32], to[32];
    int n;

    fprintf(out, "%*s", LABEL, "+");
    for (int i = 0; i < c->across; i++)
        putc('-', out);
    snprintf(from, sizeof from, "%.6g", c->x0);
    snprintf(to, sizeof to, "%.6g", c->x1);
    n = c->across - (int)strlen(from);
    fprintf(out, "\n%*s%s%*s\n", LABEL, "", from, n > 0 ? n : 0, to);
}

static void
put_legend(FILE *out, const struct canvas *c, const struct chart_series *s,
           int series)
{
    double last = NAN, least = INFINITY;

    for (long k = 0; k < s->n; k++)
        if (isfinite(s->y[k])) {
            last = s->y[k];
            least = last < least ? last : least;
        }
    if (c->style->letters)
        fprintf(out, "%c ", letter(series));
    else if (c->style->colour)
        fprintf(out, "\033[38;5;%dm--\033[0m ", colours[series % COLOURS]);
    if (isfinite(last))
        fprintf(out, "%s: last %.4g, least %.4g\n", s->name, last, least);
    else
        fprintf(out, "%s: no finite number\n", s->name);
}

void
chart_draw(FILE *out, const struct chart_series *s, int n,
           const struct chart_style *style)
{
    struct canvas c = {
        .style = style, .across = style->columns - LABEL, .down = style->rows,
    };
    size_t cells = (size_t)c.across * (size_t)c.down;

    c.wide = style->letters ? c.across : 2 * c.across;
    c.high = style->letters ? c.down : 4 * c.down;
    c.dots = xcalloc(cells, sizeof *c.dots);
    c.who = xcalloc(cells, sizeof *c.who);
    find_range(&c, s, n);
    for (int i = 0; i < n; i++)
        draw(&c, &s[i], i);
    for (int i = 0; i < c.down; i++)
        put_row(out, &c, i);
    put_axis(out, &c);
    for (int i = 0; i < n; i++)
        put_legend(out, &c, &s[i], i);
    free(c.dots);
    free(c.who);
}

/* group.c - groups by name, and what all groups need. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/file.h"
#include "group/group.h"
#include "group/table.h"

void
group_bad(const char *where, const char *fmt, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (where)
        die_at(where, 0, "%s", text);
    die(RC_USAGE, "%s", text);
}

static void
take_room(struct group *g, int n)
{
    g->n = n;
    g->table = xcalloc((size_t)n * (size_t)n, sizeof *g->table);
}

static void
make_cyclic(struct group *g, int p)
{
    take_room(g, p);
    for (int a = 0; a < p; a++)
        for (int b = 0; b < p; b++)
            g->table[a * p + b] = (uint16_t)((a + b) % p);
    g->p = p;
    g->q = 1;
}

/* x^a and x^a y, a in 0 .. m-1, with y x = x^-1 y and y^2 = x^square. */
static void
make_twisted(struct group *g, int m, int square)
{
    int n = 2 * m;

    take_room(g, n);
    for (int u = 0; u < n; u++)
        for (int v = 0; v < n; v++) {
            int a = u % m, b = v % m, flip = u / m, other = v / m;
            int power = a + (flip ? m - b : b) + (flip && other ? square : 0);

            g->table[u * n + v] = (uint16_t)(power % m + m * (flip ^ other));
        }
}

static void
rotate(uint8_t *perm, int m, int cycle)
{
    for (int i = 0; i < m; i++)
        perm[i] = (uint8_t)(i < cycle ? (i + 1) % cycle : i);
}

/* A turn of all and a swap of the first two make all permutations; of an odd
 * number, a turn of all and one of the first three make the even ones, and
 * of an even number a turn of the last m - 1 does. */
static void
make_permutations(struct group *g, int m, int even)
{
    uint8_t a[5], b[5];

    rotate(a, m, m);
    rotate(b, m, even ? 3 : 2);
    if (even && m == 4) {
        rotate(a, m, 3);
        b[0] = 0;
        b[1] = 2;
        b[2] = 3;
        b[3] = 1;
    }
    group_generate(g, a, b, m);
}

/* A cube's rotations are the permutations of its four diagonals: a quarter
 * turn is a cycle of four, a turn about a corner one of three. */
static void
make_octahedral(struct group *g)
{
    uint8_t a[4], b[4];

    rotate(a, 4, 4);
    rotate(b, 4, 3);
    group_generate(g, a, b, 4);
}

/* The number after a letter, in lo..hi and a multiple of `by`. */
static int
number(const char *name, int lo, int hi, int by, const char *where)
{
    char *end;
    long x = strtol(name + 1, &end, 10);

    if (name[1] < '1' || name[1] > '9' || *end || x < lo || x > hi || x % by)
        group_bad(where, "no group '%.40s': %c is followed by a number in "
                  "%d..%d%s", name, name[0], lo, hi, by == 4 ?
                  " that 4 divides" : "");
    return (int)x;
}

static void
make_factor(struct group *g, const char *name, const char *where)
{
    int n;

    memset(g, 0, sizeof *g);
    switch (name[0]) {
    case 'C':
        make_cyclic(g, number(name, 1, GROUP_ORDER, 1, where));
        return;
    case 'D':
        make_twisted(g, number(name, 1, GROUP_ORDER / 2, 1, where), 0);
        return;
    case 'Q':
        n = number(name, 4, GROUP_ORDER, 4, where);
        make_twisted(g, n / 2, n / 4);
        return;
    case 'S':
        make_permutations(g, number(name, 2, 5, 1, where), 0);
        return;
    case 'A':
        make_permutations(g, number(name, 3, 5, 1, where), 1);
        return;
    case 'O':
        if (!name[1]) {
            make_octahedral(g);
            return;
        }
    }
    group_bad(where, "no group '%.40s': there are C, D, Q, S and A with a "
              "number, O, products as C5xC5, and tables", name);
}

static void
multiply(struct group *g, struct group *by, const char *where)
{
    struct group all = { 0 };
    int m = by->n, n = g->n * m;

    if (n > GROUP_ORDER)
        group_bad(where, "a group of %d x %d elements: at most %d", g->n, m,
                  GROUP_ORDER);
    take_room(&all, n);
    for (int u = 0; u < n; u++)
        for (int v = 0; v < n; v++)
            all.table[u * n + v] = (uint16_t)(
                group_times(g, u / m, v / m) * m
                + group_times(by, u % m, v % m));
    if (g->q == 1 && by->q == 1) {
        all.p = g->p;
        all.q = by->p;
    }
    group_close(g);
    group_close(by);
    *g = all;
}

static void
make_named(struct group *g, const char *text, const char *where)
{
    char *copy = xstrdup(text), *rest = copy, *name;
    struct group by;
    int first = 1;

    while ((name = strsep(&rest, "x"))) {
        make_factor(first ? g : &by, name, where);
        if (!first)
            multiply(g, &by, where);
        first = 0;
    }
    free(copy);
    g->inverse = xcalloc((size_t)g->n, sizeof *g->inverse);
    for (int a = 0; a < g->n; a++)
        for (int b = 0; b < g->n; b++)
            if (group_times(g, a, b) == 0)
                g->inverse[a] = (uint16_t)b;
}

void
group_open(struct group *g, const char *text, const char *where)
{
    memset(g, 0, sizeof *g);
    if (strspn(text, "0123456789 ;") == strlen(text) && text[0])
        table_parse(g, text, where);
    else
        make_named(g, text, where);
}

void
group_close(struct group *g)
{
    free(g->table);
    free(g->inverse);
    memset(g, 0, sizeof *g);
}

char *
group_read(const char *path)
{
    size_t n, k = 0;
    char *text = file_read(path, GROUP_TEXT, &n);
    bool comment = false;

    for (size_t i = 0; i < n; i++) {
        char c = text[i] == '\n' ? ';' : text[i] == '\t' ? ' ' : text[i];

        comment = c != ';' && (comment || c == '#');
        if (comment || c == '\r')
            continue;
        if (!strchr("0123456789 ;", c) || !c) {
            free(text);
            die_at(path, 0, "neither numbers nor blanks: a table has the "
                   "number a b in row a, column b, from 0");
        }
        if (c == ' ' && (k == 0 || text[k - 1] == ' ' || text[k - 1] == ';'))
            continue;
        if (c == ';' && k && text[k - 1] == ' ')
            k--;
        if (c == ';' && (k == 0 || text[k - 1] == ';'))
            continue;
        text[k++] = c;
    }
    while (k && (text[k - 1] == ';' || text[k - 1] == ' '))
        k--;
    text[k] = '\0';
    return text;
}

int
group_classes(const struct group *g, int *class, int *size, int *first)
{
    int count = 0;

    for (int a = 0; a < g->n; a++)
        class[a] = -1;
    for (int a = 0; a < g->n; a++) {
        int k = 0;

        if (class[a] >= 0)
            continue;
        for (int h = 0; h < g->n; h++) {
            int c = group_times(g, group_times(g, h, a), g->inverse[h]);

            if (class[c] < 0) {
                class[c] = count;
                k++;
            }
            if (class[g->inverse[c]] < 0) {
                class[g->inverse[c]] = count;
                k++;
            }
        }
        if (size)
            size[count] = k;
        if (first)
            first[count] = a;
        count++;
    }
    return count;
}

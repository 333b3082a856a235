/* table.c - a Cayley table, from text to a group or to the line that says why
 * it is none. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "group/table.h"

/* The next number of a row; -1 at its end. */
static long
next(const char **text)
{
    long x = 0;

    while (**text == ' ')
        (*text)++;
    if (**text == ';' || !**text)
        return -1;
    while (**text >= '0' && **text <= '9') {
        if (x <= GROUP_ORDER)
            x = 10 * x + (**text - '0');
        (*text)++;
    }
    return x;
}

static int
columns(const char *text)
{
    int n = 0;

    while (next(&text) >= 0)
        n++;
    return n;
}

static void
read_rows(struct group *g, const char *text, const char *where)
{
    int n = columns(text);

    if (n < 1 || n > GROUP_TABLE)
        group_bad(where, "the table's first row has %d numbers: a table has "
                  "1..%d elements", n, GROUP_TABLE);
    g->n = n;
    g->table = xcalloc((size_t)n * (size_t)n, sizeof *g->table);
    for (int a = 0; a < n; a++) {
        int k = columns(text);

        if (k != n)
            group_bad(where, "row %d of the table has %d numbers, the first "
                      "has %d", a, k, n);
        for (int b = 0; b < n; b++) {
            long x = next(&text);

            if (x >= n)
                group_bad(where, "row %d of the table has %ld: with %d "
                          "columns, elements are 0..%d", a, x, n, n - 1);
            g->table[a * n + b] = (uint16_t)x;
        }
        text += strspn(text, " ");
        if (*text == ';')
            text++;
        if (!text[strspn(text, " ")] && a < n - 1)
            group_bad(where, "the table has %d rows and %d columns", a + 1, n);
    }
    if (text[strspn(text, " ;")])
        group_bad(where, "the table has more rows than its %d columns", n);
}

/* Each element once in each row and column. */
static void
check_latin(const struct group *g, const char *where)
{
    int n = g->n, *seen = xcalloc((size_t)n, sizeof *seen);

    for (int column = 0; column < 2; column++)
        for (int a = 0; a < n; a++)
            for (int b = 0; b < n; b++) {
                int c = column ? group_times(g, b, a) : group_times(g, a, b);

                if (seen[c] == 1 + a + column * n)
                    group_bad(where, "not a Latin square: %s %d of the table "
                              "has %d twice", column ? "column" : "row", a,
                              c);
                seen[c] = 1 + a + column * n;
            }
    free(seen);
}

static void
find_identity(struct group *g, const char *where)
{
    for (int e = 0; e < g->n; e++) {
        int a = 0;

        while (a < g->n && group_times(g, e, a) == a
               && group_times(g, a, e) == a)
            a++;
        if (a == g->n) {
            g->identity = e;
            return;
        }
    }
    group_bad(where, "no identity: no element e has e a = a e = a for all a");
}

/* What the elements marked in `in` make, with each other. */
static void
close_products(const struct group *g, bool *in)
{
    for (bool more = true; more; ) {
        more = false;
        for (int a = 0; a < g->n; a++)
            for (int b = 0; in[a] && b < g->n; b++)
                if (in[b] && !in[group_times(g, a, b)])
                    more = in[group_times(g, a, b)] = true;
    }
}

/* Light's test: (x a) y = x (a y) for a of a generating set is enough. */
static void
check_associative(const struct group *g, const char *where)
{
    bool *in = xcalloc((size_t)g->n, sizeof *in);

    in[g->identity] = true;
    for (int a = 0; a < g->n; a++) {
        if (in[a])
            continue;
        for (int x = 0; x < g->n; x++)
            for (int y = 0; y < g->n; y++) {
                int left = group_times(g, group_times(g, x, a), y);
                int right = group_times(g, x, group_times(g, a, y));

                if (left != right)
                    group_bad(where, "not associative: (%d %d) %d is %d, "
                              "%d (%d %d) is %d", x, a, y, left, x, a, y,
                              right);
            }
        in[a] = true;
        close_products(g, in);
    }
    free(in);
}

void
table_parse(struct group *g, const char *text, const char *where)
{
    read_rows(g, text, where);
    check_latin(g, where);
    find_identity(g, where);
    check_associative(g, where);
    g->inverse = xcalloc((size_t)g->n, sizeof *g->inverse);
    for (int a = 0; a < g->n; a++)
        for (int b = 0; b < g->n; b++)
            if (group_times(g, a, b) == g->identity)
                g->inverse[a] = (uint16_t)b;
}

/* A table that is taken is a group's: each irrep's trace at the identity is
 * its dimension, and the powers of a function add up to its square.  An image
 * that is taken makes a template of mean 0. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "fuzz.h"
#include "group/template.h"

enum { LARGEST = 24, LONGEST = 4096 };

static void
check_group(const struct group *g)
{
    double x[LARGEST], power[LARGEST], sum = 0;
    struct irreps r;

    irreps_make(&r, g);
    for (int a = 0; a < g->n; a++) {
        x[a] = a % 3 - 0.5;
        sum += x[a] * x[a];
        fuzz_check(group_times(g, a, g->inverse[a]) == g->identity);
    }
    fourier_power(&r, x, power);
    for (int i = 0; i < r.count; i++) {
        sum -= power[i];
        fuzz_check(fabs(r.at[i].trace[g->identity] - r.at[i].d) < 1e-6);
    }
    fuzz_check(fabs(sum) < 1e-6);
    irreps_free(&r);
}

static void
try_image(const char *text, size_t n)
{
    struct template t = { .kind = TEMPLATE_IMAGE };
    struct group g;
    double x[12], sum = 0;
    char *image = image_read(fuzz_file(0, text, n));

    group_open(&g, "C4xC3", NULL);
    t.image = image;
    template_make(&t, &g, "x", x);
    for (int i = 0; i < 12; i++)
        sum += x[i];
    fuzz_check(fabs(sum) < 1e-6);
    group_close(&g);
    free(image);
}

/* The first byte tells what the rest is. */
static void
one(const char *text, size_t n)
{
    struct group g;
    char *table;

    if (n < 1 || n > LONGEST)
        die_at("x", 0, "short or long");
    if (text[0] == 'i') {
        try_image(text + 1, n - 1);
        return;
    }
    table = group_read(fuzz_file(0, text + 1, n - 1));
    if (strspn(table, "0123456789 ;") != strlen(table) || !table[0])
        die_at("x", 0, "no table");
    group_open(&g, table, "x");
    if (g.n <= LARGEST)
        check_group(&g);
    group_close(&g);
    free(table);
}

const struct harness harness = { .one = one };

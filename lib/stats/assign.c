#include "stats/assign.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"

/* A problem with n <= m: every row gets a column.  Rows and columns count
 * from 1; column 0 is where a search starts. */
struct problem {
    const double *w;
    int n, m, turned;        /* turned: w is read as (m, n) */
    double *row, *col;       /* prices: row[i] + col[j] <= cost(i, j) */
    int *owner;              /* of a column: its row, 0: free */
    int *before;             /* the column before it on the path */
    double *least;           /* the cheapest way to a column so far */
    char *done;
};

static double
cost(const struct problem *p, int i, int j)
{
    return p->turned ? -p->w[(size_t)(j - 1) * (size_t)p->n + (size_t)i - 1] :
           -p->w[(size_t)(i - 1) * (size_t)p->m + (size_t)j - 1];
}

/* From column `at`, whose row is looked at, to the nearest column not done;
 * prices are raised so that the way there costs nothing. */
static int
step(struct problem *p, int at)
{
    int i = p->owner[at], next = 0;
    double delta = INFINITY;

    p->done[at] = 1;
    for (int j = 1; j <= p->m; j++) {
        double c;

        if (p->done[j])
            continue;
        c = cost(p, i, j) - p->row[i] - p->col[j];
        if (c < p->least[j]) {
            p->least[j] = c;
            p->before[j] = at;
        }
        if (p->least[j] < delta) {
            delta = p->least[j];
            next = j;
        }
    }
    for (int j = 0; j <= p->m; j++) {
        if (p->done[j]) {
            p->row[p->owner[j]] += delta;
            p->col[j] -= delta;
        } else {
            p->least[j] -= delta;
        }
    }
    return next;
}

/* Give row i a column, moving others along the cheapest path. */
static void
place(struct problem *p, int i)
{
    int at = 0;

    p->owner[0] = i;
    memset(p->done, 0, (size_t)p->m + 1);
    for (int j = 0; j <= p->m; j++)
        p->least[j] = INFINITY;
    do
        at = step(p, at);
    while (p->owner[at]);
    for (int from; at; at = from) {
        from = p->before[at];
        p->owner[at] = p->owner[from];
    }
}

double
assign_most(const double *w, int rows, int cols, int *to)
{
    struct problem p = {
        .w = w, .turned = rows > cols, .n = rows > cols ? cols : rows,
        .m = rows > cols ? rows : cols,
    };
    double total = 0;

    p.row = xcalloc((size_t)p.n + 1, sizeof *p.row);
    p.col = xcalloc((size_t)p.m + 1, sizeof *p.col);
    p.least = xcalloc((size_t)p.m + 1, sizeof *p.least);
    p.owner = xcalloc((size_t)p.m + 1, sizeof *p.owner);
    p.before = xcalloc((size_t)p.m + 1, sizeof *p.before);
    p.done = xcalloc((size_t)p.m + 1, 1);
    for (int i = 1; i <= p.n; i++)
        place(&p, i);
    for (int i = 0; i < rows; i++)
        to[i] = -1;
    for (int j = 1; j <= p.m; j++) {
        if (!p.owner[j])
            continue;
        total -= cost(&p, p.owner[j], j);
        if (p.turned)
            to[j - 1] = p.owner[j] - 1;
        else
            to[p.owner[j] - 1] = j - 1;
    }
    free(p.row);
    free(p.col);
    free(p.least);
    free(p.owner);
    free(p.before);
    free(p.done);
    return total;
}

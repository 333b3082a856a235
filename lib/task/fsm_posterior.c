/*
 * fsm_posterior.c - the exact posterior of a cell that has not been shown.
 *
 * With O the cells shown, P(O) = S^-|O| E[product over the tree's edges
 * (v, a) -> c that are in O of S [T(v,a) = c]]: a cell off the tree is uniform,
 * one on it has the edge's end.  The expectation goes over trees rooted at 0
 * and over which actions their edges have:
 *
 *   P(tree) = 1/(S-1)! times 1/|subtree(v)| of all v but the root
 *             (orders in which its edges can come, by the hook formula, times
 *             1/(k (S-k)) for edge k of each)
 *   P(actions of v's d children) = 1/(A .. (A-d+1))
 *
 * so that with
 *   g(v,C)  sum over ways to give the children C different actions of v, of
 *           the product of S [T(v,a) = c] where (v,a) is shown, 1 where not
 *   F(v,X)  sum over trees with root v and nodes X below it, with all factors
 *   H(C,Y)  the same over forests with roots C and nodes Y below them
 * it is F(0, all others) but for a constant, by
 *   F(v,X) = 1/(|X|+1) sum over C in X of g(v,C) / (A)_|C| H(C, X - C)
 *   H(C,Y) = sum over Z in Y of F(c,Z) H(C - c, Y - Z),  c the first of C.
 * Sets are bits of a mask.
 */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/fsm_predict.h"

enum { SETS = 1 << FSM_STATES };

struct forest {
    int states, actions;
    double edge[FSM_STATES][SETS];     /* g(v,C) / (A)_|C| */
    double tree[FSM_STATES][SETS];     /* F(v,X) */
    double woods[SETS][SETS];          /* H(C,Y) */
};

static int
size_of(unsigned set)
{
    return __builtin_popcount(set);
}

/* An action after the other is given to one more child or to none. */
static void
fill_edges(struct forest *f, int v, const int8_t *row)
{
    double *g = f->edge[v], falling[FSM_STATES + 1] = { 1 };
    unsigned all = 1u << f->states;

    memset(g, 0, SETS * sizeof *g);
    g[0] = 1;
    for (int a = 0; a < f->actions; a++)
        for (unsigned set = all - 1; set; set--)
            for (int c = 0; c < f->states; c++) {
                double w = row[a] == FSM_UNKNOWN ? 1 :
                           row[a] == c ? f->states : 0;

                if (set >> c & 1)
                    g[set] += w * g[set & ~(1u << c)];
            }
    for (int d = 1; d < f->states; d++)
        falling[d] = falling[d - 1] * (f->actions - d + 1);
    for (unsigned set = 1; set < all; set++)
        if (size_of(set) < f->states)
            g[set] /= falling[size_of(set)];
}

static double
woods(const struct forest *f, unsigned roots, unsigned below)
{
    int c = __builtin_ctz(roots);
    unsigned rest = roots & (roots - 1), z = below;
    double sum = 0;

    for (;; z = (z - 1) & below) {
        sum += f->tree[c][z] * f->woods[rest][below & ~z];
        if (!z)
            return sum;
    }
}

static double
tree(const struct forest *f, int v, unsigned below)
{
    double sum = 0;

    if (!below)
        return 1;
    for (unsigned c = below; c; c = (c - 1) & below)
        sum += f->edge[v][c] * f->woods[c][below & ~c];
    return sum / (size_of(below) + 1);
}

/* E[...] above, but for a constant. */
static double
weight(struct forest *f, int8_t table[FSM_STATES][FSM_ACTIONS])
{
    unsigned all = 1u << f->states;

    for (int v = 0; v < f->states; v++)
        fill_edges(f, v, table[v]);
    memset(f->woods[0], 0, sizeof f->woods[0]);
    f->woods[0][0] = 1;
    for (int n = 0; n < f->states; n++)
        for (unsigned x = 0; x < all; x++) {
            if (size_of(x) != n || x & 1)
                continue;
            for (unsigned c = x; c; c = (c - 1) & x)
                f->woods[c][x & ~c] = woods(f, c, x & ~c);
            for (int v = 0; v < f->states; v++)
                if (!(x >> v & 1))
                    f->tree[v][x] = tree(f, v, x);
        }
    return f->tree[0][all - 2];
}

static bool
row_may_absorb(const int8_t *row, int actions, int s)
{
    for (int a = 0; a < actions; a++)
        if (row[a] != FSM_UNKNOWN && row[a] != s)
            return false;
    return true;
}

/* P(O) but for a constant: of S times all cells that are shown, if one state
 * absorbs; its row tells nothing of the tree, and costs no chance. */
static double
evidence(struct forest *f, bool absorb,
         int8_t table[FSM_STATES][FSM_ACTIONS])
{
    double sum = 0;

    if (!absorb)
        return weight(f, table);
    for (int s = 0; s < f->states; s++) {
        int8_t row[FSM_ACTIONS];
        double certain = 1;

        if (!row_may_absorb(table[s], f->actions, s))
            continue;
        memcpy(row, table[s], sizeof row);
        for (int a = 0; a < f->actions; a++)
            certain *= row[a] == FSM_UNKNOWN ? 1 : f->states;
        memset(table[s], FSM_UNKNOWN, sizeof row);
        sum += certain * weight(f, table);
        memcpy(table[s], row, sizeof row);
    }
    return sum;
}

void
fsm_posterior(int states, int actions, bool absorb,
              const int8_t table[FSM_STATES][FSM_ACTIONS], int state,
              int action, double *p)
{
    struct forest *f = xcalloc(1, sizeof *f);
    int8_t with[FSM_STATES][FSM_ACTIONS];
    double all = 0;

    f->states = states;
    f->actions = actions;
    memcpy(with, table, sizeof with);
    for (int s = 0; s < states; s++) {
        with[state][action] = (int8_t)s;
        all += p[s] = evidence(f, absorb, with);
    }
    for (int s = 0; s < states; s++)      /* no machine is drawn like that */
        p[s] = all > 0 ? p[s] / all : 1.0 / states;
    free(f);
}

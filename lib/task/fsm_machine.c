/* fsm_machine.c - machines drawn, shown, and dealt out to the splits. */
#include <string.h>

#include "task/fsm.h"

enum { EMPTY = 0xff };

/* The i-th of the cells of a row that are empty. */
static int
empty_cell(const uint8_t *row, int actions, int i)
{
    int a = 0;

    for (; a < actions; a++)
        if (row[a] == EMPTY && i-- == 0)
            break;
    return a;
}

static int
count_empty(const uint8_t *row, int actions)
{
    int n = 0;

    for (int a = 0; a < actions; a++)
        n += row[a] == EMPTY;
    return n;
}

/* An edge from a state that is reached, by an action that it has left, to one
 * that is not, until all are.  With S - 1 <= A no state runs out of actions. */
static void
draw_tree(struct fsm *m, struct rng *r)
{
    int reached[FSM_STATES] = { 0 }, rest[FSM_STATES], n = m->states;

    for (int s = 1; s < n; s++)
        rest[s - 1] = s;
    for (int k = 1; k < n; k++) {
        uint8_t *row = m->next[reached[rng_below(r, (uint32_t)k)]];
        int at = (int)rng_below(r, (uint32_t)(n - k)), to = rest[at];
        int free = count_empty(row, m->actions);
        int a = empty_cell(row, m->actions, (int)rng_below(r,
                                                           (uint32_t)free));

        row[a] = (uint8_t)to;
        reached[k] = to;
        rest[at] = rest[n - k - 1];
    }
}

void
fsm_draw(struct fsm *m, bool absorb, struct rng *r)
{
    uint32_t n = (uint32_t)m->states;

    memset(m->next, EMPTY, sizeof m->next);
    draw_tree(m, r);
    for (int s = 0; s < m->states; s++)
        for (int a = 0; a < m->actions; a++)
            if (m->next[s][a] == EMPTY)
                m->next[s][a] = (uint8_t)rng_below(r, n);
    if (absorb) {
        int s = (int)rng_below(r, n);

        memset(m->next[s], s, (size_t)m->actions);
    }
}

/* FNV-1a over the table's cells, the words mixed once more (Steele, Lea and
 * Flood 2014) since the last cells reach its high bits too late. */
enum split
fsm_split(const struct fsm *m)
{
    uint64_t h = 14695981039346656037u;

    for (int s = 0; s < m->states; s++)
        for (int a = 0; a < m->actions; a++)
            h = (h ^ m->next[s][a]) * 1099511628211u;
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    h = (h ^ h >> 31) % 10;
    return h < 6 ? SPLIT_TRAIN : h < 8 ? SPLIT_VAL : SPLIT_TEST;
}

json_t *
fsm_table(const struct fsm *m)
{
    json_t *table = json_array();

    for (int s = 0; s < m->states; s++) {
        json_t *row = json_array();

        for (int a = 0; a < m->actions; a++)
            json_array_append_new(row, json_integer(m->next[s][a]));
        json_array_append_new(table, row);
    }
    return table;
}

void
fsm_dot(const struct fsm *m, uint64_t number, FILE *out)
{
    fprintf(out, "digraph fsm%llu {\n    rankdir=LR\n    node [shape=circle]\n",
            (unsigned long long)number);
    for (int s = 0; s < m->states; s++)
        fprintf(out, "    %d\n", s);
    for (int s = 0; s < m->states; s++)
        for (int to = 0; to < m->states; to++) {
            const char *before = NULL;

            for (int a = 0; a < m->actions; a++) {
                if (m->next[s][a] != to)
                    continue;
                if (before)
                    fprintf(out, "%s%c", before, 'a' + a);
                else
                    fprintf(out, "    %d -> %d [label=\"%c", s, to, 'a' + a);
                before = " ";
            }
            if (before)
                fputs("\"]\n", out);
        }
    fputs("}\n", out);
}

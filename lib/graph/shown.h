/*
 * shown.h - the names of a cell that an observer is shown: those that stand
 * for a value of every place in some case.  A name that stands for learned
 * vectors alone in all of them has nothing to show.
 *
 *     struct shown rows = { 0, NULL };
 *     shown_add(&rows, c) for every case; shown_sort(&rows);
 *     ... shown_has(&rows, c->named[i].name) ...
 *     shown_free(&rows);
 */
#ifndef GRAPH_SHOWN_H
#define GRAPH_SHOWN_H

#include <stdbool.h>

#include "cell/cell.h"

struct shown {
    int n;
    const char **name;    /* borrowed; one pointer a name of the cell */
};

void shown_add(struct shown *r, const struct cell_case *c);
void shown_sort(struct shown *r);
bool shown_has(const struct shown *r, const char *name);
void shown_free(struct shown *r);

#endif

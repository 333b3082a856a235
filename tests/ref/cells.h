/* cells.h - cells for tests that, together with those compiled in, use every
 * function and every construct of the language. */
#ifndef REF_CELLS_H
#define REF_CELLS_H

#include "problem.h"

/* The list ends where name is NULL.  Their shape has the cell, its input and
 * its sizes; the rest is up to the test. */
struct test_cell {
    const char *name;
    struct shape shape;
};

extern const struct test_cell construct_cells[];

/* Options that compiled-in cells are tested with beside their defaults; the
 * list ends where cell is NULL. */
struct option_set {
    const char *cell, *options;
    int input;             /* the width that the cell needs then, alone; 0: it
                              takes any */
};

extern const struct option_set option_sets[];

/* Functions of one and of two arguments, each in a cell of its own: the text
 * of number i into buf, and the function's name; NULL after the last. */
const char *function_cell(int i, char *buf, size_t size);

#endif

/* builtin.h - the cells of configs/cells, compiled in (the Makefile writes
 * builtin.c from them). */
#ifndef CELL_BUILTIN_H
#define CELL_BUILTIN_H

struct builtin_cell {
    const char *name, *text;
};

extern const struct builtin_cell builtin_cells[];   /* ends with name NULL */

#endif

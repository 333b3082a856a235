/*
 * columns.h - a table of numbers, rows in time: a CSV file or NumPy's .npy.
 */
#ifndef TASK_COLUMNS_H
#define TASK_COLUMNS_H

#include <stddef.h>

struct columns {
    int n;                  /* columns taken */
    char **name;            /* (n): of the first line, or numbers from 1 */
    int *number;            /* (n): from 1, in the file */
    size_t rows;
    double *value;          /* (rows,n), all finite */
    char hash[65];          /* SHA-256 of the file (unpacked, if .gz) */
};

/*
 * Read those of a file's columns that `which` names, in its order: names or
 * numbers from 1, between commas (twice is once); "": all.  Dies, naming file,
 * line and column, where a cell of a column that is taken is no finite number,
 * where lines differ in their number of cells, and on what is neither format.
 *
 * CSV (RFC 4180, as far as numbers go): cells between tabs, else semicolons,
 * else commas, whatever the first line has; that line holds names if one of
 * its cells is no number.  Empty lines are skipped.  .gz is unpacked.
 * .npy: one or two axes of floats or whole numbers, in C's order.
 */
void columns_read(struct columns *c, const char *path, const char *which);
/* The place of a column that was taken, by name or number in the file; -1:
 * none. */
int columns_find(const struct columns *c, const char *name);
void columns_release(struct columns *c);

#endif

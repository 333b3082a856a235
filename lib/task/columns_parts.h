/* columns_parts.h - what the files behind columns.h share. */
#ifndef TASK_COLUMNS_PARTS_H
#define TASK_COLUMNS_PARTS_H

#include "task/columns.h"

/* A file's own columns. */
struct table_file {
    const char *path;
    int n;
    char **name;            /* (n) */
    int *take;              /* (n): which of those taken, or -1 */
};

/* Fills f->take, c->n and c->name.  Dies on names that are not there. */
void columns_choose(struct columns *c, struct table_file *f,
                    const char *which);
/* Room for one more row (n numbers) of c->value, which has room for *room. */
double *columns_row(struct columns *c, size_t *room);

void csv_read(struct columns *c, const char *path, const char *which);
void npy_read(struct columns *c, const char *path, const char *which);

#endif

/* table.h - a Cayley table given as text, checked to be a group's. */
#ifndef GROUP_TABLE_H
#define GROUP_TABLE_H

#include "group/group.h"

/* Rows of numbers between semicolons.  Dies, as group_open() says. */
void table_parse(struct group *g, const char *text, const char *where);

#endif

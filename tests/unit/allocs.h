/* allocs.h - how often memory was asked for, in programs that link this. */
#ifndef UNIT_ALLOCS_H
#define UNIT_ALLOCS_H

#include <stdbool.h>

/* Calls of malloc and its kin so far; always 0 if they are not counted, with a
 * sanitizer, whose own they are. */
long allocs(void);
bool allocs_counted(void);

#endif

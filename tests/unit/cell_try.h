/* cell_try.h - read a cell in a child process, for errors end the program. */
#ifndef CELL_TRY_H
#define CELL_TRY_H

#include <stddef.h>

/*
 * Parse `text` as "x.cell", print and parse it again, resolve it with `input`
 * and `size` units and `options` (JSON text or NULL) and free everything.
 * `said` gets what went to stderr, with the program's name "test".  Returns
 * the exit status, or 1000 + the signal that ended it (14: it took too long).
 */
int cell_try(const char *text, int input, int size, const char *options,
             char *said, size_t max);

#endif

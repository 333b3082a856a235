/*
 * memfile.h - text put together in memory with stdio's functions.
 *
 *     struct memfile *m = memfile_open();
 *     fprintf(memfile_stream(m), ...);
 *     text = memfile_close(m, NULL);
 *
 * open_memstream() without its silence: where memory ends, so does the
 * program, with one line.
 */
#ifndef BASE_MEMFILE_H
#define BASE_MEMFILE_H

#include <stddef.h>
#include <stdio.h>

struct memfile;

struct memfile *memfile_open(void);
FILE *memfile_stream(struct memfile *m);      /* borrowed */
/* The text, with a 0 after it, which the caller frees; its length goes to *n
 * (may be NULL).  Frees m. */
char *memfile_close(struct memfile *m, size_t *n);

#endif

/*
 * record.h - the line of JSON before a tensor's bytes, as every writer of
 * numbers and plain names makes it, read and written without an object.
 */
#ifndef STREAM_RECORD_H
#define STREAM_RECORD_H

#include <stdbool.h>

#include "stream/tensor.h"

enum { RECORD_TEXT = 512 };     /* bytes that record_write() needs at most */

/* Is the line (n bytes, and a 0 after them) an object with just the keys of a
 * tensor, each once, and do shape and bytes agree?  Fills *t (all but its data)
 * and *crc if so.  If not, it may still be one written in another way: jansson
 * can tell. */
bool record_read(const char *line, size_t n, struct tensor *t, uint32_t *crc);

/* The line with its newline; the length.  Names consist of printable ASCII but
 * for '"' and '\\'. */
int record_write(char text[RECORD_TEXT], const struct tensor *t, uint32_t crc);

#endif

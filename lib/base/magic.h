/*
 * magic.h - what a file that should be text is instead, by its first bytes.
 */
#ifndef BASE_MAGIC_H
#define BASE_MAGIC_H

#include <stddef.h>

/* "a zip archive: unpack it first" and such, as the end of a message; NULL
 * if these bytes may begin a text. */
const char *magic_of(const void *bytes, size_t n);

/* Dies if the file of this name, which begins so, is no text. */
void magic_need_text(const char *name, const void *bytes, size_t n);

#endif

/*
 * names.h - how a task's classes are written: arrays of strings, in which
 * characters U+0001..U+00FF are bytes and U+0100 is byte 0.
 */
#ifndef TASK_NAMES_H
#define TASK_NAMES_H

#include <jansson.h>
#include <stdio.h>

#include "stream/batch.h"

/* n symbols, then blank '.' and delimiter ':'. */
json_t *names_recall(int n);
/* Symbol i of n in one character 0-9A-Za-z if n <= 62, else in decimal. */
void name_symbol(int i, int n, char name[12]);
/* The name of a string of bytes. */
json_t *name_bytes(const unsigned char *byte, size_t n);

/* Print a batch as text.  `language` (each input is the target before it):
 * the inputs as they stand, of the first row only if the rows continue.  Else
 * a line a row: input, tab, target ('-' where not scored).  Without names
 * (NULL) classes are bytes. */
void names_print(FILE *out, const struct stream_info *info,
                 const json_t *names, bool language, const struct batch *b);

#endif

/*
 * json.h - JSON in and out, on top of jansson.
 *
 * Reading refuses duplicate keys, keys that are not ASCII, trailing text, NaN
 * and whole numbers of 2^53 or more that are not in the form below (those are
 * read as reals), and says file:line.
 * Writing is canonical where bytes matter: keys sorted, no spaces, numbers in
 * one form (shortest digits that read back to the same double; an integer
 * without fraction below 2^53 in plain digits; exponents as jq 1.6 prints
 * them: 1e-05, 1e+17; never -0), text in UTF-8.  `jq -cS .` prints the same.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Is it a whole number, 2, 2.0 or 2e0, of less than 2^53?  *x is filled if it
 * is. */
bool json_whole(const json_t *v, int64_t *x);

/* Is the number not 0 as it is written, but 0 as a double? */
bool json_vanishes(const char *text, size_t n);

/* The caller owns the returned values (json_decref). */
json_t *json_read_file(const char *path);          /* "-": standard input */
/* `file`, `line`: where the text stands, for messages. */
json_t *json_read_text(const char *text, size_t n, const char *file,
                       long line);
/* The same without dying: NULL, *trouble (the caller frees) and *line, from 1;
 * 0 if none can be told. */
json_t *json_try_text(const char *text, size_t n, char **trouble, long *line);

/* Canonical text, keys sorted if `sort`, else in insertion order; the caller
 * frees.  Dies on NaN and infinity: write json_number() instead. */
char *json_text(const json_t *v, bool sort);
/* For files that people read: indented by two spaces, insertion order, arrays
 * of plain values on lines filled to 79 columns; no newline at the end. */
char *json_pretty(const json_t *v);

/* A text that may be no UTF-8, such as a file's name: then with '?' in place
 * of what is not ASCII.  (json_string() gives NULL, which sets no key.) */
json_t *json_words(const char *s);

/* A number; null if it is NaN or infinite. */
json_t *json_number(double x);

/* The canonical form of a double into buf (at least 40 bytes); "null" if it
 * is NaN or infinite. */
void json_format_number(double x, char *buf);

/* SHA-256 in hexadecimal of the canonical text of `v` without its key "id". */
void json_id(const json_t *v, char hex[65]);

/* v.a.b.c by a dotted path; NULL if there is none. */
json_t *json_at(const json_t *v, const char *path);
/* Set it, making the objects on the way; takes over `x`. */
void json_set_at(json_t *v, const char *path, json_t *x);

#endif

/*
 * line.h - a line of JSON lines, read where it stands.
 *
 * Decoded into objects a list of tokens takes a hundred times its text; here
 * the text itself is the value.  A value is a pointer to its first character
 * within a text that line_check() has passed.
 */
#ifndef STREAM_LINE_H
#define STREAM_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values of a line; NULL where it has none. */
struct line {
    const char *input, *target, *scored;
    const char *about;       /* for people: any object, looked at by nobody */
};

/* Is the text (n bytes, and a 0 after them) an object with no keys but these,
 * each once at most, whose values but `about` are JSON without objects, and
 * whose numbers are those that base/json.h reads?  Fills *l if so.  If not,
 * jansson can tell why. */
bool line_check(const char *text, size_t n, struct line *l);

bool value_is_list(const char *v);
bool value_is_number(const char *v);
bool value_is_null(const char *v);
/* Is it a whole number, 2, 2.0 or 2e0, of less than 2^53?  *x is filled if it
 * is. */
bool value_whole(const char *v, int64_t *x);
/* 0 if it is no number. */
double value_number(const char *v);

/* The items of a list: first, then next of it; NULL after the last, and for
 * what is no list.  Sizes are found by walking. */
const char *value_first(const char *v);
const char *value_next(const char *item);
size_t value_size(const char *v);

#define value_foreach(v, i, x) \
    for ((x) = value_first(v), (i) = 0; (x); (x) = value_next(x), (i)++)

#endif

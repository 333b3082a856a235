/*
 * name.h - the one white list for names that become make text, words of a
 * shell or files' names: letters, digits and ._+- alone.
 */
#ifndef BASE_NAME_H
#define BASE_NAME_H

#include <stdbool.h>

/* Is it such a name?  Not empty, and with '-' or '.' not at its start. */
bool name_is_plain(const char *s);

/* A dotted path of such names, as a setting's key. */
bool name_is_key(const char *s);

/* The same for a value, where '/' may stand between names: no part is empty
 * (but before a first '/'), ".", ".." (but at the start) or begins with '-'. */
bool name_is_path(const char *s);

/* Dies at `where` if it is not, ok: "WHAT 'S': only letters, ...". */
void name_check(bool ok, const char *s, const char *what, const char *where);

#endif

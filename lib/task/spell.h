/*
 * spell.h - classes from text, by the names a stream's header gives them.
 */
#ifndef TASK_SPELL_H
#define TASK_SPELL_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* Text as gentask --text prints it: at each place the longest name that fits.
 * Without names (NULL) 256 classes are bytes, and others cannot be spelled.
 * Dies, naming file, line and
 * character, where nothing fits.  The caller frees. */
int32_t *spell_text(const json_t *names, int classes, const char *text,
                    size_t size, const char *where, long *n);

/* "0 1 2 ... 8 clear": names between blanks; `...` stands for the classes
 * between its neighbours; `clear`, `end` or `\n` for the newline; the classes'
 * numbers where they have no names and are no bytes.  Dies with RC_USAGE,
 * naming `flag`. */
int32_t *spell_list(const json_t *names, int classes, const char *list,
                    const char *flag, long *n);

/* The class that one such word names, or -1. */
int spell_word(const json_t *names, int classes, const char *word);

#endif

/* keys_text.h - what keys.c, keys_text.c and cli.c share. */
#ifndef BASE_KEYS_TEXT_H
#define BASE_KEYS_TEXT_H

#include <stdbool.h>

#include "base/keys.h"

/* Does the row take this value? */
bool keys_accepts(const struct key *k, const json_t *v);

/* These return text that the caller frees. */
char *keys_wanted(const struct key *k);   /* "a whole number in 1..9" */
char *keys_range(const struct key *k);    /* " in 1..9", or "" */
char *keys_flag(const char *path);        /* "--task-seed" */
/* " (did you mean 'lr'?)", or "". */
char *keys_near(const struct key *table, const char *path);

/* A number written in full, in decimal; false for anything else. */
bool number_parse(const char *text, double *x);

#endif

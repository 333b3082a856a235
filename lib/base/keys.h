/*
 * keys.h - one table of settings drives checking, defaults, flags and docs.
 *
 * A table is an array of struct key that ends with path == NULL.  A config is
 * a sparse JSON object: a key equal to its default is left out; `settings` is
 * the same object with all defaults filled in.
 */
#ifndef BASE_KEYS_H
#define BASE_KEYS_H

#include <jansson.h>

enum key_type {
    KEY_INT,      /* whole number in lo..hi */
    KEY_REAL,     /* finite number in lo..hi */
    KEY_BOOL,
    KEY_TEXT,
    KEY_CHOICE,   /* one of `choices`, "sgd|adam|..." */
    KEY_OBJECT,   /* any object (checked elsewhere): cells, task, options */
};

struct key {
    const char *path;      /* "lr"; the flag is --lr ('_' becomes '-') */
    enum key_type type;
    const char *dflt;      /* as JSON text: "0.001", "\"adam\"", "{}" */
    double lo, hi;         /* INT and REAL: allowed range, inclusive */
    const char *choices;
    const char *arg;       /* what the value is called in --help */
    const char *help;      /* lower case, no full stop */
};

/* Die unless every key of obj is in the table with the right type and range.
 * `where` is the file (or "command line") for the message; unknown keys are
 * refused by name, with the near ones.  Keys named in `also` (NULL-ended list,
 * may be NULL) are let through. */
void keys_check(const struct key *table, const json_t *obj, const char *where,
                const char *const *also);

/* A value from a flag's text, checked against the row.  Dies with RC_USAGE. */
json_t *keys_parse(const struct key *k, const char *text);

const struct key *keys_find(const struct key *table, const char *path);

/* New objects: defaults filled in, and defaults left out.  Keys stand in the
 * table's order, those within a KEY_OBJECT are sorted, so that configs with
 * one id give one text.  Numbers are compared by value (1, 1.0, 1e0). */
json_t *keys_fill(const struct key *table, const json_t *obj);
json_t *keys_sparse(const struct key *table, const json_t *obj);

/* Read a settings object that keys_fill() made. */
double keys_real(const json_t *settings, const char *path);
long keys_int(const json_t *settings, const char *path);
int keys_bool(const json_t *settings, const char *path);
const char *keys_text(const json_t *settings, const char *path);

/* Markdown rows "| key | type | default | meaning |" for the docs. */
char *keys_markdown(const struct key *table);

#endif

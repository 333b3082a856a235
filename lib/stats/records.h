/*
 * records.h - JSON objects read from results, summaries and JSON lines, and
 * values looked up in them.
 *
 * A file may hold one object a line, or objects printed over many lines (as
 * result files are, and `cat` of them), or both.
 */
#ifndef STATS_RECORDS_H
#define STATS_RECORDS_H

#include <jansson.h>

struct record {
    json_t *value;        /* an object, owned */
    char *file;           /* where it stood, for messages; owned */
    long line;
};

struct records {
    long n, room;
    struct record *at;
};

/* Append what PATH ("-": standard input) holds.  Dies, naming file and line,
 * on anything that is not a JSON object. */
void records_read(struct records *r, const char *path);
/* Operands argv[0..n-1], standard input if there are none.  A record that comes
 * again (the same "id" and values) is kept once, with a line on stderr; dies
 * on two results of one run that differ. */
void records_read_all(struct records *r, char **argv, int n);
void records_release(struct records *r);

/* Put the object of the side file NAME.meta into each record as "meta",
 * where NAME.json is the file it came from.  Dies if one is missing. */
void records_join_meta(struct records *r);

/* Keep the records for which KEY=VALUE holds (VALUE as JSON, or else as
 * text).  Dies with RC_USAGE if there is no '='. */
void records_keep(struct records *r, const char *condition);

/* The value at a dotted path: in the record itself, else in its "settings".
 * Borrowed; NULL if there is none. */
const json_t *record_at(const struct record *r, const char *path);

/* The same; dies, naming file and line, if there is none. */
const json_t *record_need(const struct record *r, const char *path);

/* As a number: true and false are 1 and 0, null is NaN (a run that diverged
 * has no accuracy).  Dies if it is missing or something else. */
double record_number(const struct record *r, const char *path);

/* Text for a table or a name: strings bare, the rest as JSON; the caller
 * frees. */
char *value_text(const json_t *v);

/* A total order: null < booleans < numbers < texts < the rest, by value. */
int value_compare(const json_t *a, const json_t *b);

/* Split "a,b,c" into a NULL-ended list; dies with RC_USAGE on an empty part.
 * The caller frees with names_free(). */
char **names_split(const char *list, const char *flag, int *n);
void names_free(char **names);

#endif

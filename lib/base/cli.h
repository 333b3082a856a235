/*
 * cli.h - a tool's command line, parsed by glibc's argp.
 *
 * Two tables: `opts`, operational options that change no number, and `keys`,
 * settings that do (each row of keys.h is a flag).  --help (with live
 * defaults and an example), --usage and --version are added to every tool.
 */
#ifndef BASE_CLI_H
#define BASE_CLI_H

#include <jansson.h>

#include "base/keys.h"

enum opt_kind { CLI_END, CLI_FLAG, CLI_INT, CLI_REAL, CLI_STR, CLI_LIST };

struct opt {
    enum opt_kind kind;
    char letter;         /* 0: long form only */
    const char *name;    /* long form, without the dashes */
    const char *arg;     /* what the argument is called in --help */
    const char *help;    /* lower case, no full stop */
    void *where;         /* FLAG int*, INT long*, REAL double*, STR const
                            char**, LIST char*** (NULL-ended, grows) */
    double lo, hi;       /* INT, REAL: allowed range, inclusive */
};

#define OPT_FLAG(c, name, p, help) { CLI_FLAG, c, name, 0, help, p, 0, 1 }
#define OPT_INT(c, name, arg, p, lo, hi, help) \
    { CLI_INT, c, name, arg, help, p, lo, hi }
#define OPT_REAL(c, name, arg, p, lo, hi, help) \
    { CLI_REAL, c, name, arg, help, p, lo, hi }
#define OPT_STR(c, name, arg, p, help) { CLI_STR, c, name, arg, help, p, 0, 0 }
/* May be given many times; the values collect in order. */
#define OPT_LIST(c, name, arg, p, help) \
    { CLI_LIST, c, name, arg, help, p, 0, 0 }
#define OPT_END { CLI_END, 0, 0, 0, 0, 0, 0, 0 }

struct tool {
    const char *name;
    const char *args;      /* operands, as in "[FILE ...]"; "" for none */
    const char *about;     /* one sentence: what goes in, what comes out */
    const char *details;   /* paragraphs for --help, or NULL */
    const char *example;   /* lines that work as they stand */
    const struct opt *opts;
    const struct key *keys;    /* may be NULL */
};

/*
 * Fill the options' places from argv; flags of `keys` (and --set KEY=VALUE)
 * are checked and collected into *set (a new object, owned by the caller; set
 * may be NULL when the tool has no keys).  Sets `prog`.
 * Returns the index of the first operand (argv is permuted so that operands
 * come last).  Exits 0 after --help or --version (stdout), 2 on a bad command
 * line (one line on stderr that ends in "try 'PROG --help'").
 */
int cli_parse(const struct tool *t, int argc, char **argv, json_t **set);

#endif

/* rules.h - what is behind legal.h: a table of functions for each task. */
#ifndef TASK_RULES_H
#define TASK_RULES_H

#include "base/keys.h"
#include "task/legal.h"
#include "task/meaning.h"

enum { MAX_LINES = 32 };

struct rules {
    const char *task;
    void (*open)(struct legal *l, const json_t *settings);
    uint32_t (*moves)(const struct legal *l, const struct legal_state *s,
                      uint32_t *weight);
    bool (*play)(const struct legal *l, struct legal_state *s, int symbol);
    /* Entropy (nats) and mean length of a unit. */
    void (*unit)(const struct legal *l, double *entropy, double *length);
    void (*close)(struct legal *l);
    /* Names of the ways to be wrong, NULL-ended, and which one a symbol is
     * that is not allowed here. */
    const char *const *kinds;
    int (*blame)(const struct legal *l, const struct legal_state *s,
                 int symbol);
    /* meaning.h's. */
    int (*meanings)(const struct legal *l, struct meaning *m);
    void (*mean)(const struct legal *l, const struct legal_state *s,
                 int32_t *value);
};

struct legal {
    const struct rules *rules;
    const char *where;       /* for messages while opening */
    int symbols, end;
    int max;                 /* the largest number; grammar: the depth */
    int cells;               /* boards */
    uint64_t *rows;          /* three in a row: masks that win, 0-ended */
    char **lines;            /* their names */
    void *grammar;           /* grammar.c's */
    json_t *names;
};

extern const struct rules rules_charprint, rules_charcount, rules_grid,
    rules_tictac, rules_grammar;

/* Settings at odds with each other. */
_Noreturn void rules_bad(const struct legal *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif

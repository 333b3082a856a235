/*
 * grammar.h - all lines of a small grammar, up to a depth.
 *
 *   S -> aSb | ba
 *
 * One rule a line (or between semicolons): a capital letter, an arrow and its
 * alternatives.  Capitals stand for their rules, every other printable
 * character for itself; blanks do not count; # starts a comment.  The first
 * rule's letter is where lines start.  A line's depth is how often a rule was
 * applied inside another on the way to its deepest letter: "ba" has depth 0,
 * "aababb" 2.
 */
#ifndef TASK_GRAMMAR_H
#define TASK_GRAMMAR_H

#include "task/rules.h"

enum {
    GRAMMAR_LINES = 65536,    /* bounds; beyond them the grammar is refused */
    GRAMMAR_BYTES = 1 << 26,
    GRAMMAR_WORK = 1 << 29,   /* of all depths together */
};

/* The language, every line once, in order of their bytes. */
struct lines {
    char **line;              /* each ends in "\n" */
    int n;
    size_t bytes;
};

/* Dies through rules_bad(l, ...) on bad rules, on a grammar without a line
 * that ends within max_depth, and on too many lines. */
void grammar_lines(const struct legal *l, const char *rules, int max_depth,
                   struct lines *out);
void lines_release(struct lines *v);

/* Rules from a file, comments and needless blanks removed, one after the
 * other with "; " between; the caller frees. */
char *grammar_read(const char *path);

#endif

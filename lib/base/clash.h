/*
 * clash.h - files that a program reads and writes, so that no two outputs are
 * one file and none is an input: found before anything is written.
 *
 *     struct clash c = { .where = NULL };
 *     clash_in(&c, "--config", config);
 *     clash_out(&c, "--result", result);
 *     clash_release(&c);
 */
#ifndef BASE_CLASH_H
#define BASE_CLASH_H

#include <jansson.h>

struct clash {
    const char *where;    /* for messages; NULL: the command line */
    json_t *files;        /* by device and number, else by folder and name */
};

/* NULL is no file; "-" is standard input.  Pipes, terminals and devices may
 * be named twice.  Dies if `path`, called `what`, is there as an output. */
void clash_in(struct clash *c, const char *what, const char *path);
/* "-" is standard output, and no file.  Dies if it is there at all. */
void clash_out(struct clash *c, const char *what, const char *path);
void clash_release(struct clash *c);

#endif

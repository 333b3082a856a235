/*
 * compose.h - what the task `compose` is about: a group and a template, from
 * the task's settings.
 */
#ifndef TASK_COMPOSE_H
#define TASK_COMPOSE_H

#include <jansson.h>

#include "group/template.h"

enum compose_form { FORM_VECTORS, FORM_NUMBERS, FORM_FLAT, FORM_CODEBOOK };

/* n^len, and so what is listed at once, is at most: */
enum { COMPOSE_ALL = 1000000 };

struct composition {
    struct group group;
    double *x;                /* (n) the template */
    int len;                  /* k: elements of a sequence */
    bool outputs;             /* after each of them from the second on */
    enum compose_form form;
    bool listed;              /* all sequences in order, not draws */
    double held;              /* share kept from training */
    uint64_t seed;
};

/* settings: of the task, filled in.  A group or an image that is a file (a name
 * with a slash) is read, and its text takes the name's place in `settings`.
 * Dies on what does not go together: RC_USAGE if where is NULL, else as bad
 * input of that file. */
void composition_open(struct composition *c, json_t *settings,
                      const char *where);
void composition_close(struct composition *c);

/* The task's settings as a table of flags. */
const struct key *compose_keys(void);

#endif

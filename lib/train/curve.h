/* curve.h - a growing table of doubles: one row a sample. */
#ifndef TRAIN_CURVE_H
#define TRAIN_CURVE_H

#include <jansson.h>

struct curve {
    int width;          /* columns */
    int n, room;        /* rows */
    double *v;          /* (n,width) */
};

void curve_init(struct curve *c, int width);
void curve_release(struct curve *c);
void curve_add(struct curve *c, const double *row);
/* n rows at once, in place of what was there. */
void curve_set(struct curve *c, const double *rows, int n);

/* {"name": [...], ...}, a list a column; names: c->width of them, NULL leaves
 * a column out; NaN becomes null. */
json_t *curve_json(const struct curve *c, const char *const *names);

#endif

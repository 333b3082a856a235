#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "train/curve.h"

enum { ROOM = 4096 };   /* rows to start with: most runs never grow it */

void
curve_init(struct curve *c, int width)
{
    c->width = width;
    c->n = 0;
    c->room = ROOM;
    c->v = xcalloc((size_t)(c->room * width), sizeof *c->v);
}

void
curve_release(struct curve *c)
{
    free(c->v);
}

void
curve_add(struct curve *c, const double *row)
{
    if (c->n == c->room) {
        c->room *= 2;
        c->v = xrealloc(c->v, (size_t)c->room * (size_t)c->width,
                        sizeof *c->v);
    }
    memcpy(c->v + (size_t)c->n * (size_t)c->width, row,
           (size_t)c->width * sizeof *row);
    c->n++;
}

void
curve_set(struct curve *c, const double *rows, int n)
{
    c->n = 0;
    for (int i = 0; i < n; i++)
        curve_add(c, rows + (size_t)i * (size_t)c->width);
}

json_t *
curve_json(const struct curve *c, const char *const *names)
{
    json_t *out = json_object();

    for (int j = 0; j < c->width; j++) {
        json_t *a = json_array();

        for (int i = 0; i < c->n; i++)
            json_array_append_new(a, json_number(
                c->v[(size_t)i * (size_t)c->width + (size_t)j]));
        if (names[j])
            json_object_set(out, names[j], a);
        json_decref(a);
    }
    return out;
}

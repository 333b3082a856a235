/* answers.c - outputs for the validation set, written as training goes on. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "train/answers.h"

struct answers {
    struct tsw *out;
    float *value;            /* (n,K): of the set, so far */
    size_t n, room, width;
    int64_t count;
};

struct answers *
answers_open(const char *path, const char *id, const struct set *set)
{
    struct answers *a = xcalloc(1, sizeof *a);
    json_t *header = json_pack("{s:s, s:i}", "outputs", id, "target_size",
                               set->info.target_size);

    a->out = tsw_open(path, header);
    a->width = (size_t)set->info.target_size;
    json_decref(header);
    return a;
}

void
answers_chunk(void *ctx, const struct evaluator *e, const struct batch *b,
              int64_t first)
{
    struct answers *a = ctx;
    size_t places = (size_t)b->rows * (size_t)b->steps;

    if (first == 0)
        a->n = 0;
    if ((a->n + places) * a->width > a->room) {
        a->room = 2 * (a->n + places) * a->width;
        a->value = xrealloc(a->value, a->room, sizeof *a->value);
    }
    for (size_t i = 0; i < places; i++)
        if (b->scored[i])
            memcpy(a->value + a->n++ * a->width, e->outputs + i * a->width,
                   a->width * sizeof *a->value);
}

void
answers_next(struct answers *a, int64_t update)
{
    struct tensor t = {
        .name = "output", .dtype = DT_F32, .ndim = 2,
        .shape = { (int64_t)a->n, (int64_t)a->width }, .index = update,
        .bytes = a->n * a->width * sizeof *a->value, .data = a->value,
    };

    tsw_write(a->out, &t);
    tsw_flush(a->out);
    a->count++;
}

void
answers_close(struct answers *a)
{
    tsw_close(a->out, a->count);
    free(a->value);
    free(a);
}

/* spectra.c - what a net has answered to sequences of group elements, as power
 * by irrep. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "probe/staircase.h"
#include "stream/tstream.h"
#include "task/compose.h"
#include "task/source.h"

enum { ROWS = 64 };

/* The validation set's sequences, as gentask lists or draws them. */
struct judged {
    struct source source;
    struct composition c;
    struct irreps r;
    size_t width, n, room;
    float *target;           /* (n,width): of the scored places */
    int *answer;             /* (n): the element that is right */
    float *moved;            /* (width,width): row g is lambda(g) x */
};

static void
judged_open(struct judged *j, const struct record *r)
{
    json_t *task = json_deep_copy(record_need(r, "task"));
    const json_t *differs = record_at(r, "val_task");
    size_t n;

    memset(j, 0, sizeof *j);
    if (json_is_object(differs))
        json_object_update(task, (json_t *)differs);
    source_open(&j->source, task, ROWS, r->file, NULL);
    composition_open(&j->c, j->source.info.task, r->file);
    irreps_make(&j->r, &j->c.group);
    n = j->width = (size_t)j->c.group.n;
    j->moved = xcalloc(n * n, sizeof *j->moved);
    for (size_t g = 0; g < n; g++)
        for (size_t h = 0; h < n; h++)
            j->moved[g * n + h] = (float)j->c.x[group_times(
                &j->c.group, j->c.group.inverse[g], (int)h)];
    json_decref(task);
}

static void
judged_close(struct judged *j)
{
    irreps_free(&j->r);
    composition_close(&j->c);
    source_close(&j->source);
    free(j->target);
    free(j->answer);
    free(j->moved);
}

/* The element whose move of the template is most like y: all are as long. */
static int
nearest(const struct judged *j, const float *y)
{
    double most = -INFINITY;
    int best = 0;

    for (size_t g = 0; g < j->width; g++) {
        double dot = 0;

        for (size_t h = 0; h < j->width; h++)
            dot += (double)y[h] * (double)j->moved[g * j->width + h];
        if (dot > most) {
            most = dot;
            best = (int)g;
        }
    }
    return best;
}

static void
take_places(struct judged *j, const struct batch *b)
{
    size_t places = (size_t)b->rows * (size_t)b->steps, w = j->width;

    if (j->n + places > j->room) {
        j->room = 2 * (j->n + places);
        j->target = xrealloc(j->target, j->room * w, sizeof *j->target);
        j->answer = xrealloc(j->answer, j->room, sizeof *j->answer);
    }
    for (size_t i = 0; i < places; i++) {
        if (!b->scored[i])
            continue;
        memcpy(j->target + j->n * w, b->values + i * w, w * sizeof *b->values);
        j->answer[j->n] = nearest(j, b->values + i * w);
        j->n++;
    }
}

/* The targets of n places. */
static void
make_targets(struct judged *j, size_t n, const char *where)
{
    int64_t most = source_batches(&j->source, SPLIT_VAL);
    struct batch b = { 0 };

    for (int64_t i = 0; j->n < n && (most < 0 || i < most); i++) {
        source_make(&j->source, SPLIT_VAL, 0, i, &b);
        take_places(j, &b);
    }
    batch_release(&b);
    if (j->n < n || (most >= 0 && j->n > n))
        die_at(where, 0, "%zu places were answered: the task's validation "
               "split has %zu", n, j->n);
    j->n = n;
}

static void
print_line(FILE *out, const struct judged *j, const float *y, size_t n,
           int64_t step)
{
    size_t w = j->width, count = (size_t)j->r.count;
    double *power = xcalloc(2 * count + w, sizeof *power), loss = 0;
    double *one = power + count, *x = one + count;
    json_t *o = json_object(), *list = json_array();
    size_t right = 0;
    char *text;

    for (size_t i = 0; i < n; i++) {
        const float *v = y + i * w, *t = j->target + i * w;

        for (size_t h = 0; h < w; h++) {
            x[h] = v[h];
            loss += (x[h] - t[h]) * (x[h] - t[h]);
        }
        fourier_power(&j->r, x, one);
        for (size_t k = 0; k < count; k++)
            power[k] += one[k];
        right += nearest(j, v) == j->answer[i];
    }
    for (size_t k = 0; k < count; k++)
        json_array_append_new(list, json_number(power[k] / (double)n));
    json_object_set_new(o, "step", json_integer(step));
    json_object_set_new(o, "loss", json_number(loss / (double)(n * w)));
    json_object_set_new(o, "accuracy", json_number((double)right
                                                   / (double)n));
    json_object_set_new(o, "power", list);
    text = json_text(o, false);
    fprintf(out, "%s\n", text);
    free(text);
    json_decref(o);
    free(power);
}

static void
check_tensor(const struct tensor *t, const struct judged *j, const char *path)
{
    if (strcmp(t->name, "output") || t->dtype != DT_F32 || t->ndim != 2
        || t->shape[0] < 1 || t->shape[1] != (int64_t)j->width
        || t->index < 0 || (j->n && t->shape[0] != (int64_t)j->n))
        die_at(path, 0, "tensor '%s' is no output of this run's: f32, places "
               "x %zu, the same number of places each time, and an index",
               t->name, j->width);
}

void
staircase_spectra(FILE *out, const struct record *r, const char *path)
{
    struct tsr *in = tsr_open(path);
    const json_t *id = record_need(r, "id");
    struct tsr_buffer buffer = { 0 };
    struct tensor t;
    struct judged j;

    if (tsr_is_lines(in) || !json_equal(json_object_get(
            tsr_header(in), "outputs"), id))
        die_at(path, 0, "not the outputs of the run of %s", r->file);
    judged_open(&j, r);
    while (tsr_next(in, &t)) {
        check_tensor(&t, &j, path);
        tsr_bytes(in, &t, &buffer);
        if (!j.n)
            make_targets(&j, (size_t)t.shape[0], path);
        print_line(out, &j, t.data, j.n, t.index);
    }
    free(buffer.data);
    judged_close(&j);
    tsr_close(in);
}

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "train/show.h"

struct series {
    struct tensor t;
    int64_t n;
};

static void
print_float(FILE *out, float x)
{
    char text[32];

    if (!isfinite(x)) {
        fputs("null", out);
        return;
    }
    for (int digits = 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)x);
        if (strtof(text, NULL) == x)
            break;
    }
    fputs(x == 0 ? "0" : text, out);
}

void
print_floats(FILE *out, const float *v, int n)
{
    putc('[', out);
    for (int i = 0; i < n; i++) {
        if (i)
            putc(',', out);
        print_float(out, v[i]);
    }
    putc(']', out);
}

/* ---- probabilities ------------------------------------------------------*/

static void
probs_lines(const struct show *s, const struct evaluator *e,
            const struct batch *b)
{
    int k = e->loss->classes;

    for (int r = 0; r < b->rows; r++) {
        for (int t = 0; t < b->steps; t++) {
            size_t at = (size_t)r * (size_t)b->steps + (size_t)t;

            if (!b->scored[at])
                continue;
            fprintf(s->out, "{\"row\":%lld,\"t\":%d,\"target\":%d,\"probs\":",
                    (long long)(s->first + r), t, b->classes[at]);
            print_floats(s->out, e->loss->probs + at * (size_t)k, k);
            fputs("}\n", s->out);
        }
    }
}

static struct tensor
tensor_of(const char *name, enum dtype type, const struct batch *b, int n,
          int64_t index, const void *data)
{
    struct tensor t = {
        .dtype = type, .ndim = n ? 3 : 2, .shape = { b->rows, b->steps, n },
        .index = index, .data = (void *)data,
        .bytes = (size_t)b->rows * (size_t)b->steps * (size_t)(n ? n : 1) *
                 dtype_size(type),
    };

    if (strlen(name) >= sizeof t.name)
        die(RC_DATA, "the name '%s' is too long for a tensor", name);
    strcpy(t.name, name);
    return t;
}

static void
probs_tensors(const struct show *s, const struct evaluator *e,
              const struct batch *b)
{
    struct tensor t[] = {
        tensor_of("probs", DT_F32, b, e->loss->classes, s->chunks,
                  e->loss->probs),
        tensor_of("scored", DT_U8, b, 0, s->chunks, b->scored),
        tensor_of("target", DT_I32, b, 0, s->chunks, b->classes),
    };

    for (int i = 0; i < 3; i++)
        tsw_write(s->tensors, &t[i]);
}

void
show_probs(void *ctx, const struct evaluator *e, const struct batch *b,
           const struct window *w, int64_t first)
{
    struct show *s = ctx;

    (void)w;
    s->first = first;
    if (s->tensors)
        probs_tensors(s, e, b);
    else
        probs_lines(s, e, b);
    s->chunks++;
}

/* ---- activations --------------------------------------------------------*/

static void
line(void *ctx, int t, int b, const char *layer, const char *name,
     const float *v, int n)
{
    const struct show *s = ctx;

    if (t >= s->batch->length[b])
        return;
    fprintf(s->out, "{\"t\":%d,\"row\":%lld,\"layer\":\"%s\",\"name\":\"%s\","
            "\"values\":", t, (long long)(s->first + b), layer, name);
    print_floats(s->out, v, n);
    fputs("}\n", s->out);
}

static struct series *
find_series(struct show *s, const char *layer, const char *name, int n)
{
    char full[256];
    struct series *x;

    snprintf(full, sizeof full, "%s.%s", layer, name);
    for (int i = 0; i < s->nseries; i++)
        if (!strcmp(s->series[i].t.name, full))
            return &s->series[i];
    if (s->nseries == s->room) {
        s->room = s->room ? 2 * s->room : 16;
        s->series = xrealloc(s->series, (size_t)s->room, sizeof *s->series);
    }
    x = &s->series[s->nseries++];
    x->t = tensor_of(full, DT_F32, s->batch, n, s->chunks, NULL);
    x->t.data = xcalloc(x->t.bytes, 1);
    x->n = n;
    return x;
}

static void
collect(void *ctx, int t, int b, const char *layer, const char *name,
        const float *v, int n)
{
    struct show *s = ctx;
    struct series *x = find_series(s, layer, name, n);
    float *to = (float *)x->t.data +
                ((int64_t)b * s->batch->steps + t) * x->n;

    memcpy(to, v, (size_t)n * sizeof *v);
}

void
show_activations(void *ctx, const struct evaluator *e, const struct batch *b,
                 const struct window *w, int64_t first)
{
    struct show *s = ctx;

    s->batch = b;
    s->first = first;
    e->backend->observe(e->runner, w, s->tensors ? collect : line, s);
    for (int i = 0; i < s->nseries; i++) {
        tsw_write(s->tensors, &s->series[i].t);
        free(s->series[i].t.data);
    }
    s->nseries = 0;
    s->chunks++;
}

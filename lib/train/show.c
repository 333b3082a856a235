#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
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

/* ,"symbol":"c" of a token with a name. */
static void
print_symbol(const struct show *s, const struct batch *b, int at)
{
    const json_t *name = b->tokens && s->symbols ?
        json_array_get(s->symbols, (size_t)b->tokens[at]) : NULL;
    char *text;

    if (!name)
        return;
    text = json_text(name, false);
    fprintf(s->out, ",\"symbol\":%s", text);
    free(text);
}

/* {"row":3,"t":21,"symbol":"c","target": of place `at` */
static void
begin_place(const struct show *s, const struct batch *b, int at)
{
    fprintf(s->out, "{\"row\":%lld,\"t\":%d",
            (long long)(s->first + at / b->steps), at % b->steps);
    print_symbol(s, b, at);
    fputs(",\"target\":", s->out);
}

static bool
has_target(const struct show *s, const struct batch *b, int at)
{
    return b->scored[at] != ASKED &&
           !(s->open_end && at % b->steps == b->length[at / b->steps] - 1);
}

static void
class_target(const struct show *s, const struct batch *b, int at)
{
    if (has_target(s, b, at))
        fprintf(s->out, "%d", b->classes[at]);
    else
        fputs("null", s->out);
}

void
show_place(const struct show *s, const struct batch *b, int at,
           const float *probs, int k)
{
    if (at % b->steps < s->skip)
        return;
    begin_place(s, b, at);
    class_target(s, b, at);
    fputs(",\"probs\":", s->out);
    print_floats(s->out, probs, k);
    fputs("}\n", s->out);
}

static void
probs_lines(const struct show *s, const struct evaluator *e,
            const struct batch *b)
{
    int k = e->classes;

    for (int at = 0; at < b->rows * b->steps; at++)
        if (b->scored[at])
            show_place(s, b, at, e->probs + (size_t)at * (size_t)k, k);
}

/* ---- outputs ------------------------------------------------------------*/

/* ,"class":2,"name":"b": the first of the likeliest. */
static void
print_class(const struct show *s, const float *probs, int n)
{
    const json_t *name;
    char *text;
    int best = 0;

    for (int k = 1; k < n; k++)
        if (probs[k] > probs[best])
            best = k;
    fprintf(s->out, ",\"class\":%d", best);
    name = s->named ? json_array_get(s->symbols, (size_t)best) : NULL;
    if (!name)
        return;
    text = json_text(name, false);
    fprintf(s->out, ",\"name\":%s", text);
    free(text);
}

/* Numbers of a vector, in the units they had before they were scaled. */
static void
print_vector(const struct show *s, const float *v, int n)
{
    putc('[', s->out);
    for (int i = 0; i < n; i++) {
        const json_t *k = json_array_get(s->scale, (size_t)i);
        double mean = json_number_value(json_array_get(k, 0));
        double deviation = json_number_value(json_array_get(k, 1));

        if (i)
            putc(',', s->out);
        print_float(s->out, k ? (float)((double)v[i] * deviation + mean)
                              : v[i]);
    }
    putc(']', s->out);
}

static void
output_line(const struct show *s, const struct evaluator *e,
            const struct batch *b, int at)
{
    int k = e->classes;
    size_t from = (size_t)at * (size_t)k;

    if (at % b->steps < s->skip)
        return;
    begin_place(s, b, at);
    if (e->want_probs) {
        class_target(s, b, at);
        print_class(s, e->probs + from, k);
        fputs(",\"probs\":", s->out);
        print_floats(s->out, e->probs + from, k);
    } else {
        if (has_target(s, b, at))
            print_vector(s, b->values + from, k);
        else
            fputs("null", s->out);
        fputs(",\"values\":", s->out);
        print_vector(s, e->outputs + from, k);
    }
    fputs("}\n", s->out);
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
        die(RC_DATA, "the name '%s' is too long for a tensor: at most %zu "
            "letters", name, sizeof t.name - 1);
    strcpy(t.name, name);
    return t;
}

static void
place_tensors(const struct show *s, const struct evaluator *e,
              const struct batch *b)
{
    bool classes = e->want_probs;
    struct tensor t[] = {
        classes ? tensor_of("probs", DT_F32, b, e->classes, s->chunks,
                            e->probs)
                : tensor_of("values", DT_F32, b, e->classes, s->chunks,
                            e->outputs),
        tensor_of("scored", DT_U8, b, 0, s->chunks, b->scored),
        classes ? tensor_of("target", DT_I32, b, 0, s->chunks, b->classes)
                : tensor_of("target", DT_F32, b, e->classes, s->chunks,
                            b->values),
    };

    for (int i = 0; i < 3; i++)
        tsw_write(s->tensors, &t[i]);
}

void
show_probs(void *ctx, const struct evaluator *e, const struct batch *b,
           int64_t first)
{
    struct show *s = ctx;

    s->first = first;
    if (s->tensors)
        place_tensors(s, e, b);
    else
        probs_lines(s, e, b);
    s->chunks++;
}

void
show_outputs(void *ctx, const struct evaluator *e, const struct batch *b,
             int64_t first)
{
    struct show *s = ctx;

    s->first = first;
    if (s->tensors)
        place_tensors(s, e, b);
    else
        for (int at = 0; at < b->rows * b->steps; at++)
            if (b->scored[at])
                output_line(s, e, b, at);
    s->chunks++;
}

void
show_rollout(void *ctx, int64_t row, long ahead, const float *value, int k)
{
    const struct show *s = ctx;

    fprintf(s->out, "{\"row\":%lld,\"ahead\":%ld,\"values\":",
            (long long)row, ahead);
    print_vector(s, value, k);
    fputs("}\n", s->out);
}

/* ---- activations --------------------------------------------------------*/

static void
line(void *ctx, int t, int b, const char *layer, const char *name,
     const float *v, int n)
{
    const struct show *s = ctx;

    if (t >= s->batch->length[b] || t < s->skip)
        return;
    fprintf(s->out, "{\"t\":%d,\"row\":%lld", t, (long long)(s->first + b));
    print_symbol(s, s->batch, b * s->batch->steps + t);
    fprintf(s->out, ",\"layer\":\"%s\",\"name\":\"%s\",\"values\":", layer,
            name);
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
                 int64_t first)
{
    struct show *s = ctx;

    s->batch = b;
    s->first = first;
    e->backend->observe(e->device, s->tensors ? collect : line, s);
    for (int i = 0; i < s->nseries; i++) {
        tsw_write(s->tensors, &s->series[i].t);
        free(s->series[i].t.data);
    }
    s->nseries = 0;
    s->chunks++;
}

/* ---- weights -----------------------------------------------------------*/

void
show_weights(const struct model_file *m, FILE *out)
{
    const struct net *net = m->model->net;

    for (int i = 0; i < net->nparams; i++) {
        const struct net_param *p = &net->params[i];

        for (int r = 0; r < p->rows; r++) {
            fprintf(out, "{\"name\":\"%s\",\"row\":%d,\"values\":", p->name,
                    r);
            print_floats(out, m->weights + p->offset +
                         (size_t)r * (size_t)p->cols, p->cols);
            fputs("}\n", out);
        }
    }
}

/* mistakes.c - confusion of classes, errors of vectors. */
#include "train/mistakes.h"

#include <math.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/json.h"

struct mistakes {
    enum value_kind kind;
    int n;                      /* classes, or elements of a vector */
    int64_t places;
    int64_t *table;             /* (n,n) of classes */
    double absolute, square;    /* sums of errors */
    double *mean, *about;       /* (n): of targets, and squares about it */
};

struct mistakes *
mistakes_new(const struct stream_info *info)
{
    struct mistakes *a = xcalloc(1, sizeof *a);
    size_t n = (size_t)info->target_size;

    a->kind = info->target;
    a->n = info->target_size;
    if (a->kind == VALUE_TOKEN) {
        if (a->n > LARGEST_TABLE)
            die(RC_DATA, "a table of %d classes: %d at most; take --outputs "
                "and count with jq", a->n, LARGEST_TABLE);
        a->table = xcalloc(n * n, sizeof *a->table);
    } else {
        a->mean = xcalloc(n, sizeof *a->mean);
        a->about = xcalloc(n, sizeof *a->about);
    }
    return a;
}

static int
likeliest(const float *p, int n)
{
    int best = 0;

    for (int k = 1; k < n; k++)
        if (p[k] > p[best])
            best = k;
    return best;
}

/* Mean and squares about it, number by number (Welford 1962). */
static void
add_vector(struct mistakes *a, const float *target, const float *value)
{
    for (int k = 0; k < a->n; k++) {
        double y = (double)target[k], d = (double)value[k] - y;
        double off = y - a->mean[k];

        a->absolute += fabs(d);
        a->square += d * d;
        a->mean[k] += off / (double)a->places;
        a->about[k] += off * (y - a->mean[k]);
    }
}

void
mistakes_chunk(void *ctx, const struct evaluator *e, const struct batch *b,
              int64_t first)
{
    struct mistakes *a = ctx;
    size_t n = (size_t)a->n;

    (void)first;
    for (size_t at = 0; at < (size_t)b->rows * (size_t)b->steps; at++) {
        if (b->scored[at] != 1)
            continue;
        a->places++;
        if (a->kind == VALUE_TOKEN)
            a->table[(size_t)b->classes[at] * n +
                     (size_t)likeliest(e->probs + at * n, a->n)]++;
        else
            add_vector(a, b->values + at * n, e->outputs + at * n);
    }
}

/* ---- classes ------------------------------------------------------------*/

static json_t *
ratio(double a, double b)
{
    return b > 0 ? json_number(a / b) : json_null();
}

static json_t *
classes_json(const struct mistakes *a)
{
    json_t *table = json_array(), *precision = json_array();
    json_t *recall = json_array(), *f1 = json_array();
    double sum = 0;
    int seen = 0;

    for (int i = 0; i < a->n; i++) {
        const int64_t *row = a->table + (size_t)i * (size_t)a->n;
        double is = 0, said = 0, right = (double)row[i];
        json_t *counts = json_array();

        for (int k = 0; k < a->n; k++) {
            json_array_append_new(counts, json_integer(row[k]));
            is += (double)row[k];
            said += (double)a->table[(size_t)k * (size_t)a->n + (size_t)i];
        }
        json_array_append_new(table, counts);
        json_array_append_new(precision, ratio(right, said));
        json_array_append_new(recall, ratio(right, is));
        json_array_append_new(f1, ratio(2 * right, is + said));
        if (is + said > 0) {
            sum += 2 * right / (is + said);
            seen++;
        }
    }
    return json_pack("{s:o, s:o, s:o, s:o, s:o}", "confusion", table,
                     "precision", precision, "recall", recall, "f1", f1,
                     "macro_f1", ratio(sum, seen));
}

/* ---- vectors ------------------------------------------------------------*/

static void
vectors_json(const struct mistakes *a, json_t *o)
{
    double n = (double)a->places * a->n, about = 0;

    for (int k = 0; k < a->n; k++)
        about += a->about[k];
    json_object_set_new(o, "mae", ratio(a->absolute, n));
    json_object_set_new(o, "rmse", n > 0 ? json_number(sqrt(a->square / n))
                                         : json_null());
    json_object_set_new(o, "r2", about > 0
                        ? json_number(1 - a->square / about) : json_null());
}

void
mistakes_json(struct mistakes *a, json_t *o)
{
    if (a->kind == VALUE_TOKEN)
        json_object_set_new(o, "classes", classes_json(a));
    else
        vectors_json(a, o);
    free(a->table);
    free(a->mean);
    free(a->about);
    free(a);
}

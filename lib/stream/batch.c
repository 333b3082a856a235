/* batch.c - batches in memory and on their way out. */
#include "stream/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "stream/batch_parts.h"

/* ---- memory ------------------------------------------------------------ */

/* Room for n items at *p, of which *have bytes are there. */
static void *
room(void *p, size_t *have, size_t n, size_t size)
{
    if (n * size <= *have && p)
        return p;
    free(p);
    *have = n * size;
    return xcalloc(n, size);
}

void
batch_room(struct batch *b, const struct stream_info *info, int rows,
           int steps)
{
    size_t n = (size_t)rows * (size_t)steps;

    if (rows < 0 || steps < 0 || batch_size(info, rows, steps) > LARGEST_SET)
        die(RC_DATA, "a batch of %d rows of %d steps takes more than 8 GiB",
            rows, steps);
    b->index = 0;
    b->rows = rows;
    b->steps = steps;
    if (info->input == VALUE_TOKEN)
        b->tokens = room(b->tokens, &b->room.tokens, n, sizeof *b->tokens);
    else
        b->vectors = room(b->vectors, &b->room.vectors,
                          n * (size_t)info->input_size, sizeof *b->vectors);
    if (info->target == VALUE_TOKEN)
        b->classes = room(b->classes, &b->room.classes, n,
                          sizeof *b->classes);
    else
        b->values = room(b->values, &b->room.values,
                         n * (size_t)info->target_size, sizeof *b->values);
    b->scored = room(b->scored, &b->room.scored, n, sizeof *b->scored);
    b->length = room(b->length, &b->room.length, (size_t)rows,
                     sizeof *b->length);
}

void
batch_shape(struct batch *b, const struct stream_info *info, int rows,
            int steps)
{
    size_t n = (size_t)rows * (size_t)steps;

    batch_room(b, info, rows, steps);
    memset(b->scored, 0, n);
    memset(b->length, 0, (size_t)rows * sizeof *b->length);
    if (b->tokens)
        memset(b->tokens, 0, n * sizeof *b->tokens);
    if (b->vectors)
        memset(b->vectors, 0,
               n * (size_t)info->input_size * sizeof *b->vectors);
    if (b->classes)
        memset(b->classes, 0, n * sizeof *b->classes);
    if (b->values)
        memset(b->values, 0,
               n * (size_t)info->target_size * sizeof *b->values);
}

void
batch_release(struct batch *b)
{
    free(b->tokens);
    free(b->vectors);
    free(b->classes);
    free(b->values);
    free(b->scored);
    free(b->length);
    memset(b, 0, sizeof *b);
}

double
batch_size(const struct stream_info *info, double rows, double steps)
{
    double step = 1;

    step += info->input == VALUE_TOKEN ? 4 : 4.0 * info->input_size;
    step += info->target == VALUE_TOKEN ? 4 : 4.0 * info->target_size;
    return rows * (steps * step + 4);
}

/* ---- tensor records ---------------------------------------------------- */

static void
write_tensor(struct tsw *w, const char *name, enum dtype dtype, int64_t index,
             int ndim, const int64_t *shape, const void *data)
{
    struct tensor t = { .dtype = dtype, .ndim = ndim, .index = index };

    strcpy(t.name, name);
    memcpy(t.shape, shape, (size_t)ndim * sizeof *shape);
    if (tensor_bytes(&t, &t.bytes))
        die(RC_DATA, "tensor '%s' is larger than 64 GiB: take fewer rows in "
            "a batch", name);
    t.data = (void *)data;
    tsw_write(w, &t);
}

/* Classes or tokens, (B,T). */
static void
write_tokens(struct tsw *w, const char *name, const struct batch *b,
             const int32_t *v, int classes)
{
    int64_t shape[] = { b->rows, b->steps };
    size_t n = (size_t)b->rows * (size_t)b->steps;
    uint8_t *small;

    if (classes > 256) {
        write_tensor(w, name, DT_I32, b->index, 2, shape, v);
        return;
    }
    small = tsw_scratch(w, n);
    for (size_t i = 0; i < n; i++)
        small[i] = (uint8_t)v[i];
    write_tensor(w, name, DT_U8, b->index, 2, shape, small);
}

static void
write_length(struct tsw *w, const struct batch *b)
{
    int64_t rows = b->rows;

    for (int r = 0; r < b->rows; r++) {
        if (b->length[r] != b->steps) {
            write_tensor(w, "length", DT_I32, b->index, 1, &rows, b->length);
            return;
        }
    }
}

/* (T) if the rows agree: if a step counts for all that have it as it does for
 * the first of them. */
static void
write_scored(struct tsw *w, const struct batch *b)
{
    int64_t shape[] = { b->rows, b->steps };
    size_t steps = (size_t)b->steps;
    uint8_t *first = tsw_scratch(w, steps);
    bool all = true, agree = true;
    int known = 0;

    memset(first, 0, steps);
    for (int r = 0; r < b->rows; r++) {
        const uint8_t *s = b->scored + (size_t)r * steps;

        for (int t = 0; t < b->length[r]; t++) {
            if (t >= known)
                first[known++] = s[t];
            all &= s[t];
            agree &= s[t] == first[t];
        }
    }
    if (!all && agree)
        write_tensor(w, "scored", DT_U8, b->index, 1, shape + 1, first);
    else if (!all)
        write_tensor(w, "scored", DT_U8, b->index, 2, shape, b->scored);
}

void
batch_write(struct tsw *w, const struct stream_info *info,
            const struct batch *b)
{
    int64_t in[] = { b->rows, b->steps, info->input_size };
    int64_t out[] = { b->rows, b->steps, info->target_size };

    if (b->tokens)
        write_tokens(w, "input", b, b->tokens, info->input_size);
    else
        write_tensor(w, "input", DT_F32, b->index, 3, in, b->vectors);
    write_length(w, b);
    write_scored(w, b);
    if (b->classes)
        write_tokens(w, "target", b, b->classes, info->target_size);
    else
        write_tensor(w, "target", DT_F32, b->index, 3, out, b->values);
}

/* ---- JSON lines -------------------------------------------------------- */

/* Fewest digits that read back to the same float. */
static void
print_float(FILE *out, float x)
{
    char buf[48];
    double d = 0;

    for (int digits = 1; digits <= 9; digits++) {
        snprintf(buf, sizeof buf, "%.*g", digits, (double)x);
        d = strtod(buf, NULL);
        if ((float)d == x)
            break;
    }
    json_format_number(d, buf);
    fputs(buf, out);
    if (!strpbrk(buf, ".en"))       /* a vector is known by its points */
        fputs(".0", out);
}

static void
print_vector(FILE *out, const float *v, int n)
{
    putc('[', out);
    for (int i = 0; i < n; i++) {
        if (i)
            putc(',', out);
        print_float(out, v[i]);
    }
    putc(']', out);
}

static void
print_row(FILE *out, const struct stream_info *info, const struct batch *b,
          int row, const json_t *about)
{
    size_t at = (size_t)row * (size_t)b->steps;
    const char *comma = "";
    char *text;

    fputs("{\"input\":[", out);
    for (int t = 0; t < b->length[row]; t++) {
        size_t i = at + (size_t)t;

        fputs(t ? "," : "", out);
        if (b->tokens)
            fprintf(out, "%d", b->tokens[i]);
        else
            print_vector(out, b->vectors + i * (size_t)info->input_size,
                         info->input_size);
    }
    fputs("],\"target\":[", out);
    for (int t = 0; t < b->length[row]; t++) {
        size_t i = at + (size_t)t;

        fputs(t ? "," : "", out);
        if (!b->scored[i])
            fputs("null", out);
        else if (b->classes)
            fprintf(out, "%d", b->classes[i]);
        else
            print_vector(out, b->values + i * (size_t)info->target_size,
                         info->target_size);
    }
    fputs("],\"scored\":[", out);
    for (int t = 0; t < b->length[row]; t++) {
        if (b->scored[at + (size_t)t]) {
            fprintf(out, "%s%d", comma, t);
            comma = ",";
        }
    }
    putc(']', out);
    if (about) {
        text = json_text(about, false);
        fprintf(out, ",\"about\":%s", text);
        free(text);
    }
    fputs("}\n", out);
}

void
batch_print(FILE *out, const struct stream_info *info, const struct batch *b,
            const json_t *about)
{
    for (int r = 0; r < b->rows; r++)
        print_row(out, info, b, r, json_array_get(about, (size_t)r));
}

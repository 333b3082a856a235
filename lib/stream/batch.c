/* batch.c - batches in memory and on their way out. */
#include "stream/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "stream/batch_parts.h"

/* ---- memory ------------------------------------------------------------ */

void
batch_init(struct batch *b, const struct stream_info *info, int rows,
           int steps)
{
    size_t n = (size_t)rows * (size_t)steps;

    if (rows < 0 || steps < 0 || batch_size(info, rows, steps) > LARGEST_SET)
        die(RC_DATA, "a batch of %d rows of %d steps takes more than 8 GiB",
            rows, steps);
    memset(b, 0, sizeof *b);
    b->rows = rows;
    b->steps = steps;
    if (info->input == VALUE_TOKEN)
        b->tokens = xcalloc(n, sizeof *b->tokens);
    else
        b->vectors = xcalloc(n * (size_t)info->input_size,
                             sizeof *b->vectors);
    if (info->target == VALUE_TOKEN)
        b->classes = xcalloc(n, sizeof *b->classes);
    else
        b->values = xcalloc(n * (size_t)info->target_size,
                            sizeof *b->values);
    b->scored = xcalloc(n, sizeof *b->scored);
    b->length = xcalloc((size_t)rows, sizeof *b->length);
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

/* Row `from` of src becomes row `to` of dst, which has zeros there. */
void
batch_copy_row(struct batch *dst, int to, const struct batch *src, int from,
               const struct stream_info *info)
{
    size_t n = (size_t)src->length[from];
    size_t d = (size_t)to * (size_t)dst->steps;
    size_t s = (size_t)from * (size_t)src->steps;
    size_t in = (size_t)info->input_size, out = (size_t)info->target_size;

    if (src->tokens)
        memcpy(dst->tokens + d, src->tokens + s, n * sizeof *src->tokens);
    else
        memcpy(dst->vectors + d * in, src->vectors + s * in,
               n * in * sizeof *src->vectors);
    if (src->classes)
        memcpy(dst->classes + d, src->classes + s, n * sizeof *src->classes);
    else
        memcpy(dst->values + d * out, src->values + s * out,
               n * out * sizeof *src->values);
    memcpy(dst->scored + d, src->scored + s, n);
    dst->length[to] = src->length[from];
}

void
batch_take(const struct batch *all, const struct stream_info *info,
           const uint32_t *order, uint32_t first, uint32_t n,
           struct batch *out)
{
    int steps = 0;

    for (uint32_t i = 0; i < n; i++)
        if (all->length[order[first + i]] > steps)
            steps = all->length[order[first + i]];
    batch_init(out, info, (int)n, steps);
    for (uint32_t i = 0; i < n; i++)
        batch_copy_row(out, (int)i, all, (int)order[first + i], info);
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
        die(RC_DATA, "tensor '%s' is too large", name);
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
    small = xcalloc(n, 1);
    for (size_t i = 0; i < n; i++)
        small[i] = (uint8_t)v[i];
    write_tensor(w, name, DT_U8, b->index, 2, shape, small);
    free(small);
}

static void
write_scored(struct tsw *w, const struct batch *b)
{
    int64_t shape[] = { b->rows, b->steps };
    uint8_t *any = xcalloc((size_t)b->steps, 1);
    bool all = true, agree = true;

    /* A step counts for all rows if it counts for the first that has it. */
    for (int r = 0; r < b->rows; r++)
        for (int t = 0; t < b->length[r]; t++)
            any[t] |= b->scored[(size_t)r * (size_t)b->steps + (size_t)t];
    for (int r = 0; r < b->rows; r++) {
        for (int t = 0; t < b->length[r]; t++) {
            uint8_t s = b->scored[(size_t)r * (size_t)b->steps + (size_t)t];

            all = all && s;
            agree = agree && s == any[t];
        }
    }
    if (!all && agree)
        write_tensor(w, "scored", DT_U8, b->index, 1, shape + 1, any);
    else if (!all)
        write_tensor(w, "scored", DT_U8, b->index, 2, shape, b->scored);
    free(any);
}

void
batch_write(struct tsw *w, const struct stream_info *info,
            const struct batch *b)
{
    int64_t shape[] = { b->rows, b->steps, 0 };
    bool full = true;

    for (int r = 0; r < b->rows; r++)
        full = full && b->length[r] == b->steps;
    if (!full)
        write_tensor(w, "length", DT_I32, b->index, 1, shape, b->length);
    write_scored(w, b);
    if (b->tokens) {
        write_tokens(w, "input", b, b->tokens, info->input_size);
    } else {
        shape[2] = info->input_size;
        write_tensor(w, "input", DT_F32, b->index, 3, shape, b->vectors);
    }
    if (b->classes) {
        write_tokens(w, "target", b, b->classes, info->target_size);
    } else {
        shape[2] = info->target_size;
        write_tensor(w, "target", DT_F32, b->index, 3, shape, b->values);
    }
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
          int row)
{
    size_t at = (size_t)row * (size_t)b->steps;
    const char *comma = "";

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
    fputs("]}\n", out);
}

void
batch_print(FILE *out, const struct stream_info *info, const struct batch *b)
{
    for (int r = 0; r < b->rows; r++)
        print_row(out, info, b, r);
}

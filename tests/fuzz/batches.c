/* batches.c - see batches.h. */
#include "batches.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void
check_place(const struct stream_info *info, const struct batch *b, size_t i,
            bool in, bool scored)
{
    size_t wi = (size_t)info->input_size, wt = (size_t)info->target_size;

    fuzz_check(b->scored[i] == scored);
    if (b->tokens)
        fuzz_check(b->tokens[i] >= 0 && b->tokens[i] < info->input_size &&
                   (in || b->tokens[i] == 0));
    for (size_t k = 0; b->vectors && k < wi; k++)
        fuzz_check(isfinite(b->vectors[i * wi + k]) &&
                   (in || b->vectors[i * wi + k] == 0));
    if (b->classes)
        fuzz_check(b->classes[i] >= 0 && b->classes[i] < info->target_size &&
                   (scored || b->classes[i] == 0));
    for (size_t k = 0; b->values && k < wt; k++)
        fuzz_check(isfinite(b->values[i * wt + k]) &&
                   (scored || b->values[i * wt + k] == 0));
}

void
check_batch(const struct stream_info *info, const struct batch *b)
{
    int longest = 0;

    fuzz_check(b->rows >= 0 && b->steps >= 0);
    fuzz_check(!b->tokens == (info->input == VALUE_VECTOR) &&
               !b->vectors == (info->input == VALUE_TOKEN) &&
               !b->classes == (info->target == VALUE_VECTOR) &&
               !b->values == (info->target == VALUE_TOKEN));
    for (int r = 0; r < b->rows; r++) {
        fuzz_check(b->length[r] >= 1 && b->length[r] <= b->steps);
        longest = b->length[r] > longest ? b->length[r] : longest;
        for (int t = 0; t < b->steps; t++) {
            size_t i = (size_t)r * (size_t)b->steps + (size_t)t;
            bool in = t < b->length[r];

            check_place(info, b, i, in, in && b->scored[i]);
        }
    }
}

/* The arrays are compared as bytes: the signs of zeros count. */
static void
check_array(const void *a, const void *b, size_t n, size_t size)
{
    fuzz_check(!a == !b);
    fuzz_check(!a || !n || !memcmp(a, b, n * size));
}

void
check_same_batch(const struct stream_info *info, const struct batch *a,
                 const struct batch *b)
{
    size_t n = (size_t)a->rows * (size_t)a->steps;

    fuzz_check(a->rows == b->rows && a->steps == b->steps);
    check_array(a->length, b->length, (size_t)a->rows, sizeof *a->length);
    check_array(a->scored, b->scored, n, 1);
    check_array(a->tokens, b->tokens, n, sizeof *a->tokens);
    check_array(a->classes, b->classes, n, sizeof *a->classes);
    check_array(a->vectors, b->vectors, n * (size_t)info->input_size,
                sizeof *a->vectors);
    check_array(a->values, b->values, n * (size_t)info->target_size,
                sizeof *a->values);
}

/* Read everything; each batch is checked, and written to w if there is one. */
static int64_t
read_all(struct batch_reader *r, struct tsw *w, struct batch *first)
{
    const struct stream_info *info = batch_reader_info(r);
    struct batch b = { 0 };
    int64_t n = 0;

    for (; batch_read(r, &b); n++) {
        check_batch(info, &b);
        if (w)
            batch_write(w, info, &b);
        if (n == 0) {
            *first = b;
            memset(&b, 0, sizeof b);      /* the others share arrays */
        }
    }
    batch_release(&b);
    return n;
}

void
check_input(const char *text, size_t n,
            void (*more)(const char *text, size_t n,
                         const struct stream_info *info,
                         const struct batch *b))
{
    const char *in = fuzz_file(0, text, n), *out = fuzz_file(1, NULL, 0);
    struct batch_reader *r = batch_reader_open(in);
    const struct stream_info *info = batch_reader_info(r), *again;
    json_t *header = info_header(info), *same;
    struct batch a = { 0 }, b = { 0 };
    struct tsw *w;
    int64_t batches;

    w = tsw_open(out, header);
    batches = read_all(r, w, &a);
    tsw_close(w, info->count < 0 ? batches : info->count);
    if (more && batches)
        more(text, n, info, &a);
    batch_reader_close(r);

    /* What was read is written, and read again the same. */
    r = batch_reader_open(out);
    again = batch_reader_info(r);
    same = info_header(again);
    fuzz_check(fuzz_same_json(header, same));
    fuzz_check(read_all(r, NULL, &b) == batches);
    if (batches)
        check_same_batch(again, &a, &b);
    if (more)
        fuzz_check(batches == 1);
    batch_release(&a);
    batch_release(&b);
    batch_reader_close(r);
    json_decref(header);
    json_decref(same);
}

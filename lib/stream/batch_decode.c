/* batch_decode.c - the tensors of a batch, as they came, into its arrays: once,
 * and where a tensor already is what the batch holds, by taking it over. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "stream/batch_parts.h"

static int64_t
element(const struct tensor *t, size_t i)
{
    switch (t->dtype) {
    case DT_U8:
        return ((const uint8_t *)t->data)[i];
    case DT_I32:
        return ((const int32_t *)t->data)[i];
    case DT_I64:
        return ((const int64_t *)t->data)[i];
    default:
        return -1;
    }
}

/* The part's bytes become the array, and the array's room the buffer of the
 * part that comes next. */
static void *
take_over(struct part *part, void *array, size_t *room)
{
    struct tsr_buffer was = part->buffer;

    part->buffer.data = array;
    part->buffer.room = *room;
    *room = was.room;
    return was.data;
}

static void
decode_length(struct parts *p, struct batch *b)
{
    struct part *part = &p->part[PART_LENGTH];

    for (int r = 0; r < b->rows; r++) {
        int64_t n = part->here ? element(&part->t, (size_t)r) : b->steps;

        if (n < 1 || n > b->steps)
            part_bad(p, &part->t, "holds a length that is not in 1..steps");
        b->length[r] = (int32_t)n;
    }
}

static void
check_bits(struct parts *p, const struct tensor *t)
{
    const uint8_t *s = t->data;
    unsigned all = 0;

    for (size_t i = 0; i < t->bytes; i++)
        all |= s[i];
    if (all > 1)
        part_bad(p, t, "holds something else than 0 and 1");
}

static void
decode_scored(struct parts *p, struct batch *b)
{
    struct part *part = &p->part[PART_SCORED];
    size_t steps = (size_t)b->steps;
    bool each = part->here && part->t.ndim == 2;

    if (part->here)
        check_bits(p, &part->t);
    if (each)
        b->scored = take_over(part, b->scored, &b->room.scored);
    for (size_t r = 0; r < (size_t)b->rows; r++) {
        size_t n = (size_t)b->length[r];
        uint8_t *row = b->scored + r * steps;

        if (!part->here)
            memset(row, 1, n);
        else if (!each)
            memcpy(row, part->t.data, n);
        memset(row + n, 0, steps - n);
    }
}

/* A row of n whole numbers; where the mask (NULL: none) is 0, 0.  False if one
 * of the others is not below `size`. */
#define NUMBERS(name, type, wide)                                           \
static bool                                                                 \
name(int32_t *to, const type *from, size_t n, const uint8_t *mask, int size)\
{                                                                           \
    int bad = 0;                                                            \
                                                                            \
    if (mask)                                                               \
        for (size_t i = 0; i < n; i++) {                                    \
            type x = mask[i] ? from[i] : 0;                                 \
                                                                            \
            bad |= (wide)x >= (wide)size;                                   \
            to[i] = (int32_t)x;                                             \
        }                                                                   \
    else                                                                    \
        for (size_t i = 0; i < n; i++) {                                    \
            bad |= (wide)from[i] >= (wide)size;                             \
            to[i] = (int32_t)from[i];                                       \
        }                                                                   \
    return !bad;                                                            \
}

NUMBERS(row_u8, uint8_t, uint32_t)
NUMBERS(row_i32, int32_t, uint32_t)
NUMBERS(row_i64, int64_t, uint64_t)

static bool
row_numbers(int32_t *to, const struct tensor *t, size_t at, size_t n,
            const uint8_t *mask, int size)
{
    switch (t->dtype) {
    case DT_U8:
        return row_u8(to, (const uint8_t *)t->data + at, n, mask, size);
    case DT_I32:
        return row_i32(to, (const int32_t *)t->data + at, n, mask, size);
    default:
        return row_i64(to, (const int64_t *)t->data + at, n, mask, size);
    }
}

static _Noreturn void
no_class(const struct parts *p, const struct tensor *t, size_t row,
         size_t steps, const uint8_t *mask, int size)
{
    size_t s = 0;

    while ((mask && !mask[s]) || (element(t, row * steps + s) >= 0 &&
                                  element(t, row * steps + s) < size))
        s++;
    die_at(p->name, 0, "batch %" PRId64 ": '%s' holds %" PRId64 " at row %zu,"
           " step %zu, but the header says %d classes", t->index, t->name,
           element(t, row * steps + s), row, s, size);
}

/* Steps that do not count (of a target, those not scored; of the input, those
 * after a row's end) are zero whatever the stream holds there. */
static void
decode_tokens(struct parts *p, int k, const struct batch *b, int32_t *to,
              int size)
{
    const struct tensor *t = &p->part[k].t;
    size_t steps = (size_t)b->steps;

    for (size_t r = 0; r < (size_t)b->rows; r++) {
        const uint8_t *mask = k == PART_TARGET ? b->scored + r * steps : NULL;
        size_t n = (size_t)b->length[r];

        /* i32 stands in place */
        if (!row_numbers(to + r * steps, t, r * steps, n, mask, size))
            no_class(p, t, r, steps, mask, size);
        memset(to + r * steps + n, 0, (steps - n) * sizeof *to);
    }
}

/* n numbers, of which none may be infinite or NaN. */
static bool
row_floats(float *to, const struct tensor *t, size_t at, size_t n)
{
    int bad = 0;

    if (t->dtype == DT_F64)
        for (size_t i = 0; i < n; i++)
            to[i] = (float)((const double *)t->data)[at + i];
    for (size_t i = 0; i < n; i++)
        bad |= !(fabsf(to[i]) <= __FLT_MAX__);
    return !bad;
}

static void
decode_vectors(struct parts *p, int k, const struct batch *b, float *to,
               int size)
{
    const struct tensor *t = &p->part[k].t;
    size_t steps = (size_t)b->steps, n = (size_t)size;

    for (size_t r = 0; r < (size_t)b->rows; r++) {
        const uint8_t *mask = b->scored + r * steps;
        size_t end = (size_t)b->length[r], from = r * steps, s, s1;

        /* stretches of steps that count, and those that do not */
        for (s = 0; s < steps; s = s1) {
            bool in = s < end && (k == PART_INPUT || mask[s]);
            float *x = to + (from + s) * n;

            s1 = s + 1;
            while (s1 < steps &&
                   in == (s1 < end && (k == PART_INPUT || mask[s1])))
                s1++;
            if (!in)
                memset(x, 0, (s1 - s) * n * sizeof *x);
            else if (!row_floats(x, t, (from + s) * n, (s1 - s) * n))
                part_bad(p, t, "holds a number that is not finite");
        }
    }
}

/* Nobody knows the answers. */
static void
no_target(struct batch *b, const struct stream_info *info)
{
    size_t n = (size_t)b->rows * (size_t)b->steps;

    memset(b->scored, 0, n);
    if (b->classes)
        memset(b->classes, 0, n * sizeof *b->classes);
    else
        memset(b->values, 0,
               n * (size_t)info->target_size * sizeof *b->values);
}

void
parts_decode(struct parts *p, struct batch *b)
{
    const struct stream_info *info = p->info;
    struct part *in = &p->part[PART_INPUT], *out = &p->part[PART_TARGET];

    batch_room(b, info, (int)in->t.shape[0], (int)in->t.shape[1]);
    b->index = in->t.index;
    decode_length(p, b);
    decode_scored(p, b);
    if (in->t.dtype == DT_I32)
        b->tokens = take_over(in, b->tokens, &b->room.tokens);
    if (in->t.dtype == DT_F32)
        b->vectors = take_over(in, b->vectors, &b->room.vectors);
    if (out->here && out->t.dtype == DT_I32)
        b->classes = take_over(out, b->classes, &b->room.classes);
    if (out->here && out->t.dtype == DT_F32)
        b->values = take_over(out, b->values, &b->room.values);
    if (b->tokens)
        decode_tokens(p, PART_INPUT, b, b->tokens, info->input_size);
    else
        decode_vectors(p, PART_INPUT, b, b->vectors, info->input_size);
    if (!out->here) {
        no_target(b, info);
        return;
    }
    if (b->classes)
        decode_tokens(p, PART_TARGET, b, b->classes, info->target_size);
    else
        decode_vectors(p, PART_TARGET, b, b->values, info->target_size);
}

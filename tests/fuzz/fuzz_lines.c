/* JSON lines: the batch of what is taken holds what jansson reads in the lines,
 * is in range, and comes again from a tensor stream of it. */
#include <string.h>

#include "batches.h"
#include "fuzz.h"

/* The next line that is not blank, as jansson has it; NULL at the end, and for
 * what only our own reader takes (long whole numbers). */
static json_t *
next_line(const char **s, const char *end)
{
    while (*s < end) {
        const char *from = *s, *to = memchr(from, '\n', (size_t)(end - from));
        json_t *v;

        to = to ? to : end;
        *s = to + (to < end);
        while (from < to && strchr(" \t\r", *from) && *from)
            from++;
        if (from == to)
            continue;
        v = json_loadb(from, (size_t)(to - from), 0, NULL);
        return v;
    }
    return NULL;
}

static void
check_row_input(const json_t *input, const struct stream_info *info,
                const struct batch *b, size_t at)
{
    size_t t, k, width = (size_t)info->input_size;
    json_t *x, *y;

    json_array_foreach(input, t, x) {
        if (b->tokens) {
            fuzz_check(b->tokens[at + t] == json_number_value(x));
            continue;
        }
        if (json_is_number(x))
            fuzz_check(b->vectors[(at + t) * width] ==
                       (float)json_number_value(x));
        json_array_foreach(x, k, y)
            fuzz_check(b->vectors[(at + t) * width + k] ==
                       (float)json_number_value(y));
    }
}

/* Is step t among those that count? */
static bool
listed(const json_t *scored, size_t t)
{
    size_t i;
    json_t *x;

    json_array_foreach(scored, i, x)
        if (json_number_value(x) == (double)t)
            return true;
    return false;
}

static void
check_row_classes(const json_t *line, const struct batch *b, size_t at,
                  size_t steps)
{
    const json_t *target = json_object_get(line, "target");
    const json_t *scored = json_object_get(line, "scored");

    for (size_t t = 0; t < steps; t++) {
        const json_t *x = json_is_array(target) ? json_array_get(target, t)
                          : t + 1 == steps ? target : NULL;

        if (scored)
            fuzz_check(b->scored[at + t] == listed(scored, t));
        else
            fuzz_check(b->scored[at + t] == json_is_number(x));
        if (b->scored[at + t])
            fuzz_check(b->classes[at + t] == json_number_value(x));
    }
}

static void
check_lines(const char *text, size_t n, const struct stream_info *info,
            const struct batch *b)
{
    const char *s = text, *end = text + n;
    json_t *line;

    if (n > 1 && (unsigned char)text[0] == 0x1f)
        return;                                   /* gzip */
    for (int r = 0; (line = next_line(&s, end)); json_decref(line)) {
        const json_t *input = json_object_get(line, "input");
        size_t at = (size_t)r * (size_t)b->steps;

        if (!json_is_array(input)) {
            fuzz_check(r == 0);                   /* a header */
            continue;
        }
        fuzz_check(r < b->rows &&
                   json_array_size(input) == (size_t)b->length[r]);
        check_row_input(input, info, b, at);
        if (b->classes)
            check_row_classes(line, b, at, (size_t)b->length[r]);
        r++;
    }
}

static void
one(const char *text, size_t n)
{
    check_input(text, n, check_lines);
}

const struct harness harness = { .one = one };

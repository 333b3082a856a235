/* Entropies of a text against counts made by looking through it each time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "task/entropy.h"

enum { BYTES = 400, TRAIN = 300, ORDERS = 6 };

static char path[] = "/tmp/unroll-entropy-XXXXXX";
static const char *const files[] = { path, NULL };
static unsigned char text[BYTES];

/* Letters that depend on the two before, mostly. */
static int
write_text(void **state)
{
    int fd = mkstemp(path);
    unsigned x = 1;

    (void)state;
    for (int i = 0; i < BYTES; i++) {
        x = x * 1103515245 + 12345;
        text[i] = (unsigned char)('a' + (x >> 20) % 5);
        if (i > 1 && (x >> 16) % 4)
            text[i] = (unsigned char)('a' + (text[i - 1] +
                                             3 * text[i - 2]) % 3);
    }
    text[380] = 'z';      /* in no other split */
    return write(fd, text, BYTES) != BYTES || close(fd);
}

static int
remove_text(void **state)
{
    (void)state;
    return unlink(path);
}

/* How often text[at-k .. at-1], followed by s (-1: anything), is in the
 * training split; *different: by how many symbols. */
static int
seen(int at, int k, int s, int *different)
{
    char after[256] = { 0 };
    int n = 0;

    *different = 0;
    for (int i = k; i < TRAIN; i++) {
        if (memcmp(text + i - k, text + at - k, (size_t)k))
            continue;
        *different += !after[text[i]];
        after[text[i]] = 1;
        n += s < 0 || text[i] == s;
    }
    return n;
}

static double
probability(int at, int k, int from)
{
    int types, all, n;
    double p;

    if (k < 0)
        return 1.0 / 256;
    p = probability(at, k - 1, from);
    if (at - k < from)
        return p;
    all = seen(at, k, -1, &types);
    n = seen(at, k, text[at], &types);
    return all ? (n + types * p) / (all + types) : p;
}

static double
held_out(int k, int from, int to)
{
    double sum = 0;

    for (int i = from + 1; i < to; i++)
        sum -= log(probability(i, k, from));
    return sum / (to - from - 1);
}

static double
in_sample(int k)
{
    double sum = 0;
    int types;

    for (int i = k; i < TRAIN; i++)
        sum -= log((double)seen(i, k, text[i], &types) /
                   seen(i, k, -1, &types));
    return sum / (TRAIN - k);
}

static void
close_to(const json_t *o, const char *name, double want)
{
    char bits[32];

    assert_true(fabs(json_number_value(json_object_get(o, name)) - want) <
                1e-12);
    snprintf(bits, sizeof bits, "%s_bits", name);
    assert_true(fabs(json_number_value(json_object_get(o, bits)) -
                     want / log(2)) < 1e-12);
}

static void
open_text(struct source *s, const char *settings)
{
    static const struct task_files of = { .paths = files };
    json_t *v = json_read_text(settings, strlen(settings), "test", 1);

    source_open(s, v, 1, "test", &of);
    json_decref(v);
}

static void
as_counted_by_hand(void **state)
{
    struct source s;
    json_t *all;

    (void)state;
    open_text(&s, "{\"name\":\"text\",\"train_end\":300,\"val_end\":350}");
    all = text_entropies(&s, ORDERS - 1);
    assert_int_equal(json_array_size(all), ORDERS);
    for (int k = 0; k < ORDERS; k++) {
        const json_t *o = json_array_get(all, (size_t)k);

        assert_int_equal(json_integer_value(json_object_get(o, "order")), k);
        assert_int_equal(json_integer_value(json_object_get(o, "symbols")),
                         TRAIN - k);
        close_to(o, "in_sample", in_sample(k));
        close_to(o, "val", held_out(k, 300, 350));
        close_to(o, "test", held_out(k, 350, 400));
    }
    json_decref(all);
    source_close(&s);
}

/* A bit a byte is a bit a token over its bytes. */
static void
tokens_count_their_bytes(void **state)
{
    struct source s;
    json_t *all, *o;
    double ratio;

    (void)state;
    open_text(&s, "{\"name\":\"text\",\"bpe\":270}");
    ratio = json_number_value(json_at(s.info.about, "bytes_per_symbol.train"));
    assert_true(ratio > 1.2);
    all = text_entropies(&s, 0);
    o = json_array_get(all, 0);
    assert_true(fabs(json_number_value(json_object_get(o, "in_sample_bits")) -
        json_number_value(json_object_get(o, "in_sample")) / log(2) / ratio) <
        1e-12);
    json_decref(all);
    source_close(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_counted_by_hand),
        cmocka_unit_test(tokens_count_their_bytes),
    };

    return cmocka_run_group_tests(tests, write_text, remove_text);
}

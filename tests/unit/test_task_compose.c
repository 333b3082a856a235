/* The compose task: which product it asks for, what is drawn, listed and held
 * out, and its templates. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/json.h"
#include "task/compose.h"
#include "task/source.h"

#define PI 3.14159265358979323846

static void
open_text(struct source *s, const char *more, int batch)
{
    char *text = xasprintf("{\"name\":\"compose\",%s}", more);
    json_t *v = json_read_text(text, strlen(text), "test", 1);

    source_open(s, v, batch, "test", NULL);
    json_decref(v);
    free(text);
}

/* Where the largest number stands: of a one-hot template, the element that
 * moved it. */
static int
peak(const float *x, int n)
{
    int at = 0;

    for (int i = 1; i < n; i++)
        if (x[i] > x[at])
            at = i;
    return at;
}

/* A triangle's corners under r^a (flip = 0) or r^a f: f swaps 1 and 2. */
static int
turned(int element, int corner)
{
    int flipped = element >= 3 ? (3 - corner) % 3 : corner;

    return (flipped + element) % 3;
}

/* What comes later acts later: on a triangle's corners, and so in D3. */
static void
order_of_composition(void **state)
{
    struct source s;
    struct batch b = { 0 };
    int apart = 0;

    (void)state;
    open_text(&s, "\"group\":\"D3\",\"len\":3,\"draw\":\"all\","
              "\"form\":\"tokens\",\"outputs\":\"all\"", 216);
    assert_int_equal(source_batches(&s, SPLIT_TRAIN), 1);
    source_make(&s, SPLIT_TRAIN, 0, 0, &b);
    assert_int_equal(b.rows, 216);
    for (int i = 0; i < b.rows; i++) {
        const int32_t *g = b.tokens + 3 * i;

        assert_int_equal(g[0] + 6 * g[1] + 36 * g[2], i);
        for (int t = 1; t < 3; t++) {
            int product = peak(b.values + (3 * i + t) * 6, 6);

            for (int corner = 0; corner < 3; corner++) {
                int at = turned(g[1], turned(g[0], corner));

                at = t == 2 ? turned(g[2], at) : at;
                assert_int_equal(turned(product, corner), at);
            }
            assert_true(b.scored[3 * i + t]);
        }
        assert_false(b.scored[3 * i]);
        apart += turned(g[0], turned(g[1], 0)) != turned(g[1], turned(g[0], 0));
    }
    assert_true(apart > 0);
    batch_release(&b);
    source_close(&s);
}

/* x moved by g, element h: x[g^-1 h].  On C_p a roll by g. */
static void
moves_are_rolls(void **state)
{
    struct source s;
    struct batch b = { 0 };
    const float x[5] = { -2, -1, 0, 1, 2 };

    (void)state;
    open_text(&s, "\"group\":\"C5\",\"template\":\"values\","
              "\"values\":\"-2 -1 0 1 2\",\"draw\":\"all\"", 25);
    source_make(&s, SPLIT_VAL, 0, 0, &b);
    for (int i = 0; i < 25; i++)
        for (int h = 0; h < 5; h++) {
            int g = i % 5, f = i / 5;

            assert_true(b.vectors[10 * i + h] == x[(h + 5 - g) % 5]);
            assert_true(b.vectors[10 * i + 5 + h] == x[(h + 5 - f) % 5]);
            assert_true(b.values[10 * i + 5 + h] == x[(h + 10 - g - f) % 5]);
        }
    batch_release(&b);
    source_close(&s);
}

/* The three forms show the same sequences. */
static void
forms_agree(void **state)
{
    struct source s, u, v, w;
    struct batch a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };
    const char *what = "\"group\":\"A4\",\"len\":3,\"template\":\"values\","
        "\"values\":\"1 4 9 3 1 5 2 0 7 7 3 1\",\"seed\":5";
    char *more = xasprintf("%s,\"form\":\"tokens\"", what);

    (void)state;
    open_text(&s, what, 7);
    open_text(&u, more, 7);
    free(more);
    more = xasprintf("%s,\"form\":\"flat\"", what);
    open_text(&v, more, 7);
    free(more);
    source_make(&s, SPLIT_TRAIN, 2, 9, &a);
    source_make(&u, SPLIT_TRAIN, 2, 9, &b);
    source_make(&v, SPLIT_TRAIN, 2, 9, &c);
    assert_int_equal(v.info.input_size, 36);
    assert_int_equal(c.steps, 1);
    assert_memory_equal(a.vectors, c.vectors, 7 * 36 * sizeof(float));
    assert_memory_equal(a.values, b.values, 7 * 36 * sizeof(float));
    for (int i = 0; i < 7; i++)
        assert_memory_equal(a.values + 36 * i + 24, c.values + 12 * i,
                            12 * sizeof(float));
    /* the first element of sequence g of a list is g */
    more = xasprintf("%s,\"draw\":\"all\"", what);
    open_text(&w, more, 12);
    free(more);
    source_make(&w, SPLIT_TRAIN, 0, 0, &d);
    for (int i = 0; i < 21; i++)
        assert_memory_equal(a.vectors + 12 * i,
                            d.vectors + 3 * 12 * b.tokens[i],
                            12 * sizeof(float));
    batch_release(&d);
    source_close(&w);
    batch_release(&a);
    batch_release(&b);
    batch_release(&c);
    source_close(&s);
    source_close(&u);
    source_close(&v);
}

/* A sequence is the same whatever the batch; splits and passes differ. */
static void
draws_have_numbers(void **state)
{
    struct source s, u;
    struct batch a = { 0 }, b = { 0 };

    (void)state;
    open_text(&s, "\"group\":\"A5\",\"len\":4,\"form\":\"tokens\"", 6);
    open_text(&u, "\"group\":\"A5\",\"len\":4,\"form\":\"tokens\"", 9);
    assert_int_equal(source_batches(&s, SPLIT_TRAIN), -1);
    source_make(&s, SPLIT_TRAIN, 0, 2, &a);
    source_make(&u, SPLIT_TRAIN, 0, 1, &b);
    assert_memory_equal(a.tokens, b.tokens + 3 * 4, 6 * 4 * sizeof(int32_t));
    source_make(&u, SPLIT_VAL, 0, 1, &b);
    assert_memory_not_equal(a.tokens, b.tokens + 3 * 4, 16);
    source_make(&u, SPLIT_TRAIN, 1, 1, &b);
    assert_memory_not_equal(a.tokens, b.tokens + 3 * 4, 16);
    batch_release(&a);
    batch_release(&b);
    source_close(&s);
    source_close(&u);
}

/* Mark the sequences of a split; how many there are. */
static int
mark(const char *draw, enum split split, int batches, uint8_t *seen)
{
    char *more = xasprintf("\"group\":\"C6\",\"len\":3,\"held\":0.3,"
                           "\"form\":\"tokens\",\"draw\":\"%s\"", draw);
    struct source s;
    struct batch b = { 0 };
    int n = 0;

    open_text(&s, more, 50);
    for (int i = 0; i < batches; i++) {
        source_make(&s, split, 0, i, &b);
        for (int r = 0; r < b.rows; r++, n++) {
            const int32_t *g = b.tokens + 3 * r;

            seen[g[0] + 6 * g[1] + 36 * g[2]]++;
        }
    }
    if (!strcmp(draw, "all"))
        assert_int_equal(source_batches(&s, split), batches);
    batch_release(&b);
    source_close(&s);
    free(more);
    return n;
}

/* 216 sequences, of which 65 are held out: the same however they come. */
static void
held_out(void **state)
{
    uint8_t train[216] = { 0 }, held[216] = { 0 }, also[216] = { 0 };
    uint8_t drawn[216] = { 0 }, other[216] = { 0 };

    (void)state;
    assert_int_equal(mark("all", SPLIT_TRAIN, 4, train), 151);
    assert_int_equal(mark("all", SPLIT_VAL, 2, held), 65);
    assert_int_equal(mark("all", SPLIT_TEST, 2, also), 65);
    assert_memory_equal(held, also, 216);
    mark("random", SPLIT_TRAIN, 60, drawn);
    mark("random", SPLIT_TEST, 60, other);
    for (int i = 0; i < 216; i++) {
        assert_int_equal(train[i] + held[i], 1);
        assert_int_equal(!!drawn[i], train[i]);
        assert_int_equal(!!other[i], held[i]);
    }
}

static void
make(const char *settings, struct composition *c)
{
    char *text = xasprintf("{\"name\":\"compose\",%s}", settings);
    json_t *v = json_read_text(text, strlen(text), "test", 1);
    json_t *all = task_settings(v, "test");

    composition_open(c, all, "test");
    json_decref(all);
    json_decref(v);
    free(text);
}

static double
square_sum(const double *x, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

/* A cubic goes through itself, a plane through bilinear steps. */
static void
images(void **state)
{
    struct composition c;
    double y[9], mean = 0, all = 0;

    (void)state;
    /* columns of one row: v(i) = i^3 - 5 i^2 + 2, i = 0 .. 6, at 9 places */
    make("\"group\":\"C9\",\"template\":\"image\",\"fold\":\"columns\","
         "\"image\":\"2 -2 -10 -16 -14 2 38\"", &c);
    for (int k = 0; k < 9; k++) {
        double i = k * 6 / 8.0;

        y[k] = i * i * i - 5 * i * i + 2;
        mean += y[k] / 9;
    }
    for (int k = 0; k < 9; k++)
        all += (y[k] - mean) * (y[k] - mean) / 9;
    for (int k = 0; k < 9; k++)
        assert_true(fabs(c.x[k] - (y[k] - mean) / sqrt(all)) < 1e-12);
    composition_close(&c);
    /* 3 i + j on 3 x 2 points, at 5 x 3 places */
    make("\"group\":\"C5xC3\",\"template\":\"image\","
         "\"image\":\"0 1; 3 4; 6 7\"", &c);
    for (int a = 0; a < 5; a++)
        for (int b = 0; b < 3; b++)
            assert_true(fabs((c.x[3 * a + b] - c.x[0])
                             / (c.x[3] - c.x[0]) * 1.5
                             - (1.5 * a + b / 2.0)) < 1e-12);
    assert_true(fabs(square_sum(c.x, 15) - 15) < 1e-12);
    composition_close(&c);
}

/* Standardised, of the powers 100, 55, 10, and the waves asked for. */
static void
waves(void **state)
{
    struct composition c;
    double share[3], sum = 0;
    int found = 0;

    (void)state;
    make("\"group\":\"C10\",\"template\":\"fourier\",\"modes\":3", &c);
    assert_true(fabs(square_sum(c.x, 10) - 10) < 1e-12);
    for (int f = 0; f <= 5; f++) {
        double re = 0, im = 0, power;

        for (int a = 0; a < 10; a++) {
            re += c.x[a] * cos(2 * PI * f * a / 10);
            im += c.x[a] * sin(2 * PI * f * a / 10);
        }
        power = (re * re + im * im) / 10 * (f == 5 ? 1 : 2);
        if (power > 1e-9) {
            assert_true(found < 3);
            share[found++] = power * 165 / 10;
        }
        sum += power;
    }
    assert_int_equal(found, 3);
    assert_true(fabs(sum - 10) < 1e-9);
    for (int i = 0; i < 3; i++) {
        int at = share[i] > 70 ? 100 : share[i] > 30 ? 55 : 10;

        assert_true(fabs(share[i] - at) < 1e-6);
    }
    composition_close(&c);
}

static void
other_templates(void **state)
{
    struct composition c, d;

    (void)state;
    make("\"group\":\"D3\",\"height\":10,\"at\":1", &c);
    assert_true(fabs(c.x[1] - 10 + 10 / 6.0) < 1e-12);
    assert_true(fabs(c.x[0] + 10 / 6.0) < 1e-12);
    composition_close(&c);
    make("\"group\":\"C7\",\"template\":\"gaussian\"", &c);
    make("\"group\":\"C7\",\"template\":\"gaussian\",\"template_seed\":2", &d);
    assert_true(fabs(square_sum(c.x, 7) - 7) < 1e-12);
    assert_true(fabs(c.x[0] - d.x[0]) > 1e-3);
    composition_close(&c);
    composition_close(&d);
    make("\"group\":\"C6xC4\",\"template\":\"gaussian\",\"modes\":8", &c);
    assert_true(fabs(square_sum(c.x, 24) - 24) < 1e-12);
    composition_close(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_of_composition),
        cmocka_unit_test(moves_are_rolls),
        cmocka_unit_test(forms_agree),
        cmocka_unit_test(draws_have_numbers),
        cmocka_unit_test(held_out),
        cmocka_unit_test(images),
        cmocka_unit_test(waves),
        cmocka_unit_test(other_templates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

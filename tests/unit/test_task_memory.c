/* The memory tasks: what is drawn keeps the rules, and is as likely as the
 * best predictor says. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/dmath.h"
#include "base/json.h"
#include "task/legal.h"
#include "task/source.h"

static json_t *
object(const char *text)
{
    return json_read_text(text, strlen(text), "test", 1);
}

static struct legal *
rules_of(const char *text)
{
    json_t *v = object(text), *full = task_settings(v, "test");
    struct legal *l = legal_new(full, "test");

    json_decref(v);
    json_decref(full);
    assert_non_null(l);
    return l;
}

/* The first row's text, `steps` symbols long. */
static int32_t *
row_of(const char *text, int steps)
{
    json_t *v = object(text);
    int32_t *row = calloc((size_t)steps, sizeof *row);
    struct source s;
    struct batch b = { 0 };

    json_object_set_new(v, "len", json_integer(steps));
    source_open(&s, v, 1, "test", NULL);
    source_make(&s, SPLIT_TRAIN, 0, 0, &b);
    memcpy(row, b.tokens, (size_t)steps * sizeof *row);
    assert_memory_equal(row + 1, b.classes,
                        (size_t)(steps - 1) * sizeof *row);
    batch_release(&b);
    source_close(&s);
    json_decref(v);
    return row;
}

struct measured {
    double loss, unit;      /* nats a symbol of the best predictor; length */
};

/* Every symbol is allowed; the predictor's loss over the text. */
static struct measured
measure(const char *text, int steps)
{
    struct legal *l = rules_of(text);
    int32_t *row = row_of(text, steps);
    struct legal_state s;
    double loss = 0;
    int units = 0;

    legal_start(l, &s);
    for (int t = 0; t < steps; t++) {
        uint32_t w[LEGAL_SYMBOLS], total = legal_moves(l, &s, w), sum = 0;

        for (int k = 0; k < legal_symbols(l); k++) {
            struct legal_state other = s;

            assert_int_equal(legal_play(l, &other, k), w[k] > 0);
            sum += w[k];
        }
        assert_int_equal(sum, total);
        assert_true(w[row[t]] > 0);
        loss -= d_log((double)w[row[t]] / total);
        units += row[t] == legal_end(l);
        assert_true(legal_play(l, &s, row[t]));
    }
    free(row);
    legal_free(l);
    return (struct measured){ loss / steps, (double)steps / units };
}

static void
texts_cost_what_the_entropy_says(void **state)
{
    static const struct {
        const char *task;
        double entropy;      /* from the definition; 0: not compared */
    } c[] = {
        { "{\"name\":\"charprint\"}", 0.31388922533374 },
        { "{\"name\":\"charprint\",\"max\":20}", 0.23965858188 },
        { "{\"name\":\"charcount\"}", 0.31388922533374 },
        { "{\"name\":\"charcount\",\"max\":12}", 0 },
        { "{\"name\":\"grid\"}", 1.28018274800815 },
        { "{\"name\":\"grid\",\"cells\":16}", 0 },
        { "{\"name\":\"tictac\"}", 1.5900 },
        { "{\"name\":\"tictac\",\"rows\":2,\"cols\":4}", 0 },
        { "{\"name\":\"grammar\"}", 0.18445348 },
        { "{\"name\":\"grammar\",\"max_depth\":3,"
          "\"rules\":\"S -> (E); E -> S | x | E+x\"}", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        struct legal *l = rules_of(c[i].task);
        struct measured m = measure(c[i].task, 200000);

        if (c[i].entropy != 0)
            assert_true(fabs(legal_entropy(l) - c[i].entropy) < 5e-5);
        assert_true(fabs(m.loss / legal_entropy(l) - 1) < 0.01);
        assert_true(fabs(m.unit / legal_unit(l) - 1) < 0.02);
        legal_free(l);
    }
}

/* Feed text (symbols by name) and say where it first went wrong; -1: never. */
static int
first_wrong(const char *task, const char *text)
{
    struct legal *l = rules_of(task);
    json_t *names = legal_names(l);
    struct legal_state s;
    int wrong = -1;

    legal_start(l, &s);
    for (int t = 0; text[t] && wrong < 0; t++) {
        char one[2] = { text[t], 0 };
        size_t k;
        json_t *v;

        json_array_foreach(names, k, v)
            if (strcmp(json_string_value(v), one) == 0)
                break;
        assert_true(k < json_array_size(names));
        if (!legal_play(l, &s, (int)k))
            wrong = t;
    }
    json_decref(names);
    legal_free(l);
    return wrong;
}

static void
wrong_moves_are_seen(void **state)
{
    static const struct {
        const char *task, *text;
        int wrong;
    } c[] = {
        { "charprint", "3ccc\n1c\n", -1 }, { "charprint", "3cc\n", 3 },
        { "charprint", "3cccc\n", 4 }, { "charprint", "c", 0 },
        { "charprint", "\n", 0 }, { "charprint", "33", 1 },
        { "charcount", "@@@3\n@1\n", -1 }, { "charcount", "@@3", 2 },
        { "charcount", "1", 0 }, { "charcount", "@1@", 2 },
        { "charcount", "@@@@@@@@@@", 9 }, { "charcount", "\n", 0 },
        { "grid", "012345678\n876543210\n", -1 }, { "grid", "0120", 3 },
        { "grid", "01234567\n", 8 }, { "grid", "0123456780", 9 },
        { "grid", "\n", 0 },
        { "tictac", "012\n048\n", -1 }, { "tictac", "0123", 3 },
        { "tictac", "01\n", 2 }, { "tictac", "642\n", -1 },
        { "tictac", "01346\n", -1 }, { "tictac", "0134\n", 4 },
        { "grammar", "aababb\nba\n", -1 }, { "grammar", "aab\n", 3 },
        { "grammar", "\n", 0 }, { "grammar", "bab", 2 },
        { "grammar", "aaaaaaaaaaa", 10 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof c[0]; i++) {
        char task[64];

        snprintf(task, sizeof task, "{\"name\":\"%s\"}", c[i].task);
        assert_int_equal(first_wrong(task, c[i].text), c[i].wrong);
    }
}

/* A wrong line stays wrong to its end; the next starts afresh. */
static void
the_next_line_is_a_new_one(void **state)
{
    struct legal *l = rules_of("{\"name\":\"grammar\"}");
    struct legal_state s, start;
    uint32_t w[LEGAL_SYMBOLS];

    (void)state;
    legal_start(l, &start);
    s = start;
    assert_true(legal_play(l, &s, 1));
    assert_false(legal_play(l, &s, 0));
    assert_memory_equal(&s, &start, sizeof s);
    assert_true(legal_play(l, &s, 2));
    assert_false(legal_play(l, &s, 2));
    assert_int_equal(legal_moves(l, &s, w), 0);
    assert_false(legal_play(l, &s, 1));
    assert_false(legal_play(l, &s, 0));
    assert_memory_equal(&s, &start, sizeof s);
    legal_free(l);
}

/* Blocks fit together, and may be asked for in any order. */
static void
blocks_come_in_any_order(void **state)
{
    static const char *const names[] = {
        "charprint", "charcount", "grid", "tictac", "grammar",
    };
    static const int64_t order[] = { 3, 0, 1, 2, 2, 4, 1 };

    (void)state;
    for (int i = 0; i < 5; i++) {
        json_t *v = json_pack("{s:s,s:i}", "name", names[i], "len", 50);
        char text[64];
        int32_t *whole;
        struct source s;

        snprintf(text, sizeof text, "{\"name\":\"%s\"}", names[i]);
        whole = row_of(text, 251);
        source_open(&s, v, 1, "test", NULL);
        assert_true(s.info.continues);
        for (int k = 0; k < 7; k++) {
            struct batch b = { 0 }, other = { 0 };

            source_make(&s, SPLIT_VAL, 1, order[6 - k], &other);
            source_make(&s, SPLIT_TRAIN, 0, order[k], &b);
            assert_memory_equal(b.tokens, whole + 50 * order[k], 200);
            assert_memory_equal(b.classes, whole + 50 * order[k] + 1, 200);
            batch_release(&b);
            batch_release(&other);
        }
        source_close(&s);
        json_decref(v);
        free(whole);
    }
}

static void
names_stand_in_order_of_their_codes(void **state)
{
    struct legal *l = rules_of("{\"name\":\"charcount\",\"max\":11}");
    json_t *names = legal_names(l);
    char *text = json_text(names, false);

    (void)state;
    assert_string_equal(text, "[\"\\n\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\","
                        "\"7\",\"8\",\"9\",\"@\",\"A\",\"B\"]");
    free(text);
    json_decref(names);
    legal_free(l);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_cost_what_the_entropy_says),
        cmocka_unit_test(wrong_moves_are_seen),
        cmocka_unit_test(the_next_line_is_a_new_one),
        cmocka_unit_test(blocks_come_in_any_order),
        cmocka_unit_test(names_stand_in_order_of_their_codes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

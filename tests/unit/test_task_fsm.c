/* Machines to be learned in context: lengths and places as the original has
 * them, walks that keep to one table, splits that share none, and tables as
 * likely as the way they are drawn says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "task/fsm.h"
#include "task/source.h"

enum { UNKNOWN = -1 };

struct table {
    int next[FSM_STATES][FSM_ACTIONS];
};

static void
open_text(struct source *s, const char *text, int batch)
{
    json_t *v = json_read_text(text, strlen(text), "test", 1);

    source_open(s, v, batch, "test", NULL);
    json_decref(v);
}

/* Read a row as somebody would who knows the alphabet alone: fill the table,
 * note where each walk starts; returns the number of walks. */
static int
read_row(const struct batch *b, int row, struct table *t, int *start)
{
    const int32_t *x = b->tokens + (size_t)row * (size_t)b->steps;
    int state = UNKNOWN, action = UNKNOWN, walks = 0;

    memset(t, 0xff, sizeof *t);
    assert_int_equal(x[0], x[1]);        /* the first token stands twice */
    for (int i = 1; i < b->length[row]; i++) {
        if (x[i] >= FSM_EOS) {
            state = action = UNKNOWN;
            continue;
        }
        if (x[i] >= FSM_ACTION) {
            assert_int_not_equal(state, UNKNOWN);
            assert_int_equal(action, UNKNOWN);
            action = x[i] - FSM_ACTION;
            continue;
        }
        if (state == UNKNOWN) {
            start[walks++] = x[i];
        } else {
            int *next = &t->next[state][action];

            assert_int_not_equal(action, UNKNOWN);
            assert_true(*next == UNKNOWN || *next == x[i]);
            *next = x[i];
        }
        state = x[i];
        action = UNKNOWN;
    }
    return walks;
}

/* 249 tokens; 30 places, the first at 3 (2 30 + 2) + 1 + 2. */
static void
places_of_the_original(void **state)
{
    struct source s;
    struct batch b = { 0 };

    (void)state;
    open_text(&s, "{\"name\":\"fsm\"}", 50);
    assert_int_equal(s.info.input_size, 21);
    assert_int_equal(s.info.target_size, 5);
    source_make(&s, SPLIT_TEST, 0, 3, &b);
    assert_int_equal(b.steps, 249);
    for (int i = 0; i < b.rows; i++) {
        const int32_t *x = b.tokens + i * b.steps;
        const uint8_t *scored = b.scored + i * b.steps;
        struct table t;
        int start[FSM_STATES], seen = 0, n = 0;

        assert_int_equal(read_row(&b, i, &t, start), 4);
        for (int k = 0; k < 3; k++)
            seen |= 1 << start[k];
        assert_int_equal(seen, 7);           /* one demo from each state */
        for (int p = 0; p < 249; p++) {
            bool due = p >= 189 && p <= 247 && p % 2;

            assert_int_equal(scored[p], due);
            n += scored[p];
            if (due) {
                assert_in_range(x[p], FSM_ACTION, FSM_ACTION + 2);
                assert_int_equal(b.classes[i * b.steps + p], x[p + 1]);
                assert_int_equal(b.classes[i * b.steps + p],
                                 t.next[x[p - 1]][x[p] - FSM_ACTION]);
            }
        }
        assert_int_equal(n, 30);
        assert_int_equal(x[187], FSM_QUERY);
    }
    batch_release(&b);
    source_close(&s);
}

/* 80 transitions, give or take a fifth: int(80 (0.8 .. 1.2)). */
static void
lengths_vary(void **state)
{
    struct source s;
    struct batch b = { 0 };
    long sum = 0, queries = 0;
    int least = 1000, most = 0;

    (void)state;
    open_text(&s, "{\"name\":\"fsm\",\"states\":5,\"actions\":5,\"demo\":-1,"
              "\"query\":-1,\"vary\":0.2}", 500);
    source_make(&s, SPLIT_TRAIN, 0, 0, &b);
    for (int i = 0; i < b.rows; i++) {
        int n = 0;

        for (int p = 0; p < b.length[i]; p++)
            n += b.scored[i * b.steps + p];
        for (int p = b.length[i]; p < b.steps; p++)
            assert_int_equal(b.tokens[i * b.steps + p], FSM_PAD);
        least = n < least ? n : least;
        most = n > most ? n : most;
        sum += b.length[i];
        queries += n;
    }
    assert_in_range(least, 64, 66);
    assert_in_range(most, 93, 95);
    /* means 645 and 79.5, with standard errors 0.9 and 0.4 */
    assert_in_range(sum / b.rows, 642, 648);
    assert_in_range(queries / b.rows, 78, 80);
    batch_release(&b);
    source_close(&s);
}

static json_t *
about(struct source *s, enum split split, uint32_t pass, int64_t index)
{
    return source_about(s, split, pass, index, s->info.batch);
}

/* A pass has its own choice and order of demos, of the same machines and
 * walks. */
static void
demos_are_chosen_each_pass(void **state)
{
    struct source s;
    json_t *first, *again;
    int other = 0;

    (void)state;
    open_text(&s, "{\"name\":\"fsm\",\"demos\":2}", 40);
    first = about(&s, SPLIT_VAL, 0, 1);
    again = about(&s, SPLIT_VAL, 5, 1);
    for (size_t i = 0; i < 40; i++) {
        json_t *x = json_array_get(first, i), *y = json_array_get(again, i);

        assert_true(json_equal(json_object_get(x, "table"),
                               json_object_get(y, "table")));
        assert_true(json_equal(json_object_get(x, "query"),
                               json_object_get(y, "query")));
        other += !json_equal(json_object_get(x, "demos"),
                             json_object_get(y, "demos"));
    }
    /* one of six arrangements comes again by chance */
    assert_in_range(other, 25, 40);
    json_decref(first);
    json_decref(again);
    source_close(&s);
}

/* A training set of so many: all of them each pass, in another order. */
static void
a_pass_has_every_sample(void **state)
{
    struct source s;
    int moved = 0;

    (void)state;
    open_text(&s, "{\"name\":\"fsm\",\"samples\":50}", 8);
    assert_int_equal(source_batches(&s, SPLIT_TRAIN), 7);
    assert_int_equal(source_batches(&s, SPLIT_VAL), -1);
    for (uint32_t pass = 0; pass < 3; pass++) {
        int seen[50] = { 0 };

        for (int64_t i = 0; i < 7; i++) {
            json_t *all = source_about(&s, SPLIT_TRAIN, pass, i,
                                       i < 6 ? 8 : 2), *x;
            size_t k;

            json_array_foreach(all, k, x) {
                json_int_t n = json_integer_value(json_object_get(x,
                                                                "machine"));

                assert_in_range(n, 0, 49);
                seen[n]++;
                if (pass == 0)
                    assert_int_equal(n, i * 8 + (int64_t)k);
                moved += n != i * 8 + (json_int_t)k;
            }
            json_decref(all);
        }
        for (int i = 0; i < 50; i++)
            assert_int_equal(seen[i], 1);
    }
    assert_in_range(moved, 80, 100);
    source_close(&s);
}

/* How many of 2,000 tables of a split are among 6,000 for training. */
static int
shared(const char *text, enum split split)
{
    struct source s;
    json_t *train, *test, *seen = json_object(), *x;
    size_t k;
    int n = 0;

    open_text(&s, text, 6000);
    train = source_about(&s, SPLIT_TRAIN, 0, 0, 6000);
    test = source_about(&s, split, 0, 0, 2000);
    json_array_foreach(train, k, x) {
        char *t = json_text(json_object_get(x, "table"), false);

        json_object_set_new(seen, t, json_true());
        free(t);
    }
    json_array_foreach(test, k, x) {
        char *t = json_text(json_object_get(x, "table"), false);

        n += json_object_get(seen, t) != NULL;
        free(t);
    }
    json_decref(train);
    json_decref(test);
    json_decref(seen);
    source_close(&s);
    return n;
}

/* Of the original's test tables 39 % occur in training (Monte Carlo; 780 of
 * 2,000 with a standard error of 22). */
static void
splits_share_no_machine(void **state)
{
    (void)state;
    assert_int_equal(shared("{\"name\":\"fsm\"}", SPLIT_VAL), 0);
    assert_int_equal(shared("{\"name\":\"fsm\"}", SPLIT_TEST), 0);
    assert_in_range(shared("{\"name\":\"fsm\",\"mirror\":true}",
                           SPLIT_TEST), 700, 860);
}

/* Of two states and two actions: an edge 0 -> 1 by either action, the rest at
 * random.  So T[0] is (1,1) in a half, (1,0) and (0,1) in a quarter each, and
 * T[1] any of four. */
static void
tables_are_as_likely_as_drawn(void **state)
{
    struct source s;
    json_t *all, *x;
    size_t k;
    int n[16] = { 0 };

    (void)state;
    open_text(&s, "{\"name\":\"fsm\",\"states\":2,\"actions\":2,\"demos\":2,"
              "\"mirror\":true}", 16000);
    all = source_about(&s, SPLIT_TRAIN, 0, 0, 16000);
    json_array_foreach(all, k, x) {
        int code = 0;

        for (size_t i = 0; i < 4; i++)
            code = 2 * code + (int)json_integer_value(json_array_get(
                json_array_get(json_object_get(x, "table"), i / 2), i % 2));
        n[code]++;
    }
    for (int i = 0; i < 16; i++) {
        int want = i / 4 == 3 ? 2000 : i / 4 ? 1000 : 0;

        /* five standard deviations */
        assert_in_range(n[i], want - want / 10 - want / 16,
                        want + want / 10 + want / 16);
    }
    json_decref(all);
    source_close(&s);
}

static void
an_absorbing_state_is_never_left(void **state)
{
    struct source s;
    json_t *all, *x;
    size_t k;

    (void)state;
    open_text(&s, "{\"name\":\"fsm\",\"absorb\":true}", 200);
    all = about(&s, SPLIT_TRAIN, 0, 0);
    json_array_foreach(all, k, x) {
        json_t *table = json_object_get(x, "table"), *row, *to;
        size_t from, a;
        int held = 0;

        json_array_foreach(table, from, row) {
            int here = 0;

            json_array_foreach(row, a, to)
                here += json_integer_value(to) == (json_int_t)from;
            held += here == 3;
        }
        assert_in_range(held, 1, 3);
    }
    json_decref(all);
    source_close(&s);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_of_the_original),
        cmocka_unit_test(lengths_vary),
        cmocka_unit_test(demos_are_chosen_each_pass),
        cmocka_unit_test(a_pass_has_every_sample),
        cmocka_unit_test(splits_share_no_machine),
        cmocka_unit_test(tables_are_as_likely_as_drawn),
        cmocka_unit_test(an_absorbing_state_is_never_left),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

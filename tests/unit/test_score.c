/* Texts written by hand, judged: what is right, and what went wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "probe/probe.h"
#include "task/meaning.h"
#include "task/score.h"
#include "task/spell.h"

static struct legal *
rules_of(const char *task)
{
    json_t *v = *task == '{' ? json_read_text(task, strlen(task), "test", 1) :
                json_pack("{s:s}", "name", task);
    struct legal *l = probe_rules(v, "test");

    json_decref(v);
    return l;
}

/* Two units that do not count stand before the text. */
static struct score
score_of(const char *task, const char *before, const char *text)
{
    struct legal *l = rules_of(task);
    json_t *names = legal_names(l);
    char all[512];
    struct score s = { 0 };
    int32_t *symbol;
    long n;

    snprintf(all, sizeof all, "%s%s%s", before, before, text);
    symbol = spell_text(names, legal_symbols(l), all, strlen(all), "test", &n);
    score_text(l, symbol, n, &s);
    free(symbol);
    json_decref(names);
    legal_free(l);
    return s;
}

static void
expect(const char *task, const char *before, const char *text, int units,
       int right, const char *kinds)
{
    struct score s = score_of(task, before, text);
    struct legal *l = rules_of(task);

    assert_int_equal(s.units, units);
    assert_int_equal(s.right, right);
    for (int i = 0; score_kind(l, i); i++)
        assert_int_equal(s.kind[i], kinds[i] - '0');
    legal_free(l);
}

static void
printed_lines(void **state)
{
    (void)state;
    /* kinds: empty line, no number, too few, too many, second number */
    expect("charprint", "9\n", "3ccc\n1c\n9ccccccccc\n", 3, 3, "00000");
    expect("charprint", "9\n", "\nccc\n3cc\n3cccc\n3c3cc\n2cc", 5, 0,
           "11111");
    expect("{\"name\":\"charprint\",\"max\":12}", "\n", "Acccccccccc\n", 1, 1,
           "00000");
    expect("charprint", "\n", "", 0, 0, "00000");
    expect("charprint", "\n", "3ccccccc", 0, 0, "00000");
}

static void
counted_lines(void **state)
{
    (void)state;
    /* empty, nothing to count, no number, wrong, too many, after the number */
    expect("charcount", "\n", "@@@3\n@1\n", 2, 2, "000000");
    expect("charcount", "\n", "\n3\n@@\n@@4\n@@@@@@@@@@9\n@1@\n", 6, 0,
           "111111");
}

static void
boards(void **state)
{
    struct score s;

    (void)state;
    /* full cell, cleared early, not cleared */
    expect("{\"name\":\"grid\",\"cells\":4}", "\n", "0123\n3210\n", 2, 2,
           "000");
    expect("{\"name\":\"grid\",\"cells\":4}", "\n", "01\n00123\n01233\n", 3, 0,
           "111");
    s = score_of("{\"name\":\"grid\",\"cells\":4}", "\n", "0000123\n");
    assert_int_equal(s.kind[0], 3);      /* every bad move, not the first */
    assert_int_equal(s.wrong, 3);
    assert_int_equal(s.symbols, 8);
    expect("tictac", "\n", "012\n840\n03471\n", 3, 3, "000");
    expect("tictac", "\n", "01\n0123\n00412345\n", 3, 0, "114");
}

static void
grammar_lines(void **state)
{
    (void)state;
    /* ended early, went on, too deep, other */
    expect("grammar", "\n", "ba\nabab\naababb\n", 3, 3, "0000");
    expect("grammar", "\n", "\naabab\nbab\nbb\naaaaaaaaaaaba\n", 5, 0,
           "2111");
    expect("grammar", "\n", "aaaaaaaaaababbbbbbbbbb\nabba\n", 2, 1, "0001");
}

/* A text that the rules draw is right, sampled or greedy, to its end. */
static void
what_the_oracle_draws_is_right(void **state)
{
    static const char *const task[] = {
        "charprint", "charcount", "grid", "tictac", "grammar",
        "{\"name\":\"grid\",\"cells\":64}",
        "{\"name\":\"tictac\",\"rows\":4,\"cols\":5,\"in_a_row\":4}",
        "{\"name\":\"grammar\",\"rules\":\"S -> (E); E -> S | x | E+x\","
        "\"max_depth\":4}",
    };
    int32_t *symbol = calloc(2 * 5000, sizeof *symbol);

    (void)state;
    for (size_t i = 0; i < sizeof task / sizeof *task; i++)
        for (int greedy = 0; greedy < 2; greedy++) {
            struct legal *l = rules_of(task[i]);
            json_t *o;

            oracle_sample(l, 5, greedy, 2, 5000, symbol);
            o = probe_score(l, symbol, 2, 5000);
            assert_true(json_integer_value(json_object_get(o, "units")) > 50);
            assert_true(json_number_value(json_object_get(o, "accuracy"))
                        == 1);
            json_decref(o);
            legal_free(l);
        }
    free(symbol);
}

/* The meanings after a text, as "name=value" of those that are not 0. */
static void
expect_meanings(const char *task, const char *text, const char *want)
{
    struct legal *l = rules_of(task);
    json_t *names = legal_names(l);
    struct legal_state s;
    long n;
    int count;
    int32_t *symbol = spell_text(names, legal_symbols(l), text, strlen(text),
                                 "test", &n);
    struct meaning *m = meanings_new(l, &count);
    int32_t *value = calloc((size_t)count, sizeof *value);
    char got[1024] = "";

    legal_start(l, &s);
    for (long i = 0; i < n; i++)
        assert_true(legal_play(l, &s, symbol[i]));
    meanings_of(l, &s, value);
    for (int i = 0; i < count; i++) {
        assert_true(value[i] >= 0 && value[i] < m[i].values);
        if (value[i])
            snprintf(got + strlen(got), sizeof got - strlen(got), "%s=%d;",
                     m[i].name, value[i]);
    }
    assert_string_equal(got, want);
    free(symbol);
    free(m);
    free(value);
    json_decref(names);
    legal_free(l);
}

static void
meanings(void **state)
{
    (void)state;
    expect_meanings("charprint", "3cc\0", "left to print=1;");
    expect_meanings("charprint", "1c", "line ends or begins next=1;");
    expect_meanings("charcount", "@@", "characters counted=2;");
    expect_meanings("charcount", "@@2\n", "line begins next=1;");
    expect_meanings("{\"name\":\"grid\",\"cells\":3}", "20",
                    "cell 0=1;cell 2=1;full cells=2;");
    expect_meanings("tictac", "01", "cell 0=1;cell 1=1;full cells=2;"
                    "row 0-2 but one=1;");
    expect_meanings("tictac", "048", "cell 0=1;cell 4=1;cell 8=1;"
                    "clear next=1;full cells=3;down 0-8 full=1;"
                    "down 0-8 but one=1;");
    expect_meanings("grammar", "aab", "a may come=1;symbols so far=3;"
                    "least to come=4;");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_lines),
        cmocka_unit_test(counted_lines),
        cmocka_unit_test(boards),
        cmocka_unit_test(grammar_lines),
        cmocka_unit_test(what_the_oracle_draws_is_right),
        cmocka_unit_test(meanings),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

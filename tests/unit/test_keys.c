/* test_keys.c - settings tables and command lines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cli.h"
#include "base/die.h"
#include "base/json.h"
#include "unit/child.h"

static const struct key table[] = {
    { "lr", KEY_REAL, "0.001", 0, 100, 0, "X", "learning rate" },
    { "size", KEY_INT, "128", 1, 65536, 0, 0, "units" },
    { "optimizer", KEY_CHOICE, "\"adam\"", 0, 0, "sgd|adam|adamw", 0,
      "update rule" },
    { "clip_norm", KEY_REAL, "0", 0, INFINITY, 0, 0, "largest norm" },
    { "task", KEY_OBJECT, "{}", 0, 0, 0, 0, "the task" },
    { "task.seed", KEY_INT, "1", 0, 1e15, 0, 0, "seed of the data" },
    { "drop.state", KEY_BOOL, "false", 0, 0, 0, 0, "drop the state" },
    { "name", KEY_TEXT, "\"\"", 0, 0, 0, 0, "a name | or none" },
    { 0 },
};

static json_t *
parse(const char *text)
{
    return json_read_text(text, strlen(text), "test", 1);
}

static void
assert_json(json_t *v, const char *want)
{
    char *text = json_text(v, false);

    assert_string_equal(text, want);
    free(text);
    json_decref(v);
}

static void
test_fill(void **unused)
{
    json_t *v = parse("{\"drop\":{\"state\":true},\"size\":2e2,\"task\":"
                      "{\"len\":5}}");
    json_t *full = keys_fill(table, v);

    (void)unused;
    assert_int_equal(keys_int(full, "size"), 200);
    assert_true(keys_real(full, "lr") == 0.001);
    assert_int_equal(keys_bool(full, "drop.state"), 1);
    assert_string_equal(keys_text(full, "optimizer"), "adam");
    assert_json(full, "{\"lr\":0.001,\"size\":200,\"optimizer\":\"adam\","
                "\"clip_norm\":0,\"task\":{\"len\":5,\"seed\":1},\"drop\":"
                "{\"state\":true},\"name\":\"\"}");
    json_decref(v);
}

static void
test_sparse(void **unused)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "{}", "{}" },
        { "{\"size\":128.0,\"lr\":1e-3,\"clip_norm\":0e5,\"name\":\"\"}",
          "{}" },
        { "{\"name\":\"x\",\"size\":127,\"lr\":1}",
          "{\"lr\":1,\"size\":127,\"name\":\"x\"}" },
        { "{\"task\":{\"seed\":1.0}}", "{}" },
        { "{\"task\":{\"seed\":2,\"len\":3}}",
          "{\"task\":{\"len\":3,\"seed\":2}}" },
        { "{\"task\":{\"seed\":1,\"len\":3},\"drop\":{\"state\":false}}",
          "{\"task\":{\"len\":3}}" },
        { "{\"drop\":{\"state\":true}}", "{\"drop\":{\"state\":true}}" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *v = parse(cases[i].in), *full = keys_fill(table, v);
        json_t *back = keys_sparse(table, full);

        assert_json(keys_sparse(table, v), cases[i].out);
        assert_json(keys_fill(table, back), json_text(full, false));
        json_decref(v);
        json_decref(full);
        json_decref(back);
    }
}

static void
check_it(void *text)
{
    static const char *const also[] = { "id", "drop.more", NULL };

    keys_check(table, parse(text), "c.json", also);
}

static void
test_check(void **unused)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "[]", "c.json: not a JSON object" },
        { "{\"siz\":1}", "c.json: unknown key 'siz' (did you mean 'size'?)" },
        { "{\"whatever\":1}", "c.json: unknown key 'whatever'" },
        { "{\"task.seed\":1}", "unknown key 'task.seed'" },
        { "{\"drop\":{\"stat\":true}}", "unknown key 'drop.stat' (did you "
          "mean 'drop.state'?)" },
        { "{\"drop\":3}", "drop: not a JSON object" },
        { "{\"size\":1.5}", "c.json: size: 1.5 is not a whole number in "
          "1..65536" },
        { "{\"size\":0}", "size: 0 is not a whole number in 1..65536" },
        { "{\"size\":\"12\"}", "size: \"12\" is not a whole number" },
        { "{\"lr\":100.5}", "lr: 100.5 is not a number in 0..100" },
        { "{\"lr\":null}", "lr: null is not a number" },
        { "{\"clip_norm\":-1}", "clip_norm: -1 is not a number of 0 or more" },
        { "{\"optimizer\":\"adm\"}", "optimizer: \"adm\" is not one of sgd, "
          "adam, adamw" },
        { "{\"optimizer\":\"\"}", "is not one of" },
        { "{\"optimizer\":\"sgd|adam\"}", "is not one of" },
        { "{\"drop\":{\"state\":1}}", "drop.state: 1 is not true or false" },
        { "{\"task\":[1]}", "task: [1] is not a JSON object" },
        { "{\"task\":{\"seed\":-1}}", "task.seed: -1 is not a whole number" },
        { "{\"name\":5}", "name: 5 is not text" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_dies(check_it, (void *)bad[i].text, 1, bad[i].says);
    assert_int_equal(child_run(check_it, "{\"id\":\"x\",\"size\":1e3,\"drop\":"
        "{\"more\":1},\"task\":{\"any\":{\"thing\":1},\"seed\":5}}"), 0);
}

static void
test_markdown(void **unused)
{
    char *s = keys_markdown(table);

    (void)unused;
    assert_non_null(strstr(s, "| key | type | default | meaning |\n"));
    assert_non_null(strstr(s, "| `lr` | a number in 0..100 | `0.001` | "
                           "learning rate |\n"));
    assert_non_null(strstr(s, "a name \\| or none |\n"));
    free(s);
}

/* ---- the command line -------------------------------------------------- */

static long threads;
static double every;
static int quiet;
static const char *config;
static char **val;

static const struct opt opts[] = {
    OPT_INT('t', "threads", "N", &threads, 1, 64, "threads to run"),
    OPT_REAL(0, "every", "SECONDS", &every, 0, 10, "between two lines"),
    OPT_FLAG('q', "quiet", &quiet, "say nothing"),
    OPT_STR('c', "config", "FILE", &config, "read settings from FILE"),
    OPT_LIST('v', "val", "FILE", &val, "validate with FILE"),
    OPT_END,
};

static const struct tool tool = {
    "train", "[FILE]", "Train a net.", "Some details.", "train x", opts, table,
};

/* Words parted by blanks; returns the index of the first operand. */
static int
run(const char *words, json_t **set, char **argv)
{
    char *copy = xasprintf("/bin/train %s", words);
    int argc = 0;

    threads = 2;
    every = 0.5;
    quiet = 0;
    config = NULL;
    val = NULL;
    for (char *s = strtok(copy, " "); s; s = strtok(NULL, " "))
        argv[argc++] = s;
    argv[argc] = NULL;
    return cli_parse(&tool, argc, argv, set);
}

static void
test_cli(void **unused)
{
    char *argv[64];
    json_t *set;
    int i = run("in --lr 1e-2 --size=12 -t 3 -qv a --val=b --config c "
                "--no-drop-state --task {\"len\":3} --set task.more=[1] "
                "--set name=7 --eve 1.5 -- --x", &set, argv);

    (void)unused;
    assert_string_equal(argv[i], "in");
    assert_string_equal(argv[i + 1], "--x");
    assert_null(argv[i + 2]);
    assert_int_equal(threads, 3);
    assert_true(every == 1.5 && quiet == 1);
    assert_string_equal(config, "c");
    assert_string_equal(val[0], "a");
    assert_string_equal(val[1], "b");
    assert_null(val[2]);
    assert_string_equal(prog, "train");
    assert_json(set, "{\"lr\":0.01,\"size\":12,\"drop\":{\"state\":false},"
                "\"task\":{\"len\":3,\"more\":[1]},\"name\":\"7\"}");
    run("--drop-state --drop-state=false --size 5 --size 6", &set, argv);
    assert_json(set, "{\"drop\":{\"state\":false},\"size\":6}");
    run("--drop-state", &set, argv);
    assert_json(set, "{\"drop\":{\"state\":true}}");
}

static void
run_it(void *words)
{
    char *argv[64];
    json_t *set;

    dup2(STDERR_FILENO, STDOUT_FILENO);    /* --help writes to stdout */
    run(words, &set, argv);
}

static void
test_cli_refuses(void **unused)
{
    static const struct {
        const char *words, *says;
    } bad[] = {
        { "--lr abc", "train: --lr: 'abc' is not a number in 0..100; try "
          "'train --help'" },
        { "--lr 0x10", "--lr: '0x10' is not a number" },
        { "--lr nan", "--lr: 'nan' is not a number" },
        { "--lr 1e999", "is not a number" },
        { "--lr -1", "--lr: '-1' is not a number in 0..100" },
        { "--size 1.5", "is not a whole number in 1..65536" },
        { "--size 1e400", "is not a whole number" },
        { "--lrr 1", "unknown option '--lrr' (did you mean 'lr'?)" },
        { "--nothing-like-it", "unknown option '--nothing-like-it'; try" },
        { "-z", "unknown option '-z'" },
        { "-qz", "unknown option '-z'" },
        { "--size", "option '--size' needs a value" },
        { "-qt", "option '-qt' needs a value" },
        { "-t 0", "--threads: '0' is not a whole number in 1..64" },
        { "--every 11", "--every: '11' is not a number in 0..10" },
        { "--quiet=3", "option '--quiet' takes no value" },
        { "--c 3", "option '--c' could be" },
        { "--drop-state=maybe", "--drop-state: 'maybe' is not true or false" },
        { "--optimizer adm", "--optimizer: 'adm' is not one of sgd, adam" },
        { "--task 5", "--task: '5' is not a JSON object" },
        { "--task {", "--task: not JSON" },
        { "--task {\"seed\":-1}", "train: task.seed: -1 is not" },
        { "--task {\"a\":1,\"a\":2}", "appears twice" },
        { "--set size", "--set: 'size' is not KEY=VALUE" },
        { "--set =3", "is not KEY=VALUE" },
        { "--set a..b=3", "is not KEY=VALUE" },
        { "--set siz=3", "--set: unknown key 'siz' (did you mean 'size'?)" },
        { "--set size=x", "--set: size: 'x' is not a whole number" },
        { "--set task.seed=-1", "--set: task.seed: '-1' is not a whole" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_dies(run_it, (void *)bad[i].words, 2, bad[i].says);
        assert_one_line(child_err, "; try 'train --help'");
    }
}

static void
test_help(void **unused)
{
    (void)unused;
    assert_int_equal(child_run(run_it, "--help"), 0);
    assert_memory_equal(child_err, "usage: train [options] [FILE]\n"
                        "Train a net.\n\noptions:\n", 53);
    assert_non_null(strstr(child_err, "  -t, --threads N            threads to "
                           "run [2]\n"));
    assert_non_null(strstr(child_err, "learning rate [0.001]\n"));
    assert_non_null(strstr(child_err, "one of sgd, adam, adamw [adam]\n"));
    assert_non_null(strstr(child_err, "\nexample:\n  train x\n"));
    assert_int_equal(child_run(run_it, "--version"), 0);
    assert_memory_equal(child_err, "train 0.1 (", 11);
    assert_int_equal(child_run(run_it, "--usage"), 0);
    assert_non_null(strstr(child_err, "--clip-norm="));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_sparse),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_cli),
        cmocka_unit_test(test_cli_refuses),
        cmocka_unit_test(test_help),
    };

    return cmocka_run_group_tests_name("keys", tests, NULL, NULL);
}

/* The white list, checked counts, files that must not be one, and lines read
 * in place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clash.h"
#include "base/limit.h"
#include "base/name.h"
#include "stream/line.h"
#include "unit/child.h"
#include "unit/folder.h"

static void
test_names(void **state)
{
    static const char *const good[] = { "a", "A-b_c.d+9", "01_all", "9" };
    static const char *const bad[] = {
        "", "-a", ".a", "..", "a b", "a/b", "a\n", "a$", "a'", "a\"", "a`",
        "a;", "a|", "a&", "a>", "a:", "a%", "a#", "a\\", "a*", "a,", "a~",
        "\xc3\xa9", "a\x7f",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(name_is_plain(good[i]) && name_is_path(good[i]) &&
                    name_is_key(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(name_is_plain(bad[i]) || name_is_key(bad[i]));
    assert_true(name_is_key("task.len"));
    assert_false(name_is_key("task.") || name_is_key("task.-a") ||
                 name_is_key("task..a"));
    for (const char *const *s = (const char *const[]){ "/a/b", "../a", "./a.c",
             "a/.b", NULL }; *s; s++)
        assert_true(name_is_path(*s));
    for (const char *const *s = (const char *const[]){ "/", "a/", "a//b",
             "a/../b", "a/-b", "-/a", "..", ".", "a/.", "//a", "a b/c",
             NULL }; *s; s++)
        assert_false(name_is_path(*s));
}

static void
try_count(void *x)
{
    limit_count(*(int64_t *)x, 1, 5, "the count", "FILE");
}

static void
try_product(void *x)
{
    const int64_t *v = x;

    limit_product(v[0], v[1], 100, "rows", "FILE");
}

static void
test_counts(void **state)
{
    int64_t x[] = { 0, 6, INT64_MIN, INT64_MAX };
    int64_t p[][2] = { { 10, 11 }, { INT64_MAX, 2 },
                       { INT64_C(1) << 32, INT64_C(1) << 32 } };

    (void)state;
    assert_int_equal(limit_count(1, 1, 5, "", ""), 1);
    assert_int_equal(limit_count(5, 1, 5, "", ""), 5);
    assert_int_equal(limit_product(10, 10, 100, "", ""), 100);
    assert_int_equal(limit_product(0, INT64_MAX, 100, "", ""), 0);
    for (int i = 0; i < 4; i++)
        assert_dies(try_count, &x[i], 1, "FILE: the count is ");
    for (int i = 0; i < 3; i++)
        assert_dies(try_product, p[i], 1, "FILE: rows: ");
}

static void
make(const char *path)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fclose(f);
}

/* Words: <FILE an input, >FILE an output. */
static void
try_files(void *arg)
{
    struct clash c = { .where = NULL };

    for (const char *const *s = arg; *s; s++)
        if (**s == '<')
            clash_in(&c, *s, *s + 1);
        else
            clash_out(&c, *s, *s + 1);
    clash_release(&c);
}

static void
test_clash(void **state)
{
    static const char *const bad[][4] = {
        { ">new", ">new" }, { ">new", ">./new" }, { "<old", ">old" },
        { ">old", "<old" }, { ">old", ">link" }, { ">old", ">hard" },
        { ">d/new", ">d/../d/new" }, { ">no/new", ">no/new" },
        { "<old", "<old", ">old" }, { ">d/new", ">e/new" },
    };
    static const char *const good[][4] = {
        { "<old", "<old" }, { ">new", ">new2" }, { ">/dev/null", ">/dev/null" },
        { ">-", ">-" }, { "<old", "<link", ">new" }, { ">d/new", ">new" },
    };

    (void)state;
    make("old");
    assert_return_code(mkdir("d", 0777), 0);
    assert_return_code(symlink("old", "link"), 0);
    assert_return_code(symlink("d", "e"), 0);
    assert_return_code(link("old", "hard"), 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_dies(try_files, (void *)bad[i], 2, " are one file, '");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(child_run(try_files, (void *)good[i]), 0);
}

static void
test_line(void **state)
{
    static const char *const good[] = {
        "{\"input\":[1,-2.5e3,null,[1,[2,[]]]],\"target\":true}",
        " { \"scored\" : [ ] } ", "{\"input\":\"a]\\\"},\",\"target\":0}",
        "{\"input\":0.0e-400,\"target\":1e-300}",
        "{\"input\":9007199254740991,\"target\":[18014398509481984]}",
    };
    static const char *const bad[] = {
        "", "{}", "[]", "{\"input\":1", "{\"input\":1,}", "{\"input\":01}",
        "{\"input\":1.}", "{\"input\":.5}", "{\"input\":1e}", "{\"input\":-}",
        "{\"input\":+1}", "{\"input\":[1,]}", "{\"input\":[,1]}",
        "{\"input\":[1 2]}", "{\"input\":[1}", "{\"input\":1]}",
        "{\"input\":1}x", "{\"input\":1,\"input\":2}", "{\"x\":1}",
        "{\"input\":{}}", "{\"input\":nul}", "{\"input\":1e999}",
        "{\"input\":-0.01e-400}",
        "{\"input\":9007199254740993}", "{\"input\":0x10}", "{\"input\":\"a}",
        "{\"input\":NaN}", "{\"input\" 1}", "{\"inputs\":1}",
    };
    static const double items[] = { 1, -2500, 0, 0, 7 };
    struct line l;
    const char *x;
    int64_t whole = 0;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(line_check(good[i], strlen(good[i]), &l));
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(line_check(bad[i], strlen(bad[i]), &l));
    x = "{\"input\":1}\0";
    assert_false(line_check(x, 12, &l));
    x = "{\"input\": [1 , -2.5e3,null,[1,[2,\"]\",[]]] ,7 ],\"target\":[]}";
    assert_true(line_check(x, strlen(x), &l));
    assert_int_equal(value_size(l.input), 5);
    assert_int_equal(value_size(l.target), 0);
    assert_null(l.scored);
    value_foreach(l.input, i, x) {
        assert_true(value_number(x) == items[i]);
        assert_int_equal(value_is_number(x), i != 2 && i != 3);
        assert_int_equal(value_whole(x, &whole), i < 2 || i == 4);
        assert_true(i > 1 || whole == (int64_t)items[i]);
        assert_int_equal(value_is_null(x), i == 2);
        assert_int_equal(value_size(x), i == 3 ? 2 : 0);
    }
    assert_int_equal(i, 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_clash),
        cmocka_unit_test(test_line),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}

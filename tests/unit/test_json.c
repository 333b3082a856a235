/* test_json.c - numbers, text and ids against jq; what reading refuses. */
#include <inttypes.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/json.h"
#include "base/rng.h"
#include "unit/child.h"

/* Doubles of all kinds, the i-th. */
static double
sample(int i)
{
    uint32_t w[4];
    uint64_t bits;
    double x;

    philox(9, (uint64_t)i, 0, RNG_STATS, w);
    bits = (uint64_t)w[0] << 32 | w[1];
    if (i < 2046)
        bits = (uint64_t)(i + 1) << 52;              /* powers of two */
    else if (i < 4092)
        bits = ((uint64_t)(i - 2045) << 52) - 1;     /* just below them */
    else if (i < 4720)
        return strtod((char[]){ '1', 'e', i < 4412 ? '-' : '+', (char)('0' +
            abs(i - 4412) / 100), (char)('0' + abs(i - 4412) / 10 % 10),
            (char)('0' + abs(i - 4412) % 10), 0 }, NULL);
    else if (i < 7000)
        return (double)(w[0] % 2000000) / 1000;
    else if (i < 9000)
        return (double)(float)ldexp(w[0], -32);
    else if (i < 11000)
        return (double)(int64_t)(bits >> w[2] % 64) * (i % 2 ? 1 : -1);
    memcpy(&x, &bits, sizeof x);
    return isfinite(x) ? x : 0;
}

/* What `command` makes of `text`, in static storage. */
static const char *
through(const char *command, const char *text)
{
    static char *out;
    char in[] = "/tmp/unroll-json-XXXXXX", *line;
    int fd = mkstemp(in);
    size_t n = 0, cap = 1 << 20;
    FILE *f;

    assert_true(fd >= 0 && write(fd, text, strlen(text)) ==
                (ssize_t)strlen(text));
    close(fd);
    line = xasprintf("< %s %s", in, command);
    f = popen(line, "r");
    free(out);
    out = xcalloc(cap, 1);
    while (!feof(f) && !ferror(f))
        n += fread(out + n, 1, cap - n - 1, f);
    pclose(f);
    unlink(in);
    free(line);
    return out;
}

static void
test_numbers(void **unused)
{
    json_t *list = json_array();
    char *ours, *given, buf[40];
    const char *theirs;

    (void)unused;
    for (int i = 0; i < 14000; i++) {
        double x = sample(i);

        json_format_number(x, buf);
        assert_true(strtod(buf, NULL) == x);
        json_array_append_new(list, json_real(x));
    }
    ours = json_text(list, true);
    given = json_dumps(list, JSON_REAL_PRECISION(17));
    theirs = through("jq -cj 'map(. + 0)'", given);
    assert_int_equal(strlen(ours), strlen(theirs));
    assert_string_equal(ours, theirs);
    free(ours);
    free(given);
    json_decref(list);
}

static void
test_number_forms(void **unused)
{
    static const struct {
        double x;
        const char *want;
    } forms[] = {
        { 1e-5, "1e-05" }, { 1e-4, "0.0001" }, { 1e17, "1e+17" },
        { 1e18, "1e+18" }, { 1e-7, "1e-07" }, { 0.1, "0.1" },
        { 123456789012345678.0, "123456789012345680" }, { -0.0, "0" },
        { 1e15, "1000000000000000" }, { 1e16, "1e+16" }, { -1.5, "-1.5" },
        { 5e-324, "5e-324" }, { 1.7976931348623157e308,
        "1.7976931348623157e+308" }, { NAN, "null" }, { 1e5, "100000" },
        { -12345678901234567e15, "-12345678901234567000000000000000" },
    };
    char buf[40];

    (void)unused;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        json_format_number(forms[i].x, buf);
        assert_string_equal(buf, forms[i].want);
    }
}

static const char sample_text[] =
    "{\"id\":\"x\",\"z\":1.0,\"a\":{\"id\":\"\xc3\xa9\\u00e9 \\u20ac"
    "\\ud83d\\ude00 \\u007f\\u0001\\b\\f\\n\\r\\t\\\"\\\\\\/\",\"B\":"
    "[-0.0,-0,1e2,1.5E+3,25000000000000000,9007199254740991],\"c\":[],"
    "\"d\":{},\"e\":null,\"f\":[true,false],\"A\":[[1,2],{\"q\":[]}]}}";

static void
test_text(void **unused)
{
    json_t *v = json_read_text(sample_text, strlen(sample_text), "t", 1);
    char *text = json_text(v, true), *pretty = json_pretty(v), hex[65];
    json_t *again;

    (void)unused;
    assert_string_equal(text, through("jq -cjS 'walk(if type == \"number\" "
                        "then . + 0 else . end)'", sample_text));
    json_id(v, hex);
    assert_memory_equal(hex, through("jq -cjS 'del(.id) | walk(if type == "
        "\"number\" then . + 0 else . end)' | sha256sum", sample_text), 64);
    assert_string_equal(text, through("jq -cjS .", pretty));
    again = json_read_text(pretty, strlen(pretty), "t", 1);
    free(text);
    text = json_text(again, false);
    assert_memory_equal(text, "{\"id\":\"x\",\"z\":1,\"a\":{\"id\":", 25);
    free(text);
    free(pretty);
    json_decref(v);
    json_decref(again);
}

static void
test_paths(void **unused)
{
    json_t *v = json_object();
    char *text;

    (void)unused;
    json_set_at(v, "task.len", json_integer(5));
    json_set_at(v, "task.deep.er", json_true());
    json_set_at(v, "lr", json_real(0.5));
    json_set_at(v, "lr", json_real(0.25));
    text = json_text(v, false);
    assert_string_equal(text, "{\"task\":{\"len\":5,\"deep\":{\"er\":true}},"
                        "\"lr\":0.25}");
    assert_int_equal(json_integer_value(json_at(v, "task.len")), 5);
    assert_null(json_at(v, "task.nothing"));
    assert_null(json_at(v, "lr.x"));
    assert_true(json_is_null(json_number(NAN)));
    free(text);
    json_decref(v);
}

/* ---- refused ----------------------------------------------------------- */

static void
read_it(void *text)
{
    json_read_text(text, strlen(text), "c.json", 10);
}

static void
test_refused(void **unused)
{
    static const struct {
        const char *text, *says;
    } bad[] = {
        { "", "c.json: empty" },
        { " \n ", "c.json: empty" },
        { "{\"a\":}", "c.json:10: not JSON: unexpected '}'" },
        { "{\n\"a\":1,\n\"a\":2}", "c.json:12: the key 'a' appears twice" },
        { "{\"a\":1} x", "c.json:10: not JSON: end of file expected" },
        { "[1,\n2", "c.json:11: not JSON: ']' expected near end of file" },
        { "NaN", "not JSON" },
        { "[1e999]", "overflow" },
        { "\n\n9007199254740993", "c.json:12: the whole number 90071992547409"
          "93 is beyond 2^53" },
        { "-123456789012345678901", "beyond 2^53" },
        { "{\"\xc3\xa9\":1}", "not plain ASCII" },
        { "{\"a\\u00e9\" : 1}", "not plain ASCII" },
        { "\"\\ud800\"", "c.json:10: not JSON" },
        { "\"\xff\"", "c.json:10: not JSON" },
        { "\"\\u0000\"", "c.json:10: not JSON" },
        { "\"a\nb\"", "c.json:10: not JSON: unexpected newline" },
        { "01", "c.json:10: not JSON" },
        { "{\"a\":1", "not JSON" },
        { "\"\\", "not JSON" },
        { "-", "not JSON" },
        { "\"\\u12", "not JSON" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_dies(read_it, (void *)bad[i].text, 1, bad[i].says);
}

static void
test_deep(void **unused)
{
    enum { DEPTH = 100000 };
    char *text = xcalloc(2 * DEPTH + 1, 1);

    (void)unused;
    memset(text, '[', DEPTH);
    assert_dies(read_it, text, 1, "nested deeper than 2048 levels");
    memset(text + DEPTH, ']', DEPTH);
    assert_dies(read_it, text, 1, "nested deeper than 2048 levels");
    free(text);
}

/* A whole number that a sum grew to is read back as it was written. */
static void
test_large_sum(void **unused)
{
    json_t *v = json_real(123456789012345678.0), *again;
    char *text = json_text(v, true);

    (void)unused;
    again = json_read_text(text, strlen(text), "t", 1);
    assert_true(json_is_real(again));
    assert_true(json_real_value(again) == 123456789012345678.0);
    free(text);
    json_decref(v);
    json_decref(again);
}

/* Any damage is refused in one line or read, never more. */
static void
test_damage(void **unused)
{
    size_t n = strlen(sample_text);
    char *text = xstrdup(sample_text);

    (void)unused;
    for (size_t i = 0; i < n; i++) {
        char *trouble;
        long line;

        for (int bit = 0; bit < 8; bit++) {
            json_t *v;

            text[i] = (char)(sample_text[i] ^ 1 << bit);
            v = json_try_text(text, n, &trouble, &line);
            assert_true(!v == !!trouble);
            free(trouble);
            json_decref(v);
        }
        text[i] = sample_text[i];
        assert_null(json_try_text(text, i, &trouble, &line));
        assert_non_null(trouble);
        free(trouble);
    }
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_number_forms),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_large_sum),
        cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}

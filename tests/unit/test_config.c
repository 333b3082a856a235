/* test_config.c - complete configs, their ids, and the stack they describe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/json.h"
#include "train/config.h"
#include "unit/child.h"

static const char mgu[] =
    "# a minimal gated unit\n"
    "input x\n"
    "state h\n"
    "option bias = true\n"
    "f = sigmoid(Wf x + Uf h + bf)   # the gate\n"
    "n = tanh(Wn x + Un (f * h) + bn)\n"
    "h' = (1 - f) * h + f * n\n"
    "output h'\n";

static char folder[] = "/tmp/test_config.XXXXXX";

static json_t *
parse(const char *text)
{
    return json_read_text(text, strlen(text), "test", 1);
}

static json_t *
complete(const char *text)
{
    json_t *v = parse(text), *c = config_complete(v, "test", NULL);

    json_decref(v);
    return c;
}

static void
write_cell(const char *name, const char *text)
{
    char path[128];
    FILE *f;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void
id_of(const char *text, char hex[65])
{
    json_t *c = complete(text);

    config_id(c, hex);
    json_decref(c);
}

static void
assert_same_id(const char *a, const char *b, bool same)
{
    char x[65], y[65];

    id_of(a, x);
    id_of(b, y);
    if (same)
        assert_string_equal(x, y);
    else
        assert_string_not_equal(x, y);
}

/* The line of the documentation gives the id back. */
static void
assert_jq_agrees(const char *text)
{
    json_t *c = complete(text);
    char hex[65], said[65] = "", path[128], command[400], *all;
    FILE *f;

    config_id(c, hex);
    json_object_set_new(c, "id", json_string(hex));
    all = json_pretty(c);
    write_cell("c.json", all);
    snprintf(path, sizeof path, "%s/c.json", folder);
    snprintf(command, sizeof command, "jq -cjS 'del(.id) | walk(if type == "
             "\"number\" then . + 0 else . end)' %s | sha256sum", path);
    f = popen(command, "r");
    assert_non_null(f);
    assert_int_equal(fread(said, 1, 64, f), 64);
    pclose(f);
    assert_string_equal(said, hex);
    free(all);
    json_decref(c);
}

static void
test_jq(void **unused)
{
    (void)unused;
    if (system("command -v jq > /dev/null"))
        skip();
    assert_jq_agrees("{}");
    assert_jq_agrees("{\"lr\":0.00001,\"epsilon\":1e-10,\"cell\":\"lstm\","
                     "\"task\":{\"name\":\"copy\",\"len\":10,\"seed\":7},"
                     "\"clip_norm\":1e8,\"seed\":9007199254740991}");
    assert_jq_agrees("{\"average_start\":3.0,\"lr\":0.1,\"warmup\":1e3,"
                     "\"weight_decay\":0.3333333333333333}");
}

static void
test_defaults(void **unused)
{
    (void)unused;
    assert_same_id("{}", "{\"lr\":1e-3,\"size\":128,\"cell\":\"gru\"}", true);
    assert_same_id("{\"size\":1e2}", "{\"size\":100}", true);
    assert_same_id("{}", "{\"size\":129}", false);
    assert_same_id("{\"task\":{\"a\":1,\"b\":2}}",
                   "{\"task\":{\"b\":2,\"a\":1}}", true);
    assert_same_id("{}", "{\"id\":\"whatever\"}", true);
    assert_same_id("{}", "{\"cells\":{\"unused\":\"input x\"}}", true);
}

/* The id covers the equations, not what is said about them. */
static void
test_cell_text(void **unused)
{
    char a[65], b[65], *text;

    (void)unused;
    write_cell("mgu.cell", mgu);
    id_of("{\"cell\":\"mgu\"}", a);
    text = xasprintf("%s\n\n# more\n", strchr(mgu, '\n') + 1);
    write_cell("mgu.cell", text);
    free(text);
    id_of("{\"cell\":\"mgu\"}", b);
    assert_string_equal(a, b);
    text = xstrdup(mgu);
    *strstr(text, "sigmoid") = ' ';
    memcpy(strstr(text, " igmoid"), "   tanh", 7);
    write_cell("mgu.cell", text);
    free(text);
    id_of("{\"cell\":\"mgu\"}", b);
    assert_string_not_equal(a, b);
    write_cell("mgu.cell", mgu);
}

/* A path is cut to the cell's name, so that the id moves with the text. */
static void
test_stem(void **unused)
{
    char *text, a[65], b[65];
    json_t *c;

    (void)unused;
    write_cell("mgu.cell", mgu);
    text = xasprintf("{\"cell\":\"%s/mgu.cell:64,gru\"}", folder);
    c = complete(text);
    assert_string_equal(json_string_value(json_object_get(c, "cell")),
                        "mgu:64,gru");
    config_id(c, a);
    json_decref(c);
    free(text);
    id_of("{\"cell\":\"mgu:64,gru\"}", b);
    assert_string_equal(a, b);
}

/* A complete config needs no file: the text in it is the cell. */
static void
test_contained(void **unused)
{
    json_t *a, *b;
    char *s;

    (void)unused;
    write_cell("mgu.cell", mgu);
    a = complete("{\"cell\":\"mgu\",\"encoder\":\"linear:8\"}");
    write_cell("mgu.cell", "input x\noutput x\n");
    b = config_complete(a, "test", NULL);
    assert_true(json_equal(a, b));
    s = json_text(json_object_get(b, "cells"), true);
    assert_non_null(strstr(s, "\"mgu\":\"input x\\nstate h\\n"));
    assert_non_null(strstr(s, "\"linear\""));
    free(s);
    json_decref(a);
    json_decref(b);
    write_cell("mgu.cell", mgu);
}

static void
test_options(void **unused)
{
    (void)unused;
    assert_same_id("{\"cell\":\"mgu\"}",
                   "{\"cell\":\"mgu\",\"options\":{\"bias\":true}}", true);
    assert_same_id("{\"cell\":\"mgu\"}",
                   "{\"cell\":\"mgu\",\"options\":{\"bias\":false}}", false);
}

static void
test_layers(void **unused)
{
    json_t *c = complete("{\"cell\":\"gru:32,lstm\",\"layers\":2,\"size\":64,"
                         "\"encoder\":\"linear:8\",\"decoder\":\"perceptron\","
                         "\"head\":\"linear\"}");
    json_t *s = config_settings(c);
    struct layer y[LAYERS_MAX];
    static const struct layer want[] = {
        { "encoder.0", "linear", 8, false, false },
        { "layers.0", "gru", 32, true, false },
        { "layers.1", "lstm", 64, false, false },
        { "layers.2", "gru", 32, false, false },
        { "layers.3", "lstm", 64, false, true },
        { "decoder.0", "perceptron", 64, false, false },
        { "head", "linear", 0, false, false },
    };
    int n = config_layers(s, "test", y);

    (void)unused;
    assert_int_equal(n, 7);
    for (int i = 0; i < n; i++) {
        assert_string_equal(y[i].name, want[i].name);
        assert_string_equal(y[i].cell, want[i].cell);
        assert_int_equal(y[i].size, want[i].size);
        assert_int_equal(y[i].first, want[i].first);
        assert_int_equal(y[i].last, want[i].last);
    }
    json_decref(c);
    json_decref(s);
}

static void
complete_it(void *text)
{
    json_t *c = complete(text), *s = config_settings(c);
    struct layer y[LAYERS_MAX];

    config_layers(s, "test", y);
}

static void
test_errors(void **unused)
{
    static const char *const cases[][2] = {
        { "{\"lrr\":1}", "'lrr'" },
        { "{\"lr\":-1}", "lr" },
        { "{\"lr\":\"1\"}", "lr" },
        { "{\"size\":1.5}", "size" },
        { "{\"epsilon\":9e-16}", "1e-15..1" },
        { "{\"optimizer\":\"adm\"}", "optimizer" },
        { "{\"cell\":\"gru:0\"}", "1..65536" },
        { "{\"cell\":\"gru:x\"}", "1..65536" },
        { "{\"cell\":\":8\"}", "NAME[:SIZE]" },
        { "{\"cell\":\"\"}", "no cell is named" },
        { "{\"cell\":\"gur\"}", "'gru'" },
        { "{\"cell\":\"mgu\",\"options\":{\"bais\":true}}", "'bias'" },
        { "{\"cell\":\"mgu\",\"options\":{\"bias\":1}}", "true or false" },
        { "{\"cells\":{\"gru\":\"input\"}}", "cells.gru" },
        { "{\"cells\":{\"gru\":7}}", "not a string" },
        { "{\"layers\":64,\"cell\":\"gru,gru,gru,gru,gru\"}", "256 layers" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_dies(complete_it, (char *)cases[i][0], RC_DATA, cases[i][1]);
}

static void
test_join(void **unused)
{
    json_t *a = parse("{\"lr\":1,\"task\":{\"name\":\"copy\",\"len\":1}}");
    json_t *b = parse("{\"task\":{\"len\":2},\"size\":3}");
    json_t *c = config_join(a, b);
    char *s = json_text(c, true);

    (void)unused;
    assert_string_equal(s, "{\"lr\":1,\"size\":3,\"task\":"
                        "{\"len\":2,\"name\":\"copy\"}}");
    free(s);
    json_decref(a);
    json_decref(b);
    json_decref(c);
}

static int
set_up(void **unused)
{
    (void)unused;
    if (!mkdtemp(folder))
        return -1;
    write_cell("mgu.cell", mgu);
    return setenv("UNROLL_CELLS", folder, 1);
}

static int
tear_down(void **unused)
{
    char command[64];

    (void)unused;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jq),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_cell_text),
        cmocka_unit_test(test_stem),
        cmocka_unit_test(test_contained),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_join),
    };

    return cmocka_run_group_tests_name("config", tests, set_up, tear_down);
}

/* Outputs that are known, as a training would write them, and what comes of
 * them. */
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
#include "base/memfile.h"
#include "probe/staircase.h"
#include "stream/tstream.h"
#include "unit/folder.h"

#define PI 3.14159265358979323846

/* All 25 pairs of C5 with the template 1 at 0: the target of pair i is at
 * place i % 5 + i / 5. */
static const char result[] = "{\"id\":\"abc\",\"settings\":{\"task\":"
    "{\"name\":\"compose\",\"group\":\"C5\",\"draw\":\"all\"},"
    "\"val_task\":{}}}";

static int
product(int i)
{
    return (i % 5 + i / 5) % 5;
}

static void
write_outputs(struct tsw *w, int64_t update, double (*f)(int i, int h))
{
    float y[125];
    struct tensor t = {
        .name = "output", .dtype = DT_F32, .ndim = 2, .shape = { 25, 5 },
        .index = update, .bytes = sizeof y, .data = y,
    };

    for (int i = 0; i < 25; i++)
        for (int h = 0; h < 5; h++)
            y[5 * i + h] = (float)f(i, h);
    tsw_write(w, &t);
}

static double
nothing(int i, int h)
{
    (void)i;
    (void)h;
    return 0;
}

static double
right(int i, int h)
{
    return (h == product(i)) - 0.2;
}

/* Of the template the first wave alone: 2/5 cos; but of the pair 0 its
 * opposite, which is most like another element. */
static double
first_wave(int i, int h)
{
    return 0.4 * cos(2 * PI * (h - product(i)) / 5) * (i ? 1 : -1);
}

static double
at(const json_t *line, const char *path, int i)
{
    const json_t *v = json_object_get(line, path);

    return json_number_value(i < 0 ? v : json_array_get(v, (size_t)i));
}

static void
known_outputs(void **state)
{
    json_t *header = json_pack("{s:s}", "outputs", "abc");
    struct record r = {
        json_read_text(result, strlen(result), "r.json", 1), "r.json", 1,
    };
    struct memfile *page = memfile_open();
    struct tsw *w = tsw_open("outputs", header);
    json_t *line[3];
    char *text, *next;

    (void)state;
    write_outputs(w, 1, nothing);
    write_outputs(w, 20, first_wave);
    write_outputs(w, 300, right);
    tsw_close(w, 3);
    staircase_spectra(memfile_stream(page), &r, "outputs");
    text = next = memfile_close(page, NULL);
    for (int i = 0; i < 3; i++) {
        char *end = strchr(next, '\n');

        line[i] = json_read_text(next, (size_t)(end - next), "lines", 1);
        next = end + 1;
    }
    assert_string_equal(next, "");
    /* |x|^2 = 0.8, half of it in each wave; a mean over 5 elements */
    assert_true(at(line[0], "step", -1) == 1);
    assert_true(fabs(at(line[0], "loss", -1) - 0.16) < 1e-7);
    assert_true(at(line[0], "power", 1) == 0);
    assert_true(at(line[1], "step", -1) == 20);
    assert_true(fabs(at(line[1], "accuracy", -1) - 24 / 25.0) < 1e-12);
    assert_true(fabs(at(line[1], "power", 0)) < 1e-12);
    assert_true(fabs(at(line[1], "power", 1) - 0.4) < 1e-7);
    assert_true(fabs(at(line[1], "power", 2)) < 1e-12);
    /* 24 lack the other wave, 0.4; one lacks that and twice the first */
    assert_true(fabs(at(line[1], "loss", -1)
                     - (25 * 0.4 + 4 * 0.4) / 125) < 1e-7);
    assert_true(at(line[2], "loss", -1) < 1e-14);
    assert_true(at(line[2], "accuracy", -1) == 1);
    assert_true(fabs(at(line[2], "power", 2) - 0.4) < 1e-7);
    for (int i = 0; i < 3; i++)
        json_decref(line[i]);
    json_decref(header);
    json_decref(r.value);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_outputs),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}

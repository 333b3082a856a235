/* Text to classes by their names: the names of what came out, put after one
 * another, are the text again.  The input is a line of names, a JSON array,
 * and the text after it; an empty line stands for classes that are bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "fuzz.h"
#include "task/names.h"
#include "task/spell.h"

enum { MOST = 1000 };

/* Dies on what no stream's header could hold. */
static json_t *
read_names(const char *line, size_t n)
{
    json_t *v, *s;
    size_t i;

    if (n == 0)
        return NULL;
    v = json_read_text(line, n, "names", 1);
    if (!json_is_array(v) || json_array_size(v) > MOST)
        die_at("names", 1, "no list of names");
    json_array_foreach(v, i, s)
        if (!json_is_string(s))
            die_at("names", 1, "no text");
    return v;
}

/* The text of the classes, as names_print() writes an input. */
static void
check_text(const json_t *names, const int32_t *class, long n, int classes,
           const char *text, size_t size)
{
    char *out;
    size_t length;
    FILE *f = open_memstream(&out, &length);
    int32_t steps = (int32_t)n;
    uint8_t *scored = xcalloc((size_t)n, 1);
    const struct stream_info info = {
        .input_size = classes, .target_size = classes, .continues = true,
    };
    const struct batch b = {
        .rows = 1, .steps = steps, .tokens = (int32_t *)class,
        .classes = (int32_t *)class, .scored = scored, .length = &steps,
    };

    names_print(f, &info, names, true, &b);
    fclose(f);
    fuzz_check(length >= size && !memcmp(out, text, size));
    free(scored);
    free(out);
}

static void
one(const char *text, size_t n)
{
    const char *end = memchr(text, '\n', n);
    size_t line = end ? (size_t)(end - text) : 0;
    json_t *names;
    int32_t *class;
    int classes;
    long k;

    if (!end)
        return;
    names = read_names(text, line);
    classes = names ? (int)json_array_size(names) : 256;
    class = spell_text(names, classes, text + line + 1, n - line - 1, "text",
                       &k);
    fuzz_check(k > 0 && (size_t)k <= n);
    for (long i = 0; i < k; i++)
        fuzz_check(class[i] >= 0 && class[i] < classes);
    check_text(names, class, k, classes, text + line + 1, n - line - 1);
    free(class);
    json_decref(names);
}

const struct harness harness = { .one = one };

/* Text in memory, and a sort that keeps the order of equal items. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memfile.h"
#include "base/sort.h"

static void
test_text(void **state)
{
    struct memfile *m = memfile_open();
    size_t n;
    char *text;

    (void)state;
    fprintf(memfile_stream(m), "%d and ", 12);
    fwrite("a\0b", 1, 3, memfile_stream(m));
    text = memfile_close(m, &n);
    assert_int_equal(n, 10);
    assert_memory_equal(text, "12 and a\0b", 11);
    free(text);
    text = memfile_close(memfile_open(), NULL);
    assert_string_equal(text, "");
    free(text);
}

static void
test_long(void **state)
{
    struct memfile *m = memfile_open();
    char *text;
    size_t n;

    (void)state;
    for (int i = 0; i < 100000; i++)
        fputs("abcdefg", memfile_stream(m));
    text = memfile_close(m, &n);
    assert_int_equal(n, 700000);
    assert_int_equal(strlen(text), 700000);
    assert_string_equal(text + 699990, "efgabcdefg");
    free(text);
}

struct item {
    int key, place;
    char filler[5];          /* an odd size */
};

static int
by_key(const void *a, const void *b, void *ctx)
{
    const struct item *x = a, *y = b;

    ++*(int *)ctx;
    return x->key - y->key;
}

static void
test_stable(void **state)
{
    enum { N = 5000 };
    struct item *v = calloc(N, sizeof *v);
    int calls = 0;

    (void)state;
    for (int i = 0; i < N; i++)
        v[i] = (struct item){ i * 7919 % 13, i, "" };
    sort_stable(v, N, sizeof *v, by_key, &calls);
    for (int i = 1; i < N; i++)
        assert_true(v[i - 1].key < v[i].key ||
                    (v[i - 1].key == v[i].key &&
                     v[i - 1].place < v[i].place));
    assert_in_range(calls, N, 13 * N);     /* n log2 n and no more */
    sort_stable(v, 0, sizeof *v, by_key, &calls);
    free(v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_long),
        cmocka_unit_test(test_stable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* Shipped cells with random damage: each is read, or refused in one line.
 * CELL_FUZZ=N changes how many are tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/die.h"
#include "base/rng.h"
#include "cell/cell.h"
#include "cell_try.h"

enum { TRIES = 400, MAX = 1 << 14 };

static const char *const pieces[] = {
    "(", ")", "[", "]", ";", ",", "'", "=", "==", ":", "*", "/", "-", "^",
    "^-64", "\n", "#", " ", "0", "1e308", "1e-400", "16777216", "x", "h",
    "h'", "W", "W x", "bz", "b0", "pi", "i", "n", "T", "if ", "else\n",
    "else if ", "end\n", "at 1:", "otherwise:\n", "not ", "and ", "or ",
    "true", "last_layer", "state m : 4*h = -1\n", "param theta = 0.9\n",
    "option k = 3\n", "option w = tanh\n", "size u = 4*h\n", "size h = 3\n",
    "output ", "input ", "init ", "rate ", "init [", "init * ", "init b* ",
    "= 2*pi*i/n\n", "chrono(9)\n", "-chrono(9)\n", "orthogonal\n",
    "normal(1)\n", "uniform(0, 1)\n", "matrix ", "drop(", "detach(", "tanh(",
    "max(", "sqrt(", "[x; h]", "h' = h\n", "u : u = ", "\xff", "\x01", "\r",
    "k", "w == relu",
};

static void
splice(char *text, size_t at, size_t cut, const char *s, size_t n)
{
    size_t len = strlen(text);

    if (at > len)
        at = len;
    if (cut > len - at)
        cut = len - at;
    if (len - cut + n >= MAX)
        return;
    memmove(text + at + n, text + at + cut, len - at - cut + 1);
    memcpy(text + at, s, n);
}

static void
damage(struct rng *r, char *text)
{
    size_t len = strlen(text), at = rng_below(r, (uint32_t)len + 1);
    char copy[64], c = (char)(1 + rng_below(r, 255));
    const char *s = pieces[rng_below(r, sizeof pieces / sizeof *pieces)];
    size_t n = 1 + rng_below(r, 40);

    switch (rng_below(r, 6)) {
    case 0:
        splice(text, at, 1, &c, 1);
        break;
    case 1:
        splice(text, at, rng_below(r, 8), "", 0);
        break;
    case 2:
        splice(text, at, n, "", 0);
        break;
    case 3:                      /* a piece of itself elsewhere */
        n = at + n > len ? len - at : n;
        memcpy(copy, text + at, n);
        splice(text, rng_below(r, (uint32_t)len + 1), 0, copy, n);
        break;
    case 4:
        splice(text, at, rng_below(r, 4), s, strlen(s));
        break;
    default:
        splice(text, at, 0, s, strlen(s));
        break;
    }
}

static void
check(const char *text, int size)
{
    char said[4096];
    int rc = cell_try(text, 7, size, "{\"T\": 30, \"relu\": true}", said,
                      sizeof said);
    size_t n = strlen(said);
    bool line = !strncmp(said, "test: ", 6) && said[n - 1] == '\n' &&
                strchr(said, '\n') == said + n - 1;

    if (rc == 0 ? n > 0 : rc != 1 || !line)
        fail_msg("status %d, said '%s' on:\n%s", rc, said, text);
    for (size_t i = 0; i + 1 < n; i++)
        assert_in_range((unsigned char)said[i], 32, 126);
}

static void
damaged_cells_are_read_or_refused(void **state)
{
    const char *const *names = cell_names();
    const char *more = getenv("CELL_FUZZ");
    int tries = more ? atoi(more) : getenv("FAST") ? TRIES / 4 : TRIES, n = 0;

    (void)state;
    while (names[n])
        n++;
    for (int k = 0; k < tries; k++) {
        char *file, *shipped = cell_find(names[k % n], &file), text[MAX];
        struct rng r;

        rng_init(&r, 5, RNG_TASK, 0, (uint64_t)k << 20);
        snprintf(text, sizeof text, "%s", shipped);
        free(shipped);
        free(file);
        for (uint32_t i = 1 + rng_below(&r, 4); i > 0; i--)
            damage(&r, text);
        check(text, k % 3 ? 7 : 16);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_cells_are_read_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

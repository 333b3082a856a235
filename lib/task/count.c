/*
 * count.c - lines in which a number and a run of characters agree: printing
 * ("4cccc") and counting ("@@@@4").
 *
 * Symbols are the characters of the text in order of their codes, so that
 * the newline is symbol 0: numbers above 9 are letters, A = 10.
 */
#include "base/dmath.h"
#include "task/chain.h"
#include "task/names.h"
#include "task/rules.h"
#include "task/tasks.h"

static const struct key print_keys[] = {
    { "max", KEY_INT, "9", 1, 35, NULL, "N", "largest number; A is 10" },
    CHAIN_LEN,
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

static const struct key count_keys[] = {
    { "max", KEY_INT, "9", 1, 35, NULL, "N", "largest number; A is 10" },
    CHAIN_LEN,
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

/* "\n", the numbers 1..max, and `mark` where its code belongs. */
static void
add_names(struct legal *l, const char *mark)
{
    bool marked = false;
    char name[12];

    json_array_append_new(l->names, json_string("\n"));
    for (int k = 1; k <= l->max; k++) {
        name_symbol(k, 36, name);
        if (!marked && name[0] > mark[0]) {
            json_array_append_new(l->names, json_string(mark));
            marked = true;
        }
        json_array_append_new(l->names, json_string(name));
    }
    if (!marked)
        json_array_append_new(l->names, json_string(mark));
}

/* k uniform in 1..max; a line is k characters, the number and a newline. */
static void
line_unit(const struct legal *l, double *entropy, double *length)
{
    *entropy = d_log(l->max);
    *length = 2 + (l->max + 1) / 2.0;
}

/* To the end of a line that went wrong. */
static bool
wrong(struct legal_state *s, int symbol)
{
    s->n = symbol == 0 ? 0 : -1;
    s->m = 0;
    return false;
}

/* Printing: m is 0 before the number, then 1 + what is left to print. */

static void
print_open(struct legal *l, const json_t *settings)
{
    l->max = (int)keys_int(settings, "max");
    add_names(l, "c");
}

static uint32_t
print_moves(const struct legal *l, const struct legal_state *s, uint32_t *w)
{
    if (s->n < 0)
        return 0;
    if (s->m == 0) {
        for (int k = 1; k <= l->max; k++)
            w[k] = 1;
        return (uint32_t)l->max;
    }
    w[s->m > 1 ? l->max + 1 : 0] = 1;
    return 1;
}

static bool
print_play(const struct legal *l, struct legal_state *s, int symbol)
{
    bool number = symbol >= 1 && symbol <= l->max;
    bool ok = s->m == 0 ? number : s->m == 1 ? symbol == 0
                                             : symbol == l->max + 1;

    if (s->n < 0 || !ok)
        return wrong(s, symbol);
    s->m = number ? symbol + 1 : symbol == 0 ? 0 : s->m - 1;
    return true;
}

static const char *const print_kinds[] = {
    "empty line", "no number", "too few", "too many", "second number", NULL,
};

static int
print_blame(const struct legal *l, const struct legal_state *s, int symbol)
{
    if (s->m == 0)
        return symbol == 0 ? 0 : 1;
    if (symbol == 0)
        return 2;
    return symbol == l->max + 1 ? 3 : 4;
}

static int
print_meanings(const struct legal *l, struct meaning *m)
{
    if (m) {
        meaning_set(&m[0], MEANING_FLAG, 2, "line ends or begins next");
        meaning_set(&m[1], MEANING_FLAG, 2, "line begins next");
        meaning_set(&m[2], MEANING_COUNTER, l->max + 1, "left to print");
    }
    return 3;
}

static void
print_mean(const struct legal *l, const struct legal_state *s, int32_t *value)
{
    (void)l;
    value[0] = s->m <= 1;
    value[1] = s->m == 0;
    value[2] = s->m > 1 ? s->m - 1 : 0;
}

/* Counting: n marks so far; m = 1 once the number is said.  After n marks
 * (n >= 1) each of the numbers n..max is equally likely, so that it is n now
 * with 1 chance in max - n + 1. */

static int
mark_of(const struct legal *l)
{
    return l->max < 10 ? l->max + 1 : 10;    /* '@' stands before 'A' */
}

static int
number_of(const struct legal *l, int symbol)
{
    return symbol < mark_of(l) ? symbol : symbol - 1;
}

static int
symbol_of(const struct legal *l, int number)
{
    return number < mark_of(l) ? number : number + 1;
}

static void
count_open(struct legal *l, const json_t *settings)
{
    l->max = (int)keys_int(settings, "max");
    add_names(l, "@");
}

static uint32_t
count_moves(const struct legal *l, const struct legal_state *s, uint32_t *w)
{
    if (s->n < 0)
        return 0;
    if (s->m) {
        w[0] = 1;
        return 1;
    }
    if (s->n == 0) {
        w[mark_of(l)] = 1;
        return 1;
    }
    w[symbol_of(l, s->n)] = 1;
    w[mark_of(l)] = (uint32_t)(l->max - s->n);
    return (uint32_t)(l->max - s->n + 1);
}

static bool
count_play(const struct legal *l, struct legal_state *s, int symbol)
{
    if (s->n < 0)
        return wrong(s, symbol);
    if (s->m && symbol == 0) {
        s->n = s->m = 0;
        return true;
    }
    if (!s->m && symbol == mark_of(l) && s->n < l->max) {
        s->n++;
        return true;
    }
    if (!s->m && symbol > 0 && s->n > 0 && symbol != mark_of(l)
        && number_of(l, symbol) == s->n) {
        s->m = 1;
        return true;
    }
    return wrong(s, symbol);
}

static const char *const count_kinds[] = {
    "empty line", "nothing to count", "no number", "wrong number", "too many",
    "text after the number", NULL,
};

static int
count_blame(const struct legal *l, const struct legal_state *s, int symbol)
{
    if (s->m)
        return 5;
    if (s->n == 0)
        return symbol == 0 ? 0 : 1;
    if (symbol == 0)
        return 2;
    return symbol == mark_of(l) ? 4 : 3;
}

static int
count_meanings(const struct legal *l, struct meaning *m)
{
    if (m) {
        meaning_set(&m[0], MEANING_FLAG, 2, "line ends next");
        meaning_set(&m[1], MEANING_FLAG, 2, "line begins next");
        meaning_set(&m[2], MEANING_COUNTER, l->max + 1, "characters counted");
    }
    return 3;
}

static void
count_mean(const struct legal *l, const struct legal_state *s, int32_t *value)
{
    (void)l;
    value[0] = s->m;
    value[1] = s->n == 0;
    value[2] = s->n;
}

const struct rules rules_charprint = {
    "charprint", print_open, print_moves, print_play, line_unit, NULL,
    print_kinds, print_blame, print_meanings, print_mean,
};

const struct rules rules_charcount = {
    "charcount", count_open, count_moves, count_play, line_unit, NULL,
    count_kinds, count_blame, count_meanings, count_mean,
};

const struct task task_charprint = {
    .name = "charprint",
    .about = "lines of a number and that many characters: 4cccc",
    .keys = print_keys,
    .open = chain_open,
    .make = chain_make,
    .close = chain_close,
};

const struct task task_charcount = {
    .name = "charcount",
    .about = "lines of some characters and their number: @@@@4",
    .keys = count_keys,
    .open = chain_open,
    .make = chain_make,
    .close = chain_close,
};

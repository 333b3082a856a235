/* keys.c - settings against their table: checks, defaults, values. */
#include "base/keys.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/keys_text.h"
#include "base/near.h"

enum { MAX_NEAR = 256 };

#define EXACT 9007199254740992.0      /* 2^53 */

const struct key *
keys_find(const struct key *table, const char *path)
{
    for (; table->path; table++)
        if (strcmp(table->path, path) == 0)
            return table;
    return NULL;
}

/* 1, 1.0 and 1e0 are one number. */
static bool
same_value(const json_t *a, const json_t *b)
{
    const char *k;
    json_t *x;

    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    if (json_typeof(a) != json_typeof(b))
        return false;
    if (json_is_array(a)) {
        size_t n = json_array_size(a);

        for (size_t i = 0; i < n && n == json_array_size(b); i++)
            if (!same_value(json_array_get(a, i), json_array_get(b, i)))
                return false;
        return n == json_array_size(b);
    }
    if (!json_is_object(a))
        return json_equal(a, b);
    json_object_foreach((json_t *)a, k, x)
        if (!json_object_get(b, k) ||
            !same_value(x, json_object_get(b, k)))
            return false;
    return json_object_size(a) == json_object_size(b);
}

static bool
is_choice(const char *choices, const char *word)
{
    size_t n = strlen(word);

    for (const char *s = choices; *s; s += strcspn(s, "|"), s += *s == '|')
        if (strcspn(s, "|") == n && memcmp(s, word, n) == 0)
            return true;
    return false;
}

char *
keys_range(const struct key *k)
{
    char lo[40], hi[40];
    bool low = k->lo > -1e300, high = k->hi < 1e300;

    json_format_number(low ? k->lo : 0, lo);
    json_format_number(high ? k->hi : 0, hi);
    if (low && high)
        return xasprintf(" in %s..%s", lo, hi);
    if (low)
        return xasprintf(" of %s or more", lo);
    if (high)
        return xasprintf(" of %s or less", hi);
    return xstrdup("");
}

static bool
in_range(const struct key *k, double x)
{
    return isfinite(x) && x >= k->lo && x <= k->hi &&
           (k->type == KEY_REAL || (x == floor(x) && fabs(x) < EXACT));
}

bool
keys_accepts(const struct key *k, const json_t *v)
{
    switch (k->type) {
    case KEY_INT:
    case KEY_REAL:
        return json_is_number(v) && in_range(k, json_number_value(v));
    case KEY_BOOL:
        return json_is_boolean(v);
    case KEY_TEXT:
        return json_is_string(v);
    case KEY_CHOICE:
        return json_is_string(v) &&
               is_choice(k->choices, json_string_value(v));
    case KEY_OBJECT:
        return json_is_object(v);
    }
    return false;
}

/* "of the sgd, adam and ..." in the form of a list. */
static char *
choice_list(const char *choices)
{
    char *s = xcalloc(2 * strlen(choices) + 1, 1), *p = s;

    for (; *choices; choices++) {
        *p++ = *choices == '|' ? ',' : *choices;
        if (*choices == '|')
            *p++ = ' ';
    }
    return s;
}

char *
keys_wanted(const struct key *k)
{
    char *range, *s = NULL;

    switch (k->type) {
    case KEY_INT:
    case KEY_REAL:
        range = keys_range(k);
        s = xasprintf("a %snumber%s", k->type == KEY_INT ? "whole " : "",
                      range);
        free(range);
        break;
    case KEY_BOOL:
        s = xstrdup("true or false");
        break;
    case KEY_TEXT:
        s = xstrdup("text");
        break;
    case KEY_CHOICE:
        range = choice_list(k->choices);
        s = xasprintf("one of %s", range);
        free(range);
        break;
    case KEY_OBJECT:
        s = xstrdup("a JSON object, {...}");
        break;
    }
    return s;
}

/* Any row below `path` ("task" has "task.seed")? */
static bool
has_rows_below(const struct key *table, const char *path)
{
    size_t n = strlen(path);

    for (; table->path; table++)
        if (strncmp(table->path, path, n) == 0 && table->path[n] == '.')
            return true;
    return false;
}

char *
keys_near(const struct key *table, const char *path)
{
    const char *names[MAX_NEAR], *near;
    int n = 0;

    for (; table->path && n < MAX_NEAR; table++)
        names[n++] = table->path;
    near = near_names(path, names, n);
    return *near ? xasprintf(" (did you mean %s?)", near) : xstrdup("");
}

static void
check_value(const struct key *k, const json_t *v, const char *where)
{
    char *text, *wanted;

    if (keys_accepts(k, v))
        return;
    text = json_text(v, false);
    wanted = keys_wanted(k);
    die_at(where, 0, "%s: %.60s%s is not %s", k->path, text,
           strlen(text) > 60 ? "..." : "", wanted);
}

static void
check_object(const struct key *table, const json_t *obj, const char *where,
             const char *prefix, const char *const *also, bool open)
{
    const char *name;
    json_t *v;

    json_object_foreach((json_t *)obj, name, v) {
        char *path = xasprintf("%s%s%s", prefix, *prefix ? "." : "", name);
        const struct key *k = strchr(name, '.') ? NULL
                                                : keys_find(table, path);
        bool rows = !strchr(name, '.') && has_rows_below(table, path);
        const char *const *a = also;

        while (a && *a && strcmp(*a, path))
            a++;
        if (k)
            check_value(k, v, where);
        if (rows && !json_is_object(v))
            die_at(where, 0, "%s: not a JSON object, {...}", path);
        if (rows)
            check_object(table, v, where, path, also,
                         k && k->type == KEY_OBJECT);
        if (!k && !rows && !open && !(a && *a))
            die_at(where, 0, "unknown key '%s'%s", path,
                   keys_near(table, path));
        free(path);
    }
}

void
keys_check(const struct key *table, const json_t *obj, const char *where,
           const char *const *also)
{
    if (!json_is_object(obj))
        die_at(where, 0, "not a JSON object, {...}");
    check_object(table, obj, where, "", also, false);
}

static json_t *
default_of(const struct key *k)
{
    json_t *v = json_read_text(k->dflt, strlen(k->dflt), k->path, 0);

    if (!keys_accepts(k, v))
        die(RC_DATA, "the default of key '%s' breaks its own rule", k->path);
    return v;
}

/* One form for one number: whole ones are JSON integers where the table says
 * so, and there is no -0. */
static json_t *
normal_value(const struct key *k, const json_t *v)
{
    if (k->type == KEY_INT)
        return json_integer((json_int_t)json_number_value(v));
    return json_deep_copy(v);
}

/* The same value whatever order its keys came in: equal ids must give equal
 * results, to the byte. */
static json_t *
in_order(const json_t *v)
{
    char *text = json_text(v, true);
    json_t *sorted = json_read_text(text, strlen(text), "settings", 0);

    free(text);
    return sorted;
}

static void
put_objects_in_order(const struct key *table, json_t *settings)
{
    for (; table->path; table++) {
        const json_t *v = json_at(settings, table->path);

        if (v && table->type == KEY_OBJECT)
            json_set_at(settings, table->path, in_order(v));
    }
}

json_t *
keys_fill(const struct key *table, const json_t *obj)
{
    json_t *filled = json_object();

    for (const struct key *k = table; k->path; k++) {
        const json_t *v = json_at(obj, k->path);

        json_set_at(filled, k->path, v ? normal_value(k, v) : default_of(k));
    }
    put_objects_in_order(table, filled);
    return filled;
}

/* The rows below an object that equal their defaults leave its copy too. */
static json_t *
without_defaults_below(const struct key *table, const struct key *k,
                       const json_t *v)
{
    json_t *copy = json_deep_copy(v);
    size_t n = strlen(k->path);

    for (; table->path; table++) {
        const char *rest = table->path + n + 1;
        json_t *x, *d, *in;
        char *dir;

        if (strncmp(table->path, k->path, n) || table->path[n] != '.' ||
            !(x = json_at(copy, rest)))
            continue;
        d = default_of(table);
        dir = xstrdup(rest);
        in = copy;
        if (strrchr(dir, '.')) {
            *strrchr(dir, '.') = 0;
            in = json_at(copy, dir);
        }
        if (same_value(x, d))
            json_object_del(in, strrchr(table->path, '.') + 1);
        json_decref(d);
        free(dir);
    }
    return copy;
}

json_t *
keys_sparse(const struct key *table, const json_t *obj)
{
    json_t *sparse = json_object();

    for (const struct key *k = table; k->path; k++) {
        const json_t *v = json_at(obj, k->path);
        json_t *d, *x;

        if (!v)
            continue;
        d = default_of(k);
        x = k->type == KEY_OBJECT ? without_defaults_below(table, k, v)
                                  : normal_value(k, v);
        if (!same_value(x, d))
            json_set_at(sparse, k->path, json_incref(x));
        json_decref(x);
        json_decref(d);
    }
    put_objects_in_order(table, sparse);
    return sparse;
}

static const json_t *
need(const json_t *settings, const char *path)
{
    const json_t *v = json_at(settings, path);

    if (!v)
        die(RC_DATA, "setting '%s' is missing", path);
    return v;
}

double
keys_real(const json_t *settings, const char *path)
{
    return json_number_value(need(settings, path));
}

long
keys_int(const json_t *settings, const char *path)
{
    return (long)json_number_value(need(settings, path));
}

int
keys_bool(const json_t *settings, const char *path)
{
    return json_is_true(need(settings, path));
}

const char *
keys_text(const json_t *settings, const char *path)
{
    const char *s = json_string_value(need(settings, path));

    return s ? s : "";
}

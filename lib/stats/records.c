#include "stats/records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/magic.h"
#include "base/near.h"

enum { PATHS = 400 };      /* looked at for a suggestion */

static void
add(struct records *r, json_t *value, const char *file, long line)
{
    if (r->n == r->room) {
        r->room = r->room ? 2 * r->room : 64;
        r->at = xrealloc(r->at, (size_t)r->room, sizeof *r->at);
    }
    r->at[r->n++] = (struct record){ value, xstrdup(file), line };
}

/*
 * One object's text: from its brace to the one that closes it.  An opening
 * brace at the start of a line ends it early: inside an object printed over
 * many lines those are indented, so the object before was cut short, and the
 * message should name its line.
 */
static size_t
object_length(const char *s, const char *end)
{
    const char *p = s;
    int depth = 0, quoted = 0;

    for (; p < end; p++) {
        if (p > s && *p == '{' && p[-1] == '\n')
            break;
        if (quoted && *p == '\\' && p + 1 < end)
            p++;
        else if (*p == '"')
            quoted = !quoted;
        else if (!quoted && (*p == '{' || *p == '['))
            depth++;
        else if (!quoted && (*p == '}' || *p == ']') && --depth == 0)
            return (size_t)(p + 1 - s);
    }
    return (size_t)(p - s);
}

void
records_read(struct records *r, const char *path)
{
    const char *name = strcmp(path, "-") ? path : "<stdin>";
    size_t size;
    char *text = file_read(path, LIMIT_RECORDS, &size);
    const char *p = text, *end = text + size;
    long line = 1;

    magic_need_text(name, text, size);
    while (p < end) {
        size_t n;

        if (strchr(" \t\r\n", *p) && *p) {
            line += *p++ == '\n';
            continue;
        }
        if (*p != '{')
            die_at(name, line, "not a JSON object");
        n = object_length(p, end);
        add(r, json_read_text(p, n, name, line), name, line);
        for (; n; n--)
            line += *p++ == '\n';
    }
    free(text);
}

/* Overlapping patterns (results/x*.json results/xy*.json) name a run twice:
 * it is one run.  Two different results of one run are a mistake; what eval
 * says of a model on different sets differs lawfully, and is told. */
static void
drop_repeated(struct records *r)
{
    json_t *first = json_object();
    long kept = 0, again = 0, differ = 0;

    for (long i = 0; i < r->n; i++) {
        struct record *a = &r->at[i], *b;
        const char *id = json_string_value(json_object_get(a->value, "id"));
        const json_t *at = id ? json_object_get(first, id) : NULL;

        if (!at) {
            if (id)
                json_object_set_new(first, id, json_integer(kept));
            r->at[kept++] = *a;
            continue;
        }
        b = &r->at[json_integer_value(at)];
        if (json_equal(a->value, b->value)) {
            if (!again++)
                warn("%s:%ld: %.12s is in %s:%ld already: what comes twice "
                     "is counted once", a->file, a->line, id, b->file,
                     b->line);
            json_decref(a->value);
            free(a->file);
            continue;
        }
        if (json_object_get(a->value, "contract") &&
            json_object_get(b->value, "contract"))
            die_at(a->file, a->line, "another result of run %.12s is in "
                   "%s:%ld; name one of them", id, b->file, b->line);
        if (!differ++)
            warn("%s:%ld: %.12s is in %s:%ld, too, with other values: both "
                 "are counted", a->file, a->line, id, b->file, b->line);
        r->at[kept++] = *a;
    }
    if (again > 1)
        warn("%ld records came twice", again);
    r->n = kept;
    json_decref(first);
}

void
records_read_all(struct records *r, char **argv, int n)
{
    if (n == 0 && isatty(STDIN_FILENO))
        die(RC_USAGE, "standard input is a terminal; name files or pipe "
            "records in");
    if (n == 0)
        records_read(r, "-");
    for (int i = 0; i < n; i++)
        records_read(r, argv[i]);
    drop_repeated(r);
    if (r->n == 0)
        die(RC_DATA, "no records in the input");
}

void
records_release(struct records *r)
{
    for (long i = 0; i < r->n; i++) {
        json_decref(r->at[i].value);
        free(r->at[i].file);
    }
    free(r->at);
    *r = (struct records){ 0 };
}

void
records_join_meta(struct records *r)
{
    for (long i = 0; i < r->n; i++) {
        const char *file = r->at[i].file;
        size_t n = strlen(file);
        char *side;

        if (n < 6 || strcmp(file + n - 5, ".json"))
            die_at(file, 0, "side files belong to result files: give the "
                   "NAME.json files as operands");
        side = xasprintf("%.*s.meta", (int)n - 5, file);
        json_object_set_new(r->at[i].value, "meta", json_read_file(side));
        free(side);
    }
}

void
records_keep(struct records *r, const char *condition)
{
    const char *eq = strchr(condition, '=');
    char *path;
    json_t *want;
    long kept = 0;

    if (!eq || eq == condition)
        die(RC_USAGE, "--where: '%s' is not KEY=VALUE", condition);
    path = xasprintf("%.*s", (int)(eq - condition), condition);
    want = json_loads(eq + 1, JSON_DECODE_ANY, NULL);
    if (!want)
        want = json_string(eq + 1);
    for (long i = 0; i < r->n; i++) {
        struct record *a = &r->at[i];
        const json_t *have = record_at(a, path);

        if (have && value_compare(have, want) == 0) {
            r->at[kept++] = *a;
        } else {
            json_decref(a->value);
            free(a->file);
        }
    }
    r->n = kept;
    json_decref(want);
    free(path);
}

const json_t *
record_at(const struct record *r, const char *path)
{
    const json_t *v = json_at(r->value, path);
    const json_t *settings = json_object_get(r->value, "settings");

    if (!v && settings)
        v = json_at(settings, path);
    return v;
}

/* Paths of an object and of those in it, for a suggestion. */
static void
add_paths(const json_t *object, const char *before, const char **names, int *n)
{
    const char *k;
    json_t *v;

    json_object_foreach((json_t *)object, k, v) {
        if (*n == PATHS)
            return;
        names[*n] = xasprintf("%s%s", before, k);
        ++*n;
        if (json_is_object(v) && !*before && strcmp(k, "settings"))
            add_paths(v, xasprintf("%s.", k), names, n);
    }
}

static const char *
near_path(const struct record *r, const char *path)
{
    const char *names[PATHS];
    int n = 0;

    add_paths(r->value, "", names, &n);
    add_paths(json_object_get(r->value, "settings"), "", names, &n);
    return near_names(path, names, n);
}

const json_t *
record_need(const struct record *r, const char *path)
{
    const json_t *v = record_at(r, path);
    const char *near;

    if (v)
        return v;
    near = near_path(r, path);
    if (*near)
        die_at(r->file, r->line, "no '%s' here or in its settings; did you "
               "mean %s?", path, near);
    die_at(r->file, r->line, "no '%s' here or in its settings", path);
}

double
record_number(const struct record *r, const char *path)
{
    const json_t *v = record_need(r, path);

    if (json_is_number(v))
        return json_number_value(v);
    if (json_is_boolean(v))
        return json_is_true(v);
    if (!json_is_null(v))
        die_at(r->file, r->line, "'%s' is not a number", path);
    return NAN;
}

char *
value_text(const json_t *v)
{
    return json_is_string(v) ? xstrdup(json_string_value(v))
                             : json_text(v, true);
}

static int
rank(const json_t *v)
{
    return json_is_null(v) ? 0 : json_is_boolean(v) ? 1
        : json_is_number(v) ? 2 : json_is_string(v) ? 3 : 4;
}

int
value_compare(const json_t *a, const json_t *b)
{
    int ra = rank(a), rb = rank(b), c;
    char *ta, *tb;

    if (ra != rb)
        return ra < rb ? -1 : 1;
    if (ra == 2) {
        double x = json_number_value(a), y = json_number_value(b);

        return (x > y) - (x < y);
    }
    ta = value_text(a);
    tb = value_text(b);
    c = strcmp(ta, tb);
    free(ta);
    free(tb);
    return c;
}

char **
names_split(const char *list, const char *flag, int *n)
{
    char **names = xcalloc(strlen(list) + 2, sizeof *names);

    *n = 0;
    for (const char *p = list;;) {
        size_t len = strcspn(p, ",");

        if (len == 0)
            die(RC_USAGE, "%s: '%s' has an empty name in it", flag, list);
        names[(*n)++] = xasprintf("%.*s", (int)len, p);
        if (!p[len])
            return names;
        p += len + 1;
    }
}

void
names_free(char **names)
{
    for (int i = 0; names && names[i]; i++)
        free(names[i]);
    free(names);
}

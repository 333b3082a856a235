/* learning.c - learning curves out of results and log lines. */
#include "stats/learning.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "stats/records.h"

static void
add(struct chart_series *s, double x, const json_t *y)
{
    if (!(s->n & (s->n - 1))) {
        size_t room = s->n ? 2 * (size_t)s->n : 1;

        s->x = xrealloc(s->x, room, sizeof *s->x);
        s->y = xrealloc(s->y, room, sizeof *s->y);
    }
    s->x[s->n] = x;
    s->y[s->n++] = json_is_number(y) ? json_number_value(y) : NAN;
}

/* {"step":[100,200],"loss":[2.3,1.9]} */
static void
add_arrays(struct chart_series *s, const json_t *curve, const char *key)
{
    const json_t *x = json_object_get(curve, "step");
    const json_t *y = json_object_get(curve, key);

    for (size_t i = 0; i < json_array_size(y) && i < json_array_size(x); i++)
        add(s, json_number_value(json_array_get(x, i)), json_array_get(y, i));
}

/* The keys of a table of numbers by update. */
static void
add_keys(char **text, const json_t *table, bool arrays)
{
    const char *k;
    json_t *v;

    json_object_foreach((json_t *)table, k, v) {
        char *more, *mark = xasprintf(" %s,", k);

        if (strcmp(k, "step") && strcmp(k, "epoch") &&
            (arrays ? json_is_array(v) : json_is_number(v)) &&
            !strstr(*text, mark)) {
            more = xasprintf("%s%s", *text, mark);
            free(*text);
            *text = more;
        }
        free(mark);
    }
}

static _Noreturn void
not_there(const struct records *r, const char *path, const char *key)
{
    char *text = xstrdup("");

    for (long i = 0; i < r->n; i++) {
        const json_t *v = r->at[i].value;

        if (json_object_get(v, "step"))
            add_keys(&text, v, false);
        add_keys(&text, json_object_get(v, "curve"), true);
        add_keys(&text, json_object_get(v, "validations"), true);
    }
    if (!*text)
        die_at(path, 0, "has neither log lines nor a result's curve");
    text[strlen(text) - 1] = '\0';
    die_at(path, 0, "no curve of '%s': it has%s", key, text);
}

static char *
short_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = xstrdup(slash ? slash + 1 : path), *end = strrchr(name, '.');

    if (end && end > name)
        *end = '\0';
    return name;
}

void
learning_read(const char *path, const char *key, struct chart_series *s)
{
    struct records r = { 0 };

    *s = (struct chart_series){ .name = short_name(path) };
    records_read(&r, path);
    for (long i = 0; i < r.n; i++) {
        const json_t *v = r.at[i].value, *step = json_object_get(v, "step");

        if (json_is_number(step) && json_object_get(v, key))
            add(s, json_number_value(step), json_object_get(v, key));
    }
    for (long i = 0; i < r.n && !s->n; i++) {
        add_arrays(s, json_object_get(r.at[i].value, "curve"), key);
        if (!s->n)
            add_arrays(s, json_object_get(r.at[i].value, "validations"), key);
    }
    if (!s->n)
        not_there(&r, path, key);
    records_release(&r);
}

#include "train/sweepspec.h"

#include <string.h>

#include "base/die.h"
#include "base/near.h"
#include "train/config.h"

void
spec_keys(const json_t *v, const char *const *known, const char *file,
          const char *what)
{
    const char *key;
    json_t *value;
    int n = 0;

    if (!json_is_object(v))
        die_at(file, 0, "%s is not an object", what);
    while (known[n])
        n++;
    json_object_foreach((json_t *)v, key, value) {
        const char *near;
        int i = 0;

        while (i < n && strcmp(known[i], key))
            i++;
        if (i < n)
            continue;
        near = near_names(key, known, n);
        die_at(file, 0, "unknown key '%s' in %s%s%s%s", key, what,
               *near ? " (did you mean " : "", near, *near ? "?)" : "");
    }
}

const json_t *
spec_need(const json_t *v, const char *key, json_type type, int must,
          const char *file)
{
    static const char *const names[] = {
        "an object", "a list", "a text", "a whole number",
    };
    const json_t *x = json_object_get(v, key);

    if (must && !x)
        die_at(file, 0, "'%s' is missing", key);
    if (x && json_typeof(x) != type)
        die_at(file, 0, "'%s' is not %s", key, names[type]);
    return x;
}

/* Is every value of `part` in `whole`, objects looked into? */
static int
contains(const json_t *all, const json_t *part)
{
    const char *key;
    json_t *value;

    if (json_is_number(all) && json_is_number(part))
        return json_number_value(all) == json_number_value(part);
    if (!json_is_object(part))
        return all && json_equal(all, part);
    json_object_foreach((json_t *)part, key, value)
        if (!contains(json_object_get(all, key), value))
            return 0;
    return 1;
}

void
spec_view_init(struct spec_view *v, const json_t *given, const json_t *config)
{
    v->settings = config_settings(config);
    v->all = config_join(v->settings, given);
}

int
spec_view_contains(const struct spec_view *v, const json_t *part)
{
    return contains(v->settings, part) || contains(v->all, part);
}

void
spec_view_release(struct spec_view *v)
{
    json_decref(v->settings);
    json_decref(v->all);
}

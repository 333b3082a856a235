#include "train/sweepname.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/memfile.h"
#include "base/name.h"
#include "train/config.h"

/* A value as part of a file's name. */
static char *
name_part(const json_t *v)
{
    const char *s = json_string_value(v), *slash;
    char *part;
    size_t n;

    if (json_is_boolean(v))
        return xstrdup(json_is_true(v) ? "1" : "0");
    if (!s)
        return json_text(v, true);
    slash = strrchr(s, '/');
    part = xstrdup(slash ? slash + 1 : s);
    n = strlen(part);
    if (n > 5 && !strcmp(part + n - 5, ".cell"))
        part[n - 5] = 0;
    return part;
}

/* What stands for {path}; the caller frees. */
static char *
filled(const struct sweep *s, const char *path, const json_t *given,
       const json_t *config, const char *experiment, long trial,
       const char *file)
{
    const json_t *v = json_at(given, path);
    json_t *settings;
    char *part;

    if (v)
        return name_part(v);
    if (!strcmp(path, "experiment"))
        return xstrdup(experiment);
    if (!strcmp(path, "name"))
        return xstrdup(s->name);
    if (!strcmp(path, "trial"))
        return xasprintf("%ld", trial);
    settings = config_settings(config);
    v = json_at(settings, path);
    if (!v)
        die_at(file, 0, "the template asks for {%s}, which the configs do "
               "not have", path);
    part = name_part(v);
    json_decref(settings);
    return part;
}

/* Without a template: all that varies, in order. */
static char *
default_template(const struct sweep *s)
{
    char *t = xstrdup(s->name);

    for (int i = 0; i < s->nkeys; i++) {
        char *longer = xasprintf("%s-{%s}", t, s->keys[i]);

        free(t);
        t = longer;
    }
    return t;
}

char *
sweep_stem(const struct sweep *s, const json_t *given, const json_t *config,
           const char *experiment, long trial, const char *file)
{
    const char *text =
        json_string_value(json_object_get(s->spec, "template"));
    char *template = text ? xstrdup(text) : default_template(s), *stem;
    struct memfile *name = memfile_open();
    FILE *out = memfile_stream(name);

    for (const char *p = template; *p;) {
        size_t n = *p == '{' ? strcspn(p, "}") : 0;
        char *path, *part;

        if (n == 0) {
            fputc(*p++, out);
            continue;
        }
        if (!p[n])
            die_at(file, 0, "the template has a '{' without its '}'");
        path = xasprintf("%.*s", (int)n - 1, p + 1);
        part = filled(s, path, given, config, experiment, trial, file);
        fputs(part, out);
        free(path);
        free(part);
        p += n + 1;
    }
    stem = memfile_close(name, NULL);
    free(template);
    for (char *c = stem; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._+-", *c))
            *c = '-';
    if (!*stem || *stem == '-' || *stem == '.')
        die_at(file, 0, "the template gives '%s', which is no name for a "
               "file", stem);
    return stem;
}

void
sweep_lay_over(json_t *given, const json_t *set)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)set, key, value) {
        json_t *old = json_at(given, key);

        if (json_is_object(value) && json_is_object(old))
            sweep_lay_over(old, value);
        else
            json_set_at(given, key, json_deep_copy(value));
    }
}

static void
note(struct sweep *s, const char *key, size_t n, const char *file)
{
    char *word;

    for (int i = 0; i < s->nkeys; i++)
        if (strlen(s->keys[i]) == n && !strncmp(s->keys[i], key, n))
            return;
    limit_count(s->nkeys + 1, 0, LIMIT_GRID, "the number of grid keys", file);
    s->keys = xrealloc(s->keys, (size_t)s->nkeys + 1, sizeof *s->keys);
    word = xasprintf("%.*s", (int)n, key);
    name_check(name_is_key(word), word, "the grid key", file);
    s->keys[s->nkeys++] = word;
}

void
sweep_note_keys(struct sweep *s, const json_t *grid, const char *file)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)grid, key, value)
        for (const char *p = key; *p; p += *p == ',') {
            size_t n = strcspn(p, ",");

            note(s, p, n, file);
            p += n;
        }
    if (json_object_get(s->spec, "seeds"))
        note(s, "seed", 4, file);
}

/* sweep.c - expand a description: the check of its keys, the product of its
 * lists, and what is left out. */
#include "train/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/name.h"
#include "base/near.h"
#include "task/task.h"
#include "train/config.h"
#include "train/sweepdata.h"
#include "train/sweepname.h"

/* A description being expanded. */
struct expansion {
    struct sweep *s;
    const char *file;
    const char *experiment;    /* its name, "" if it has none */
    json_t *grid;              /* this experiment's lists */
    json_t *ids;               /* id -> name, of what there is already */
    json_t *stems;             /* readable name -> true */
    struct sweep_data *data;   /* NULL: a task's, or not known here */
    int64_t runs;              /* configs so far, those left out too */
};

static void
check_keys(const json_t *v, const char *const *known, const char *file,
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

static const json_t *
need(const json_t *v, const char *key, json_type type, int must,
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

static long
whole(const json_t *v, const char *key, long dflt, long lo, const char *file)
{
    const json_t *x = need(v, key, JSON_INTEGER, 0, file);

    if (x && json_integer_value(x) < lo)
        die_at(file, 0, "'%s' is %lld, less than %ld", key,
               (long long)json_integer_value(x), lo);
    return x ? (long)json_integer_value(x) : dflt;
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

/* Defaults count as contained, and so do options given at their default,
 * which the config leaves out. */
static int
excluded(const struct expansion *e, const json_t *given, const json_t *config)
{
    json_t *list = json_object_get(e->s->spec, "exclude"), *part;
    json_t *settings, *all;
    size_t i;
    int found = 0;

    if (!json_array_size(list))
        return 0;
    settings = config_settings(config);
    all = config_join(settings, given);
    json_array_foreach(list, i, part)
        found |= contains(settings, part) || contains(all, part);
    json_decref(settings);
    json_decref(all);
    return found;
}

/* A task of ours must be one that gentask takes; others have their own
 * programs. */
static void
check_task(const json_t *task, const char *file)
{
    const char *name = json_string_value(json_object_get(task, "name"));

    for (const struct task *const *t = task_list(); name && *t; t++)
        if (!strcmp((*t)->name, name))
            json_decref(task_settings(task, file));
}

/* Cells are called so in make's rules and in tables. */
static void
check_cells(const json_t *cells, const char *file)
{
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)cells, name, text)
        name_check(name_is_plain(name), name, "the cell", file);
}

/* One config of the product: complete it, name it, refuse a second one. */
static void
add_run(struct expansion *e, const json_t *given, long trial)
{
    struct sweep *s = e->s;
    json_t *config = config_complete(given, e->file, NULL), *other;
    char *stem, id[65];

    if (excluded(e, given, config)) {
        json_decref(config);
        return;
    }
    check_task(json_object_get(config, "task"), e->file);
    if (e->data) {
        json_t *filled = sweep_data_fill(e->data, config);

        json_decref(config);
        config = filled;
    }
    config_id(config, id);
    json_object_set_new(config, "id", json_string(id));
    check_cells(json_object_get(config, "cells"), e->file);
    stem = sweep_stem(s, given, config, e->experiment, trial, e->file);
    other = json_object_get(e->ids, id);
    if (other)
        die_at(e->file, 0, "'%s' and '%s' are the same config",
               json_string_value(other), stem);
    json_object_set_new(e->ids, id, json_string(stem));
    if (json_object_get(e->stems, stem))
        die_at(e->file, 0, "two configs are called '%s': put what tells them "
               "apart into the template", stem);
    json_object_set_new(e->stems, stem, json_true());
    if (s->n == s->room) {
        s->room = s->room ? 2 * s->room : 64;
        s->runs = xrealloc(s->runs, (size_t)s->room, sizeof *s->runs);
    }
    s->runs[s->n++] = (struct sweep_run){
        config, json_deep_copy(given), xasprintf("%s-%.8s", stem, id),
    };
    free(stem);
}

/* Set the grid key's value in `given`; "a,b" takes a pair. */
static void
set_key(const struct expansion *e, json_t *given, const char *key,
        json_t *value)
{
    size_t i = 0;

    if (!strchr(key, ',')) {
        json_set_at(given, key, json_deep_copy(value));
        return;
    }
    for (const char *p = key;; i++) {
        size_t n = strcspn(p, ",");
        char *path = xasprintf("%.*s", (int)n, p);

        if (!json_is_array(value) || i >= json_array_size(value))
            die_at(e->file, 0, "grid '%s': every value must be a list of as "
                   "many", key);
        json_set_at(given, path, json_deep_copy(json_array_get(value, i)));
        free(path);
        if (!p[n])
            break;
        p += n + 1;
    }
    if (i + 1 != json_array_size(value))
        die_at(e->file, 0, "grid '%s': every value must be a list of as "
               "many", key);
}

/* All values of the grid's key at `iter`, and below each all that follow. */
static void
product(struct expansion *e, const json_t *given, void *iter)
{
    long seeds = whole(e->s->spec, "seeds", 0, 1, e->file);
    long base = whole(e->s->spec, "base_seed", 42, 0, e->file);
    json_t *list, *value, *g;
    const char *key;
    size_t i;

    if (!iter) {
        for (long k = 0; k < (seeds ? seeds : 1); k++) {
            g = json_deep_copy(given);
            if (seeds)
                json_object_set_new(g, "seed", json_integer(base + k));
            add_run(e, g, k + 1);
            json_decref(g);
        }
        return;
    }
    key = json_object_iter_key(iter);
    list = json_object_iter_value(iter);
    if (!json_array_size(list))
        die_at(e->file, 0, "grid '%s' is not a list with something in it",
               key);
    json_array_foreach(list, i, value) {
        g = json_deep_copy(given);
        set_key(e, g, key, value);
        product(e, g, json_object_iter_next(e->grid, iter));
        json_decref(g);
    }
}

/* How many configs the grid stands for, before the first is made. */
static void
count_runs(struct expansion *e)
{
    int64_t n = whole(e->s->spec, "seeds", 1, 1, e->file);
    const char *key;
    json_t *list;

    json_object_foreach(e->grid, key, list)
        n = limit_product(n, (int64_t)json_array_size(list), LIMIT_RUNS,
                          "configs of a grid", e->file);
    e->runs += n;
    limit_count(e->runs, 0, LIMIT_RUNS, "the number of configs", e->file);
}

static void
experiment(struct expansion *e, const json_t *x)
{
    static const char *const known[] = { "name", "set", "grid", NULL };
    const json_t *spec = e->s->spec;
    json_t *given = json_object();
    json_t *grid = json_object_get(spec, "grid"), *own = NULL;

    sweep_lay_over(given, json_object_get(spec, "base"));
    e->grid = grid ? json_deep_copy(grid) : json_object();
    e->experiment = "";
    if (x) {
        json_t *set;

        check_keys(x, known, e->file, "an experiment");
        e->experiment =
            json_string_value(need(x, "name", JSON_STRING, 1, e->file));
        set = (json_t *)need(x, "set", JSON_OBJECT, 0, e->file);
        own = (json_t *)need(x, "grid", JSON_OBJECT, 0, e->file);
        if (set)
            sweep_lay_over(given, set);
        if (own)
            json_object_update(e->grid, own);
    }
    sweep_note_keys(e->s, e->grid, e->file);
    count_runs(e);
    product(e, given, json_object_iter(e->grid));
    json_decref(given);
    json_decref(e->grid);
}

void
sweep_read(struct sweep *s, const char *path, long seeds)
{
    static const char *const known[] = {
        "name", "about", "base", "data", "grid",
        "exclude", "experiments", "seeds",
        "base_seed", "template", NULL,
    };
    const char *file = strcmp(path, "-") ? path : "<stdin>";
    struct expansion e = { .s = s, .file = file };
    const json_t *list, *own;
    struct sweep_data data;

    *s = (struct sweep){ .spec = json_read_file(path) };
    if (json_is_string(json_object_get(s->spec, "completed_by")))
        die_at(file, 0, "needs results of other runs: '%s' completes it",
               json_string_value(json_object_get(s->spec, "completed_by")));
    check_keys(s->spec, known, file, "the description");
    s->name = xstrdup(json_string_value(
        need(s->spec, "name", JSON_STRING, 1, file)));
    name_check(name_is_plain(s->name), s->name, "the name", file);
    need(s->spec, "base", JSON_OBJECT, 1, file);
    need(s->spec, "grid", JSON_OBJECT, 0, file);
    need(s->spec, "exclude", JSON_ARRAY, 0, file);
    need(s->spec, "about", JSON_STRING, 0, file);
    need(s->spec, "template", JSON_STRING, 0, file);
    own = need(s->spec, "data", JSON_OBJECT, 0, file);
    if (own) {
        sweep_data_init(&data, own, file);
        e.data = &data;
    }
    list = need(s->spec, "experiments", JSON_ARRAY, 0, file);
    limit_count((int64_t)json_array_size(json_object_get(s->spec, "exclude")),
                0, LIMIT_EXCLUDE, "the length of 'exclude'", file);
    if (seeds)
        json_object_set_new(s->spec, "seeds", json_integer(seeds));
    e.ids = json_object();
    e.stems = json_object();
    if (!list)
        experiment(&e, NULL);
    for (size_t i = 0; i < json_array_size(list); i++)
        experiment(&e, json_array_get(list, i));
    json_decref(e.ids);
    json_decref(e.stems);
    if (e.data)
        sweep_data_release(e.data);
    if (s->n == 0)
        die_at(file, 0, "no config is left");
}

void
sweep_release(struct sweep *s)
{
    for (int i = 0; i < s->n; i++) {
        json_decref(s->runs[i].config);
        json_decref(s->runs[i].given);
        free(s->runs[i].name);
    }
    for (int i = 0; i < s->nkeys; i++)
        free(s->keys[i]);
    free(s->keys);
    free(s->runs);
    free(s->name);
    json_decref(s->spec);
    *s = (struct sweep){ 0 };
}

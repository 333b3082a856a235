/* sweep.c - expand a description: the product of its lists, what is left out,
 * and in which order. */
#include "train/sweep.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/name.h"
#include "base/sort.h"
#include "task/task.h"
#include "train/config.h"
#include "train/sweepdata.h"
#include "train/sweepname.h"
#include "train/sweeporder.h"
#include "train/sweepspec.h"

/* A description being expanded. */
struct expansion {
    struct sweep *s;
    const char *file;
    const char *experiment;    /* its name, "" if it has none */
    json_t *grid;              /* this experiment's lists */
    json_t *ids;               /* id -> name, of what there is already */
    json_t *stems;             /* readable name -> true */
    struct sweep_data *data;   /* NULL: a task's, or not known here */
    struct sweep_order *order; /* NULL: as written */
    int64_t runs;              /* configs so far, those left out too */
};

static long
whole(const json_t *v, const char *key, long dflt, long lo, const char *file)
{
    const json_t *x = spec_need(v, key, JSON_INTEGER, 0, file);

    if (x && json_integer_value(x) < lo)
        die_at(file, 0, "'%s' is %lld, less than %ld", key,
               (long long)json_integer_value(x), lo);
    return x ? (long)json_integer_value(x) : dflt;
}

static int
excluded(const struct expansion *e, const struct spec_view *view)
{
    json_t *list = json_object_get(e->s->spec, "exclude"), *part;
    size_t i;
    int found = 0;

    json_array_foreach(list, i, part)
        found |= spec_view_contains(view, part);
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
    struct spec_view view;
    uint64_t rank = 0;
    char *stem, id[65];
    int out;

    spec_view_init(&view, given, config);
    out = excluded(e, &view);
    if (!out && e->order)
        rank = sweep_order_rank(e->order, e->grid, given, &view, trial);
    spec_view_release(&view);
    if (out) {
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
        rank,
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

        spec_keys(x, known, e->file, "an experiment");
        e->experiment =
            json_string_value(spec_need(x, "name", JSON_STRING, 1, e->file));
        set = (json_t *)spec_need(x, "set", JSON_OBJECT, 0, e->file);
        own = (json_t *)spec_need(x, "grid", JSON_OBJECT, 0, e->file);
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

static int
by_rank(const void *a, const void *b, void *ctx)
{
    const struct sweep_run *x = a, *y = b;

    (void)ctx;
    return (x->rank > y->rank) - (x->rank < y->rank);
}

void
sweep_read(struct sweep *s, const char *path, long seeds)
{
    static const char *const known[] = {
        "name", "about", "base", "data", "grid",
        "exclude", "experiments", "order", "seeds",
        "base_seed", "template", NULL,
    };
    const char *file = strcmp(path, "-") ? path : "<stdin>";
    struct expansion e = { .s = s, .file = file };
    const json_t *list, *own;
    struct sweep_data data;
    struct sweep_order order;

    *s = (struct sweep){ .spec = json_read_file(path) };
    if (json_is_string(json_object_get(s->spec, "completed_by")))
        die_at(file, 0, "needs results of other runs: '%s' completes it",
               json_string_value(json_object_get(s->spec, "completed_by")));
    spec_keys(s->spec, known, file, "the description");
    s->name = xstrdup(json_string_value(
        spec_need(s->spec, "name", JSON_STRING, 1, file)));
    name_check(name_is_plain(s->name), s->name, "the name", file);
    spec_need(s->spec, "base", JSON_OBJECT, 1, file);
    spec_need(s->spec, "grid", JSON_OBJECT, 0, file);
    spec_need(s->spec, "exclude", JSON_ARRAY, 0, file);
    spec_need(s->spec, "about", JSON_STRING, 0, file);
    spec_need(s->spec, "template", JSON_STRING, 0, file);
    own = spec_need(s->spec, "data", JSON_OBJECT, 0, file);
    if (own) {
        sweep_data_init(&data, own, file);
        e.data = &data;
    }
    own = spec_need(s->spec, "order", JSON_OBJECT, 0, file);
    if (own) {
        sweep_order_init(&order, own, file);
        e.order = &order;
    }
    list = spec_need(s->spec, "experiments", JSON_ARRAY, 0, file);
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
    if (e.order)
        sweep_order_check(&order, s);
    sort_stable(s->runs, (size_t)s->n, sizeof *s->runs, by_rank, NULL);
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

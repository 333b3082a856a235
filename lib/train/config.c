#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/near.h"
#include "cell/cell.h"
#include "train/config.h"

const struct key train_keys[] = {
    { "cell", KEY_TEXT, "\"gru\"", 0, 0, NULL, "CELLS",
      "recurrent stack from bottom to top: NAME[:SIZE],..." },
    { "size", KEY_INT, "128", 1, 65536, NULL, "N",
      "units of a layer whose size is not given" },
    { "layers", KEY_INT, "1", 1, 64, NULL, "N",
      "how many times the stack of cells stands on itself" },
    { "encoder", KEY_TEXT, "\"\"", 0, 0, NULL, "CELLS",
      "layers before the stack: NAME[:SIZE],..." },
    { "decoder", KEY_TEXT, "\"\"", 0, 0, NULL, "CELLS",
      "layers after the stack: NAME[:SIZE],..." },
    { "head", KEY_TEXT, "\"linear\"", 0, 0, NULL, "CELL",
      "read-out, as wide as the target" },
    { "options", KEY_OBJECT, "{}", 0, 0, NULL, "JSON",
      "values for options that the cells declare" },
    { "cells", KEY_OBJECT, "{}", 0, 0, NULL, "JSON",
      "texts of the cells by name; filled in" },
    { "task", KEY_OBJECT, "{}", 0, 0, NULL, "JSON",
      "what makes the data; taken from the stream if empty" },
    { "train_rows", KEY_INT, "0", 0, 1e12, NULL, "N",
      "sequences of the training set; 0: endless, or as the stream" },
    { "val_rows", KEY_INT, "0", 0, 1e12, NULL, "N",
      "sequences of the validation set" },
    { "test_rows", KEY_INT, "0", 0, 1e12, NULL, "N",
      "sequences of the test set" },
    { "val_task", KEY_OBJECT, "{}", 0, 0, NULL, "JSON",
      "the validation set's task where it differs" },
    { "test_task", KEY_OBJECT, "{}", 0, 0, NULL, "JSON",
      "the test set's task where it differs" },
    { "redraw", KEY_BOOL, "false", 0, 0, NULL, NULL,
      "draw a new training set each epoch (with --source)" },
    { "batch", KEY_INT, "0", 0, 1e6, NULL, "N",
      "sequences of a batch; 0: as the stream" },
    { "steps", KEY_INT, "0", 0, 4e9, NULL, "N",
      "updates at most; 0: as many as the epochs have" },
    { "epochs", KEY_INT, "0", 0, 1e9, NULL, "N",
      "passes over the training set at most; 0: no limit" },
    { "bptt", KEY_INT, "0", 0, 1e9, NULL, "N",
      "steps of a window, one update each; 0: the whole sequence" },
    { "loss", KEY_CHOICE, "\"auto\"", 0, 0,
      "auto|cross_entropy|cross_entropy_sum|mse_mean|mse_sum", "LOSS",
      "auto is cross_entropy for classes, mse_mean for vectors" },
    { "optimizer", KEY_CHOICE, "\"adam\"", 0, 0,
      "sgd|momentum|adagrad|rmsprop|adam|adamw|per_neuron|hybrid", "NAME",
      "update rule" },
    { "lr", KEY_REAL, "0.001", 0, 1000, NULL, "X", "learning rate" },
    { "momentum", KEY_REAL, "0.9", 0, 1, NULL, "X",
      "of momentum; rmsprop has its own" },
    { "nesterov", KEY_BOOL, "false", 0, 0, NULL, NULL,
      "Nesterov's form of momentum" },
    { "rmsprop_momentum", KEY_REAL, "0", 0, 1, NULL, "X",
      "momentum of rmsprop" },
    { "alpha", KEY_REAL, "0.99", 0, 1, NULL, "X", "memory of rmsprop" },
    { "beta1", KEY_REAL, "0.9", 0, 0.999999, NULL, "X",
      "adam's memory of the gradient" },
    { "beta2", KEY_REAL, "0.999", 0, 0.9999999, NULL, "X",
      "adam's memory of its square" },
    { "epsilon", KEY_REAL, "1e-08", 1e-15, 1, NULL, "X",
      "added to the root of the mean square" },
    { "epsilon_inside", KEY_BOOL, "false", 0, 0, NULL, NULL,
      "add epsilon under the root (adagrad, rmsprop)" },
    { "weight_decay", KEY_REAL, "0", 0, 10, NULL, "X",
      "times the weight is added to the gradient; adamw: to the step" },
    { "scaling", KEY_INT, "-1", -64, 64, NULL, "N",
      "per_neuron, hybrid: power of a hidden unit's norm, times the rate" },
    { "adam_rate", KEY_REAL, "1", 0, 1e9, NULL, "X",
      "hybrid: rate of adam for what is between units, times the rate" },
    { "schedule", KEY_CHOICE, "\"constant\"", 0, 0,
      "constant|linear|cosine|exponential", "NAME",
      "how the rate goes from lr to lr_end over the run" },
    { "lr_end", KEY_REAL, "0", 0, 1000, NULL, "X",
      "the rate at the end of the schedule" },
    { "warmup", KEY_INT, "0", 0, 1e9, NULL, "N",
      "updates over which the rate rises from 0" },
    { "clip_norm", KEY_REAL, "0", 0, 1e9, NULL, "X",
      "scale the gradient down to this norm; 0: off" },
    { "clip_element", KEY_REAL, "0", 0, 1e9, NULL, "X",
      "cut each element of the gradient to -X..X; 0: off" },
    { "seed", KEY_INT, "1", 0, 9007199254740991, NULL, "N",
      "of weights, order and dropout (data has task.seed)" },
    { "curve_every", KEY_INT, "100", 1, 1e9, NULL, "N",
      "updates between samples of the loss curve" },
    { "average", KEY_REAL, "0.95", 0, 0.999999, NULL, "X",
      "memory of the averaged loss curve; 0: no average" },
    { "average_start", KEY_REAL, "-1", -1, 1e9, NULL, "X",
      "where the average starts; below 0: at the first loss" },
    { "validate_every", KEY_INT, "0", -1000, 1e9, NULL, "N",
      "updates between validations; 0: each epoch, or 1000 if endless; below "
      "0: so many a decade of updates" },
    { "select", KEY_CHOICE, "\"best\"", 0, 0, "best|last", "WHICH",
      "the weights to keep: best by validation loss, or the last" },
    { "patience", KEY_INT, "0", 0, 1e9, NULL, "N",
      "stop after so many validations without a better one; 0: never" },
    { "stop_accuracy", KEY_REAL, "0", 0, 1, NULL, "X",
      "stop at a validation accuracy of this; 0: never" },
    { "stop_reduction", KEY_REAL, "0", 0, 1, NULL, "X",
      "stop when the loss is down by this part of the first; 0: never" },
    { "codebook_sha256", KEY_TEXT, "\"\"", 0, 0, NULL, "HEX",
      "SHA-256 of the vectors that tokens stand for; filled in" },
    { "init_sha256", KEY_TEXT, "\"\"", 0, 0, NULL, "HEX",
      "SHA-256 of the model the weights start from; see --init" },
    { "math", KEY_CHOICE, "\"exact\"", 0, 0, "exact", "KIND",
      "arithmetic: exact is the numeric contract" },
    { NULL, 0, NULL, 0, 0, NULL, NULL, NULL },
};

/* ---- lists of cells -----------------------------------------------------*/

/* The next entry of "a:8,b" into name (without the size) and *size (0 if not
 * given); NULL at the end, else where the next one starts. */
static const char *
next_entry(const char *list, const char *key, const char *where, char *name,
           size_t max, int *size)
{
    size_t n = strcspn(list, ","), stem = n;
    char *end;
    long v = 0;

    if (!*list)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (list[i] == ':')
            stem = i;
    if (stem < n) {
        v = strtol(list + stem + 1, &end, 10);
        if (end != list + n || v < 1 || v > 65536)
            die_at(where, 0, "%s: '%.*s': the size after ':' is not in "
                   "1..65536", key, (int)n, list);
    }
    if (stem == 0 || stem >= max)
        die_at(where, 0, "%s: '%s' is no list of cells NAME[:SIZE],...", key,
               list);
    memcpy(name, list, stem);
    name[stem] = '\0';
    *size = (int)v;
    return list + n + (list[n] == ',');
}

/* "dir/mgu.cell" -> "mgu" */
static void
cell_stem(const char *name, char *stem, size_t max)
{
    const char *base = strrchr(name, '/');
    size_t n;

    base = base ? base + 1 : name;
    n = strlen(base);
    if (n > 5 && !strcmp(base + n - 5, ".cell"))
        n -= 5;
    if (n >= max)
        n = max - 1;
    memcpy(stem, base, n);
    stem[n] = '\0';
}

static bool
is_path(const char *name)
{
    size_t n = strlen(name);

    return strchr(name, '/') || (n > 5 && !strcmp(name + n - 5, ".cell"));
}

/* The canonical text of one cell, parsed to be sure of it. */
static char *
canonical(const char *text, const char *file)
{
    struct cell *c = cell_parse(text, file);
    char *s = cell_canonical(c);

    cell_free(c);
    return s;
}

/* Put the text of the cell called `name` under its stem into `cells`. */
static void
add_cell(json_t *cells, const json_t *given, const char *name,
         const char *where, json_t *origins)
{
    char stem[96], *file = NULL, *text, *s;
    const json_t *old;

    cell_stem(name, stem, sizeof stem);
    old = json_object_get(given, stem);
    if (old && !is_path(name)) {
        if (!json_is_string(old))
            die_at(where, 0, "cells.%s is not a string", stem);
        file = xasprintf("%s: cells.%s", where, stem);
        s = canonical(json_string_value(old), file);
    } else {
        text = cell_find(name, &file);
        s = canonical(text, file);
        if (origins)
            json_object_set_new(origins, stem,
                json_pack("{s:s, s:s}", "file", file, "text", text));
        free(text);
    }
    old = json_object_get(cells, stem);
    if (old && strcmp(json_string_value(old), s))
        die_at(where, 0, "two different cells are called '%s'", stem);
    json_object_set_new(cells, stem, json_string(s));
    free(s);
    free(file);
}

/* Read the list under `key`, add its cells, and write it back with stems. */
static void
complete_list(json_t *c, const char *key, json_t *cells, const char *where,
              json_t *origins)
{
    const json_t *given = json_object_get(c, "cells");
    json_t *v = json_object_get(c, key);
    const char *p = v ? json_string_value(v) : NULL;
    char name[512], stem[96], *out, *more;
    int size;

    if (!p) {
        json_t *d = json_loads(keys_find(train_keys, key)->dflt,
                               JSON_DECODE_ANY, NULL);

        if (*json_string_value(d))
            add_cell(cells, given, json_string_value(d), where, origins);
        json_decref(d);
        return;
    }
    out = xstrdup("");
    while ((p = next_entry(p, key, where, name, sizeof name, &size))) {
        add_cell(cells, given, name, where, origins);
        cell_stem(name, stem, sizeof stem);
        more = size ? xasprintf("%s%s%s:%d", out, *out ? "," : "", stem, size)
                    : xasprintf("%s%s%s", out, *out ? "," : "", stem);
        free(out);
        out = more;
    }
    if (!*out && (!strcmp(key, "cell") || !strcmp(key, "head")))
        die_at(where, 0, "%s: no cell is named", key);
    if (!strcmp(key, "head") && strpbrk(out, ",:"))
        die_at(where, 0, "head: '%s': one cell, without a size (it has the "
               "target's)", out);
    json_object_set_new(c, key, json_string(out));
    free(out);
}

/* ---- options ------------------------------------------------------------*/

/* What the cells declare: each option with a list of its defaults. */
static json_t *
declared_options(const json_t *cells)
{
    json_t *declared = json_object(), *v;
    const char *name, *key;

    json_object_foreach((json_t *)cells, name, v) {
        struct cell *cell = cell_parse(json_string_value(v), name);
        json_t *o = cell_options(cell), *x;

        json_object_foreach(o, key, x) {
            json_t *all = json_object_get(declared, key);

            if (!all) {
                all = json_array();
                json_object_set_new(declared, key, all);
            }
            json_array_append(all, x);
        }
        json_decref(o);
        cell_free(cell);
    }
    return declared;
}

/* Is every option one that a cell declares?  Those equal to the default of
 * every cell that declares them are left out: same run, same id. */
static void
check_options(json_t *c, const json_t *cells, const char *where)
{
    json_t *options = json_object_get(c, "options"), *declared, *v;
    const char *key, *names[256];
    void *next;
    int n = 0;

    if (!options)
        return;
    declared = declared_options(cells);
    json_object_foreach(declared, key, v)
        if (n < 256)
            names[n++] = key;
    json_object_foreach_safe(options, next, key, v) {
        json_t *all = json_object_get(declared, key), *d;
        const char *near = near_names(key, names, n);
        bool same = true;
        size_t i;

        if (!all)
            die_at(where, 0, "options.%s: no cell of this net declares it%s%s",
                   key, *near ? "; did you mean " : "", near);
        json_array_foreach(all, i, d) {
            if (json_is_boolean(d) ? !json_is_boolean(v)
                : json_is_string(d) ? !json_is_string(v) : !json_is_number(v))
                die_at(where, 0, "options.%s is not %s", key,
                       json_is_boolean(d) ? "true or false"
                       : json_is_string(d) ? "a name" : "a number");
            same = same && (json_is_number(d)
                            ? json_number_value(d) == json_number_value(v)
                            : json_equal(d, v));
        }
        if (same)
            json_object_del(options, key);
    }
    json_decref(declared);
}

/* The options as the cells take them: given, or at the default that all cells
 * agree about. */
static json_t *
filled_options(const json_t *given, const json_t *cells)
{
    json_t *options = json_object(), *declared = declared_options(cells), *v;
    const char *key;

    json_object_foreach(declared, key, v) {
        json_t *d = json_array_get(v, 0);
        bool same = true;

        for (size_t i = 1; i < json_array_size(v); i++)
            same = same && json_equal(d, json_array_get(v, i));
        if (same)
            json_object_set(options, key, d);
    }
    json_object_update(options, (json_t *)given);
    json_decref(declared);
    return options;
}

/* ---- whole configs ------------------------------------------------------*/

json_t *
config_join(const json_t *base, const json_t *over)
{
    json_t *out = json_deep_copy(base), *v, *old;
    const char *key;

    json_object_foreach((json_t *)over, key, v) {
        old = json_object_get(out, key);
        json_object_set_new(out, key, json_is_object(v) && json_is_object(old)
                            ? config_join(old, v) : json_deep_copy(v));
    }
    return out;
}

json_t *
config_complete(const json_t *config, const char *where, json_t *origins)
{
    static const char *const also[] = { "id", NULL };
    static const char *const lists[] = { "encoder", "cell", "decoder", "head" };
    json_t *c = json_deep_copy(config), *cells = json_object(), *out;

    keys_check(train_keys, config, where, also);
    json_object_del(c, "id");
    for (int i = 0; i < 4; i++)
        complete_list(c, lists[i], cells, where, origins);
    check_options(c, cells, where);
    json_object_set_new(c, "cells", cells);
    out = keys_sparse(train_keys, c);
    json_decref(c);
    return out;
}

void
config_id(const json_t *config, char hex[65])
{
    json_id(config, hex);
}

/* Keys that came after results were kept: where nobody gives them they are in
 * no settings, so that old results keep their bytes. */
static const char *const later[] = {
    "stop_accuracy", "scaling", "adam_rate", "stop_reduction",
    "codebook_sha256", NULL,
};

json_t *
config_settings(const json_t *config)
{
    json_t *s = keys_fill(train_keys, config);

    for (int i = 0; later[i]; i++)
        if (!json_object_get(config, later[i]))
            json_object_del(s, later[i]);
    json_object_set_new(s, "options",
                        filled_options(json_object_get(s, "options"),
                                       json_object_get(s, "cells")));
    return s;
}

void
config_blame(const char *file, const json_t *part, const json_t *full,
             const char *id)
{
    json_t *more = json_object(), *v;
    const char *key;
    char hex[65], *text;

    json_object_foreach((json_t *)full, key, v)
        if (!json_object_get(part, key) ||
            !json_equal(v, json_object_get(part, key)))
            json_object_set(more, key, v);
    if (!json_object_size(more)) {
        config_id(full, hex);
        die_at(file, 0, "its id is %.12s.., its settings give %.12s..: was "
               "it edited? remove \"id\"", id, hex);
    }
    text = json_text(more, true);
    die_at(file, 0, "its id does not cover what its data adds: put %s into "
           "the config", text);
}

/* One more layer of the list, checked against the room there is. */
static int
add_layer(struct layer *out, int n, const char *part, int i, const char *cell,
          int size, const char *where)
{
    if (n == LAYERS_MAX)
        die_at(where, 0, "more than %d layers", LAYERS_MAX);
    snprintf(out[n].name, sizeof out[n].name, "%s.%d", part, i);
    cell_stem(cell, out[n].cell, sizeof out[n].cell);
    out[n].size = size;
    out[n].first = out[n].last = false;
    return n + 1;
}

/* The list under `key`, `times` over; sizes default to settings.size. */
static int
add_list(struct layer *out, int n, const json_t *settings, const char *key,
         const char *part, int times, const char *where)
{
    const char *p;
    char name[512];
    int size, i = 0;

    while (times-- > 0) {
        p = keys_text(settings, key);
        while ((p = next_entry(p, key, where, name, sizeof name, &size))) {
            if (!size)
                size = (int)keys_int(settings, "size");
            n = add_layer(out, n, part, i++, name, size, where);
        }
    }
    return n;
}

int
config_layers(const json_t *settings, const char *where, struct layer *out)
{
    int n, first;

    n = add_list(out, 0, settings, "encoder", "encoder", 1, where);
    first = n;
    n = add_list(out, n, settings, "cell", "layers",
                 (int)keys_int(settings, "layers"), where);
    if (n == first)
        die_at(where, 0, "cell: no cell is named");
    out[first].first = out[n - 1].last = true;
    n = add_list(out, n, settings, "decoder", "decoder", 1, where);
    n = add_layer(out, n, "head", 0, keys_text(settings, "head"), 0, where);
    strcpy(out[n - 1].name, "head");
    return n;
}

#include "train/sweepdata.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/name.h"

void
sweep_data_init(struct sweep_data *d, const json_t *object, const char *where)
{
    const struct { const char *key; const char **path; } files[] = {
        { "train", &d->files.stream }, { "val", &d->files.val },
        { "test", &d->files.test },
    };
    const char *key;
    json_t *value;

    memset(d, 0, sizeof *d);
    d->where = where;
    json_object_foreach((json_t *)object, key, value) {
        size_t i = 0;

        while (i < 3 && strcmp(files[i].key, key))
            i++;
        if (i == 3)
            die_at(where, 0, "unknown key '%s' in data: train, val and test "
                   "name its files", key);
        if (!json_is_string(value) || !*json_string_value(value))
            die_at(where, 0, "data.%s is no file's name", key);
        name_check(name_is_path(json_string_value(value)),
                   json_string_value(value), "the file", where);
        *files[i].path = json_string_value(value);
    }
    if (!d->files.stream)
        die_at(where, 0, "'data' names no file to train on ('train')");
    d->opened = json_object();
}

/* Configs that agree in these are filled in alike. */
static char *
data_key(const json_t *config)
{
    static const char *const keys[] = {
        "task", "train_rows", "batch", "val_rows", "val_task", "test_rows",
        "test_task", "redraw",
    };
    json_t *o = json_object();
    char *text;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *v = json_object_get(config, keys[i]);

        if (v)
            json_object_set(o, keys[i], v);
    }
    text = json_text(o, true);
    json_decref(o);
    return text;
}

json_t *
sweep_data_fill(struct sweep_data *d, const json_t *config)
{
    char *key = data_key(config);
    const json_t *like = json_object_get(d->opened, key);

    if (!like) {
        struct data data;

        like = data_open(&data, &d->files, config, d->where);
        data_close(&data);
        json_object_set_new(d->opened, key, (json_t *)like);
    }
    free(key);
    return data_config(&d->files, like, config, d->where);
}

void
sweep_data_release(struct sweep_data *d)
{
    json_decref(d->opened);
}

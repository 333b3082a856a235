/* A run's config: complete is its own completion, and has the id of its text,
 * of its settings and of its keys in any order. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "fuzz.h"
#include "train/config.h"

static void
check_id(const json_t *config, const char *id)
{
    json_t *c = config_complete(config, "again", NULL);
    char hex[65];

    config_id(c, hex);
    fuzz_check(!strcmp(hex, id));
    json_decref(c);
}

static void
check_text(const json_t *config, const char *id, bool sort)
{
    char *text = json_text(config, sort);
    json_t *v = json_read_text(text, strlen(text), "text", 1);

    check_id(v, id);
    json_decref(v);
    free(text);
}

static void
one(const char *text, size_t n)
{
    json_t *v = json_read_text(text, n, "x.json", 1), *c, *settings;
    struct layer *layers;
    char id[65];
    int k;

    if (!json_is_object(v))
        die_at("x.json", 0, "not an object");
    c = config_complete(v, "x.json", NULL);
    config_id(c, id);
    check_id(c, id);
    check_text(c, id, false);
    check_text(c, id, true);
    settings = config_settings(c);
    check_id(settings, id);
    layers = xcalloc(LAYERS_MAX, sizeof *layers);
    k = config_layers(settings, "x.json", layers);
    fuzz_check(k > 0 && k <= LAYERS_MAX);
    for (int i = 0; i < k; i++)
        fuzz_check(*layers[i].name && layers[i].size >= 0 &&
                   json_object_get(json_object_get(c, "cells"),
                                   layers[i].cell));
    free(layers);
    json_decref(settings);
    json_decref(c);
    json_decref(v);
}

const struct harness harness = { .one = one };

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "graph/net_codes.h"
#include "graph/neurons.h"
#include "stream/codebook.h"
#include "train/config.h"
#include "train/model.h"
#include "train/rule.h"

/* The cell called `name`, parsed once. */
static const struct cell *
get_cell(struct model *m, const json_t *cells, const json_t *origins,
         const char *where, const char *name, const char **names)
{
    const json_t *text, *file, *from;

    for (int i = 0; i < m->ncells; i++)
        if (!strcmp(names[i], name))
            return m->cells[i];
    text = json_object_get(cells, name);
    if (!json_is_string(text))
        die_at(where, 0, "cells: no text for '%s'", name);
    from = json_object_get(origins, name);
    file = json_object_get(from, "file");
    names[m->ncells] = name;
    m->files[m->ncells] = file ? xstrdup(json_string_value(file)) :
                          xasprintf("%s: cells.%s", where, name);
    m->cells[m->ncells] = cell_parse(
        json_string_value(file ? json_object_get(from, "text") : text),
        m->files[m->ncells]);
    return m->cells[m->ncells++];
}

/* Tokens with a codebook are, to the net, the vectors they stand for. */
static struct net *
build_net(const struct net_layer_spec *spec, int n,
          const struct stream_info *info, const json_t *options,
          const char *where)
{
    int width = codebook_width(info->codebook);
    struct net *net = net_build(spec, n,
                                info->input == VALUE_TOKEN && !width,
                                width ? width : info->input_size, options);

    if (width)
        net->codes = net_codes_new(net, spec, options,
                                   codebook_vectors(info->codebook),
                                   info->input_size, where);
    return net;
}

struct model *
model_build(const json_t *config, const char *where,
            const struct stream_info *info, const json_t *origins)
{
    struct model *m = xcalloc(1, sizeof *m);
    json_t *settings = config_settings(config);
    struct layer *layers = xcalloc(LAYERS_MAX, sizeof *layers);
    struct net_layer_spec *spec = xcalloc(LAYERS_MAX, sizeof *spec);
    const char **names = xcalloc(LAYERS_MAX, sizeof *names);
    int n = config_layers(settings, where, layers);
    struct update_rule rule;

    m->cells = xcalloc((size_t)n, sizeof(struct cell *));
    m->files = xcalloc((size_t)n, sizeof *m->files);
    for (int i = 0; i < n; i++) {
        spec[i] = (struct net_layer_spec){
            .name = layers[i].name,
            .cell = get_cell(m, json_object_get(settings, "cells"), origins,
                             where, layers[i].cell, names),
            .size = layers[i].size ? layers[i].size : info->target_size,
            .first = layers[i].first,
            .last = layers[i].last,
        };
    }
    m->net = build_net(spec, n, info, json_object_get(settings, "options"),
                       where);
    if (m->net->output_size != info->target_size)
        die_at(where, 0, "head '%s' gives %d outputs, the target has %d",
               layers[n - 1].cell, m->net->output_size, info->target_size);
    rule_init(&rule, settings);
    neurons_check(m->net, &rule, where);
    free(names);
    free(spec);
    free(layers);
    json_decref(settings);
    return m;
}

void
model_free(struct model *m)
{
    if (!m)
        return;
    net_free(m->net);
    for (int i = 0; i < m->ncells; i++) {
        cell_free(m->cells[i]);
        free(m->files[i]);
    }
    free(m->cells);
    free(m->files);
    free(m);
}

struct tensor *
model_tensors(const struct net *net, const float *weights)
{
    struct tensor *t = xcalloc((size_t)net->nparams + 1, sizeof *t);

    for (int i = 0; i < net->nparams; i++) {
        const struct net_param *p = &net->params[i];

        if (strlen(p->name) >= sizeof t[i].name)
            die(RC_DATA, "parameter name '%s' is too long: at most %zu "
                "letters, with its layer's", p->name, sizeof t[i].name - 1);
        strcpy(t[i].name, p->name);
        t[i].dtype = DT_F32;
        t[i].ndim = p->matrix ? 2 : 1;
        t[i].shape[0] = p->rows;
        t[i].shape[1] = p->cols;
        t[i].index = -1;
        t[i].bytes = (size_t)p->rows * (size_t)p->cols * sizeof(float);
        t[i].data = weights ? (void *)(weights + p->offset) : NULL;
    }
    return t;
}

/* What a stream tells of the numbers themselves, which a model keeps: how
 * classes are written, which columns there are and how they were scaled. */
static json_t *
kept_about(const json_t *about)
{
    static const char *const keys[] = {
        "symbols", "columns", "input_scale", "targets", "target_scale",
    };
    json_t *kept = NULL;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *v = json_object_get(about, keys[i]);

        if (v && !kept)
            kept = json_object();
        if (v)
            json_object_set(kept, keys[i], v);
    }
    return kept;
}

/* What a net needs to know of the stream, whichever way it came. */
json_t *
model_header(const struct stream_info *info, const json_t *config)
{
    struct stream_info i = *info;
    json_t *task = json_object_get(config, "task"), *empty = json_object();
    json_t *about = kept_about(info->about), *h;

    if (!json_object_size(i.task))
        i.task = task ? task : empty;
    i.given = NULL;
    i.about = about;
    i.count = -1;
    i.batch = (int)json_integer_value(json_object_get(config, "batch"));
    strcpy(i.split, "train");
    h = info_header(&i);
    json_decref(empty);
    json_decref(about);
    return h;
}

void
model_save(const char *path, const json_t *config,
           const struct stream_info *info, const struct net *net,
           const float *weights)
{
    struct tensor *t = model_tensors(net, weights);
    json_t *header = model_header(info, config);
    char *ctext = json_text(config, true), *htext = json_text(header, true);
    json_t *meta = json_pack("{s:s, s:s, s:s}", "format", "unroll",
                             "config", ctext, "stream", htext);

    st_write(path, meta, t, net->nparams);
    json_decref(meta);
    json_decref(header);
    free(ctext);
    free(htext);
    free(t);
}

/* "128x12", or "128" for a vector, into buf. */
static const char *
shape_text(const struct tensor *t, char *buf, size_t max)
{
    size_t n = 0;

    buf[0] = '\0';
    for (int i = 0; i < t->ndim && n < max; i++)
        n += (size_t)snprintf(buf + n, max - n, "%s%lld", i ? "x" : "",
                              (long long)t->shape[i]);
    return buf;
}

/* Every parameter is there in its shape; so the net is no larger than the
 * file, and may be given memory. */
static void
check_tensors(const char *path, const struct safetensors *st,
              const struct net *net)
{
    struct tensor *want = model_tensors(net, NULL);

    for (int i = 0; i < net->nparams; i++) {
        const struct tensor *t = st_find(st, want[i].name);
        char a[200], b[200];

        if (!t)
            die_at(path, 0, "has no tensor '%s': is it a model of other "
                   "cells?", want[i].name);
        if (t->dtype != DT_F32)
            die_at(path, 0, "'%s' is %s, not f32", t->name,
                   dtype_name(t->dtype));
        if (t->ndim != want[i].ndim || t->shape[0] != want[i].shape[0] ||
            (t->ndim > 1 && t->shape[1] != want[i].shape[1]))
            die_at(path, 0, "'%s' is %s, the net wants %s", t->name,
                   shape_text(t, a, sizeof a),
                   shape_text(&want[i], b, sizeof b));
    }
    free(want);
}

void
model_take(const char *path, const struct safetensors *st,
           const struct net *net, float *weights)
{
    check_tensors(path, st, net);
    for (int i = 0; i < net->nparams; i++) {
        const struct tensor *t = st_find(st, net->params[i].name);

        memcpy(weights + net->params[i].offset, t->data, t->bytes);
    }
}

static json_t *
meta_json(const char *path, const struct safetensors *st, const char *key)
{
    const json_t *v = json_object_get(st->metadata, key);
    char *name;
    json_t *j;

    if (!json_is_string(v))
        die_at(path, 0, "no model of ours: its metadata has no '%s' (plain "
               "weights need --config FILE)", key);
    name = xasprintf("%s: %s", path, key);
    j = json_read_text(json_string_value(v), json_string_length(v), name, 0);
    if (!json_is_object(j))
        die_at(name, 0, "not an object");
    free(name);
    return j;
}

bool
model_stream(const char *path, const struct safetensors *st,
             struct stream_info *info)
{
    json_t *header;

    if (!json_object_get(st->metadata, "stream"))
        return false;
    header = meta_json(path, st, "stream");
    info_parse(header, path, info);
    json_decref(header);
    return true;
}

static void
build(const char *path, const char *where, const struct safetensors *st,
      struct model_file *f)
{
    f->model = model_build(f->config, where, &f->info, NULL);
    check_tensors(path, st, f->model->net);
    f->weights = xaligned(f->model->net->weights + 1, sizeof(float));
    model_take(path, st, f->model->net, f->weights);
}

void
model_load_plain(const char *path, const json_t *config, const char *where,
                 const struct stream_info *data, struct model_file *f)
{
    struct safetensors st;

    memset(f, 0, sizeof *f);
    st_read(path, &st);
    f->config = config_complete(config, where, NULL);
    f->header = model_header(data, f->config);
    json_object_set_new(f->header, "batch", json_integer(data->batch));
    info_parse(f->header, where, &f->info);
    build(path, where, &st, f);
    st_release(&st);
}

void
model_load(const char *path, struct model_file *f)
{
    struct safetensors st;
    json_t *config;

    memset(f, 0, sizeof *f);
    st_read(path, &st);
    config = meta_json(path, &st, "config");
    f->config = config_complete(config, path, NULL);
    json_decref(config);
    f->header = meta_json(path, &st, "stream");
    info_parse(f->header, path, &f->info);
    build(path, path, &st, f);
    st_release(&st);
}

void
model_file_release(struct model_file *f)
{
    json_decref(f->config);
    json_decref(f->header);
    info_release(&f->info);
    model_free(f->model);
    free(f->weights);
}

/*
 * model.h - a net from a config, and the file its weights are kept in.
 *
 *     struct model *m = model_build(config, "c.json", info, origins);
 *     init_weights(m->net, seed, weights);
 *     model_save("m.safetensors", config, info, m->net, weights);
 *
 * The file is safetensors: a tensor a parameter, in the net's order, and in
 * its metadata the config and the stream's header as JSON text, so that it
 * can be used without anything else.
 */
#ifndef TRAIN_MODEL_H
#define TRAIN_MODEL_H

#include <jansson.h>

#include "graph/net.h"
#include "stream/batch.h"
#include "stream/safetensors.h"

struct model {
    struct net *net;
    int ncells;
    struct cell **cells;
    char **files;          /* what the cells are called in messages */
};

/* `config` is complete; `origins` as config_complete() filled it, or NULL.
 * Dies where a cell does not fit. */
struct model *model_build(const json_t *config, const char *where,
                          const struct stream_info *info,
                          const json_t *origins);
void model_free(struct model *m);

void model_save(const char *path, const json_t *config,
                const struct stream_info *info, const struct net *net,
                const float *weights);

/* The tensors of a gradient or of weights: names, shapes, borrowed data (none
 * if weights is NULL).  The caller frees the array. */
struct tensor *model_tensors(const struct net *net, const float *weights);

/* The header of its stream as a model or a checkpoint keeps it: what a net
 * needs to know, whichever way the data came.  A new object. */
json_t *model_header(const struct stream_info *info, const json_t *config);
/* What an open file says of it; false if nothing (no file of ours).  To be
 * released with info_release(). */
bool model_stream(const char *path, const struct safetensors *st,
                  struct stream_info *info);

/* Weights out of an open file: every parameter must be there in its shape.
 * Dies naming the path and both shapes. */
void model_take(const char *path, const struct safetensors *st,
                const struct net *net, float *weights);

struct model_file {
    json_t *config;              /* complete */
    struct stream_info info;     /* of the stream it was trained on */
    json_t *header;
    struct model *model;
    float *weights;              /* (P), aligned */
};

/* Read a model and build its net; dies naming what is wrong. */
void model_load(const char *path, struct model_file *f);
/* The same from any safetensors file that has the net's parameters by name, of
 * a net that config (from the file `where`) and the data say. */
void model_load_plain(const char *path, const json_t *config,
                      const char *where, const struct stream_info *data,
                      struct model_file *f);
void model_file_release(struct model_file *f);

#endif

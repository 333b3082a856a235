/*
 * fleet_list.h - a list of runs, trained in as few fleets as they allow.
 *
 * A line names files, CONFIG RESULT [MODEL]; or it is a config (as genconfigs
 * prints them), whose result and model are DIR/ID.json and DIR/ID.safetensors,
 * ID being the first eight digits of the config's id.  Blank lines and those
 * that begin with # are passed over.
 */
#ifndef TRAIN_FLEET_LIST_H
#define TRAIN_FLEET_LIST_H

#include <jansson.h>

#include "train/data.h"
#include "train/run.h"

struct fleet_list {
    const char *path;                  /* "-": standard input */
    const char *results, *models;     /* folders for configs that stand in the
                                         list; models may be NULL */
    const json_t *flags;              /* over every config */
    struct data_options data;
    struct run_options options;       /* of every run, but for checkpoint */
    bool no_wait;
};

/* Trains what is not done yet; prints every result. */
void fleet_list_train(const struct fleet_list *l);

#endif

/*
 * judge.h - a net run over a set, and what eval tells of it.
 */
#ifndef PROBE_JUDGE_H
#define PROBE_JUDGE_H

#include <jansson.h>
#include <stdio.h>

#include "probe/machines.h"
#include "probe/probe.h"
#include "train/model.h"

struct judging {
    const struct backend *backend;
    struct device *device;        /* with the model's weights; observes for
                                     the last two views */
    const struct model_file *m;
    const char *model;            /* its path, for messages */
    const struct set *set;
    struct legal *rules;          /* of the set's task, or NULL */
    struct machines *machines;    /* the same of machines learned in context */
    enum {
        VIEW_METRICS,             /* a line of JSON: loss, accuracy, ... */
        VIEW_PROBS, VIEW_OUTPUTS, VIEW_ACTIVATIONS,      /* show.h */
        VIEW_UNITS,               /* what each unit means; needs rules */
        VIEW_ROLLOUT,             /* rollout.h */
    } view;
    long rollout;                 /* steps of it */
    bool classes;                 /* with the metrics answers.h */
    bool words;                   /* metrics for a person */
    bool open_end;                /* as in struct show */
    long skip;
    FILE *out;                    /* where to, or */
    const char *tensors;          /* a path for a tensor stream */
};

void judge(const struct judging *j);

/* A line of compact JSON; takes `o` over. */
void print_json(json_t *o, FILE *out);

#endif

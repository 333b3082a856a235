/*
 * probe.h - a net looked into with the rules of its task in hand: are its
 * samples right, what would the best predictor say, what do its units mean.
 */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H

#include <jansson.h>
#include <stdio.h>

#include "task/legal.h"
#include "train/evaluate.h"
#include "train/show.h"

/* The rules of a task object that may leave out its defaults; NULL if it is
 * no memory task. */
struct legal *probe_rules(const json_t *task, const char *where);

/* ---- score.c: texts (rows, n) that a net has drawn ----------------------*/

/* {"units":997,"right":990,"accuracy":0.993,"low":..,"high":..(Wilson),
 *  "symbols":..,"legal":0.999,"wrong":{"full cell":3,...}} */
json_t *probe_score(const struct legal *l, const int32_t *symbol, int rows,
                    long n);

/* ---- against.c: a net on a text of the task, beside the best predictor --*/

struct against;
struct against *against_new(const struct legal *l);
/* A chunk_fn with a struct against as ctx; needs e->want_probs. */
void against_chunk(void *ctx, const struct evaluator *e, const struct batch *b,
                   int64_t first);
/* {"optimal_loss":..,"excess":..,"excess_error":..,"legal_mass":..,
 *  "likeliest_legal":..,"units":..,"units_legal":..}, or null if the text
 * breaks the rules or was not taken from its beginning; frees `a`. */
json_t *against_json(struct against *a);

/* ---- oracle.c: the best predictor in the net's place --------------------*/

/* Is this a task, by its name or as an object, in place of a model?  And what a
 * stream of it would say of itself (task and about are new). */
bool oracle_is_task(const char *model);
void oracle_task(const char *model, struct stream_info *info);
/* Its loss and what it leaves open on a set, as evaluation_json() names it. */
json_t *oracle_metrics(const struct legal *l, const struct set *s);
/* Its probabilities at each place, as show_probs() prints a net's: null after
 * a symbol that makes the line wrong. */
void oracle_probs(const struct legal *l, const struct set *s,
                  struct show *show);
/* Rows of n symbols drawn with a seed; greedy: always the likeliest. */
void oracle_sample(const struct legal *l, uint64_t seed, bool greedy,
                   int rows, long n, int32_t *out);

/* ---- text.c: a text of one's own as a set -------------------------------*/

/* n symbols, each predicted from those before.  `open_end`: the last one's
 * place counts too, with no known target (class 0 stands in). */
struct set *probe_set(const struct stream_info *info, const int32_t *symbol,
                      long n, bool open_end);

/* ---- special.c: what each unit means ------------------------------------*/

struct special;
struct special *special_new(const struct legal *l);
/* A chunk_fn; needs a device that observes.  Units are the states of the
 * recurrent layers after each step. */
void special_chunk(void *ctx, const struct evaluator *e, const struct batch *b,
                   int64_t first);
/* docs/memory.md has the form; frees `s`. */
json_t *special_json(struct special *s);

/* The states of a text's rows, moved on by symbols as they come. */
struct tracks {
    const struct legal *legal;
    struct legal_state *state;     /* (rows) */
    int rows;
};

/* Begin with `rows` rows, or check that there are as many as before. */
void tracks_begin(struct tracks *t, const struct batch *b);

#endif

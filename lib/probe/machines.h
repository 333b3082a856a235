/*
 * machines.h - nets that learn machines in context (the task fsm) beside
 * reference predictors: uniform, unigram, bigrams, look-up, exact Bayes
 * (task/fsm_predict.h).
 *
 *   m = machines_new(task, "the set");
 *   evaluate(&e, &v, machines_chunk, m);      e.want_probs
 *   o = machines_json(m);
 */
#ifndef PROBE_MACHINES_H
#define PROBE_MACHINES_H

#include <jansson.h>

#include "train/evaluate.h"
#include "train/show.h"

struct machines;

/* Is it a task object of fsm? */
bool machines_are(const json_t *task);
/* Dies on settings that do not fit, naming `where`.  Each of the functions
 * below that is given the set or makes the object frees it. */
struct machines *machines_new(const json_t *task, const char *where);

/* A chunk_fn with a struct machines as ctx.  Dies on sequences that are no
 * walks through such machines. */
void machines_chunk(void *ctx, const struct evaluator *e,
                    const struct batch *b, int64_t first);
/* {"predictors":{"unigram":{"loss","accuracy","kl","same"},...},
 *  "accuracy_error","excess","excess_error","above_bayes",
 *  "above_bayes_error","covered","times":[bins],"ago":[bins]}; docs/tasks.md */
json_t *machines_json(struct machines *m);

/* The predictors on a set, a new array of an object each, from the weakest to
 * the best, and `closed_loop`, who walks through the query in the head. */
json_t *machines_lines(struct machines *m, const struct set *s);
/* What exact Bayes says at each scored place, as show_probs() prints it. */
void machines_probs(struct machines *m, const struct set *s,
                    struct show *show);

#endif

/*
 * fleet.h - runs whose nets are alike, trained side by side: one net a vector
 * lane, all on the same batches.  They may differ in the seed and in settings
 * that are numbers (FLEET_FREE says which).
 *
 *     fleet_train(runs, n, done, ctx);
 *
 * Each run's result is what it would be alone, to the byte; so is its
 * checkpoint, from which it can go on alone or in another fleet.
 */
#ifndef TRAIN_FLEET_H
#define TRAIN_FLEET_H

#include "train/run.h"

enum { FLEET_MOST = LANES };

/* Why two runs cannot be in one fleet: the key in which their configs differ,
 * or NULL if they can.  `ordered`: the seed gives the order of a stored set,
 * so that it has to be the same. */
const char *fleet_differs(const json_t *a, const json_t *b, bool ordered);

/* Can this net be in a fleet? */
bool fleet_fits(const struct net *n);

/* Called with each run that has come to its end, once. */
typedef void fleet_done_fn(void *ctx, int i);

/* All to their ends, or until a signal (saved, then the program ends).  The
 * runs are open (and resumed), share their data, and are at most FLEET_MOST.
 * They need not be equally far: the fleet begins with those that are least,
 * and the others join where they stand. */
void fleet_train(struct run **run, int n, fleet_done_fn *done, void *ctx);

#endif

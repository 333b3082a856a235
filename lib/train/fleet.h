/*
 * fleet.h - runs trained together on one device: a run alone, or several whose
 * nets are alike, all on the same batches.  They may differ in the seed and in
 * settings that are numbers.
 *
 *     fleet_start(runs, n);
 *     ... run_resume() ...
 *     fleet_train(runs, n, done, ctx);
 *
 * Each run's result is what it would be alone, to the byte; so is its
 * checkpoint, from which it can go on alone or in another fleet.
 */
#ifndef TRAIN_FLEET_H
#define TRAIN_FLEET_H

#include "train/run.h"

/* Why two runs cannot be in one fleet: the key in which their configs differ,
 * or NULL if they can.  `ordered`: the seed gives the order of a stored set,
 * so that it has to be the same. */
const char *fleet_differs(const json_t *a, const json_t *b, bool ordered);

/* Opens the device (of the first one's backend) for runs that are open: at
 * most as many as the backend says, and with what fleet_differs() asks for. */
void fleet_start(struct run **run, int n);

/* Called with each run that has come to its end, once; to be followed by
 * run_written(). */
typedef void fleet_done_fn(void *ctx, int i);

/* All to their ends, or until a signal (base/stop.h), which is held once an
 * update is made: the update under way is given up, the last finished one
 * saved.  So it is when the program ends for another reason, until
 * run_written().  The runs share their data.  They need not be equally far:
 * the fleet begins with those that are least, and the others join where they
 * stand. */
void fleet_train(struct run **run, int n, fleet_done_fn *done, void *ctx);

#endif

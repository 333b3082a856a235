/*
 * sweeporder.h - the order of a sweep's runs, so that one that is stopped, or
 * sampled, has done a balanced part of itself.
 *
 *   "order": {
 *     "factors": {"a": "options.use_input_gate", "b": "layers"},
 *     "parts": [{"where": {"size": 32}, "words": ["ab", "a"]},
 *               {"words": ["ab"]}]}
 *
 * A run belongs to the first part whose `where` it contains (as in "exclude");
 * those of no part come last.  Within a part the words order it as in a
 * fractional factorial design (Box and Hunter 1961): a word is odd for a run
 * if its factors' values stand, added up, at an odd place of their lists (the
 * first is place 0), and runs in which the first word is even come first; among
 * these, those in which the second is; and so on.  So of two-level factors the
 * first half of a part is the fraction that the first word defines, its first
 * quarter the one of the first two.  What the words do not tell apart stays in
 * the order of the grid.
 */
#ifndef TRAIN_SWEEPORDER_H
#define TRAIN_SWEEPORDER_H

#include <stdint.h>

#include <jansson.h>

struct sweep;
struct spec_view;

struct sweep_order {
    const json_t *factors, *parts;
    const char *file;
};

/* `object` is the description's "order"; it is borrowed.  Dies on what is not
 * as above. */
void sweep_order_init(struct sweep_order *o, const json_t *object,
                      const char *file);

/* Runs are in the order of these numbers.  grid: the lists that `given`, what
 * the description says of the run, was taken from; view: all settings of the
 * run; trial: 1, 2 ... of the seeds. */
uint64_t sweep_order_rank(const struct sweep_order *o, const json_t *grid,
                          const json_t *given, const struct spec_view *view,
                          long trial);

/* Dies if a factor's key does not vary in the sweep. */
void sweep_order_check(const struct sweep_order *o, const struct sweep *s);

#endif

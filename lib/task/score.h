/*
 * score.h - a text that a net has drawn, judged by the rules of its task.
 *
 * The text falls into units (lines, boards) at the symbol that ends one.  Of
 * each text the first two units and the last, unfinished one do not count:
 * a net that starts from a zero state may need a line to find its feet.
 */
#ifndef TASK_SCORE_H
#define TASK_SCORE_H

#include "base/rng.h"
#include "task/legal.h"

enum { SCORE_KINDS = 8, SCORE_SKIP = 2 };

struct score {
    long units, right;       /* right: no symbol of it is wrong */
    long symbols, wrong;     /* of the units that count */
    long kind[SCORE_KINDS];  /* boards: wrong moves; lines: wrong lines, by
                                what went wrong first */
};

/* Add a text of n symbols. */
void score_text(const struct legal *l, const int32_t *symbol, long n,
                struct score *s);

/* How wrong symbols are called, NULL after the last. */
const char *score_kind(const struct legal *l, int i);

/* What the best predictor draws: n symbols, each by its chance, or if greedy
 * the likeliest (the first of equals), from the beginning of a text. */
void legal_draw(const struct legal *l, struct rng *r, bool greedy, long n,
                int32_t *symbol);

#endif

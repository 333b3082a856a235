/*
 * chain.h - an endless text drawn symbol by symbol from the rules of legal.h.
 *
 * Rows are texts of their own; block i of a row is `len` inputs and targets
 * (the symbol after each), from symbol i * len on.  A row's symbols come from
 * one stream of random numbers, one draw where there is a choice, so that
 * blocks asked for in order cost nothing extra and any other is found by
 * drawing again from the row's beginning.
 */
#ifndef TASK_CHAIN_H
#define TASK_CHAIN_H

#include "task/source.h"

/* 1200 is whole windows of 12, 25 and 40 steps. */
#define CHAIN_LEN \
    { "len", KEY_INT, "1200", 1, 1e6, NULL, "N", \
      "steps of a batch; the text goes on in the next" }

/* The three functions of every task that has rules in legal.h. */
void chain_open(struct source *s);
void chain_make(struct source *s, const struct draw *d, struct batch *b);
void chain_close(struct source *s);

#endif

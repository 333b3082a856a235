/*
 * legal.h - the rules of the memory tasks: after what came so far, which
 * symbols may come next, and how likely each is to the best predictor.
 *
 * A task is an endless text of units (a line, a board) drawn one after the
 * other.  The same rules draw the text, judge a net's samples and say what the
 * best possible net would expect:
 *
 *   struct legal *l = legal_new(settings, NULL);
 *   struct legal_state s;
 *   legal_start(l, &s);
 *   total = legal_moves(l, &s, weight);      chance of k: weight[k] / total
 *   ok = legal_play(l, &s, symbol);
 */
#ifndef TASK_LEGAL_H
#define TASK_LEGAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

enum { LEGAL_SYMBOLS = 256 };    /* more than any task has */

/* Where in a unit we are; what the members mean is each task's affair. */
struct legal_state {
    uint64_t board;      /* bit c: cell c is full */
    int32_t n, m;        /* counters; n < 0: a line that went wrong */
};

struct legal;

/* settings: a task object filled in (task_settings) of one of the memory
 * tasks; NULL for any other task.  Dies on settings that do not fit together:
 * RC_USAGE if where is NULL, else naming the file. */
struct legal *legal_new(const json_t *settings, const char *where);
void legal_free(struct legal *l);

int legal_symbols(const struct legal *l);      /* K */
int legal_end(const struct legal *l);          /* the symbol that ends a unit */
json_t *legal_names(const struct legal *l);    /* how the K symbols are written:
                                                  a new array of strings */

/* The beginning of a text, which is also that of a unit. */
void legal_start(const struct legal *l, struct legal_state *s);
/* weight[0..K-1]: 0 for moves that are not allowed, else in proportion to the
 * best predictor's probability.  Returns their sum; 0 in a line that went
 * wrong, where nothing can be right any more. */
uint32_t legal_moves(const struct legal *l, const struct legal_state *s,
                     uint32_t *weight /* (K) */);
/* Go on by one symbol; false if it was not allowed.  After a wrong symbol a
 * line stays wrong (every symbol false) to its end; a board leaves a full
 * cell as it is, and is cleared by an early clear. */
bool legal_play(const struct legal *l, struct legal_state *s, int symbol);

/* Cross-entropy of the best predictor, nats a symbol, over an endless text:
 * entropy of a unit / mean length of a unit.  NaN where counting it would
 * take too long (three in a row on more than 16 cells). */
double legal_entropy(const struct legal *l);
/* Mean length of a unit, its end included; NaN likewise. */
double legal_unit(const struct legal *l);

#endif

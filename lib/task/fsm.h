/*
 * fsm.h - finite state machines to be learned in context: a total,
 * deterministic transition table T: states x actions -> states, drawn at
 * random, and its alphabet on the wire.
 *
 * Letters: S states, A actions.  A machine is drawn as in the experiments of
 * github.com/Toba4366/CS182_FinalProject: a random spanning tree from state 0,
 * so that every state is reached, then every cell that is still empty at
 * random.
 */
#ifndef TASK_FSM_H
#define TASK_FSM_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/rng.h"
#include "task/task.h"

enum {
    FSM_STATES = 8, FSM_ACTIONS = 10,     /* at most */
    /* tokens: state s is s, action a is FSM_ACTION + a */
    FSM_ACTION = 8, FSM_EOS = 18, FSM_QUERY = 19, FSM_PAD = 20,
    FSM_VOCABULARY = 21,
};

struct fsm {
    int states, actions;
    uint8_t next[FSM_STATES][FSM_ACTIONS];     /* T[s][a] */
};

/* Draw T of m->states x m->actions (S - 1 <= A).  `absorb`: one state, drawn
 * last, is never left again. */
void fsm_draw(struct fsm *m, bool absorb, struct rng *r);

/* Which split a table belongs to where no two may share one: six tenths of all
 * tables are for training, two each for validation and tests, by a hash of the
 * table alone. */
enum split fsm_split(const struct fsm *m);

json_t *fsm_table(const struct fsm *m);     /* [[T[0][0],...],...], new */
/* As a graph for Graphviz, called fsmNUMBER; edges side by side are one. */
void fsm_dot(const struct fsm *m, uint64_t number, FILE *out);

#endif

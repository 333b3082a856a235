/*
 * fsm_predict.h - what a sequence of fsm has shown so far, and what
 * predictors that keep more or less of it say of the next state.
 *
 *   reader_begin(&r, states, actions, absorb);       each row
 *   reader_token(&r, token);                         each step's input
 *   if (reader_asks(&r))
 *       reader_predict(&r, PREDICT_BAYES, p);        p[s]: next state is s
 *
 * Letters: S states, A actions.
 */
#ifndef TASK_FSM_PREDICT_H
#define TASK_FSM_PREDICT_H

#include "task/fsm.h"

/* From the weakest to the best.  Counts start at a half for each state
 * (Krichevsky and Trofimov 1981) and take in demos and query so far. */
enum fsm_predictor {
    PREDICT_UNIFORM,    /* 1/S */
    PREDICT_UNIGRAM,    /* how often each state was a next one */
    PREDICT_STATE,      /* the same after this state */
    PREDICT_ACTION,     /* the same after this action */
    PREDICT_DEMOS,      /* the pair's next state in the demos; 1/S of a pair
                           that they have not shown */
    PREDICT_TABLE,      /* in demos and query */
    PREDICT_BAYES,      /* of a pair not shown: exactly, given how machines
                           are drawn */
    PREDICTORS,
};

const char *fsm_predictor_name(enum fsm_predictor k);    /* "unigram" */

enum { FSM_UNKNOWN = -1 };

struct fsm_reader {
    int states, actions;
    bool absorb;                 /* machines have an absorbing state */
    int state, action;           /* read last, or FSM_UNKNOWN */
    bool query;                  /* the demos are over */
    int32_t unigram[FSM_STATES];
    int32_t by_state[FSM_STATES][FSM_STATES];
    int32_t by_action[FSM_ACTIONS][FSM_STATES];
    int8_t table[FSM_STATES][FSM_ACTIONS];     /* next states, FSM_UNKNOWN */
    int8_t demos[FSM_STATES][FSM_ACTIONS];     /* those of the demos */
    int32_t times[FSM_STATES][FSM_ACTIONS];    /* shown */
    int32_t last[FSM_STATES][FSM_ACTIONS];     /* at which transition */
    int32_t transitions;
    /* The query walked through in the head: from its start on, by the demos'
     * table, a guess where they have not shown a pair. */
    double place[FSM_STATES];
};

void reader_begin(struct fsm_reader *r, int states, int actions, bool absorb);
/* False: no token that may come here. */
bool reader_token(struct fsm_reader *r, int token);
/* A state and an action stand there: the next state is due. */
bool reader_asks(const struct fsm_reader *r);
void reader_predict(const struct fsm_reader *r, enum fsm_predictor k,
                    double *p /* (S) */);
/* Have the demos shown every pair? */
bool reader_covered(const struct fsm_reader *r);

/* ---- fsm_posterior.c ----------------------------------------------------*/

/* p[s] = P(T[state][action] = s | the cells of `table` that are not
 * FSM_UNKNOWN), of machines drawn by fsm_draw(). */
void fsm_posterior(int states, int actions, bool absorb,
                   const int8_t table[FSM_STATES][FSM_ACTIONS], int state,
                   int action, double *p /* (S) */);

#endif

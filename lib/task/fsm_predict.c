/* fsm_predict.c - a reader of fsm's sequences, and its predictors. */
#include <string.h>

#include "task/fsm_predict.h"

static const char *const names[PREDICTORS] = {
    "uniform", "unigram", "state_bigram", "action_bigram", "lookup_demos",
    "lookup", "bayes",
};

const char *
fsm_predictor_name(enum fsm_predictor k)
{
    return names[k];
}

void
reader_begin(struct fsm_reader *r, int states, int actions, bool absorb)
{
    memset(r, 0, sizeof *r);
    r->states = states;
    r->actions = actions;
    r->absorb = absorb;
    r->state = r->action = FSM_UNKNOWN;
    memset(r->table, FSM_UNKNOWN, sizeof r->table);
    memset(r->demos, FSM_UNKNOWN, sizeof r->demos);
}

static void
take_transition(struct fsm_reader *r, int to)
{
    int s = r->state, a = r->action;

    r->unigram[to]++;
    r->by_state[s][to]++;
    r->by_action[a][to]++;
    r->table[s][a] = (int8_t)to;
    if (!r->query)
        r->demos[s][a] = (int8_t)to;
    r->times[s][a]++;
    r->last[s][a] = ++r->transitions;
}

/* One more action of the query in the head. */
static void
move_place(struct fsm_reader *r, int action)
{
    double now[FSM_STATES] = { 0 };

    for (int s = 0; s < r->states; s++) {
        int to = r->demos[s][action];

        for (int i = 0; to == FSM_UNKNOWN && i < r->states; i++)
            now[i] += r->place[s] / r->states;
        if (to != FSM_UNKNOWN)
            now[to] += r->place[s];
    }
    memcpy(r->place, now, sizeof now);
}

static bool
take_state(struct fsm_reader *r, int s)
{
    if (s >= r->states)
        return false;
    if (r->action != FSM_UNKNOWN) {
        take_transition(r, s);
    } else if (r->query) {
        memset(r->place, 0, sizeof r->place);
        r->place[s] = 1;
    }
    r->state = s;
    r->action = FSM_UNKNOWN;
    return true;
}

bool
reader_token(struct fsm_reader *r, int token)
{
    if (token < FSM_ACTION)
        return take_state(r, token);
    if (token < FSM_EOS) {
        if (token - FSM_ACTION >= r->actions || r->state == FSM_UNKNOWN ||
            r->action != FSM_UNKNOWN)
            return false;
        r->action = token - FSM_ACTION;
        if (r->query)
            move_place(r, r->action);
        return true;
    }
    r->query |= token == FSM_QUERY;
    r->state = r->action = FSM_UNKNOWN;
    return token <= FSM_QUERY;
}

bool
reader_asks(const struct fsm_reader *r)
{
    return r->action != FSM_UNKNOWN;
}

static void
by_counts(const int32_t *count, int states, double *p)
{
    double all = 0.5 * states;

    for (int i = 0; i < states; i++)
        all += count[i];
    for (int i = 0; i < states; i++)
        p[i] = (count[i] + 0.5) / all;
}

static void
by_table(int next, int states, double *p)
{
    for (int i = 0; i < states; i++)
        p[i] = next == FSM_UNKNOWN ? 1.0 / states : i == next;
}

void
reader_predict(const struct fsm_reader *r, enum fsm_predictor k, double *p)
{
    int n = r->states, s = r->state, a = r->action;

    if (k == PREDICT_UNIFORM)
        by_table(FSM_UNKNOWN, n, p);
    else if (k == PREDICT_UNIGRAM)
        by_counts(r->unigram, n, p);
    else if (k == PREDICT_STATE)
        by_counts(r->by_state[s], n, p);
    else if (k == PREDICT_ACTION)
        by_counts(r->by_action[a], n, p);
    else if (k == PREDICT_DEMOS)
        by_table(r->demos[s][a], n, p);
    else if (k == PREDICT_TABLE || r->table[s][a] != FSM_UNKNOWN)
        by_table(r->table[s][a], n, p);
    else
        fsm_posterior(n, r->actions, r->absorb, r->table, s, a, p);
}

bool
reader_covered(const struct fsm_reader *r)
{
    for (int s = 0; s < r->states; s++)
        for (int a = 0; a < r->actions; a++)
            if (r->demos[s][a] == FSM_UNKNOWN)
                return false;
    return true;
}

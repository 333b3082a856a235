/*
 * machines.c - a net that learns machines in context (the task fsm) beside the
 * predictors that keep more or less of what a sequence has shown; and these
 * alone.
 */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/json.h"
#include "probe/machines.h"
#include "stats/ratio.h"
#include "task/fsm_predict.h"
#include "train/config.h"

/* Upper ends of the bins of how often a pair was shown, and of how many
 * transitions ago; the last one is open. */
static const int times_to[] = { 0, 1, 2, 3, 4, 6, 9, 14, 0 };
static const int ago_to[] = { 1, 2, 4, 8, 16, 32, 64, 0 };
enum {
    TIMES = sizeof times_to / sizeof *times_to,
    AGO = sizeof ago_to / sizeof *ago_to,
};

/* Places where the same is known of the pair. */
struct bin {
    long places, right;
    double loss, best;           /* best: right answers of exact Bayes */
};

/* A predictor on all places. */
struct guesser {
    double loss, kl, same;
    struct ratio right;          /* by sequence */
};

struct machines {
    int states, actions;
    bool absorb;
    struct fsm_reader reader;
    long places, sequences, covered;
    struct guesser guesser[PREDICTORS];
    struct ratio closed;         /* the query in the head, by the demos */
    struct ratio right;          /* the net's */
    struct ratio excess, above;  /* of its loss and its right answers over
                                    those of exact Bayes */
    struct bin times[TIMES], ago[AGO];
};

bool
machines_are(const json_t *task)
{
    const char *name = json_string_value(json_object_get(task, "name"));

    return name && !strcmp(name, "fsm");
}

struct machines *
machines_new(const json_t *task, const char *where)
{
    struct machines *m = xcalloc(1, sizeof *m);
    json_t *full = task_settings(task, where);

    m->states = (int)keys_int(full, "states");
    m->actions = (int)keys_int(full, "actions");
    m->absorb = keys_bool(full, "absorb");
    json_decref(full);
    return m;
}

/* The chance to be right for who takes the likeliest, one of equals at
 * random.  Sums of the same terms in another order are equal, too. */
static double
credit(const double *p, int n, int target)
{
    double best = 0;
    int equals = 0;

    for (int i = 0; i < n; i++)
        best = p[i] > best ? p[i] : best;
    for (int i = 0; i < n; i++)
        equals += p[i] > best * (1 - 1e-9);
    return p[target] > best * (1 - 1e-9) ? 1.0 / equals : 0;
}

/* How many nats a net with probabilities q (K >= n classes) would lose on
 * average where the predictor's p holds: KL(p || q). */
static double
divergence(const double *p, const float *q, int n)
{
    double kl = 0;

    for (int i = 0; i < n; i++)
        if (p[i] > 0)
            kl += p[i] * d_log(p[i] / fmax((double)q[i], (double)FLT_MIN));
    return kl;
}

static int
likeliest(const float *q, int n)
{
    int best = 0;

    for (int i = 1; i < n; i++)
        if (q[i] > q[best])
            best = i;
    return best;
}

static int
bin_of(const int *to, int bins, int x)
{
    int i = 0;

    while (i < bins - 1 && x > to[i])
        i++;
    return i;
}

/* Sums over the places of one row. */
struct row {
    double right[PREDICTORS], closed, net, excess;
    int places;
};

static void
add_bin(struct bin *b, bool right, double loss, double best)
{
    b->places++;
    b->right += right;
    b->loss += loss;
    b->best += best;
}

/* What the predictors say of the place where the reader stands; q: the net's
 * probabilities, or NULL. */
static void
add_place(struct machines *m, struct row *x, int target, const float *q,
          int classes, double loss, bool right)
{
    const struct fsm_reader *r = &m->reader;
    int shown = r->times[r->state][r->action];
    double p[FSM_STATES], got = 0;

    for (int k = 0; k < PREDICTORS; k++) {
        struct guesser *g = &m->guesser[k];

        reader_predict(r, (enum fsm_predictor)k, p);
        got = credit(p, m->states, target);
        x->right[k] += got;
        g->loss -= d_log(p[target]);
        if (q) {
            int said = likeliest(q, classes);

            g->kl += divergence(p, q, m->states);
            g->same += said < m->states ? credit(p, m->states, said) : 0;
        }
    }
    x->closed += r->place[target];
    x->net += right;
    x->excess += loss + d_log(p[target]);
    x->places++;
    m->places++;
    add_bin(&m->times[bin_of(times_to, TIMES, shown)], right, loss, got);
    if (shown)
        add_bin(&m->ago[bin_of(ago_to, AGO, r->transitions + 1 -
                               r->last[r->state][r->action])], right, loss,
                got);
}

static void
end_row(struct machines *m, const struct row *x)
{
    double n = x->places;

    if (!x->places)
        return;
    for (int k = 0; k < PREDICTORS; k++)
        ratio_add(&m->guesser[k].right, x->right[k], n);
    ratio_add(&m->closed, x->closed, n);
    ratio_add(&m->right, x->net, n);
    ratio_add(&m->excess, x->excess, n);
    ratio_add(&m->above, x->net - x->right[PREDICT_BAYES], n);
    m->sequences++;
    m->covered += reader_covered(&m->reader);
}

static void
check_token(struct machines *m, const struct batch *b, size_t at)
{
    if (!reader_token(&m->reader, b->tokens[at]))
        die(RC_DATA, "a sequence is no walk through a machine with %d states "
            "and %d actions: token %d at step %zu", m->states, m->actions,
            b->tokens[at], at % (size_t)b->steps);
}

/* Is there an answer to give, and is it a state? */
static bool
asked(struct machines *m, const struct batch *b, size_t at)
{
    if (!b->scored[at])
        return false;
    if (!reader_asks(&m->reader) || b->classes[at] >= m->states)
        die(RC_DATA, "step %zu is scored, but no next state is due there",
            at % (size_t)b->steps);
    return true;
}

/* A batch's rows; e: what the net said of them, or NULL. */
static void
read_batch(struct machines *m, const struct evaluator *e,
           const struct batch *b)
{
    for (int i = 0; i < b->rows; i++) {
        struct row x = { .places = 0 };

        reader_begin(&m->reader, m->states, m->actions, m->absorb);
        for (int t = 0; t < b->length[i]; t++) {
            size_t at = (size_t)i * (size_t)b->steps + (size_t)t;

            check_token(m, b, at);
            if (!asked(m, b, at))
                continue;
            if (e)
                add_place(m, &x, b->classes[at], e->probs + at *
                          (size_t)e->classes, e->classes, e->loss[at],
                          e->correct[at]);
            else
                add_place(m, &x, b->classes[at], NULL, 0, 0, false);
        }
        end_row(m, &x);
    }
}

void
machines_chunk(void *ctx, const struct evaluator *e, const struct batch *b,
               int64_t first)
{
    (void)first;
    read_batch(ctx, e, b);
}

/* ---- what came of it ----------------------------------------------------*/

static double
mean(const struct ratio *r)
{
    return r->sum / r->places;
}

static void
put(json_t *o, const char *key, double x)
{
    json_object_set_new(o, key, json_number(x));
}

static json_t *
bins_json(const struct bin *b, const int *to, int bins, int from)
{
    json_t *all = json_array();

    for (int i = 0; i < bins; i++) {
        json_t *o = json_object();
        double n = (double)b[i].places;

        json_object_set_new(o, "from", json_integer(from));
        json_object_set_new(o, "to", i < bins - 1 ? json_integer(to[i])
                            : json_null());
        json_object_set_new(o, "places", json_integer(b[i].places));
        put(o, "accuracy", (double)b[i].right / n);
        put(o, "loss", b[i].loss / n);
        put(o, "bayes", b[i].best / n);
        json_array_append_new(all, o);
        from = to[i] + 1;
    }
    return all;
}

json_t *
machines_json(struct machines *m)
{
    json_t *o = json_object(), *all = json_object();
    double n = (double)m->places;

    for (int k = 0; k < PREDICTORS; k++) {
        struct guesser *g = &m->guesser[k];
        json_t *p = json_object();

        put(p, "loss", g->loss / n);
        put(p, "accuracy", mean(&g->right));
        put(p, "kl", g->kl / n);
        put(p, "same", g->same / n);
        json_object_set_new(all, fsm_predictor_name((enum fsm_predictor)k),
                            p);
    }
    json_object_set_new(o, "predictors", all);
    put(o, "accuracy_error", ratio_error(&m->right));
    put(o, "excess", mean(&m->excess));
    put(o, "excess_error", ratio_error(&m->excess));
    put(o, "above_bayes", mean(&m->above));
    put(o, "above_bayes_error", ratio_error(&m->above));
    put(o, "covered", (double)m->covered / (double)m->sequences);
    json_object_set_new(o, "times", bins_json(m->times, times_to, TIMES, 0));
    json_object_set_new(o, "ago", bins_json(m->ago, ago_to, AGO, 1));
    free(m);
    return o;
}

/* A predictor as a model would be: `cell` says which it is. */
static json_t *
predictor_line(const struct machines *m, const json_t *task,
               const char *name, double loss, const struct ratio *right)
{
    json_t *o = json_object();

    put(o, "loss", loss);
    put(o, "accuracy", mean(right));
    put(o, "accuracy_error", ratio_error(right));
    json_object_set_new(o, "places", json_integer(m->places));
    json_object_set_new(o, "sequences", json_integer(m->sequences));
    put(o, "covered", (double)m->covered / (double)m->sequences);
    json_object_set_new(o, "settings", json_pack("{s:s, s:O}", "cell", name,
                                                 "task", task));
    return o;
}

json_t *
machines_lines(struct machines *m, const struct set *s)
{
    json_t *all = json_array();

    for (int i = 0; i < s->n; i++)
        read_batch(m, NULL, &s->batch[i]);
    for (int k = 0; k < PREDICTORS; k++)
        json_array_append_new(all, predictor_line(m, s->info.task,
            fsm_predictor_name((enum fsm_predictor)k),
            m->guesser[k].loss / (double)m->places, &m->guesser[k].right));
    json_array_append_new(all, predictor_line(m, s->info.task, "closed_loop",
                                              NAN, &m->closed));
    free(m);
    return all;
}

void
machines_probs(struct machines *m, const struct set *s, struct show *show)
{
    for (int i = 0; i < s->n; i++) {
        const struct batch *b = &s->batch[i];

        for (int at = 0; at < b->rows * b->steps; at++) {
            float probs[FSM_STATES];
            double p[FSM_STATES];

            if (at % b->steps == 0)
                reader_begin(&m->reader, m->states, m->actions, m->absorb);
            if (at % b->steps >= b->length[at / b->steps])
                continue;
            check_token(m, b, (size_t)at);
            if (!asked(m, b, (size_t)at))
                continue;
            reader_predict(&m->reader, PREDICT_BAYES, p);
            for (int k = 0; k < m->states; k++)
                probs[k] = (float)p[k];
            show_place(show, b, at, probs, m->states);
        }
        show->first += b->rows;
    }
    free(m);
}

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "base/json.h"
#include "base/rng.h"
#include "probe/probe.h"
#include "task/score.h"
#include "task/source.h"

struct sums {
    double loss, entropy;
    long places, correct;
};

/* What the best predictor says of a place whose line is not wrong. */
static void
add(struct sums *x, const struct legal *l, const uint32_t *weight,
    uint32_t total, int target)
{
    int likeliest = 0;

    for (int k = 0; k < legal_symbols(l); k++) {
        double p = (double)weight[k] / (double)total;

        x->entropy -= weight[k] ? p * d_log(p) : 0;
        if (weight[k] > weight[likeliest])
            likeliest = k;
    }
    x->loss -= d_log((double)weight[target] / (double)total);
    x->correct += likeliest == target;
    x->places++;
}

static void
check(const struct legal *l, const struct set *s)
{
    if (s->info.input != VALUE_TOKEN || s->info.target != VALUE_TOKEN ||
        s->info.input_size != legal_symbols(l))
        die(RC_DATA, "the sequences are not of this task: it has %d symbols",
            legal_symbols(l));
}

json_t *
oracle_metrics(const struct legal *l, const struct set *s)
{
    struct tracks tr = { .legal = l };
    struct sums x = { 0 };
    json_t *o = json_object();

    check(l, s);
    for (int i = 0; i < s->n; i++) {
        const struct batch *b = &s->batch[i];

        tracks_begin(&tr, b);
        for (int p = 0; p < b->rows * b->steps; p++) {
            struct legal_state *at = &tr.state[p / b->steps];
            uint32_t weight[LEGAL_SYMBOLS], total;

            legal_play(l, at, b->tokens[p]);
            total = legal_moves(l, at, weight);
            if (b->scored[p] && total && weight[b->classes[p]])
                add(&x, l, weight, total, b->classes[p]);
        }
    }
    free(tr.state);
    json_object_set_new(o, "loss", json_number(x.loss / (double)x.places));
    json_object_set_new(o, "accuracy", json_number((double)x.correct /
                                                   (double)x.places));
    json_object_set_new(o, "entropy", json_number(x.entropy /
                                                  (double)x.places));
    json_object_set_new(o, "floor", json_number(legal_entropy(l)));
    json_object_set_new(o, "unit_length", json_number(legal_unit(l)));
    json_object_set_new(o, "places", json_integer(x.places));
    return o;
}

void
oracle_probs(const struct legal *l, const struct set *s, struct show *show)
{
    struct tracks tr = { .legal = l };
    int n = legal_symbols(l);

    check(l, s);
    for (int i = 0; i < s->n; i++) {
        const struct batch *b = &s->batch[i];

        tracks_begin(&tr, b);
        for (int p = 0; p < b->rows * b->steps; p++) {
            uint32_t weight[LEGAL_SYMBOLS], total;
            float probs[LEGAL_SYMBOLS];

            legal_play(l, &tr.state[p / b->steps], b->tokens[p]);
            total = legal_moves(l, &tr.state[p / b->steps], weight);
            for (int k = 0; k < n; k++)
                probs[k] = total ? (float)weight[k] / (float)total : NAN;
            if (b->scored[p])
                show_place(show, b, p, probs, n);
        }
        show->first += b->rows;
    }
    free(tr.state);
}

void
oracle_sample(const struct legal *l, uint64_t seed, bool greedy, int rows,
              long n, int32_t *out)
{
    for (int i = 0; i < rows; i++) {
        struct rng r;

        rng_init(&r, seed, RNG_SAMPLE, (uint32_t)i, 0);
        legal_draw(l, &r, greedy, n, out + (size_t)i * (size_t)n);
    }
}

bool
oracle_is_task(const char *model)
{
    bool known = *model == '{';

    for (int i = 0; task_list()[i]; i++)
        known |= !strcmp(task_list()[i]->name, model);
    return known;
}

void
oracle_task(const char *model, struct stream_info *info)
{
    json_t *task = *model != '{' ? json_pack("{s:s}", "name", model) :
                   json_read_text(model, strlen(model), "MODEL", 1);
    struct source s;

    source_open(&s, task, 1, "MODEL", NULL);
    *info = s.info;
    info->task = json_deep_copy(s.info.task);
    info->about = json_pack("{s:O?}", "symbols", s.symbols);
    source_close(&s);
    json_decref(task);
}

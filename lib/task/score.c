#include "task/rules.h"
#include "task/score.h"

/* One unit with its end.  After its first wrong symbol a line is lost, while
 * a board plays on. */
static void
score_unit(const struct legal *l, const int32_t *symbol, long n,
           struct score *s)
{
    struct legal_state at;
    bool right = true;

    legal_start(l, &at);
    for (long i = 0; i < n; i++) {
        struct legal_state before = at;

        if (legal_play(l, &at, symbol[i]))
            continue;
        s->wrong++;
        if (right || l->cells)
            s->kind[l->rules->blame(l, &before, symbol[i])]++;
        right = false;
    }
    s->symbols += n;
    s->units++;
    s->right += right;
}

void
score_text(const struct legal *l, const int32_t *symbol, long n,
           struct score *s)
{
    long first = 0, units = 0;

    for (long i = 0; i < n; i++) {
        if (symbol[i] != l->end)
            continue;
        if (units++ >= SCORE_SKIP)
            score_unit(l, symbol + first, i + 1 - first, s);
        first = i + 1;
    }
}

const char *
score_kind(const struct legal *l, int i)
{
    return l->rules->kinds[i];
}

static int32_t
choose(const uint32_t *weight, int n, uint32_t total, struct rng *r,
       bool greedy)
{
    uint32_t pick = greedy || total < 2 ? 0 : rng_below(r, total);
    int32_t best = 0;

    for (int32_t k = 0; k < n; k++) {
        if (greedy) {
            best = weight[k] > weight[best] ? k : best;
        } else if (pick < weight[k]) {
            return k;
        } else {
            pick -= weight[k];
        }
    }
    return best;
}

void
legal_draw(const struct legal *l, struct rng *r, bool greedy, long n,
           int32_t *symbol)
{
    struct legal_state s;

    legal_start(l, &s);
    for (long i = 0; i < n; i++) {
        uint32_t weight[LEGAL_SYMBOLS];
        uint32_t total = legal_moves(l, &s, weight);

        symbol[i] = choose(weight, l->symbols, total, r, greedy);
        legal_play(l, &s, symbol[i]);
    }
}

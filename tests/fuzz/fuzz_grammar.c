/* Rules of a grammar: every line drawn is legal from its first symbol to its
 * last, and the reader of rules' files gives rules. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "fuzz.h"
#include "task/legal.h"
#include "task/source.h"

enum { LONGEST = 256, DEEPEST = 5 };

static void
check_symbol(const struct legal *l, struct legal_state *at, int c)
{
    uint32_t weight[LEGAL_SYMBOLS], total = legal_moves(l, at, weight);

    fuzz_check(c >= 0 && c < legal_symbols(l));
    fuzz_check(total > 0 && weight[c] > 0);
    fuzz_check(legal_play(l, at, c));
}

/* What is drawn keeps to the rules, and is what the best predictor holds for
 * possible. */
static void
check_drawn(struct source *s, const struct legal *l)
{
    struct legal_state at;
    struct batch b = { 0 };

    source_make(s, SPLIT_TRAIN, 0, 0, &b);
    for (int r = 0; r < b.rows; r++) {
        legal_start(l, &at);
        check_symbol(l, &at, b.tokens[r * b.steps]);
        for (int t = 0; t < b.steps; t++)
            check_symbol(l, &at, b.classes[r * b.steps + t]);
    }
    batch_release(&b);
}

static void
one(const char *text, size_t n)
{
    const char *paths[2] = { fuzz_file(0, text, n), NULL };
    const struct task_files files = { paths, NULL };
    json_t *task = json_pack("{s:s, s:i, s:i}", "name", "grammar",
                             "max_depth", (int)(n % DEEPEST), "len", 20);
    struct source s;
    struct legal *l;

    if (n > LONGEST)
        die_at("x", 0, "long");
    source_open(&s, task, 2, "x.json", &files);
    l = legal_new(s.info.task, "x.json");
    fuzz_check(legal_symbols(l) == s.info.target_size);
    fuzz_check(legal_entropy(l) >= 0 && legal_unit(l) >= 1);
    check_drawn(&s, l);
    legal_free(l);
    source_close(&s);
    json_decref(task);
}

const struct harness harness = { .one = one };

/*
 * grammar.c - lines of a grammar, each of those up to max_depth equally
 * likely.  What may come next is found among the sorted lines: those that
 * start like the line so far stand together.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/dmath.h"
#include "task/chain.h"
#include "task/grammar.h"
#include "task/tasks.h"

static const struct key keys[] = {
    { "rules", KEY_TEXT, "\"S -> aSb | ba\"", 0, 0, NULL, "TEXT",
      "the grammar, rules between semicolons; --file takes it from a file" },
    { "max_depth", KEY_INT, "10", 0, 1000, NULL, "N",
      "deepest use of a rule within another" },
    CHAIN_LEN,
    TASK_SEED,
    { NULL, KEY_INT, NULL, 0, 0, NULL, NULL, NULL },
};

struct language {
    struct lines lines;
    int symbol[128];         /* of a character */
};

static void
grammar_open(struct legal *l, const json_t *settings)
{
    struct language *g = xcalloc(1, sizeof *g);
    bool seen[128] = { false };

    l->max = (int)keys_int(settings, "max_depth");
    grammar_lines(l, keys_text(settings, "rules"), l->max, &g->lines);
    for (int i = 0; i < g->lines.n; i++)
        for (const char *p = g->lines.line[i]; *p; p++)
            seen[(unsigned char)*p] = true;
    for (int c = 0; c < 128; c++)
        if (seen[c]) {
            char name[2] = { (char)c, 0 };

            g->symbol[c] = (int)json_array_size(l->names);
            json_array_append_new(l->names, json_string(name));
        }
    l->grammar = g;
}

/* State: board characters of the line so far; lines n .. lines.n - m - 1
 * start with them. */

static int
char_at(const struct language *g, const struct legal_state *s, int i)
{
    return (unsigned char)g->lines.line[i][s->board];
}

/* First line from i on (up to hi) that goes on with more than character c. */
static int
past(const struct language *g, const struct legal_state *s, int i, int hi,
     int c)
{
    while (i < hi) {
        int mid = i + (hi - i) / 2;

        if (char_at(g, s, mid) <= c)
            i = mid + 1;
        else
            hi = mid;
    }
    return i;
}

static uint32_t
grammar_moves(const struct legal *l, const struct legal_state *s, uint32_t *w)
{
    const struct language *g = l->grammar;
    int hi = g->lines.n - s->m, j;

    if (s->n < 0)
        return 0;
    for (int i = s->n; i < hi; i = j) {
        int c = char_at(g, s, i);

        j = past(g, s, i, hi, c);
        w[g->symbol[c]] = (uint32_t)(j - i);
    }
    return (uint32_t)(hi - s->n);
}

static bool
grammar_play(const struct legal *l, struct legal_state *s, int symbol)
{
    const struct language *g = l->grammar;
    int hi = g->lines.n - s->m, i = s->n;

    if (i >= 0)
        while (i < hi && g->symbol[char_at(g, s, i)] != symbol)
            i = past(g, s, i, hi, char_at(g, s, i));
    if (i < 0 || i == hi || symbol == 0) {
        bool ok = i >= 0 && i < hi;

        *s = (struct legal_state){ 0, symbol == 0 ? 0 : -1, 0 };
        return ok;
    }
    s->m = g->lines.n - past(g, s, i, hi, char_at(g, s, i));
    s->n = i;
    s->board++;
    return true;
}

static const char *const grammar_kinds[] = {
    "ended early", "went on", "too deep", "other", NULL,
};

/* "too deep" is a line that begins with one symbol max_depth times or more,
 * and once again: a^11.  In other grammars that is one of the other
 * mistakes. */
static int
grammar_blame(const struct legal *l, const struct legal_state *s, int symbol)
{
    const struct language *g = l->grammar;
    uint32_t weight[LEGAL_SYMBOLS];
    uint32_t total = legal_moves(l, s, weight);
    const char *line = s->n >= 0 ? g->lines.line[s->n] : "";

    if (symbol == 0)
        return 0;
    if (weight[0] == total)
        return 1;
    for (uint64_t i = 0; i < s->board; i++)
        if (g->symbol[(unsigned char)line[i]] != symbol)
            return 3;
    return s->board && s->board >= (uint64_t)l->max ? 2 : 3;
}

/* Which symbols may come, where that is not always so; how far the line is;
 * the least that is still to come. */
enum { COUNTED_LINES = 4096 };

static int
longest(const struct language *g)
{
    size_t max = 0;

    for (int i = 0; i < g->lines.n; i++)
        if (strlen(g->lines.line[i]) > max)
            max = strlen(g->lines.line[i]);
    return (int)max;
}

static int
grammar_meanings(const struct legal *l, struct meaning *m)
{
    const struct language *g = l->grammar;
    int n = 0;

    for (int k = 0; k < l->symbols; k++, n++)
        if (m)
            meaning_set(&m[n], MEANING_FLAG, 2, k ? "%s may come" :
                        "end may come",
                        json_string_value(json_array_get(l->names,
                                                         (size_t)k)));
    if (m)
        meaning_set(&m[n], MEANING_COUNTER, longest(g) + 1, "symbols so far");
    n++;
    if (g->lines.n > COUNTED_LINES)
        return n;
    if (m)
        meaning_set(&m[n], MEANING_COUNTER, longest(g) + 1,
                    "least to come");
    return n + 1;
}

static void
grammar_mean(const struct legal *l, const struct legal_state *s,
             int32_t *value)
{
    const struct language *g = l->grammar;
    uint32_t weight[LEGAL_SYMBOLS];
    size_t least = SIZE_MAX;

    legal_moves(l, s, weight);
    for (int k = 0; k < l->symbols; k++)
        *value++ = weight[k] > 0;
    *value++ = (int32_t)s->board;
    if (g->lines.n > COUNTED_LINES)
        return;
    for (int i = s->n < 0 ? g->lines.n : s->n; i < g->lines.n - s->m; i++)
        if (strlen(g->lines.line[i]) < least)
            least = strlen(g->lines.line[i]);
    *value = least == SIZE_MAX ? 0 : (int32_t)(least - s->board);
}

static void
grammar_unit(const struct legal *l, double *entropy, double *length)
{
    const struct language *g = l->grammar;

    *entropy = d_log(g->lines.n);
    *length = (double)(g->lines.bytes - (size_t)g->lines.n) / g->lines.n;
}

static void
grammar_close(struct legal *l)
{
    struct language *g = l->grammar;

    lines_release(&g->lines);
    free(g);
}

/* Rules from a file become part of the settings. */
static void
task_open(struct source *s)
{
    const char *const *paths = s->files ? s->files->paths : NULL;

    if (paths && paths[0]) {
        char *rules = grammar_read(paths[0]);

        if (paths[1])
            source_bad(s, "more than one file of rules");
        json_object_set_new(s->info.task, "rules", json_string(rules));
        free(rules);
    }
    chain_open(s);
}

const struct rules rules_grammar = {
    "grammar", grammar_open, grammar_moves, grammar_play, grammar_unit,
    grammar_close, grammar_kinds, grammar_blame, grammar_meanings,
    grammar_mean,
};

const struct task task_grammar = {
    .name = "grammar",
    .about = "lines of a small grammar, by default a^n ba b^n",
    .keys = keys,
    .open = task_open,
    .make = chain_make,
    .close = chain_close,
    .reads = true,
};

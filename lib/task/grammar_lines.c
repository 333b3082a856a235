/*
 * grammar_lines.c - rules to lines: from the lines of depth d of each letter
 * follow those of depth d + 1, until nothing new comes or the depth is
 * reached.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/file.h"
#include "base/limit.h"
#include "base/magic.h"
#include "task/grammar.h"

enum { MAX_ALTERNATIVES = 256 };

struct alternative {
    int letter;              /* 0..25: whose it is */
    const char *text;
    int n;                   /* characters of text, blanks included */
};

struct grammar {
    const struct legal *legal;
    struct alternative alt[MAX_ALTERNATIVES];
    int n, start, depth;
    size_t work;             /* bytes of the lines made so far */
    bool has[26];
    struct lines now[26], next[26];
};

void
lines_release(struct lines *v)
{
    for (int i = 0; i < v->n; i++)
        free(v->line[i]);
    free(v->line);
    memset(v, 0, sizeof *v);
}

static _Noreturn void
too_many(const struct grammar *g)
{
    rules_bad(g->legal, "the grammar has more than %d lines or %d bytes "
              "within depth %d: lower max_depth", GRAMMAR_LINES,
              GRAMMAR_BYTES, g->depth);
}

/* Parsing. */

static void
add_alternatives(struct grammar *g, int letter, const char *p, int n)
{
    while (n >= 0) {
        const char *bar = memchr(p, '|', (size_t)n);
        int len = bar ? (int)(bar - p) : n;

        if (g->n == MAX_ALTERNATIVES)
            rules_bad(g->legal, "a grammar of more than %d alternatives",
                      MAX_ALTERNATIVES);
        g->alt[g->n++] = (struct alternative){ letter, p, len };
        p += len + 1;
        n -= len + 1;
    }
}

/* One rule "S -> aSb | ba"; empty ones are passed over. */
static void
parse_rule(struct grammar *g, const char *p, int n)
{
    const char *end = p + n;
    int letter;

    while (p < end && isspace((unsigned char)*p))
        p++;
    if (p == end)
        return;
    letter = *p - 'A';
    if (letter < 0 || letter >= 26)
        rules_bad(g->legal, "rule '%.*s': it must start with a capital "
                  "letter, as in S -> aSb | ba", (int)(end - p), p);
    for (p++; p < end && isspace((unsigned char)*p); p++)
        ;
    if (end - p < 2 || p[0] != '-' || p[1] != '>')
        rules_bad(g->legal, "rule for '%c': no '->' after the letter",
                  'A' + letter);
    if (g->n == 0)
        g->start = letter;
    g->has[letter] = true;
    add_alternatives(g, letter, p + 2, (int)(end - p - 2));
}

static void
check_letters(const struct grammar *g)
{
    if (g->n == 0)
        rules_bad(g->legal, "the grammar has no rules");
    for (int i = 0; i < g->n; i++)
        for (int k = 0; k < g->alt[i].n; k++) {
            unsigned char c = (unsigned char)g->alt[i].text[k];

            if (isupper(c) && !g->has[c - 'A'])
                rules_bad(g->legal, "no rule for '%c', which the rule for "
                          "'%c' uses", c, 'A' + g->alt[i].letter);
            if (!isspace(c) && (c < 0x21 || c > 0x7e))
                rules_bad(g->legal, "the rule for '%c' has a character that "
                          "is not printable ASCII", 'A' + g->alt[i].letter);
        }
}

static void
parse(struct grammar *g, const char *rules)
{
    while (*rules) {
        int n = (int)strcspn(rules, ";\n");

        parse_rule(g, rules, n);
        rules += n + (rules[n] != 0);
    }
    check_letters(g);
}

/* Lines. */

static void
add_line(const struct grammar *g, struct lines *v, const char *a, size_t na,
         const char *b)
{
    size_t n = na + strlen(b);
    char *line;

    v->bytes += n + 1;
    if (v->bytes > GRAMMAR_BYTES || v->n > 4 * GRAMMAR_LINES)
        too_many(g);
    if ((v->n & (v->n + 1)) == 0)
        v->line = xrealloc(v->line, (size_t)v->n * 2 + 2, sizeof *v->line);
    line = xcalloc(n + 1, 1);
    if (na)
        memcpy(line, a, na);
    strcpy(line + na, b);
    v->line[v->n++] = line;
}

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_unique(const struct grammar *g, struct lines *v)
{
    int n = 0;

    if (v->n)
        qsort(v->line, (size_t)v->n, sizeof *v->line, by_bytes);
    for (int i = 0; i < v->n; i++)
        if (n && strcmp(v->line[n - 1], v->line[i]) == 0) {
            v->bytes -= strlen(v->line[i]) + 1;
            free(v->line[i]);
        } else {
            v->line[n++] = v->line[i];
        }
    v->n = n;
    if (n > GRAMMAR_LINES)
        too_many(g);
}

/* Lines under way, which grow at their ends. */
struct growth {
    const struct grammar *g;
    struct growing {
        char *s;
        size_t n, cap;
    } *at;
    int n, cap;
    size_t bytes;            /* of all, with an end each */
};

static void
count_bytes(struct growth *v, size_t n)
{
    v->bytes += n;
    if (v->bytes > GRAMMAR_BYTES || v->n > 4 * GRAMMAR_LINES)
        too_many(v->g);
}

static void
grow(struct growth *v, int i, const char *s, size_t n)
{
    struct growing *line = &v->at[i];

    count_bytes(v, n);
    if (line->n + n > line->cap) {
        line->cap = 2 * (line->n + n);
        line->s = xrealloc(line->s, line->cap, 1);
    }
    if (n)
        memcpy(line->s + line->n, s, n);
    line->n += n;
}

/* A new line like line i; i < 0: an empty one. */
static void
branch(struct growth *v, int i)
{
    if (v->n == v->cap) {
        v->cap = v->cap ? 2 * v->cap : 16;
        v->at = xrealloc(v->at, (size_t)v->cap, sizeof *v->at);
    }
    memset(&v->at[v->n++], 0, sizeof *v->at);
    count_bytes(v, 1);
    if (i >= 0)
        grow(v, v->n - 1, v->at[i].s, v->at[i].n);
}

/* All that one alternative can be, each letter replaced by its lines.  A line
 * is copied only where it branches, so the time is that of what comes out. */
static void
expand(const struct grammar *g, const struct alternative *alt,
       struct lines *out)
{
    struct growth part = { .g = g };

    branch(&part, -1);
    for (int k = 0; k < alt->n && part.n; k++) {
        unsigned char c = (unsigned char)alt->text[k];
        const struct lines *of = isupper(c) ? &g->now[c - 'A'] : NULL;
        int before = part.n;

        if (isspace(c))
            continue;
        if (of && !of->n) {              /* none yet: nor of this one */
            while (part.n)
                free(part.at[--part.n].s);
            break;
        }
        for (int j = 1; of && j < of->n; j++)
            for (int i = 0; i < before; i++)
                branch(&part, i);
        for (int i = 0; i < part.n; i++)
            if (of)
                grow(&part, i, of->line[i / before],
                     strlen(of->line[i / before]));
            else
                grow(&part, i, &alt->text[k], 1);
    }
    for (int i = 0; i < part.n; i++) {
        add_line(g, out, part.at[i].s, part.at[i].n, "");
        free(part.at[i].s);
    }
    free(part.at);
}

/* From depth d to d + 1; false if no letter has gained a line. */
static bool
deepen(struct grammar *g)
{
    bool more = false;

    for (int i = 0; i < g->n; i++)
        expand(g, &g->alt[i], &g->next[g->alt[i].letter]);
    for (int i = 0; i < 26; i++) {
        g->work += g->next[i].bytes;
        if (g->work > GRAMMAR_WORK)
            rules_bad(g->legal, "the grammar's lines of all depths up to %d "
                      "come to more than %d bytes: lower max_depth", g->depth,
                      GRAMMAR_WORK);
        sort_unique(g, &g->next[i]);
        more |= g->next[i].n > g->now[i].n;
        lines_release(&g->now[i]);
        g->now[i] = g->next[i];
        g->next[i] = (struct lines){ NULL, 0, 0 };
    }
    return more;
}

void
grammar_lines(const struct legal *l, const char *rules, int max_depth,
              struct lines *out)
{
    struct grammar *g = xcalloc(1, sizeof *g);
    const struct lines *all;

    g->legal = l;
    g->depth = max_depth;
    parse(g, rules);
    for (int d = 0; d <= max_depth; d++)
        if (!deepen(g))
            break;
    all = &g->now[g->start];
    if (all->n == 0)
        rules_bad(l, "'%c' never ends within depth %d: give it a rule "
                  "without capitals, or raise max_depth", 'A' + g->start,
                  max_depth);
    if (all->line[0][0] == 0)
        rules_bad(l, "'%c' can be an empty line: a line needs a character",
                  'A' + g->start);
    *out = (struct lines){ NULL, 0, 0 };
    for (int i = 0; i < all->n; i++)
        add_line(g, out, all->line[i], strlen(all->line[i]), "\n");
    for (int i = 0; i < 26; i++)
        lines_release(&g->now[i]);
    free(g);
}

char *
grammar_read(const char *path)
{
    size_t n;
    char *text = file_read(path, LIMIT_RULES, &n);
    char *out = xcalloc(2 * n + 3, 1), *to = out, *line = text, *save = NULL;

    magic_need_text(path, text, n);
    if (memchr(text, 0, n))
        die_at(path, 0, "not a text file");
    for (char *p = text; (p = strchr(p, '#')); )
        memset(p, ' ', strcspn(p, "\n"));
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] >= 0x7f)
            die_at(path, 0, "a rule has a character that is not printable "
                   "ASCII");
    while ((line = strtok_r(line, "\n;", &save))) {
        char *word, *rest = NULL;
        bool first = true;

        word = strtok_r(line, " \t\r", &rest);
        for (; word; word = strtok_r(NULL, " \t\r", &rest), first = false) {
            to = stpcpy(to, !first ? " " : *out ? "; " : "");
            to = stpcpy(to, word);
        }
        line = NULL;
    }
    free(text);
    return out;
}

/* bpe.c - byte-pair tokens: learning and encoding. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/bpe.h"
#include "task/table.h"

/* A piece of text that occurs `count` times, as tokens. */
struct word {
    uint32_t first;      /* of `symbols` in tokens[] */
    uint32_t n;
    int64_t count;
};

/* Two neighbours, and words that have them (or had, or have them twice). */
struct pair {
    uint32_t ab;         /* left << 16 | right */
    int64_t count;
    uint32_t *words;
    uint32_t n, cap;
};

struct entry {           /* of the heap; stale if the count has changed */
    int64_t count;
    uint32_t ab, pair;
};

struct learner {
    struct word *word;
    uint16_t *tokens;
    uint32_t nwords, ntokens;
    struct pair *pair;
    uint32_t npairs;
    struct table table;  /* ab -> pair */
    struct entry *heap;
    size_t nheap, cap;
};

/* Pieces. */

enum kind { BLANK, LETTER, DIGIT, SIGN };

static enum kind
kind_of(unsigned char c)
{
    if (c == ' ' || (c >= '\t' && c <= '\r'))
        return BLANK;
    if (c >= '0' && c <= '9')
        return DIGIT;
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || c >= 128 ? LETTER : SIGN;
}

size_t
bpe_piece(const unsigned char *text, size_t n)
{
    size_t i = text[0] == ' ' && n > 1 && kind_of(text[1]) != BLANK;
    enum kind kind = kind_of(text[i]);

    if (n > BPE_PIECE)
        n = BPE_PIECE;
    for (i++; i < n && kind_of(text[i]) == kind; i++)
        ;
    return i;
}

/* The heap: most frequent first, then the smaller pair. */

static bool
before(const struct entry *a, const struct entry *b)
{
    return a->count != b->count ? a->count > b->count : a->ab < b->ab;
}

static void
heap_push(struct learner *l, struct entry e)
{
    size_t i = l->nheap++;

    if (l->nheap > l->cap) {
        l->cap = l->cap * 2 + 1024;
        l->heap = xrealloc(l->heap, l->cap, sizeof *l->heap);
    }
    for (; i && before(&e, &l->heap[(i - 1) / 2]); i = (i - 1) / 2)
        l->heap[i] = l->heap[(i - 1) / 2];
    l->heap[i] = e;
}

static struct entry
heap_pop(struct learner *l)
{
    struct entry top = l->heap[0], e = l->heap[--l->nheap];
    size_t i = 0, k;

    while ((k = 2 * i + 1) < l->nheap) {
        if (k + 1 < l->nheap && before(&l->heap[k + 1], &l->heap[k]))
            k++;
        if (!before(&l->heap[k], &e))
            break;
        l->heap[i] = l->heap[k];
        i = k;
    }
    if (l->nheap)
        l->heap[i] = e;
    return top;
}

/* Learning. */

static void
count_words(struct learner *l, const unsigned char *text, size_t n)
{
    struct bytes_table t;
    size_t len, words = 0, bytes = 0;

    bytes_table_init(&t);
    for (size_t i = 0; i < n; i += len) {
        len = bpe_piece(text + i, n - i);
        bytes_table_add(&t, text + i, len)->value++;
    }
    for (size_t i = 0; i < t.size; i++)
        if (t.slot[i].bytes) {
            words++;
            bytes += t.slot[i].n;
        }
    l->word = xcalloc(words, sizeof *l->word);
    l->tokens = xcalloc(bytes, sizeof *l->tokens);
    for (size_t i = 0; i < t.size; i++) {
        struct word *w = &l->word[l->nwords];

        if (!t.slot[i].bytes)
            continue;
        *w = (struct word){ l->ntokens, t.slot[i].n, t.slot[i].value };
        for (uint32_t k = 0; k < w->n; k++)
            l->tokens[l->ntokens++] = t.slot[i].bytes[k];
        l->nwords++;
    }
    bytes_table_release(&t);
}

static struct pair *
find_pair(struct learner *l, uint32_t ab)
{
    uint32_t *at = table_at(&l->table, ab, l->npairs);

    if (*at == l->npairs) {
        if ((l->npairs & (l->npairs + 1)) == 0)
            l->pair = xrealloc(l->pair, (size_t)l->npairs * 2 + 2,
                               sizeof *l->pair);
        l->pair[l->npairs++] = (struct pair){ .ab = ab };
    }
    return &l->pair[*at];
}

/* Count a word's pairs `sign` times; when adding, note where those with
 * token `with` (all, if negative) are, and that their counts have grown. */
static void
count_pairs(struct learner *l, uint32_t index, int sign, int with)
{
    const struct word *w = &l->word[index];
    const uint16_t *x = l->tokens + w->first;

    for (uint32_t i = 0; i + 1 < w->n; i++) {
        struct pair *p = find_pair(l, (uint32_t)x[i] << 16 | x[i + 1]);

        p->count += sign * w->count;
        if (sign < 0 || (with >= 0 && x[i] != with && x[i + 1] != with))
            continue;
        if (p->n && p->words[p->n - 1] == index)
            continue;
        if (p->n == p->cap) {
            p->cap = p->cap * 2 + 2;
            p->words = xrealloc(p->words, p->cap, sizeof *p->words);
        }
        p->words[p->n++] = index;
    }
}

static void
merge_in(struct learner *l, struct word *w, uint32_t ab, int token)
{
    uint16_t *x = l->tokens + w->first;
    uint32_t n = 0;

    for (uint32_t i = 0; i < w->n; i++) {
        bool here = i + 1 < w->n && ((uint32_t)x[i] << 16 | x[i + 1]) == ab;

        x[n++] = here ? (uint16_t)token : x[i];
        i += here;
    }
    w->n = n;
}

static bool
has(const struct learner *l, const struct word *w, uint32_t ab)
{
    const uint16_t *x = l->tokens + w->first;

    for (uint32_t i = 0; i + 1 < w->n; i++)
        if (((uint32_t)x[i] << 16 | x[i + 1]) == ab)
            return true;
    return false;
}

static void
push_new(struct learner *l, uint32_t from)
{
    for (uint32_t i = from; i < l->npairs; i++)
        heap_push(l, (struct entry){ l->pair[i].count, l->pair[i].ab, i });
}

/* Pairs made by a merge are all new: they contain the new token.  The other
 * pairs' counts only fall, so that their heap entries are upper bounds. */
static void
merge(struct learner *l, uint32_t pair, int token)
{
    uint32_t ab = l->pair[pair].ab, from = l->npairs, n = l->pair[pair].n;
    uint32_t *words = l->pair[pair].words;

    l->pair[pair].words = NULL;
    l->pair[pair].n = l->pair[pair].cap = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!has(l, &l->word[words[i]], ab))
            continue;
        count_pairs(l, words[i], -1, -1);
        merge_in(l, &l->word[words[i]], ab, token);
        count_pairs(l, words[i], 1, token);
    }
    free(words);
    push_new(l, from);
}

/* The pair that occurs most; false if none occurs twice. */
static bool
best(struct learner *l, uint32_t *pair)
{
    while (l->nheap) {
        struct entry e = heap_pop(l);

        if (e.count != l->pair[e.pair].count) {
            e.count = l->pair[e.pair].count;
            if (e.count > 1)
                heap_push(l, e);
            continue;
        }
        *pair = e.pair;
        return e.count > 1;
    }
    return false;
}

void
bpe_learn(struct bpe *v, const unsigned char *text, size_t n, int tokens)
{
    struct learner l = { .nwords = 0 };
    uint32_t p;

    table_init(&l.table);
    count_words(&l, text, n);
    for (uint32_t i = 0; i < l.nwords; i++)
        count_pairs(&l, i, 1, -1);
    push_new(&l, 0);
    v->n = 256;
    v->pair = xcalloc((size_t)tokens, sizeof *v->pair);
    while (v->n < tokens && best(&l, &p)) {
        v->pair[v->n - 256][0] = (uint16_t)(l.pair[p].ab >> 16);
        v->pair[v->n - 256][1] = (uint16_t)l.pair[p].ab;
        merge(&l, p, v->n++);
    }
    for (uint32_t i = 0; i < l.npairs; i++)
        free(l.pair[i].words);
    table_release(&l.table);
    free(l.pair);
    free(l.heap);
    free(l.tokens);
    free(l.word);
}

void
bpe_release(struct bpe *v)
{
    free(v->pair);
    memset(v, 0, sizeof *v);
}

/* Encoding: the earliest merge first, as in learning. */

static int
encode_piece(const struct bpe *v, const struct table *rank,
             const unsigned char *text, size_t n, uint16_t *x)
{
    int len = (int)n;

    for (int i = 0; i < len; i++)
        x[i] = text[i];
    for (;;) {
        uint32_t first = UINT32_MAX;
        int k = 0;

        for (int i = 0; i + 1 < len; i++) {
            uint32_t r = table_get(rank, (uint32_t)x[i] << 16 | x[i + 1]);

            if (r < first)
                first = r;
        }
        if (first == UINT32_MAX)
            return len;
        for (int i = 0; i < len; i++) {
            bool here = i + 1 < len && x[i] == v->pair[first][0]
                && x[i + 1] == v->pair[first][1];

            x[k++] = here ? (uint16_t)(256 + first) : x[i];
            i += here;
        }
        len = k;
    }
}

/* A piece seen before is copied from where it was first encoded. */
size_t
bpe_encode(const struct bpe *v, const unsigned char *text, size_t n,
           uint16_t *out)
{
    struct bytes_table seen;
    struct table rank;
    size_t len, k = 0;

    table_init(&rank);
    for (int i = 0; i < v->n - 256; i++)
        table_at(&rank, (uint32_t)v->pair[i][0] << 16 | v->pair[i][1],
                 (uint32_t)i);
    bytes_table_init(&seen);
    for (size_t i = 0; i < n; i += len) {
        struct bytes_slot *s;
        int m;

        len = bpe_piece(text + i, n - i);
        s = bytes_table_add(&seen, text + i, len);
        if (!s->value) {
            m = encode_piece(v, &rank, text + i, len, out + k);
            s->value = (int64_t)(k << 8 | (size_t)m);
        } else {
            m = (int)(s->value & 255);
            memcpy(out + k, out + (s->value >> 8), (size_t)m * sizeof *out);
        }
        k += (size_t)m;
    }
    bytes_table_release(&seen);
    table_release(&rank);
    return k;
}

int
bpe_bytes(const struct bpe *v, int token, unsigned char *buf)
{
    int n;

    if (token < 256) {
        *buf = (unsigned char)token;
        return 1;
    }
    n = bpe_bytes(v, v->pair[token - 256][0], buf);
    return n + bpe_bytes(v, v->pair[token - 256][1], buf + n);
}

/* Byte pairs: against a plain counting of all pairs, and back to the text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rng.h"
#include "task/bpe.h"

enum { BYTES = 6000, TOKENS = 256 + 120 };

/* Words of few letters, so that pairs overlap and counts are equal. */
static void
make_text(unsigned char *text, uint64_t seed)
{
    static const char from[] = "aaaabbbcc  \n.12\xc3\xa4";
    struct rng r;

    rng_init(&r, seed, RNG_TASK, 0, 0);
    for (int i = 0; i < BYTES; i++)
        text[i] = (unsigned char)from[rng_below(&r, sizeof from - 1)];
}

struct plain {
    uint16_t token[BYTES];
    bool first[BYTES];       /* of a piece */
    int n;
};

static void
split_pieces(struct plain *p, const unsigned char *text)
{
    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < BYTES; i += bpe_piece(text + i, BYTES - i))
        p->first[i] = true;
    for (int i = 0; i < BYTES; i++)
        p->token[i] = text[i];
    p->n = BYTES;
}

static void
join(struct plain *p, uint32_t ab, int token)
{
    int k = 0;

    for (int i = 0; i < p->n; i++, k++) {
        bool here = i + 1 < p->n && !p->first[i + 1]
            && ((uint32_t)p->token[i] << 16 | p->token[i + 1]) == ab;

        p->first[k] = p->first[i];
        p->token[k] = here ? (uint16_t)token : p->token[i];
        i += here;
    }
    p->n = k;
}

/* The most frequent pair, the smallest of equals; 0 if none occurs twice. */
static uint32_t
most(const struct plain *p)
{
    static int count[TOKENS][TOKENS];
    uint32_t best = 0;
    int times = 1;

    memset(count, 0, sizeof count);
    for (int i = 0; i + 1 < p->n; i++)
        if (!p->first[i + 1])
            count[p->token[i]][p->token[i + 1]]++;
    for (uint32_t a = 0; a < TOKENS; a++)
        for (uint32_t b = 0; b < TOKENS; b++)
            if (count[a][b] > times) {
                times = count[a][b];
                best = a << 16 | b;
            }
    return best;
}

static void
learned_as_by_plain_counting(void **state)
{
    static unsigned char text[BYTES];
    static uint16_t out[BYTES];
    static struct plain p;

    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct bpe v;
        size_t n;

        make_text(text, seed);
        bpe_learn(&v, text, BYTES, TOKENS);
        assert_int_equal(v.n, TOKENS);
        split_pieces(&p, text);
        for (int i = 0; i < TOKENS - 256; i++) {
            uint32_t ab = most(&p);

            assert_int_equal((uint32_t)v.pair[i][0] << 16 | v.pair[i][1],
                             ab);
            join(&p, ab, 256 + i);
        }
        n = bpe_encode(&v, text, BYTES, out);
        assert_int_equal(n, p.n);
        assert_memory_equal(out, p.token, n * sizeof *out);
        bpe_release(&v);
    }
}

static void
tokens_give_the_text_back(void **state)
{
    static unsigned char text[BYTES], back[BYTES + BPE_PIECE];
    static uint16_t out[BYTES];
    struct bpe v;
    size_t n, k = 0;

    (void)state;
    make_text(text, 9);
    bpe_learn(&v, text, BYTES / 2, TOKENS);
    n = bpe_encode(&v, text, BYTES, out);
    assert_true(n < BYTES * 3 / 4);
    for (size_t i = 0; i < n; i++)
        k += (size_t)bpe_bytes(&v, out[i], back + k);
    assert_int_equal(k, BYTES);
    assert_memory_equal(back, text, BYTES);
    bpe_release(&v);
}

static void
pieces_are_words_with_their_blank(void **state)
{
    static const char text[] = " two words,  33 more\n\n...x";
    static const int length[] = { 4, 6, 1, 2, 2, 5, 2, 3, 1 };
    size_t i = 0, n = sizeof text - 1;

    (void)state;
    for (size_t k = 0; i < n; k++) {
        assert_in_range(k, 0, sizeof length / sizeof length[0] - 1);
        assert_int_equal(bpe_piece((const unsigned char *)text + i, n - i),
                         length[k]);
        i += (size_t)length[k];
    }
}

static void
long_runs_are_cut(void **state)
{
    unsigned char text[200];

    (void)state;
    memset(text, '=', sizeof text);
    assert_int_equal(bpe_piece(text, sizeof text), BPE_PIECE);
    text[0] = ' ';
    assert_int_equal(bpe_piece(text, sizeof text), BPE_PIECE);
    assert_int_equal(bpe_piece(text, 1), 1);
}

static void
a_short_text_has_few_tokens(void **state)
{
    struct bpe v;

    (void)state;
    bpe_learn(&v, (const unsigned char *)"abab abab", 9, 1000);
    assert_int_equal(v.n, 258);      /* ab, abab */
    bpe_release(&v);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(learned_as_by_plain_counting),
        cmocka_unit_test(tokens_give_the_text_back),
        cmocka_unit_test(pieces_are_words_with_their_blank),
        cmocka_unit_test(long_runs_are_cut),
        cmocka_unit_test(a_short_text_has_few_tokens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

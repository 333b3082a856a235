/* Byte pairs.  An input that begins with '{' is a vocabulary's file, anything
 * else a text to learn one of: what is encoded is decoded the same, and a
 * vocabulary is read from what is written of it. */
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "fuzz.h"
#include "task/bpe.h"

enum { MORE = 40 };          /* tokens learned beyond the bytes */

static void
check_round(const struct bpe *v, const char *text, size_t n)
{
    uint16_t *token = xcalloc(n + 1, sizeof *token);
    size_t k = bpe_encode(v, (const unsigned char *)text, n, token), at = 0;
    unsigned char buf[BPE_PIECE];

    fuzz_check(k <= n);
    for (size_t i = 0; i < k; i++) {
        int size;

        fuzz_check(token[i] < v->n);
        size = bpe_bytes(v, token[i], buf);
        fuzz_check(size >= 1 && size <= BPE_PIECE);
        fuzz_check(at + (size_t)size <= n &&
                   !memcmp(text + at, buf, (size_t)size));
        at += (size_t)size;
    }
    fuzz_check(at == n);
    free(token);
}

static void
check_pieces(const char *text, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t k = bpe_piece((const unsigned char *)text + i, n - i);

        fuzz_check(k >= 1 && k <= BPE_PIECE && k <= n - i);
        i += k;
    }
}

static void
learn(const char *text, size_t n)
{
    struct bpe v, w;
    json_t *o;

    check_pieces(text, n);
    bpe_learn(&v, (const unsigned char *)text, n, 256 + MORE);
    fuzz_check(v.n >= 256 && v.n <= 256 + MORE);
    check_round(&v, text, n);
    o = bpe_object(&v, "corpus", 0.5);
    bpe_parse(&w, o, "x.json", "corpus", 0.5, v.n);
    fuzz_check(w.n == v.n && !memcmp(v.pair, w.pair, (size_t)(v.n - 256) *
                                     sizeof *v.pair));
    json_decref(o);
    bpe_release(&v);
    bpe_release(&w);
}

static void
one(const char *text, size_t n)
{
    json_t *o;
    struct bpe v;
    size_t merges;

    if (n < 2)
        return;
    if (*text != '{') {
        learn(text, n);
        return;
    }
    o = json_read_text(text, n, "x.json", 1);
    merges = json_array_size(json_object_get(o, "merges"));
    if (merges > BPE_TOKENS - 256)
        merges = BPE_TOKENS - 256;
    bpe_parse(&v, o, "x.json", "corpus", 0.5, 256 + (int)merges);
    check_round(&v, text, n);
    json_decref(o);
    bpe_release(&v);
}

const struct harness harness = { .one = one };

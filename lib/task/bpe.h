/*
 * bpe.h - byte-pair tokens (Gage 1994; Sennrich et al. 2016): the pair of
 * neighbours that occurs most becomes a token of its own, again and again.
 *
 * Tokens 0..255 are the bytes; token 256 + i is the pair that merge i joins.
 * Pairs never reach across pieces: a run of letters, of digits or of other
 * signs, each with one blank before it if there is one, or a run of blanks;
 * at most 64 bytes.  Ties go to the smaller pair, so that a text has exactly
 * one vocabulary of a size.
 */
#ifndef TASK_BPE_H
#define TASK_BPE_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

enum { BPE_TOKENS = 32768, BPE_PIECE = 64 };

struct bpe {
    int n;                   /* tokens, the 256 bytes included */
    uint16_t (*pair)[2];     /* of token 256 + i */
};

/* The vocabulary of a text with `tokens` tokens, or as many as there are
 * pairs that occur twice. */
void bpe_learn(struct bpe *v, const unsigned char *text, size_t n,
               int tokens);
void bpe_release(struct bpe *v);

/* Text to tokens (at most n of them); returns how many. */
size_t bpe_encode(const struct bpe *v, const unsigned char *text, size_t n,
                  uint16_t *out);
/* The bytes of a token into buf (BPE_PIECE of them at most); returns how many.
 */
int bpe_bytes(const struct bpe *v, int token, unsigned char *buf);

/* How long the first piece of a text is; n >= 1. */
size_t bpe_piece(const unsigned char *text, size_t n);

/* {"unroll":"bpe","corpus":HASH,"train_end":X,"merges":[[a,b],...]} */
json_t *bpe_object(const struct bpe *v, const char *corpus, double train_end);
/* Dies, naming `path`, if it is no such object, or of another text, or has
 * not `tokens` tokens. */
void bpe_parse(struct bpe *v, const json_t *object, const char *path,
               const char *corpus, double train_end, int tokens);

#endif

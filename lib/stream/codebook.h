/*
 * codebook.h - the fixed vectors that tokens stand for: a stream's header may
 * carry one for each token (docs/formats.md), and a net then sees these.
 *
 * Letters: V tokens, D width.
 */
#ifndef STREAM_CODEBOOK_H
#define STREAM_CODEBOOK_H

#include <jansson.h>
#include <stdbool.h>

struct stream_info;

/* Dies, naming `where`, unless it is a list of V lists of equal length D with
 * finite numbers, V being the header's input_size, of tokens. */
void codebook_check(const struct stream_info *info, const char *where);
/* D; 0 without one. */
int codebook_width(const json_t *codebook);
/* (V,D): the caller's, to be freed. */
float *codebook_vectors(const json_t *codebook);
/* A new list of these lists. */
json_t *codebook_json(const float *v, int tokens, int width);
bool codebook_same(const json_t *a, const json_t *b);    /* NULL: none */
/* SHA-256 of the floats, little-endian, in hexadecimal. */
void codebook_sha256(const json_t *codebook, char hex[65]);

#endif

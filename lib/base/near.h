/* near.h - "did you mean": the names closest to a mistyped one. */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

/* Up to three of names[0..n-1] at edit distance <= 2 (or 1/3 of the length),
 * nearest first, as "'a' or 'b'"; "" if none.  Static storage, valid until
 * the next call. */
const char *near_names(const char *word, const char *const *names, int n);

/* What the field calls `word` ("hidden-size", "learning_rate") and we call
 * something that stands in `names`; NULL if it knows nothing.  Static text. */
const char *field_word(const char *word, const char *const *names, int n);

#endif

/*
 * tokens.h - a text as a sequence of classes: its bytes, those bytes that
 * occur, or byte-pair tokens; and where its three splits stand.
 */
#ifndef TASK_TOKENS_H
#define TASK_TOKENS_H

#include "task/source.h"

struct tokens {
    unsigned char *byte;     /* either this ... */
    uint16_t *wide;          /* ... or this */
    size_t n;
    size_t from[3], to[3];   /* the splits, in tokens */
    int classes;
};

/* By the settings of the text task.  Sets the setting "corpus" to the text's
 * hash, and s->symbols where classes are not bytes.  s->info.about gets
 * bytes_per_symbol, an object by split. */
void tokens_open(struct tokens *t, struct source *s);
void tokens_release(struct tokens *t);

/* The text of a source of the text task; dies (RC_USAGE) if it is another's. */
const struct tokens *text_tokens(const struct source *s);

static inline int
tokens_at(const struct tokens *t, size_t i)
{
    return t->wide ? t->wide[i] : t->byte[i];
}

#endif

/*
 * agree.h - do two descriptions of data speak of the same thing?
 *
 * Numbers of the same range may mean different things: class 3 is 'c' in one
 * text and 'z' in another.  What a header tells of that is compared wherever
 * data meets a net or another set.
 */
#ifndef STREAM_AGREE_H
#define STREAM_AGREE_H

#include "stream/batch.h"

/* How far the two must agree. */
enum agree {
    AGREE_MEANING,      /* kinds, sizes, how classes are written */
    AGREE_TASK,         /* and the name of the task, where both have one */
};

/* Dies naming `name`, the origin of `have`, and `who`, who speaks in `want`
 * ("the net"), if they do not agree.  What a header leaves open agrees with
 * everything: symbols and task if it has none, and numbers of classes that
 * are only those seen, which become those of `want` if they are smaller. */
void agree_or_die(const struct stream_info *want, struct stream_info *have,
                  enum agree how, const char *who, const char *name);

/* How class k is written, as in about.symbols ("" if it has no such class):
 * its symbol, or the byte itself of a text without symbols.  NULL if the
 * header does not tell.  Into buf (4 bytes) if need be. */
const char *agree_symbol(const struct stream_info *info, int k, char *buf);

#endif

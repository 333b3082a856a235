/*
 * set.h - a stored set: sequences kept in memory, and batches put together
 * from them in any order.
 *
 * A set that continues (row i of a batch goes on where row i of the batch
 * before stopped) keeps its batches as they came.
 */
#ifndef TRAIN_SET_H
#define TRAIN_SET_H

#include "stream/batch.h"

struct set {
    struct stream_info info;    /* owned */
    int n, room;
    struct batch *batch;        /* as they came */
    int64_t rows;               /* in all */
    int32_t *row_batch, *row_in;   /* (rows): where each row is */
    int longest;                /* steps of the longest row */
};

/*
 * Read batches until the end or until there are `rows` rows (0: all; what is
 * over is dropped).  An endless stream needs rows > 0.  Dies (naming `name`)
 * if there are fewer than asked for, or none.
 */
void set_read(struct set *s, struct batch_reader *r, int64_t rows,
              const char *name);
/* Does any place count? */
bool set_scored(const struct set *s);
/* Have a net answer where nobody knows the target, too.  Such places are marked
 * ASKED where others are scored, 1. */
enum { ASKED = 2 };
enum ask {
    ASK_OPEN,                   /* each step of sequences without a target */
    ASK_LAST,                   /* the last step of these */
    ASK_EVERY,                  /* each step of all sequences */
};
void set_ask(struct set *s, enum ask how);
void set_release(struct set *s);

/* A place for batches taken from a set; begins as { 0 }. */
struct set_room {
    struct batch own;           /* rows put together */
    struct batch view;          /* what was taken last: of arrays in `own`, or
                                   of the set itself */
};
void set_room_release(struct set_room *room);

/* Rows order[first .. first+n-1] (order NULL: first .. first+n-1) as a batch
 * cut to its longest row, until the next call with this room: where they stand
 * in the set just so, they are shown there, else copied.  No allocation once
 * the room has had the largest. */
struct batch *set_take(const struct set *s, const uint32_t *order,
                       int64_t first, int n, struct set_room *room);

/* SHA-256 of all that the set holds, independent of its batches. */
void set_sha256(const struct set *s, char hex[65]);

#endif

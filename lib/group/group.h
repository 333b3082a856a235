/*
 * group.h - finite groups: by name, or by a table of their products.
 *
 *   C11              cyclic: a b is a + b mod 11
 *   D5               dihedral, of order 10: r^0 .. r^4, then r^0 f .. r^4 f,
 *                    with f r = r^-1 f
 *   Q8               generalised quaternion, of order 8: x^0 .. x^3, then
 *                    x^0 j .. x^3 j, with x^4 = 1, j^2 = x^2, j x = x^-1 j
 *   S4, A5           permutations, all or the even ones
 *   O                rotations of a cube; element 1 is a quarter turn
 *   C5xC5, D3xC2     direct products, the last factor's number fastest
 *   0 1 2; 1 2 0; 2 0 1     a Cayley table: row a has the products a b
 *
 * Elements are numbers 0 .. n-1.  In a group with a name the identity is 0.
 * In S, A and O they are numbered as they are found from two generators,
 * which are 1 and 2: breadth first, each element times the first generator,
 * then times the second.  In A5 element 1 is a cycle of five.
 *
 * Letters: n order.
 */
#ifndef GROUP_GROUP_H
#define GROUP_GROUP_H

#include <stddef.h>
#include <stdint.h>

enum {
    GROUP_ORDER = 1024,
    GROUP_TABLE = 256,       /* of a table: it becomes part of configs */
    GROUP_TEXT = 1 << 20,    /* bytes of a file with one */
};

struct group {
    int n;
    uint16_t *table;     /* (n,n): table[a * n + b] is a b */
    uint16_t *inverse;   /* (n) */
    int identity;
    int p, q;            /* of C_p and of C_p x C_q (C_p: q is 1); 0, 0 of a
                            group that is not told to be such */
};

/* Dies if `text` is none of the above: RC_USAGE, or bad input of the file
 * `where`.  A table is checked in full: its shape, that each number stands
 * once in each row and column, that there is an identity, and associativity;
 * the message names the first place where it fails. */
void group_open(struct group *g, const char *text, const char *where);
void group_close(struct group *g);

/* A table from a file: a row a line (or between semicolons), # starts a
 * comment; as text for group_open(), which the caller frees. */
char *group_read(const char *path);

static inline int
group_times(const struct group *g, int a, int b)
{
    return g->table[(size_t)a * (size_t)g->n + (size_t)b];
}

/* Conjugacy classes, and those of inverses taken together: class[g] is in
 * 0 .. the number returned - 1, numbered in the order of their first
 * elements.  size, first: of each; may be NULL. */
int group_classes(const struct group *g, int *class /* (n) */,
                  int *size /* (n) */, int *first /* (n) */);

/* For files of this room: settings at odds, as a line. */
_Noreturn void group_bad(const char *where, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Permutations of 0 .. m-1: the group that two of them generate.  Fills table
 * and n; returns 0 if that would be more than GROUP_ORDER elements. */
int group_generate(struct group *g, const uint8_t *a, const uint8_t *b, int m);

#endif

/*
 * fuzz.h - what a harness is: one parser, fed with any bytes.
 *
 * A harness is a file tests/fuzz/fuzz_NAME.c that defines `harness`.  It is
 * linked with libfuzzer.c (clang makes the inputs, guided by what they reach)
 * or with plain.c (any compiler; inputs are files), as a program of its own.
 *
 * An execution ends by returning, or by die() with one line and status 1.
 * Anything else is a fault: a signal, a sanitizer's report, another status,
 * no line or two, a leak where nothing died, fuzz_check() failing.
 */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct harness {
    /* text[0..n-1], and a 0 after it. */
    void (*one)(const char *text, size_t n);
    /* Once, before all others; what it allocates stays.  May be NULL. */
    void (*begin)(void);
    /* Make the sums in data[0..n-1] right again, so that what lies behind
     * them is reached; returns the new size, max at most.  May be NULL. */
    size_t (*mend)(char *data, size_t n, size_t max);
    bool warns;     /* it may say more: warn() of the parser */
};

extern const struct harness harness;

/* A wrong answer: abort() with the line. */
#define fuzz_check(x) ((x) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #x))
_Noreturn void fuzz_fail(const char *file, int line, const char *what);

/* A name under which n bytes can be opened and read, from the start each
 * time; or, with NULL, an empty file to be written.  `slot` (0..3) tells
 * several apart; the file lives until the slot is used again. */
const char *fuzz_file(int slot, const void *data, size_t n);
/* A new descriptor on what the slot holds, from its start. */
int fuzz_fd(int slot);
/* What the slot holds now; the caller frees. */
char *fuzz_bytes(int slot, size_t *n);

/* Same text, keys in order? */
bool fuzz_same_json(const json_t *a, const json_t *b);

/* For harness.mend: n bytes `with` in place of data[at..at+cut-1], if there is
 * room; returns the new size. */
size_t fuzz_splice(char *data, size_t size, size_t max, size_t at, size_t cut,
                   const char *with, size_t n);
/* Where `what` stands first in data[0..n-1], or NULL. */
char *fuzz_find(char *data, size_t n, const char *what);

#endif

/*
 * die.h - how every program here reports trouble and stops.
 *
 * One line on stderr:   prog: [file:[line:] ]message[: reason]
 * A format that ends in ':' gets the reason (strerror of errno) added.
 * Library code dies where it sees bad input; no error codes are passed up.
 * No other file in lib/ calls exit().
 */
#ifndef BASE_DIE_H
#define BASE_DIE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    RC_OK     = 0,
    RC_DATA   = 1,   /* bad input, or reading/writing failed */
    RC_USAGE  = 2,   /* bad command line */
    RC_DEVICE = 3,   /* no such device, or the device failed: try elsewhere */
};

extern const char *prog;   /* basename of argv[0]; set by cli_parse() */

_Noreturn void die(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Bad input: names the place.  `line` counts from 1; 0 leaves it out.  The
 * place "command line" stands for the flags, and ends with RC_USAGE. */
_Noreturn void die_at(const char *file, long line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* One line on stderr in the same form; the program goes on. */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Run fn(arg) before any exit of the program, last registered first (for
 * saving what was done).  At most 64 at a time; at_exit_drop() takes one
 * back. */
void at_exit_run(void (*fn)(void *), void *arg);
void at_exit_ready(void);      /* for stop.c, whose clean-ups come last */
void at_exit_drop(void (*fn)(void *), void *arg);

/* These never return NULL; the caller owns the block and frees it.  n * size
 * is checked for overflow; out of memory is one line and RC_DATA.  jansson
 * takes its memory in this way too, so json_object(), json_string() of UTF-8
 * and the like need no check. */
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t n, size_t size);
/* 64-byte aligned and zeroed; freed with free().  Large blocks ask for huge
 * pages: weights that are read at every step outnumber the small ones that a
 * processor can look up fast. */
void *xaligned(size_t n, size_t size);
char *xstrdup(const char *s);
char *xasprintf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A line (its newline is added) to stdout, at once.  What cannot be written is
 * for close_stdout() to say, with the first reason; false then.  Leaves if a
 * signal ends the wait for a reader. */
bool stdout_line(const char *text);

/* Flush and close stdout; dies if any byte could not be written.  A reader
 * that closed the pipe (EPIPE) is no error: the program ends quietly. */
void close_stdout(void);

/* True if fd is a pipe or socket whose reader has gone. */
bool fd_gone(int fd);

/* End the program now, in order and without a message (after --help, after a
 * signal); for the places that cannot return from main. */
_Noreturn void leave(int status);

#endif

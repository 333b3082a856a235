/*
 * stop.h - SIGINT and SIGTERM ask for a stop; the program looks between
 * updates, saves, and leaves with 128 + the signal's number.
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

void stop_catch(void);      /* install the handlers (no SA_RESTART) */
int stop_asked(void);       /* the signal's number, 0 if none came */
/* The same when an input has just been cut: Ctrl-C may have reached its writer
 * first, so wait a moment for our own signal (if stop_catch was called). */
int stop_expected(void);
_Noreturn void stop_leave(void);   /* exit 128 + signal, after close_stdout */

#endif

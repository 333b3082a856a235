/*
 * stop.h - TERM, INT and HUP, alike in all programs: what must not stay
 * behind is removed, and the status is 128 + the signal's number.
 *
 * A program without anything to save ends in the handler, whatever it does
 * just then: waits for a pipe, reads a file without an end, reckons for a
 * minute.  So nothing else need look at signals, and none can fall between a
 * look and a wait.
 *
 * Where there is something to save (train, between stop_hold and
 * stop_release) a signal is noted, and wakes the program again every 50 ms,
 * so that a wait which began after the last look ends too, with EINTR.
 * Who waits or works long there calls stop_look(), which leaves; exit
 * functions (die.h) save.
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

/* First of all in main.  Catches the signals (HUP not under nohup); a pipe
 * without a reader and a file grown too large become errors of write(2);
 * descriptors 0 to 2 are opened if they were closed, so that no file of ours
 * gets their numbers: reading or writing them fails. */
void stop_init(void);

/* Before any end of the program, also one in the handler: so fn may only do
 * what signal-safety(7) allows.  Last registered first; at most 8. */
void stop_cleanup(void (*fn)(void));
void stop_clean(void);      /* all of them, now */

/* No signal comes in between (a file and the note that it is to be removed);
 * for a few calls that do not wait. */
void stop_mask(void);
void stop_unmask(void);

/* From here signals are noted; and to here: leaves if one came. */
void stop_hold(void);
void stop_release(void);

int stop_asked(void);       /* the number of the signal held, 0 if none */
void stop_look(void);       /* leave if one came */
/* An input has just been cut: Ctrl-C may have reached its writer first, so
 * wait a moment for our own signal, and leave if it comes. */
void stop_moment(void);

#endif

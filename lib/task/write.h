/*
 * write.h - a source's batches written out: as a tensor stream, as JSON lines
 * or as text; and served, a request at a time.
 */
#ifndef TASK_WRITE_H
#define TASK_WRITE_H

#include "task/source.h"

enum form { FORM_TENSORS, FORM_JSON, FORM_TEXT, FORM_DOT };

struct writer;

/* path "-": standard output; *.gz is compressed in every form.  Set
 * s->info.count first: the batches of the pass, those before the first one
 * written included. */
struct writer *writer_open(const char *path, enum form form,
                           struct source *s);

/* Batches first .. first+count-1 of a pass; count < 0: to the end of the pass,
 * or endless.  Dies if the pass has fewer, naming `where` (NULL: a command
 * line).  Stops early when the reader of our pipe has gone; leaves the program
 * on SIGINT and SIGTERM (base/stop.h). */
void writer_batches(struct writer *w, enum split split, uint32_t pass,
                    int64_t first, int64_t count, const char *where);

/*
 * Answer request lines from stdin until it ends, each at once and in full:
 *   {"split":"train","pass":0,"first":10,"count":5,"batch":8,"set":{"len":20}}
 * first and count must be there; set and batch hold from then on.  A bad
 * request is one line on stderr and exit status 1.
 */
void writer_serve(struct writer *w);

/* The end record with the number of batches that the header has promised (if
 * it has not: those written); the file gets its name. */
void writer_close(struct writer *w);

#endif

/*
 * file.h - whole files, read and written.
 *
 * A file being written lives under a temporary name of its own in the same
 * folder (NAME.part.PID) and gets its real name by rename() when it is
 * complete and synced; if the program dies first, the temporary is removed
 * (temp.h).  So a reader sees the old file or the new one, never half of
 * either.  What is no regular file (a FIFO, a device) is never replaced.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct outfile;   /* a file under way */

/* Is `path` written directly: no regular file, or, as /dev/stdout, a name of
 * what is open already?  Then nothing can be kept beside it. */
bool file_in_place(const char *path);

/* "-" is standard output.  That, and what is no regular file (a pipe,
 * /dev/full, /dev/stdout), is written directly.  A symbolic link stays, the
 * file it leads to is replaced.  Dies if it cannot be created. */
struct outfile *outfile_open(const char *path);
FILE *outfile_stream(struct outfile *f);         /* borrowed */
int outfile_fd(struct outfile *f);
/* True once the reader of a pipe has gone; what is written then is lost, and
 * that is no error. */
bool outfile_gone(const struct outfile *f);
/* Flush, fsync, rename; frees f.  Dies if any byte could not be written. */
void outfile_commit(struct outfile *f);
/* Remove the temporary; frees f. */
void outfile_discard(struct outfile *f);

/* Open for reading; "-" is standard input.  Dies if it cannot be. */
int file_open(const char *path);

/* The whole of a regular file or pipe ("-": standard input), at most `max`
 * bytes, with a 0 byte after it.  The caller frees.  Dies on directories,
 * unreadable files and longer ones. */
char *file_read(const char *path, size_t max, size_t *size);

/* Make a folder and those above it; it may exist already. */
void make_folders(const char *path);

#endif

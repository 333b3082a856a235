/*
 * temp.h - files that must not stay behind: temporaries, and locks while they
 * are held.  All are removed when the program ends, also by a signal; those
 * of programs that were killed outright by the next one that writes the same
 * file.
 *
 * Whoever writes NAME.part.PID holds a lock (flock) on it, so a free one is
 * left over: no process number is trusted, which another process, or one on
 * another machine, might have.  Where a file system has no locks, a leftover
 * stays until somebody removes it.
 */
#ifndef BASE_TEMP_H
#define BASE_TEMP_H

/* A new file NAME.part.PID, open for writing and locked; *part gets its name
 * (the caller frees it, after temp_forget).  -1 with errno if it cannot be
 * made. */
int temp_open(const char *name, char **part);

/* Open (made if missing) and locked, and the file that stands at `path`: -1
 * at once if another process holds it.  Dies if it cannot be opened, or is
 * not an empty regular file: then it is no lock of ours. */
int temp_lock(const char *path);

/* It has another name now; or: remove it first. */
void temp_forget(const char *path);
void temp_remove(const char *path);

/* Remove leftovers of `name`. */
void temp_sweep(const char *name);

#endif

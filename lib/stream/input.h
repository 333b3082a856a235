/*
 * input.h - bytes from a file or pipe, plain or gzip, told apart by their
 * first two bytes (no seeking).
 *
 * Damage in the compression, a cut, and bytes after its end die with the
 * name.  A signal that was held (base/stop.h) ends the program here.
 */
#ifndef STREAM_INPUT_H
#define STREAM_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct input;

/* Takes over fd; `name` is copied.  Reads nothing yet. */
struct input *input_new(int fd, const char *name);
void input_free(struct input *in);

/* The bytes that come next and stay, as many as are at hand; 0 at the end. */
size_t input_front(struct input *in, const void **bytes);
/* The next byte, which stays; -1 at the end. */
int input_peek(struct input *in);
/* Up to n bytes; fewer only at the end. */
size_t input_bytes(struct input *in, void *to, size_t n);
/* Append a line without its newline to *line (a block of *cap bytes that
 * grows), and a 0; its length goes to *n.  Returns 1, 0 if the input ended
 * before a newline, -1 if it ended before anything.  Dies beyond max. */
int input_line(struct input *in, char **line, size_t *cap, size_t *n,
               size_t max);
/* True when nothing follows. */
bool input_at_end(struct input *in);

#endif

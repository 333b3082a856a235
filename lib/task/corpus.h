/* corpus.h - one or more files as one array of bytes. */
#ifndef TASK_CORPUS_H
#define TASK_CORPUS_H

#include <stddef.h>

struct corpus {
    unsigned char *byte;
    size_t n;                /* at most 2^31 - 1 */
    char hash[65];           /* SHA-256 of the bytes, in hexadecimal */
};

/* The files' bytes one after the other; those named .gz are decompressed.
 * files: NULL-ended.  Dies on files that cannot be read. */
void corpus_read(struct corpus *c, const char *const *files);
/* The same, of a list of paths between colons. */
void corpus_read_list(struct corpus *c, const char *list);
void corpus_release(struct corpus *c);

#endif

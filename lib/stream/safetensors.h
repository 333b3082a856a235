/*
 * safetensors.h - models and checkpoints: the safetensors format (8 bytes of
 * header length, a JSON header, the tensors' bytes), readable by the Python
 * package of that name.  Written atomically (base/file.h).
 *
 * The format has no sum, so ours is among the metadata: "crc32", 8 hexadecimal
 * digits, over the header (with eight zeros in their place) and the tensors'
 * bytes.  Reading checks it where it is, and takes it out of `metadata`.
 */
#ifndef STREAM_SAFETENSORS_H
#define STREAM_SAFETENSORS_H

#include <jansson.h>
#include <stdbool.h>

#include "stream/tensor.h"

struct safetensors {
    json_t *metadata;         /* object of strings, owned */
    bool summed;              /* it had a crc32, which is right */
    int n;
    struct tensor *tensors;   /* data owned, freed by st_release */
};

/* metadata: an object whose values are strings (may be NULL).  Tensors stand
 * in the file in the given order; equal input gives equal bytes. */
void st_write(const char *path, const json_t *metadata,
              const struct tensor *tensors, int n);
/* Every size and offset is checked before it is used; dies with the path. */
void st_read(const char *path, struct safetensors *st);
const struct tensor *st_find(const struct safetensors *st, const char *name);
void st_release(struct safetensors *st);

#endif

/* tensor.h - an n-dimensional array as it travels: name, type, shape, bytes. */
#ifndef STREAM_TENSOR_H
#define STREAM_TENSOR_H

#include <stddef.h>
#include <stdint.h>

enum dtype { DT_U8, DT_I32, DT_I64, DT_F32, DT_F64 };

enum { TENSOR_DIMS = 8 };

struct tensor {
    char name[128];
    enum dtype dtype;
    int ndim;
    int64_t shape[TENSOR_DIMS];   /* row-major, last index fastest */
    int64_t index;                /* which batch it belongs to; -1: none */
    size_t bytes;
    void *data;                   /* little-endian; see the functions that
                                     fill it for who owns it */
};

size_t dtype_size(enum dtype d);
const char *dtype_name(enum dtype d);               /* "u8", "f32", ... */
int dtype_parse(const char *name, enum dtype *d);   /* -1: unknown */
/* What shape and dtype ask for; -1 if negative or beyond size_t. */
int tensor_bytes(const struct tensor *t, size_t *bytes);

#endif

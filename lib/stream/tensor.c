/* tensor.c - element types and their names. */
#include "stream/tensor.h"

#include <string.h>

static const struct {
    const char *name;
    size_t size;
} types[] = {
    [DT_U8] = { "u8", 1 },   [DT_I32] = { "i32", 4 }, [DT_I64] = { "i64", 8 },
    [DT_F32] = { "f32", 4 }, [DT_F64] = { "f64", 8 },
};

size_t
dtype_size(enum dtype d)
{
    return types[d].size;
}

const char *
dtype_name(enum dtype d)
{
    return types[d].name;
}

int
dtype_parse(const char *name, enum dtype *d)
{
    for (int i = 0; i <= DT_F64; i++) {
        if (strcmp(types[i].name, name) == 0) {
            *d = (enum dtype)i;
            return 0;
        }
    }
    return -1;
}

int
tensor_bytes(const struct tensor *t, size_t *bytes)
{
    size_t n = dtype_size(t->dtype);

    for (int i = 0; i < t->ndim; i++)
        if (t->shape[i] < 0 ||
            __builtin_mul_overflow(n, (size_t)t->shape[i], &n))
            return -1;
    *bytes = n;
    return 0;
}

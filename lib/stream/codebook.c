#include "stream/codebook.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/hash.h"
#include "stream/batch.h"

int
codebook_width(const json_t *codebook)
{
    return (int)json_array_size(json_array_get(codebook, 0));
}

void
codebook_check(const struct stream_info *info, const char *where)
{
    const json_t *c = info->codebook, *row, *v;
    size_t width = json_array_size(json_array_get(c, 0)), i, k;

    if (!c)
        return;
    if (info->input != VALUE_TOKEN)
        die_at(where, 0, "header: a 'codebook' is of tokens, the input is of "
               "vectors");
    if (!json_is_array(c) || json_array_size(c) != (size_t)info->input_size)
        die_at(where, 0, "header: 'codebook' is no list of %d vectors, one a "
               "token", info->input_size);
    json_array_foreach((json_t *)c, i, row) {
        if (!width || json_array_size(row) != width)
            die_at(where, 0, "header: vector %zu of 'codebook' has %zu "
                   "numbers, the first %zu", i, json_array_size(row), width);
        json_array_foreach((json_t *)row, k, v)
            if (!json_is_number(v) ||
                !isfinite((float)json_number_value(v)))
                die_at(where, 0, "header: number %zu of vector %zu of "
                       "'codebook' is none that a float holds", k, i);
    }
}

float *
codebook_vectors(const json_t *codebook)
{
    size_t tokens = json_array_size(codebook);
    size_t width = (size_t)codebook_width(codebook);
    float *v = xcalloc(tokens * width + 1, sizeof *v);

    for (size_t i = 0; i < tokens; i++)
        for (size_t k = 0; k < width; k++)
            v[i * width + k] = (float)json_number_value(
                json_array_get(json_array_get(codebook, i), k));
    return v;
}

json_t *
codebook_json(const float *v, int tokens, int width)
{
    json_t *c = json_array();

    for (int i = 0; i < tokens; i++) {
        json_t *row = json_array();

        for (int k = 0; k < width; k++)
            json_array_append_new(row, json_real((double)*v++));
        json_array_append_new(c, row);
    }
    return c;
}

bool
codebook_same(const json_t *a, const json_t *b)
{
    char x[65] = "", y[65] = "";

    if (a)
        codebook_sha256(a, x);
    if (b)
        codebook_sha256(b, y);
    return !strcmp(x, y);
}

void
codebook_sha256(const json_t *codebook, char hex[65])
{
    float *v = codebook_vectors(codebook);

    sha256_hex(v, json_array_size(codebook) *
                  (size_t)codebook_width(codebook) * sizeof *v, hex);
    free(v);
}

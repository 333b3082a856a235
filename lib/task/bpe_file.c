/* bpe_file.c - a vocabulary as JSON, checked against the text it is for. */
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/keys.h"
#include "task/bpe.h"

json_t *
bpe_object(const struct bpe *v, const char *corpus, double train_end)
{
    json_t *merges = json_array();

    for (int i = 0; i < v->n - 256; i++)
        json_array_append_new(merges, json_pack("[i,i]", v->pair[i][0],
                                                v->pair[i][1]));
    return json_pack("{s:s,s:s,s:o,s:o}", "unroll", "bpe", "corpus", corpus,
                     "train_end", json_number(train_end), "merges", merges);
}

/* Merge i joins two tokens that are there already. */
static void
parse_merge(struct bpe *v, int i, const json_t *m, const char *path)
{
    unsigned char buf[2 * BPE_PIECE];

    for (int k = 0; k < 2; k++) {
        const json_t *x = json_array_get(m, (size_t)k);

        if (json_array_size(m) != 2 || !json_is_integer(x)
            || json_integer_value(x) < 0 || json_integer_value(x) >= 256 + i)
            die_at(path, 0, "merge %d is not a pair of tokens before it", i);
        v->pair[i][k] = (uint16_t)json_integer_value(x);
    }
    v->n = 256 + i + 1;
    if (bpe_bytes(v, v->pair[i][0], buf) + bpe_bytes(v, v->pair[i][1], buf)
        > BPE_PIECE)
        die_at(path, 0, "merge %d is longer than %d bytes", i, BPE_PIECE);
}

void
bpe_parse(struct bpe *v, const json_t *object, const char *path,
          const char *corpus, double train_end, int tokens)
{
    const json_t *merges = json_object_get(object, "merges");
    const char *kind, *made_of;

    kind = json_string_value(json_object_get(object, "unroll"));
    made_of = json_string_value(json_object_get(object, "corpus"));
    if (!kind || strcmp(kind, "bpe") || !made_of || !json_is_array(merges))
        die_at(path, 0, "not a vocabulary that gentask has written");
    if (strcmp(made_of, corpus) || json_number_value(
            json_object_get(object, "train_end")) != train_end)
        die_at(path, 0, "a vocabulary of another text or another split");
    if (json_array_size(merges) != (size_t)tokens - 256)
        die_at(path, 0, "a vocabulary of %zu tokens, not %d",
               json_array_size(merges) + 256, tokens);
    v->n = 256;
    v->pair = xcalloc((size_t)tokens, sizeof *v->pair);
    for (int i = 0; i < tokens - 256; i++)
        parse_merge(v, i, json_array_get(merges, (size_t)i), path);
}

/* batch_info.c - a stream's header, made and taken apart. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/near.h"
#include "stream/batch_parts.h"
#include "stream/codebook.h"

static const char *const known[] = {
    "about", "batch", "codebook", "continues", "count", "given", "input",
    "input_size", "split", "target", "target_size", "task", "unroll",
};
enum { KNOWN = sizeof known / sizeof known[0] };

#define EXACT (INT64_C(1) << 53)

static const char *
kind_name(enum value_kind k)
{
    return k == VALUE_TOKEN ? "token" : "vector";
}

json_t *
info_header(const struct stream_info *info)
{
    json_t *h = json_pack("{s:s, s:s, s:i, s:s, s:i, s:i}",
        "unroll", "stream",
        "input", kind_name(info->input), "input_size", info->input_size,
        "target", kind_name(info->target), "target_size", info->target_size,
        "batch", info->batch);

    if (info->count >= 0)
        json_object_set_new(h, "count", json_integer(info->count));
    if (info->continues)
        json_object_set_new(h, "continues", json_true());
    if (info->split[0])
        json_object_set_new(h, "split", json_string(info->split));
    if (info->task)
        json_object_set(h, "task", info->task);
    if (info->given)
        json_object_set(h, "given", info->given);
    if (info->about)
        json_object_set(h, "about", info->about);
    if (info->codebook)
        json_object_set(h, "codebook", info->codebook);
    return h;
}

static bool
parse_kind(const json_t *h, const char *where, const char *key,
           enum value_kind *kind)
{
    const json_t *v = json_object_get(h, key);
    const char *s = json_string_value(v);

    if (!v)
        return false;
    if (s && strcmp(s, "token") == 0)
        *kind = VALUE_TOKEN;
    else if (s && strcmp(s, "vector") == 0)
        *kind = VALUE_VECTOR;
    else
        die_at(where, 0, "header: '%s' is neither \"token\" nor \"vector\"",
               key);
    return true;
}

static int64_t
parse_int(const json_t *h, const char *where, const char *key, int64_t lo,
          int64_t hi, int64_t dflt)
{
    const json_t *v = json_object_get(h, key);
    int64_t x = 0;

    if (!v)
        return dflt;
    if (!json_whole(v, &x) || x < lo || x > hi)
        die_at(where, 0, "header: '%s' is not a whole number in %" PRId64
               "..%" PRId64, key, lo, hi);
    return x;
}

static void
parse_object(const json_t *h, const char *where, const char *key,
             json_t **object)
{
    json_t *v = json_object_get(h, key);

    if (v && !json_is_object(v))
        die_at(where, 0, "header: '%s' is not a JSON object, {...}", key);
    if (v) {
        json_decref(*object);
        *object = json_incref(v);
    }
}

static void
parse_rest(const json_t *h, const char *where, struct stream_info *info)
{
    const json_t *v = json_object_get(h, "continues");

    if (v && !json_is_boolean(v))
        die_at(where, 0, "header: 'continues' is neither true nor false");
    info->continues = json_is_true(v);
    v = json_object_get(h, "split");
    if (v && (!json_is_string(v) ||
              json_string_length(v) >= sizeof info->split))
        die_at(where, 0, "header: 'split' is no text of up to %zu letters",
               sizeof info->split - 1);
    if (v)
        strcpy(info->split, json_string_value(v));
    parse_object(h, where, "task", &info->task);
    parse_object(h, where, "given", &info->given);
    parse_object(h, where, "about", &info->about);
    v = json_object_get(h, "codebook");
    if (v) {
        json_decref(info->codebook);
        info->codebook = json_incref((json_t *)v);
    }
}

bool
info_key(const char *name)
{
    for (int i = 0; i < KNOWN; i++)
        if (!strcmp(name, known[i]))
            return true;
    return false;
}

static void
refuse_unknown(const json_t *h, const char *where)
{
    const char *k, *near;
    json_t *v;

    json_object_foreach((json_t *)h, k, v) {
        if (info_key(k))
            continue;
        near = near_names(k, known, KNOWN);
        if (*near)
            die_at(where, 0, "header: unknown key '%s' (did you mean %s?)", k,
                   near);
        die_at(where, 0, "header: unknown key '%s'", k);
    }
}

void
info_parse_loose(const json_t *h, const char *where, struct stream_info *info,
                 bool *input, bool *target)
{
    refuse_unknown(h, where);
    *input = parse_kind(h, where, "input", &info->input);
    *target = parse_kind(h, where, "target", &info->target);
    info->input_size = (int)parse_int(h, where, "input_size", 1, LARGEST_SIZE,
                                      info->input_size);
    info->target_size = (int)parse_int(h, where, "target_size", 1,
                                       LARGEST_SIZE, info->target_size);
    info->batch = (int)parse_int(h, where, "batch", 1, LARGEST_SIZE,
                                 info->batch);
    info->count = parse_int(h, where, "count", 0, EXACT, info->count);
    parse_rest(h, where, info);
}

void
info_parse_for(const json_t *header, const char *where,
               struct stream_info *info, const struct stream_info *net)
{
    static const char *const needed[] = { "input", "input_size", "batch",
                                          "target", "target_size" };
    bool input, target;

    memset(info, 0, sizeof *info);
    info->count = -1;
    strcpy(info->split, "train");
    info->task = json_object();
    if (net) {
        info->target = net->target;
        info->target_size = net->target_size;
    }
    if (!json_is_object(header))
        die_at(where, 0, "the header is not a JSON object, {...}");
    for (int i = 0; i < (net ? 3 : 5); i++)
        if (!json_object_get(header, needed[i]))
            die_at(where, 0, "header: '%s' is missing", needed[i]);
    info_parse_loose(header, where, info, &input, &target);
    codebook_check(info, where);
}

void
info_parse(const json_t *header, const char *where, struct stream_info *info)
{
    info_parse_for(header, where, info, NULL);
}

void
info_release(struct stream_info *info)
{
    json_decref(info->task);
    json_decref(info->given);
    json_decref(info->about);
    json_decref(info->codebook);
    info->codebook = NULL;
    info->task = info->given = info->about = NULL;
}

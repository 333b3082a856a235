#include "train/sweeporder.h"

#include <ctype.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/limit.h"
#include "train/sweep.h"
#include "train/sweepspec.h"

static void
check_factors(const json_t *factors, const char *file)
{
    const char *name;
    json_t *key;

    json_object_foreach((json_t *)factors, name, key) {
        if (!isalpha((unsigned char)name[0]) || name[1])
            die_at(file, 0, "order: the factor '%s' is not one letter", name);
        if (!json_is_string(key))
            die_at(file, 0, "order: the factor '%s' is no grid key", name);
    }
}

static void
check_words(const json_t *part, const json_t *factors, const char *file)
{
    const json_t *words = spec_need(part, "words", JSON_ARRAY, 0, file);

    limit_count((int64_t)json_array_size(words), 0, LIMIT_WORDS,
                "the number of words of a part", file);
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));

        if (!word || !*word)
            die_at(file, 0, "order: a word is no text of factors' letters");
        for (const char *p = word; *p; p++) {
            const char letter[2] = { *p, 0 };

            if (!json_object_get(factors, letter))
                die_at(file, 0, "order: the word '%s' has a letter that is no "
                       "factor: '%s'", word, letter);
        }
    }
}

void
sweep_order_init(struct sweep_order *o, const json_t *object,
                 const char *file)
{
    static const char *const known[] = { "factors", "parts", NULL };
    static const char *const part_keys[] = { "where", "words", NULL };

    spec_keys(object, known, file, "'order'");
    *o = (struct sweep_order){
        spec_need(object, "factors", JSON_OBJECT, 1, file),
        spec_need(object, "parts", JSON_ARRAY, 1, file), file,
    };
    check_factors(o->factors, file);
    limit_count((int64_t)json_array_size(o->parts), 0, LIMIT_PARTS,
                "the number of parts of the order", file);
    for (size_t i = 0; i < json_array_size(o->parts); i++) {
        const json_t *part = json_array_get(o->parts, i);

        spec_keys(part, part_keys, file, "a part of the order");
        spec_need(part, "where", JSON_OBJECT, 0, file);
        check_words(part, o->factors, file);
    }
}

/* Where `key` stands among the comma-separated names of a grid's key; -1: it
 * is none of them. */
static int
member(const char *names, const char *key)
{
    size_t want = strlen(key);

    for (int i = 0;; i++) {
        size_t n = strcspn(names, ",");

        if (n == want && !strncmp(names, key, n))
            return i;
        if (!names[n])
            return -1;
        names += n + 1;
    }
}

/* The place of the run's value of `key` in its list; 0 if it has none. */
static size_t
place(const json_t *grid, const json_t *given, const char *key, long trial)
{
    const json_t *value = json_at(given, key);
    const char *names;
    json_t *list, *x;
    size_t i;

    json_object_foreach((json_t *)grid, names, list) {
        int at = member(names, key);

        if (at < 0)
            continue;
        json_array_foreach(list, i, x)
            if (json_equal(strchr(names, ',') ?
                           json_array_get(x, (size_t)at) : x, value))
                return i;
    }
    return strcmp(key, "seed") ? 0 : (size_t)trial - 1;
}

static int
is_odd(const struct sweep_order *o, const char *word, const json_t *grid,
       const json_t *given, long trial)
{
    size_t sum = 0;

    for (; *word; word++) {
        const char letter[2] = { *word, 0 };
        const json_t *key = json_object_get(o->factors, letter);

        sum += place(grid, given, json_string_value(key), trial);
    }
    return sum % 2;
}

/* The part in the highest byte, below it a bit for each word. */
uint64_t
sweep_order_rank(const struct sweep_order *o, const json_t *grid,
                 const json_t *given, const struct spec_view *view,
                 long trial)
{
    size_t part = 0;
    uint64_t rank;
    const json_t *words;

    for (; part < json_array_size(o->parts); part++) {
        const json_t *where =
            json_object_get(json_array_get(o->parts, part), "where");

        if (!where || spec_view_contains(view, where))
            break;
    }
    rank = (uint64_t)part << LIMIT_WORDS;
    words = json_object_get(json_array_get(o->parts, part), "words");
    for (size_t i = 0; i < json_array_size(words); i++)
        if (is_odd(o, json_string_value(json_array_get(words, i)), grid,
                   given, trial))
            rank |= UINT64_C(1) << (LIMIT_WORDS - 1 - i);
    return rank;
}

void
sweep_order_check(const struct sweep_order *o, const struct sweep *s)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)o->factors, name, value) {
        const char *key = json_string_value(value);
        int i = 0;

        while (i < s->nkeys && strcmp(s->keys[i], key))
            i++;
        if (i == s->nkeys)
            die_at(o->file, 0, "order: '%s', the factor '%s', does not vary",
                   key, name);
    }
}

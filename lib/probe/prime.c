/* prime.c - the first inputs of a sample, from text. */
#include "probe/prime.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/file.h"
#include "base/magic.h"
#include "task/spell.h"
#include "train/sample.h"

enum { LARGEST_FILE = 1 << 26 };

static int32_t *
one(int32_t k, long *n)
{
    int32_t *out = xcalloc(1, sizeof *out);

    *out = k;
    *n = 1;
    return out;
}

/* Names come first: 5 is the symbol 5 where there is one. */
static int32_t *
first(const char *word, const json_t *names, int classes, long *n)
{
    size_t digits = strspn(word, "0123456789");
    int k = spell_word(names, classes, word);

    if (k >= 0)
        return one(k, n);
    if (word[digits] || !digits || digits > 9)
        die(RC_USAGE, "--start: '%s' is neither a symbol of this model nor "
            "the number of one", word);
    k = atoi(word);
    if (k >= classes)
        die(RC_DATA, "token %d to start with: the model has 0..%d", k,
            classes - 1);
    return one(k, n);
}

int32_t *
prime_classes(const struct prime *p, const struct model_file *m, long *n)
{
    const json_t *names = json_object_get(m->info.about, "symbols");
    int classes = m->info.input_size;
    int32_t *out;
    size_t size;
    char *text;

    if (p->start)
        return first(p->start, names, classes, n);
    if (p->list)
        return spell_list(names, classes, p->list, "--sequence", n);
    if (p->text)
        return spell_text(names, classes, p->text, strlen(p->text), "--prime",
                          n);
    if (!p->file)
        return one(sample_start(m), n);
    text = file_read(p->file, LARGEST_FILE, &size);
    magic_need_text(p->file, text, size);
    out = spell_text(names, classes, text, size, p->file, n);
    free(text);
    return out;
}

/* tokens.c - a text as a sequence of classes. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "task/bpe.h"
#include "task/corpus.h"
#include "task/names.h"
#include "task/tokens.h"

static void
read_corpus(struct corpus *c, struct source *s)
{
    const char *list = getenv("UNROLL_CORPUS");
    const char *wanted = keys_text(s->info.task, "corpus");

    if (s->files && s->files->paths && s->files->paths[0])
        corpus_read(c, s->files->paths);
    else if (list && *list)
        corpus_read_list(c, list);
    else
        die(RC_USAGE, "no text to read: name one with --file PATH or in the "
            "environment variable UNROLL_CORPUS");
    if (*wanted && strcmp(wanted, c->hash))
        die(RC_DATA, "the text read has the SHA-256 %.16s..., not %.16s...: "
            "it is another text", c->hash, wanted);
    if (c->n < 2)
        die(RC_DATA, "the text has fewer than 2 bytes");
    json_object_set_new(s->info.task, "corpus", json_string(c->hash));
}

/* A share of n, or a place. */
static size_t
place(double x, size_t n)
{
    double at = x <= 1 ? x * (double)n : x;

    return at < (double)n ? (size_t)at : n;
}

static void
set_splits(struct tokens *t, const struct source *s, size_t n)
{
    t->to[0] = t->from[1] = place(keys_real(s->info.task, "train_end"), n);
    t->to[1] = t->from[2] = place(keys_real(s->info.task, "val_end"), n);
    t->to[2] = n;
    if (t->to[1] < t->to[0])
        source_bad(s, "val_end is byte %zu, before train_end, byte %zu",
                   t->to[1], t->to[0]);
}

static void
number_distinct(struct tokens *t, struct source *s)
{
    int class[256] = { 0 };

    for (size_t i = 0; i < t->n; i++)
        class[t->byte[i]] = 1;
    s->symbols = json_array();
    for (int i = 0; i < 256; i++) {
        unsigned char c = (unsigned char)i;

        if (!class[i])
            continue;
        class[i] = t->classes++;
        json_array_append_new(s->symbols, name_bytes(&c, 1));
    }
    for (size_t i = 0; i < t->n; i++)
        t->byte[i] = (unsigned char)class[t->byte[i]];
}

/* Byte pairs. */

static void
write_vocabulary(const struct bpe *v, const struct corpus *c,
                 double train_end, const char *path)
{
    json_t *object = bpe_object(v, c->hash, train_end);
    char *text = json_text(object, false);
    struct outfile *out = outfile_open(path);

    fprintf(outfile_stream(out), "%s\n", text);
    outfile_commit(out);
    free(text);
    json_decref(object);
}

/* From its file if there is one, else learned (and written there). */
static void
find_vocabulary(struct bpe *v, const struct corpus *c, const struct source *s,
                size_t train, int tokens)
{
    double train_end = keys_real(s->info.task, "train_end");
    const char *path = s->files ? s->files->vocabulary : NULL;

    if (path && access(path, F_OK) == 0) {
        json_t *object = json_read_file(path);

        bpe_parse(v, object, path, c->hash, train_end, tokens);
        json_decref(object);
        return;
    }
    bpe_learn(v, c->byte, train, tokens);
    if (v->n < tokens)
        source_bad(s, "the training split has no more than %d tokens "
                   "(pairs that occur twice), not %d", v->n, tokens);
    if (path)
        write_vocabulary(v, c, train_end, path);
}

static void
add_symbols(const struct bpe *v, struct source *s)
{
    unsigned char buf[BPE_PIECE];

    s->symbols = json_array();
    for (int i = 0; i < v->n; i++)
        json_array_append_new(s->symbols,
                              name_bytes(buf, (size_t)bpe_bytes(v, i, buf)));
}

/* about.bytes_per_symbol, an object by split: what a loss in nats a symbol has
 * to be divided by. */
static void
add_ratio(struct source *s, int split, size_t bytes, size_t symbols)
{
    json_t *ratio = json_object_get(s->info.about, "bytes_per_symbol");

    if (!ratio) {
        ratio = json_object();
        json_object_set_new(s->info.about, "bytes_per_symbol", ratio);
    }
    json_object_set_new(ratio, split_name((enum split)split), json_number(
        bytes == symbols ? 1 : (double)bytes / (double)symbols));
}

/* Each split by itself, so that none depends on what is beside it. */
static void
number_pairs(struct tokens *t, struct source *s, const struct corpus *c,
             int tokens)
{
    struct bpe v;

    find_vocabulary(&v, c, s, t->to[0], tokens);
    t->classes = v.n;
    t->wide = xcalloc(c->n, sizeof *t->wide);
    t->n = 0;
    for (int k = 0; k < 3; k++) {
        size_t bytes = t->to[k] - t->from[k], n;

        n = bpe_encode(&v, c->byte + t->from[k], bytes, t->wide + t->n);
        t->from[k] = t->n;
        t->to[k] = t->n += n;
        add_ratio(s, k, bytes, n);
    }
    t->wide = xrealloc(t->wide, t->n, sizeof *t->wide);
    add_symbols(&v, s);
    bpe_release(&v);
}

void
tokens_open(struct tokens *t, struct source *s)
{
    int tokens = (int)keys_int(s->info.task, "bpe");
    bool distinct = strcmp(keys_text(s->info.task, "alphabet"), "bytes");
    struct corpus c;

    memset(t, 0, sizeof *t);
    if (tokens && tokens <= 256)
        source_bad(s, "bpe is %d: it must be 0, for bytes, or more than the "
                   "256 bytes there are", tokens);
    if (tokens && distinct)
        source_bad(s, "byte pairs are made of all bytes: leave out alphabet");
    read_corpus(&c, s);
    t->n = c.n;
    set_splits(t, s, c.n);
    if (tokens) {
        number_pairs(t, s, &c, tokens);
        corpus_release(&c);
        return;
    }
    t->byte = c.byte;
    for (int k = 0; k < 3; k++)
        add_ratio(s, k, 1, 1);
    if (distinct)
        number_distinct(t, s);
    else
        t->classes = 256;
}

void
tokens_release(struct tokens *t)
{
    free(t->byte);
    free(t->wide);
}

/* syntax.c - arena, symbols, canonical text: what all steps share. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/memfile.h"
#include "cell/syntax.h"

enum { BLOCK = 1 << 16, QUOTE = 40 };

struct block {
    struct block *next;
    size_t used, cap;
    _Alignas(16) char data[];
};

void *
arena_get(struct arena *a, size_t n, size_t size)
{
    struct block *b = a->blocks;
    size_t bytes = (n * size + 15) & ~(size_t)15;
    void *p;

    if (!b || b->cap - b->used < bytes) {
        size_t cap = bytes > BLOCK ? bytes : BLOCK;

        b = xcalloc(1, sizeof *b + cap);
        b->cap = cap;
        b->next = a->blocks;
        a->blocks = b;
    }
    p = b->data + b->used;
    b->used += bytes;
    return p;
}

char *
arena_text(struct arena *a, const char *s, size_t n)
{
    char *p = arena_get(a, n + 1, 1);

    memcpy(p, s, n);
    return p;
}

void
arena_release(struct arena *a)
{
    while (a->blocks) {
        struct block *b = a->blocks;

        a->blocks = b->next;
        free(b);
    }
}

/* ---- symbols ----------------------------------------------------------- */

static size_t
hash_of(const char *s, size_t n)
{
    size_t h = 2166136261u;   /* FNV-1a */

    while (n--)
        h = (h ^ (unsigned char)*s++) * 16777619u & 0xffffffffu;
    return h;
}

static void
rehash(struct cell *c)
{
    c->hash_cap = c->hash_cap ? 2 * c->hash_cap : 256;
    free(c->hash);
    c->hash = xcalloc(c->hash_cap, sizeof *c->hash);
    c->sym = xrealloc(c->sym, c->hash_cap, sizeof *c->sym);
    for (int i = 0; i < c->nsyms; i++) {
        const char *name = c->sym[i].name;
        size_t h = hash_of(name, strlen(name)) % c->hash_cap;

        while (c->hash[h])
            h = (h + 1) % c->hash_cap;
        c->hash[h] = i + 1;
    }
}

int
cell_symbol(struct cell *c, const char *name, size_t n)
{
    size_t h;

    if (2 * (c->nsyms + 1) > c->hash_cap)
        rehash(c);
    h = hash_of(name, n) % c->hash_cap;
    for (; c->hash[h]; h = (h + 1) % c->hash_cap) {
        const char *s = c->sym[c->hash[h] - 1].name;

        if (!strncmp(s, name, n) && !s[n])
            return c->hash[h] - 1;
    }
    c->sym[c->nsyms] = (struct symbol){
        .name = arena_text(&c->arena, name, n),
    };
    c->hash[h] = ++c->nsyms;
    return c->nsyms - 1;
}

bool
is_keyword(const char *name)
{
    static const char *const words[] = {
        "input", "state", "option", "param", "size", "output", "init", "rate",
        "if", "else", "end", "at", "otherwise", "not", "and", "or", "true",
        "false", "matrix", "pi", "first_layer", "last_layer",
    };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcmp(words[i], name))
            return true;
    return false;
}

bool
is_capital(const char *name)
{
    return name[0] >= 'A' && name[0] <= 'Z';
}

/* `*` and `?` only.  Goes back to the last star and no further, so that the
 * time is at most the product of the lengths. */
bool
glob_match(const char *glob, const char *name)
{
    const char *star = NULL, *mark = NULL;

    while (*name) {
        if (*glob == '*') {
            star = ++glob;
            mark = name;
        } else if (*glob == '?' || *glob == *name) {
            glob++;
            name++;
        } else if (star) {
            glob = star;
            name = ++mark;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return !*glob;
}

/* ---- text -------------------------------------------------------------- */

static bool
blank_between(const struct token *a, const struct token *b)
{
    int l = a->kind == T_MARK ? a->mark : 0;
    int r = b->kind == T_MARK ? b->mark : 0;

    if (a->tied || b->tied)
        return false;
    if (a->tight || l == '(' || l == '[' || l == '^')
        return false;
    if (r == ')' || r == ']' || r == ',' || r == ';' || r == '\'' || r == '^')
        return false;
    if (r == '(')
        return a->kind != T_NAME || is_keyword(a->text) || is_capital(a->text);
    if (r == ':')
        return a->kind != T_NUMBER && strcmp(a->text, "otherwise");
    return true;
}

char *
cell_join(const struct cell *c, int t0, int t1)
{
    struct memfile *text = memfile_open();
    FILE *f = memfile_stream(text);

    for (int i = t0; i <= t1; i++) {
        const struct token *t = &c->tok[i];
        bool branch = t->kind == T_MARK && t->mark == ':' &&
                      !t->tied && !blank_between(t - 1, t);

        fputs(t->text, f);
        if (i == t1)
            continue;
        /* `at 1:` and its statement are two lines */
        if (branch && t[1].kind != T_LINE)
            fputc('\n', f);
        else if (!branch && t->kind != T_LINE && t[1].kind != T_LINE &&
                 blank_between(t, t + 1))
            fputc(' ', f);
    }
    return memfile_close(text, NULL);
}

char *
cell_canonical(const struct cell *c)
{
    return cell_join(c, 0, c->ntok - 2);   /* without T_END */
}

const char *
cell_quote(const struct cell *c, struct arena *a, const struct expr *e)
{
    int last = e->tok1 - e->tok0 > QUOTE ? e->tok0 + QUOTE : e->tok1;
    char *s = cell_join(c, e->tok0, last), *t;
    size_t n = strlen(s);

    if (n > QUOTE)
        strcpy(s + QUOTE - 3, "...");
    t = arena_text(a, s, strlen(s));
    free(s);
    return t;
}

/* ---- the whole --------------------------------------------------------- */

struct cell *
cell_parse(const char *text, const char *file)
{
    struct cell *c = xcalloc(1, sizeof *c);

    c->file = arena_text(&c->arena, file, strlen(file));
    cell_lex(c, text);
    cell_statements(c);
    cell_check(c);
    return c;
}

void
cell_free(struct cell *c)
{
    if (!c)
        return;
    arena_release(&c->arena);
    free(c->tok);
    free(c->sym);
    free(c->hash);
    free(c);
}

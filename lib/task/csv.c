/* csv.c - numbers between commas, semicolons or tabs. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "task/columns_parts.h"
#include "task/corpus.h"

enum { MOST_COLUMNS = 4096, LONGEST_CELL = 256 };

struct csv {
    struct table_file file;
    const char *at, *end;   /* what is left of the text */
    long line;
    char mark;              /* between cells */
    char cell[LONGEST_CELL + 1];
    bool last;              /* of its line */
};

static _Noreturn void
bad(const struct csv *r, const char *what)
{
    die_at(r->file.path, r->line, "%s", what);
}

/* The next cell of the line, its quotes and outer blanks gone. */
static void
next_cell(struct csv *r)
{
    size_t n = 0;
    bool quoted;

    while (r->at < r->end && *r->at == ' ')
        r->at++;
    quoted = r->at < r->end && *r->at == '"';
    r->at += quoted;
    for (;; r->at++) {
        char c = r->at < r->end ? *r->at : '\n';

        if (quoted && c == '"' && r->at + 1 < r->end && r->at[1] == '"') {
            r->at++;
        } else if (quoted && c == '"') {
            r->at++;
            break;
        } else if (c == '\n' || (!quoted && c == r->mark)) {
            break;
        }
        if (n == LONGEST_CELL)
            bad(r, "a cell of more than 256 bytes: is this a table?");
        r->cell[n++] = c;
    }
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\r'))
        r->at++;
    while (!quoted && n && (r->cell[n - 1] == ' ' || r->cell[n - 1] == '\r'))
        n--;
    r->cell[n] = 0;
    if (quoted && (r->at[-1] != '"'))
        bad(r, "a quoted cell does not end on its line");
    r->last = r->at == r->end || *r->at == '\n';
    if (!r->last && *r->at != r->mark)
        bad(r, "text after a quoted cell");
    r->at += r->at < r->end;
}

static bool
number(const char *text, double *x)
{
    char *end;

    *x = strtod(text, &end);
    return end != text && !*end && isfinite(*x) &&
           !strpbrk(text, "xXpPnN");       /* hexadecimal, nan, infinity */
}

/* What stands between cells: whatever the first line has. */
static char
find_mark(const struct csv *r)
{
    const char *end = memchr(r->at, '\n', (size_t)(r->end - r->at));
    size_t n = (size_t)((end ? end : r->end) - r->at);

    return memchr(r->at, '\t', n) ? '\t' : memchr(r->at, ';', n) ? ';' : ',';
}

static bool
skip_empty(struct csv *r)
{
    while (r->at < r->end && (*r->at == '\n' || (*r->at == '\r' &&
           r->at + 1 < r->end && r->at[1] == '\n'))) {
        r->line += *r->at == '\n';
        r->at++;
    }
    return r->at < r->end;
}

/* The names of the columns; false, and back at its beginning, if the first
 * line has numbers already. */
static bool
first_line(struct csv *r)
{
    const char *start = r->at;
    struct table_file *f = &r->file;
    bool names = false;
    double x;

    do {
        next_cell(r);
        if (f->n == MOST_COLUMNS)
            bad(r, "more than 4096 columns");
        f->name = xrealloc(f->name, (size_t)f->n + 1, sizeof *f->name);
        f->name[f->n++] = xstrdup(r->cell);
        names |= !number(r->cell, &x);
    } while (!r->last);
    for (int i = 0; !names && i < f->n; i++) {
        free(f->name[i]);
        f->name[i] = xasprintf("%d", i + 1);
    }
    if (names)
        r->line++;
    else
        r->at = start;
    return names;
}

static void
take_line(struct csv *r, struct columns *c, size_t *room)
{
    double *row = columns_row(c, room);

    for (int i = 0; i < r->file.n; i++) {
        double x = 0;
        int k = r->file.take[i];

        next_cell(r);
        if (k >= 0 && !number(r->cell, &x))
            die_at(r->file.path, r->line, "column '%s' holds '%s', which is "
                   "no finite number: fill it in, or leave the column out "
                   "with --columns", r->file.name[i], r->cell);
        if (k >= 0)
            row[k] = x;
        if (r->last != (i == r->file.n - 1))
            die_at(r->file.path, r->line, "%s cells than the %d columns of "
                   "the first line", r->last ? "fewer" : "more", r->file.n);
    }
    r->line++;
}

void
csv_read(struct columns *c, const char *path, const char *which)
{
    const char *const paths[] = { path, NULL };
    struct csv r = { .file = { .path = path }, .line = 1 };
    struct corpus text;
    size_t room = 0;

    corpus_read(&text, paths);
    memcpy(c->hash, text.hash, sizeof c->hash);
    r.at = (const char *)text.byte;
    r.end = r.at + text.n;
    if (text.n > 3 && !memcmp(r.at, "\xef\xbb\xbf", 3))     /* byte order */
        r.at += 3;
    if (!skip_empty(&r))
        die_at(path, 0, "is empty");
    r.mark = find_mark(&r);
    first_line(&r);
    columns_choose(c, &r.file, which);
    while (skip_empty(&r))
        take_line(&r, c, &room);
    for (int i = 0; i < r.file.n; i++)
        free(r.file.name[i]);
    free(r.file.name);
    free(r.file.take);
    corpus_release(&text);
}

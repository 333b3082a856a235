/* columns.c - what CSV and .npy have in common: which columns are taken. */
#include "task/columns.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/near.h"
#include "task/columns_parts.h"

int
columns_find(const struct columns *c, const char *name)
{
    char *end;
    long number = strtol(name, &end, 10);

    for (int i = 0; i < c->n; i++)
        if (!strcmp(c->name[i], name))
            return i;
    for (int i = 0; i < c->n && end != name && !*end; i++)
        if (c->number[i] == number)
            return i;
    return -1;
}

static _Noreturn void
no_column(const struct table_file *f, const char *name)
{
    const char *near = near_names(name, (const char *const *)f->name, f->n);

    if (*near)
        die_at(f->path, 0, "no column '%s' (did you mean %s?)", name, near);
    die_at(f->path, 0, "no column '%s': it has %d, '%s' first", name, f->n,
           f->name[0]);
}

static int
place_of(const struct table_file *f, const char *name)
{
    char *end;
    long k;

    for (int i = 0; i < f->n; i++)
        if (!strcmp(f->name[i], name))
            return i;
    k = strtol(name, &end, 10);
    if (*end || end == name || k < 1 || k > f->n)
        no_column(f, name);
    return (int)k - 1;
}

void
columns_choose(struct columns *c, struct table_file *f, const char *which)
{
    char *copy = xstrdup(which), *save = NULL, *word = copy;

    f->take = xcalloc((size_t)f->n, sizeof *f->take);
    for (int i = 0; i < f->n; i++)
        f->take[i] = *which ? -1 : i;
    c->n = *which ? 0 : f->n;
    for (; *which && (word = strtok_r(word, ",", &save)); word = NULL) {
        int i = place_of(f, word);

        if (f->take[i] < 0)
            f->take[i] = c->n++;
    }
    if (!c->n)
        die_at(f->path, 0, "no columns");
    c->name = xcalloc((size_t)c->n, sizeof *c->name);
    c->number = xcalloc((size_t)c->n, sizeof *c->number);
    for (int i = 0; i < f->n; i++) {
        if (f->take[i] < 0)
            continue;
        c->name[f->take[i]] = xstrdup(f->name[i]);
        c->number[f->take[i]] = i + 1;
    }
    free(copy);
}

double *
columns_row(struct columns *c, size_t *room)
{
    if ((c->rows + 1) * (size_t)c->n > *room) {
        *room = 2 * *room + 1024 * (size_t)c->n;
        c->value = xrealloc(c->value, *room, sizeof *c->value);
    }
    return c->value + c->rows++ * (size_t)c->n;
}

void
columns_release(struct columns *c)
{
    for (int i = 0; i < c->n; i++)
        free(c->name[i]);
    free(c->name);
    free(c->number);
    free(c->value);
    memset(c, 0, sizeof *c);
}

void
columns_read(struct columns *c, const char *path, const char *which)
{
    size_t n = strlen(path);

    memset(c, 0, sizeof *c);
    if (n > 4 && !strcmp(path + n - 4, ".npy"))
        npy_read(c, path, which);
    else
        csv_read(c, path, which);
    if (!c->rows)
        die_at(path, 0, "no rows of numbers in it");
}

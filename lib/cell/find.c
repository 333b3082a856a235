/* find.c - a cell's text by its name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/magic.h"
#include "base/near.h"
#include "cell/builtin.h"
#include "cell/cell.h"

enum { MAX_TEXT = 1 << 20, MAX_BUILTIN = 256 };

static bool
is_there(const char *path)
{
    struct stat st;

    return !stat(path, &st) && !S_ISDIR(st.st_mode);
}

static char *
read_text(const char *path)
{
    size_t size;
    char *text = file_read(path, MAX_TEXT, &size), *nul;

    magic_need_text(path, text, size);
    nul = memchr(text, 0, size);
    if (nul) {
        long line = 1;

        for (const char *s = text; s < nul; s++)
            line += *s == '\n';
        die_at(path, line, "a byte 0: this is not a text");
    }
    return text;
}

/* In one of the folders of $UNROLL_CELLS, which ':' separates. */
static char *
find_in_folders(const char *name)
{
    const char *s = getenv("UNROLL_CELLS");

    while (s && *s) {
        int n = (int)strcspn(s, ":");
        char *path = xasprintf("%.*s/%s.cell", n, s, name);

        if (n && is_there(path))
            return path;
        free(path);
        path = xasprintf("%.*s/%s", n, s, name);
        if (n && is_there(path))
            return path;
        free(path);
        s += n + (s[n] == ':');
    }
    return NULL;
}

const char *const *
cell_names(void)
{
    static const char *names[MAX_BUILTIN + 1];

    for (int i = 0; i < MAX_BUILTIN && builtin_cells[i].name; i++)
        names[i] = builtin_cells[i].name;
    return names;
}

const char *
cell_text(const char *name)
{
    for (int i = 0; builtin_cells[i].name; i++)
        if (!strcmp(builtin_cells[i].name, name))
            return builtin_cells[i].text;
    return NULL;
}

char *
cell_find(const char *name, char **file)
{
    const char *const *names = cell_names(), *near;
    char *path;
    int n = 0;

    *file = is_there(name) ? xstrdup(name) : NULL;
    if (!*file && !strchr(name, '/'))
        *file = find_in_folders(name);
    if (*file)
        return read_text(*file);
    for (; names[n]; n++)
        if (!strcmp(names[n], name)) {
            *file = xasprintf("%s.cell", name);
            return xstrdup(builtin_cells[n].text);
        }
    if (strchr(name, '/') || strstr(name, ".cell"))
        die_at(name, 0, access(name, F_OK) ? "no such cell file"
               : "not a file that can be read");
    path = xasprintf("./%s.cell", name);
    if (is_there(path))
        die(RC_DATA, "no cell '%s'; did you mean the file '%s'?", name, path);
    near = near_names(name, names, n);
    if (*near)
        die(RC_DATA, "no cell '%s'; did you mean %s?", name, near);
    die(RC_DATA, "no cell '%s': give a file, or one of those compiled in "
        "(train --list cells)", name);
}

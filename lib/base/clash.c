#include "base/clash.h"

#include <errno.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"

/* What tells a file from all others; NULL if it is none. */
static char *
identity(const char *path, int fd)
{
    char *copy, *folder, *real, *id;
    const char *name = strrchr(path, '/');
    struct stat st;

    if (!(fd >= 0 ? fstat(fd, &st) : stat(path, &st)))
        return S_ISREG(st.st_mode) ?
            xasprintf("%llu:%llu", (unsigned long long)st.st_dev,
                      (unsigned long long)st.st_ino) : NULL;
    if (fd >= 0)
        return NULL;
    copy = xstrdup(path);
    folder = dirname(copy);
    real = realpath(folder, NULL);
    if (!real && errno == ENOMEM)
        die(RC_DATA, "out of memory for a file's name");
    /* A folder that is not there yet may be made. */
    id = xasprintf("%s/%s", real ? real : folder, name ? name + 1 : path);
    free(real);
    free(copy);
    return id;
}

static void
add(struct clash *c, const char *what, const char *path, int fd, bool out)
{
    char *id = identity(path, fd);
    const json_t *old;
    const char *before;
    bool both;

    if (!id)
        return;
    if (!c->files)
        c->files = json_object();
    old = json_object_get(c->files, id);
    before = json_string_value(json_array_get(old, 0));
    both = out || json_is_true(json_array_get(old, 1));
    if (old && both && c->where)
        die_at(c->where, 0, "%s and %s are one file, '%s'", before, what,
               path);
    if (old && both)
        die(RC_USAGE, "%s and %s are one file, '%s'; try '%s --help'", before,
            what, path, prog);
    if (!old)
        json_object_set_new(c->files, id, json_pack("[s,b]", what, out));
    free(id);
}

void
clash_in(struct clash *c, const char *what, const char *path)
{
    if (path)
        add(c, what, path, strcmp(path, "-") ? -1 : STDIN_FILENO, false);
}

void
clash_out(struct clash *c, const char *what, const char *path)
{
    if (path && strcmp(path, "-"))
        add(c, what, path, -1, true);
}

void
clash_release(struct clash *c)
{
    json_decref(c->files);
    c->files = NULL;
}

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/stop.h"
#include "train/contract.h"
#include "train/output.h"

/* path without `suffix`, with `other` in its place. */
static char *
sibling(const char *path, const char *suffix, const char *other)
{
    size_t n = strlen(path), k = strlen(suffix);

    if (n > k && !strcmp(path + n - k, suffix))
        n -= k;
    return xasprintf("%.*s%s", (int)n, path, other);
}

void
output_init(struct output *o, const char *result, const char *save,
            const char *checkpoint)
{
    memset(o, 0, sizeof *o);
    o->result = result;
    o->save = save;
    o->lock_fd = -1;
    if (checkpoint)
        o->checkpoint = xstrdup(checkpoint);
    else if (result)
        o->checkpoint = sibling(result, ".json", ".checkpoint");
    else if (save)
        o->checkpoint = sibling(save, ".safetensors", ".checkpoint");
    if (result)
        o->meta = sibling(result, ".json", ".meta");
    if (o->checkpoint)
        o->lock = xasprintf("%s.lock", o->checkpoint);
}

void
output_release(struct output *o)
{
    free(o->checkpoint);
    free(o->lock);
    free(o->meta);
}

/* Better said now than after hours of work. */
static void
check_folder(const char *path)
{
    const char *slash = path ? strrchr(path, '/') : NULL;
    struct stat st;
    char *folder;

    if (!path)
        return;
    if (!stat(path, &st) && S_ISDIR(st.st_mode))
        die_at(path, 0, "cannot write: is a folder");
    folder = slash ? xasprintf("%.*s", (int)(slash - path) + 1, path) :
             xstrdup(".");
    if (access(folder, W_OK | X_OK))
        die_at(path, 0, "cannot write into its folder:");
    free(folder);
}

/* Temporaries (base/file.h) of a process that was killed: under our lock no
 * one else is writing them. */
static void
remove_parts(const char *path)
{
    char *pattern;
    glob_t g;

    if (!path || path[strcspn(path, "*?[\\")])
        return;
    pattern = xasprintf("%s.part.*", path);
    if (!glob(pattern, GLOB_NOSORT, NULL, &g)) {
        for (size_t i = 0; i < g.gl_pathc; i++)
            unlink(g.gl_pathv[i]);
        globfree(&g);
    }
    free(pattern);
}

/* Gone again with the program, whatever ends it. */
static void
remove_lock(void *path)
{
    unlink(path);
}

void
output_lock(struct output *o, bool no_wait)
{
    const struct timespec pause = { 0, 200000000 };
    bool told = false;

    check_folder(o->result);
    check_folder(o->save);
    check_folder(o->checkpoint);
    if (!o->lock)
        return;
    /* A lock that its last holder has just removed protects nothing. */
    while ((o->lock_fd = file_lock(o->lock)) < 0 || access(o->lock, F_OK)) {
        if (o->lock_fd >= 0) {
            close(o->lock_fd);
            continue;
        }
        if (no_wait)
            die(RC_DATA, "%s: another process works on this run", o->lock);
        if (!told)
            warn("%s: another process works on this run; waiting for it",
                 o->lock);
        told = true;
        nanosleep(&pause, NULL);
        if (stop_asked())
            stop_leave();
    }
    at_exit_run(remove_lock, o->lock);
    remove_parts(o->result);
    remove_parts(o->meta);
    remove_parts(o->save);
    remove_parts(o->checkpoint);
}

void
output_unlock(struct output *o)
{
    if (o->lock_fd < 0)
        return;
    unlink(o->lock);
    close(o->lock_fd);
    at_exit_drop(remove_lock, o->lock);
    o->lock_fd = -1;
}

json_t *
output_done(const struct output *o, const char *id)
{
    json_t *r;
    const char *have;
    struct stat st;

    if (!o->result || stat(o->result, &st) || !S_ISREG(st.st_mode))
        return NULL;
    r = json_read_file(o->result);
    have = json_string_value(json_object_get(r, "id"));
    if (!have)
        die_at(o->result, 0, "is there already and is no result; name "
               "another file");
    if (strcmp(have, id))
        die_at(o->result, 0, "holds run %.12s, this is %.12s; name another "
               "file, or remove it", have, id);
    if (json_integer_value(json_object_get(r, "contract")) == CONTRACT &&
        (!o->save || !access(o->save, F_OK)))
        return r;
    json_decref(r);
    return NULL;
}

static void
write_line(const char *path, const char *text)
{
    struct outfile *f = outfile_open(path);

    fprintf(outfile_stream(f), "%s\n", text);
    outfile_commit(f);
}

char *
output_finish(const struct output *o, const json_t *result,
              const json_t *meta)
{
    char *text = json_text(result, false), *side = json_text(meta, false);

    if (o->result) {
        write_line(o->meta, side);
        write_line(o->result, text);
    }
    output_clear(o);
    free(side);
    return text;
}

void
output_clear(const struct output *o)
{
    if (o->checkpoint)
        unlink(o->checkpoint);
}

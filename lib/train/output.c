#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/temp.h"
#include "train/contract.h"
#include "train/output.h"

static bool
is_folder(const char *path)
{
    struct stat st;

    return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* path without `suffix`, with `other` in its place. */
static char *
sibling(const char *path, const char *suffix, const char *other)
{
    size_t n = strlen(path), k = strlen(suffix);

    if (n > k && !strcmp(path + n - k, suffix))
        n -= k;
    return xasprintf("%.*s%s", (int)n, path, other);
}

/* A file beside which others can be kept: not a device or a pipe. */
static bool
is_file(const char *path)
{
    return path && !file_in_place(path);
}

static bool
is_null_device(const char *path)
{
    struct stat st;

    return !stat(path, &st) && S_ISCHR(st.st_mode) &&
           st.st_rdev == makedev(1, 3);
}

void
output_init(struct output *o, const char *result, const char *save,
            const char *checkpoint)
{
    char *beside = is_file(result) ? sibling(result, ".json", ".checkpoint") :
                   is_file(save) ? sibling(save, ".safetensors",
                                           ".checkpoint") : NULL;

    memset(o, 0, sizeof *o);
    o->result = result;
    o->save = save;
    o->lock_fd = -1;
    if (!checkpoint)
        o->checkpoint = beside ? xstrdup(beside) : NULL;
    else if (is_file(checkpoint) || is_folder(checkpoint))
        o->checkpoint = xstrdup(checkpoint);
    else if (!is_null_device(checkpoint))    /* which is how to ask for none */
        die_at(checkpoint, 0, "is no regular file: no checkpoint can be kept "
               "there");
    if (is_file(result))
        o->meta = sibling(result, ".json", ".meta");
    if (o->checkpoint || beside)
        o->lock = xasprintf("%s.lock", o->checkpoint ? o->checkpoint : beside);
    free(beside);
}

void
output_clash(const struct output *o, struct clash *c)
{
    clash_out(c, "the result", o->result);
    clash_out(c, "the model", o->save);
    clash_out(c, "the checkpoint", o->checkpoint);
    clash_out(c, "the side file", o->meta);
    clash_out(c, "the lock", o->lock);
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
    char *folder;

    if (!path)
        return;
    if (is_folder(path))
        die_at(path, 0, "cannot write: is a folder");
    if (file_in_place(path))
        return;
    folder = slash ? xasprintf("%.*s", (int)(slash - path) + 1, path) :
             xstrdup(".");
    if (access(folder, W_OK | X_OK))
        die_at(path, 0, "cannot write into its folder:");
    free(folder);
}

/* What killed processes left of it. */
static void
sweep(const char *path)
{
    if (is_file(path))
        temp_sweep(path);
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
    while ((o->lock_fd = temp_lock(o->lock)) < 0) {
        if (no_wait)
            die(RC_DATA, "%s: another process works on this run", o->lock);
        if (!told)
            warn("%s: another process works on this run; waiting for it",
                 o->lock);
        told = true;
        nanosleep(&pause, NULL);
    }
    sweep(o->result);
    sweep(o->meta);
    sweep(o->save);
    sweep(o->checkpoint);
}

void
output_unlock(struct output *o)
{
    if (o->lock_fd < 0)
        return;
    temp_remove(o->lock);
    close(o->lock_fd);
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

    if (o->meta)
        write_line(o->meta, side);
    if (o->result)
        write_line(o->result, text);
    output_clear(o, json_string_value(json_object_get(result, "id")));
    free(side);
    return text;
}

/* Checkpoints are known by their first bytes. */
static bool
is_checkpoint(const char *path, const char *id)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char head[4096];
    struct stat st;
    ssize_t n = 0;

    if (fd < 0)
        return false;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode))
        n = read(fd, head, sizeof head);
    close(fd);
    return n > 0 && memmem(head, (size_t)n, "\"unroll checkpoint\"", 19) &&
           memmem(head, (size_t)n, id, strlen(id));
}

void
output_clear(const struct output *o, const char *id)
{
    char *real = o->checkpoint && is_checkpoint(o->checkpoint, id) ?
                 realpath(o->checkpoint, NULL) : NULL;

    if (real)
        unlink(real);
    free(real);
}

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"
#include "base/keys.h"
#include "stream/agree.h"
#include "stream/codebook.h"
#include "train/child.h"
#include "train/config.h"
#include "train/data.h"

enum { LINES_BATCH = 64 };   /* of JSON lines, if nobody says */

static void
put_int(json_t *config, const char *key, int64_t v)
{
    json_object_set_new(config, key, json_integer((json_int_t)v));
}

static bool
same_value(const json_t *a, const json_t *b)
{
    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    return json_equal(a, b);
}

/* ---- tasks --------------------------------------------------------------*/

static _Noreturn void
tasks_differ(const json_t *want, const json_t *have, const char *where,
             const char *name, const char *key)
{
    char *a = want ? json_text(want, true) : xstrdup("not given");
    char *b = have ? json_text(have, true) : xstrdup("nothing");

    die_at(name, 0, "%s is %s here and %s in %s", key, b, a, where);
}

/* The config's task is the stream's: every setting it names is as the stream
 * `have`s it, and it names every one that stands in `given` (NULL: not known),
 * so that all it leaves out are at their defaults. */
static void
compare_task(const json_t *want, const json_t *have, const json_t *given,
             const char *where, const char *name, const char *key)
{
    const char *k;
    json_t *v, *x;

    json_object_foreach((json_t *)want, k, v) {
        x = json_object_get(have, k);
        if (!x || !same_value(v, x))
            tasks_differ(v, x, where, name, xasprintf("%s.%s", key, k));
    }
    json_object_foreach((json_t *)given, k, v)
        if (!json_object_get(want, k))
            tasks_differ(NULL, v, where, name, xasprintf("%s.%s", key, k));
}

/* What stands for the task where no task made the set. */
static json_t *
hash_task(const struct set *s)
{
    char hex[65];

    set_sha256(s, hex);
    return json_pack("{s:s}", "sha256", hex);
}

static void
train_task(struct data *d, json_t *config, const char *where)
{
    const struct stream_info *info = feed_info(d->train);
    const json_t *given = json_object_get(config, "task");
    json_t *have = json_object_size(info->task) ?
                   json_deep_copy(info->task) : NULL;

    if (!have && feed_set(d->train))
        have = hash_task(feed_set(d->train));
    if (json_object_size(given) > 0)
        compare_task(given, have, info->given, where, feed_name(d->train),
                     "task");
    else if (have)
        json_object_set(config, "task", json_object_size(info->given) ?
                        info->given : have);
    json_decref(have);
}

/* The vectors that tokens stand for are part of the config, by their hash. */
static void
train_codebook(const struct data *d, json_t *config, const char *where)
{
    const json_t *codebook = feed_info(d->train)->codebook;
    const char *given = json_string_value(json_object_get(config,
                                                          "codebook_sha256"));
    char hex[65] = "";

    if (codebook)
        codebook_sha256(codebook, hex);
    if (given && strcmp(given, hex))
        die_at(where, 0, "codebook_sha256 is %.12s.., that of %s %.12s%s",
               given, feed_name(d->train), *hex ? hex : "is missing",
               *hex ? ".." : "");
    if (*hex)
        json_object_set_new(config, "codebook_sha256", json_string(hex));
}

/* Where a judging set's task differs from the training task, the difference
 * goes into the config; `split` too if it is not the one expected. */
static void
judge_task(const struct set *s, const json_t *trained, json_t *config,
           const char *split, const char *where, const char *name)
{
    char *key = xasprintf("%s_task", split);
    const json_t *given = json_object_get(config, key);
    const json_t *base = json_object_size(trained) ? trained :
                         json_object_get(config, "task");
    json_t *have = json_object_size(s->info.task) ?
                   json_deep_copy(s->info.task) : hash_task(s);
    json_t *diff = json_object(), *v;
    const char *k;

    if (json_object_size(s->info.task) && strcmp(s->info.split, split))
        json_object_set_new(have, "split", json_string(s->info.split));
    json_object_foreach(have, k, v) {
        const json_t *x = json_object_get(base, k);

        if (!x || !same_value(x, v))
            json_object_set(diff, k, v);
    }
    if (json_object_size(given) > 0)
        compare_task(given, have, diff, where, name, key);
    else if (json_object_size(diff) > 0)
        json_object_set(config, key, diff);
    json_decref(diff);
    json_decref(have);
    free(key);
}

/* ---- sets ---------------------------------------------------------------*/

struct set *
data_set_file(const char *path, int64_t rows, const struct stream_info *net)
{
    struct batch_reader *r = batch_reader_open_for(path, net);
    struct set *s = xcalloc(1, sizeof *s);

    set_read(s, r, rows, strcmp(path, "-") ? path : "<stdin>");
    batch_reader_close(r);
    return s;
}

struct set *
data_set_source(const char *command, const char *split, int64_t rows,
                int batch, const json_t *task)
{
    struct child *c = child_start(command);
    const struct stream_info *info = batch_reader_info(child_reader(c));
    struct set *s = xcalloc(1, sizeof *s);
    json_t *set = task ? json_deep_copy(task) : json_object();
    const char *other = json_string_value(json_object_get(set, "split"));
    char *name = xasprintf("--source (%s)", split);

    if (!batch || info->count >= 0)     /* a count is of the header's batches */
        batch = info->batch;
    if (batch > rows)
        batch = (int)rows;
    split = other ? other : split;
    child_ask(c, split, 0, 0, (rows + batch - 1) / batch, batch, set);
    json_object_del(set, "split");
    set_read(s, child_reader(c), rows, name);
    snprintf(s->info.split, sizeof s->info.split, "%s", split);
    json_object_update(s->info.task, set);
    child_stop(c);
    json_decref(set);
    free(name);
    return s;
}

/* The validation or test set, its rows and task entered into the config. */
static struct set *
judge(const struct data *d, const struct data_options *o, const char *path,
      json_t *config, const char *split, const char *where)
{
    char rows_key[16], task_key[16];
    int64_t rows;
    int batch = (int)json_integer_value(json_object_get(config, "batch"));
    struct set *s;

    snprintf(rows_key, sizeof rows_key, "%s_rows", split);
    snprintf(task_key, sizeof task_key, "%s_task", split);
    rows = (int64_t)json_number_value(json_object_get(config, rows_key));
    if (path)
        s = data_set_file(path, rows, NULL);
    else if (o->source && rows)
        s = data_set_source(o->source, split, rows,
                            feed_info(d->train)->continues ? batch : 256,
                            json_object_get(config, task_key));
    else if (rows)
        die_at(where, 0, "%s is %lld, but there is no --%s", rows_key,
               (long long)rows, split);
    else
        return NULL;
    agree_or_die(feed_info(d->train), &s->info,
                 json_object_get(json_object_get(config, task_key), "name") ?
                 AGREE_MEANING : AGREE_TASK, "the net", path ? path : split);
    if (!set_scored(s))
        die_at(path ? path : split, 0, "no place is scored: there is nothing "
               "to judge by");
    put_int(config, rows_key, s->rows);
    judge_task(s, feed_info(d->train)->task, config, split, where,
               path ? path : split);
    return s;
}

/* ---- everything ---------------------------------------------------------*/

/* JSON lines come as one batch of all: no choice that somebody made. */
static bool
is_lines(const struct stream_info *info)
{
    const char *name = json_string_value(json_object_get(info->task, "name"));

    return name && !strcmp(name, "lines") && !info->batch_told;
}

static void
train_rows(struct data *d, json_t *config, const json_t *settings)
{
    int64_t rows = keys_int(settings, "train_rows");
    int batch = (int)keys_int(settings, "batch");
    const struct stream_info *info = feed_info(d->train);

    if (feed_is_stored(d->train, rows, keys_bool(settings, "redraw"))) {
        feed_store(d->train, rows);
        rows = feed_set(d->train)->rows;
        if (!set_scored(feed_set(d->train)))
            die_at(feed_name(d->train), 0, "no place is scored: there is "
                   "nothing to learn");
    }
    put_int(config, "train_rows", rows);
    if (!batch)
        batch = is_lines(info) && info->batch > LINES_BATCH ? LINES_BATCH :
                info->batch;
    if (rows && batch > rows)
        batch = (int)rows;
    put_int(config, "batch", batch);
}

/* Settings that make no sense with this data. */
static void
check_settings(const json_t *s, const struct data_options *o,
               const char *where)
{
    if (keys_bool(s, "redraw") && (!o->source || !keys_int(s, "train_rows")))
        die_at(where, 0, "redraw needs --source and train_rows");
    if (keys_int(s, "patience") && !o->val && !keys_int(s, "val_rows"))
        die_at(where, 0, "patience needs a validation set (--val)");
    if (json_object_get(s, "stop_accuracy") && !o->val &&
        !keys_int(s, "val_rows"))
        die_at(where, 0, "stop_accuracy needs a validation set (--val)");
}

/* How long to train, if nobody says. */
static void
fill_length(json_t *config, const json_t *settings, const char *where)
{
    bool endless = !json_integer_value(json_object_get(config, "train_rows"));

    if (keys_int(settings, "steps"))
        return;
    if (endless && keys_int(settings, "epochs"))
        die_at(where, 0, "an endless stream has no epochs; give steps");
    if (endless)
        put_int(config, "steps", 10000);
    else if (!keys_int(settings, "epochs"))
        put_int(config, "epochs", 10);
}

json_t *
data_open(struct data *d, const struct data_options *o, const json_t *config,
          const char *where)
{
    json_t *c = json_deep_copy(config), *settings = config_settings(config);
    json_t *sparse;

    memset(d, 0, sizeof *d);
    check_settings(settings, o, where);
    d->train = o->source ? feed_serve(o->source) : feed_open(o->stream);
    if (o->init)
        feed_agree(d->train, o->init, "the model of --init");
    train_rows(d, c, settings);
    train_task(d, c, where);
    train_codebook(d, c, where);
    d->val = judge(d, o, o->val, c, "val", where);
    d->test = judge(d, o, o->test, c, "test", where);
    fill_length(c, settings, where);
    feed_start(d->train, (int)json_integer_value(json_object_get(c, "batch")),
               (uint64_t)keys_int(settings, "seed"),
               keys_bool(settings, "redraw") ?
               keys_int(settings, "train_rows") : 0);
    sparse = keys_sparse(train_keys, c);
    json_decref(c);
    json_decref(settings);
    return sparse;
}

json_t *
data_config(const struct data_options *o, const json_t *opened,
            const json_t *config, const char *where)
{
    static const char *const filled[] = {
        "task", "train_rows", "batch", "val_rows", "val_task", "test_rows",
        "test_task", "codebook_sha256",
    };
    json_t *c = json_deep_copy(config), *settings = config_settings(config);
    json_t *sparse, *v;

    check_settings(settings, o, where);
    for (size_t i = 0; i < sizeof filled / sizeof *filled; i++) {
        v = json_object_get(opened, filled[i]);
        if (v)
            json_object_set_new(c, filled[i], json_deep_copy(v));
    }
    fill_length(c, settings, where);
    sparse = keys_sparse(train_keys, c);
    json_decref(c);
    json_decref(settings);
    return sparse;
}

void
data_close(struct data *d)
{
    feed_close(d->train);
    if (d->val)
        set_release(d->val);
    if (d->test)
        set_release(d->test);
    free(d->val);
    free(d->test);
}

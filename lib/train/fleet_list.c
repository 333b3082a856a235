/* fleet_list.c - a list of runs read, gathered into fleets, trained. */
#include "train/fleet_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/keys.h"
#include "base/stop.h"
#include "train/config.h"
#include "train/describe.h"
#include "train/fleet.h"
#include "train/output.h"

/* A run of the list.  What stands below `given` is there only while its fleet
 * is under way. */
struct entry {
    char *where;                 /* names the config in messages */
    bool is_file;                /* `where` is its path */
    char *result, *save;
    json_t *given;               /* complete but for what the data adds */
    char id[65];                 /* as the config names it, or empty */
    bool taken;
    json_t *config, *origins;
    struct output output;
    struct run_options options;
    struct model *model;
    struct run run;
};

struct list {
    const struct fleet_list *l;
    int n;
    struct entry *at;
};

/* ---- reading ------------------------------------------------------------*/

static const char *
list_name(const struct fleet_list *l)
{
    return strcmp(l->path, "-") ? l->path : "<stdin>";
}

static json_t *
read_config(const char *path)
{
    json_t *c = json_read_file(path);

    if (!json_is_object(c))
        die_at(path, 0, "not an object");
    return c;
}

static void
add_config(const struct fleet_list *l, struct entry *e, json_t *file)
{
    const char *id = json_string_value(json_object_get(file, "id"));
    json_t *both = config_join(file, l->flags);

    e->origins = json_object();
    e->given = config_complete(both, e->where, e->origins);
    if (json_object_get(e->given, "init_sha256"))
        die_at(e->where, 0, "starts from weights (init_sha256): a fleet "
               "cannot");
    if (id && !json_object_size(l->flags))
        snprintf(e->id, sizeof e->id, "%s", id);
    json_decref(both);
}

/* A line that is a config. */
static void
add_line(const struct fleet_list *l, struct entry *e, const char *line,
         size_t n, long number)
{
    json_t *file = json_read_text(line, n, list_name(l), number);
    char hex[65];

    if (!l->results)
        die_at(list_name(l), number, "a config here needs a folder for its "
               "result: --result DIR");
    e->where = xasprintf("%s:%ld", list_name(l), number);
    add_config(l, e, file);
    config_id(e->given, hex);
    e->result = xasprintf("%s/%.8s.json", l->results, e->id[0] ? e->id : hex);
    if (l->models)
        e->save = xasprintf("%s/%.8s.safetensors", l->models,
                            e->id[0] ? e->id : hex);
    json_decref(file);
}

/* The next word of the line, and where the one after it may begin. */
static char *
word(const char **s, const char *end)
{
    size_t n;

    while (*s < end && strchr(" \t\r", **s))
        ++*s;
    n = strcspn(*s, " \t\r\n");
    *s += n;
    return n ? xasprintf("%.*s", (int)n, *s - n) : NULL;
}

static void
add_files(const struct fleet_list *l, struct entry *e, const char *s,
          const char *end, long number)
{
    json_t *file;
    char *more;

    e->where = word(&s, end);
    e->is_file = true;
    e->result = word(&s, end);
    e->save = word(&s, end);
    more = word(&s, end);
    if (!e->result || more)
        die_at(list_name(l), number, "want CONFIG RESULT [MODEL]");
    file = read_config(e->where);
    add_config(l, e, file);
    json_decref(file);
}

static int
by_result(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->result,
                  ((const struct entry *)b)->result);
}

/* Neither two runs nor a run and its input share a file. */
static void
check_files(const struct list *list)
{
    const struct fleet_list *l = list->l;
    struct clash c = { .where = list_name(l) };

    clash_in(&c, "the list", l->path);
    clash_in(&c, "the stream", l->data.source ? NULL : l->data.stream);
    clash_in(&c, "--val", l->data.val);
    clash_in(&c, "--test", l->data.test);
    for (int i = 0; i < list->n; i++)
        if (list->at[i].is_file)
            clash_in(&c, "a config", list->at[i].where);
    for (int i = 0; i < list->n; i++) {
        struct output o;

        output_init(&o, list->at[i].result, list->at[i].save, NULL);
        output_clash(&o, &c);
        output_release(&o);
    }
    clash_release(&c);
}

/* In the order of their results, in which everybody locks them: so nobody
 * waits for one who waits for him. */
static void
read_list(struct list *list, const struct fleet_list *l)
{
    size_t size;
    char *text = file_read(l->path, LIMIT_LIST, &size);
    long number = 1;

    if (strlen(text) != size)
        die_at(list_name(l), 0, "not a text file: it has a zero byte");
    for (const char *s = text, *end; *s; s = *end ? end + 1 : end, number++) {
        struct entry *e;

        end = s + strcspn(s, "\n");
        while (s < end && strchr(" \t\r", *s))
            s++;
        if (s == end || *s == '#')
            continue;
        list->at = xrealloc(list->at, (size_t)list->n + 1, sizeof *list->at);
        e = &list->at[list->n++];
        memset(e, 0, sizeof *e);
        if (*s == '{')
            add_line(l, e, s, (size_t)(end - s), number);
        else
            add_files(l, e, s, end, number);
    }
    free(text);
    if (list->n)
        qsort(list->at, (size_t)list->n, sizeof *list->at, by_result);
    for (int i = 1; i < list->n; i++)
        if (!strcmp(list->at[i].result, list->at[i - 1].result))
            die_at(list_name(l), 0, "two runs have the result '%s'",
                   list->at[i].result);
    check_files(list);
}

/* ---- one fleet ----------------------------------------------------------*/

struct group {
    const struct fleet_list *l;
    struct data data;
    int n;
    struct entry **member;              /* room for as many as there can be */
    int nleft;                          /* of them those not done before */
    struct entry **left;
};

static void
print_result(const struct entry *e, char *text, const json_t *result,
             const json_t *meta)
{
    char *words = isatty(STDOUT_FILENO) ?
                  describe_result(result, meta, e->result) : NULL;

    stdout_line(words ? words : text);
    free(words);
    free(text);
}

/* A member has come to its end. */
static void
finish(void *ctx, int i)
{
    struct group *g = ctx;
    struct entry *e = g->left[i];
    json_t *result = run_result(&e->run), *meta;
    float *w = run_weights(&e->run);

    if (e->save)
        model_save(e->save, e->config, e->run.info, e->run.net, w);
    free(w);
    meta = run_meta(&e->run);
    print_result(e, output_finish(&e->output, result, meta), result, meta);
    run_written(&e->run);
    json_decref(meta);
    json_decref(result);
    output_unlock(&e->output);
}

static void
complete(struct group *g, struct entry *e, json_t *config)
{
    char hex[65];

    e->config = config;
    config_id(config, hex);
    if (e->id[0] && strcmp(e->id, hex))
        config_blame(e->where, e->given, config, e->id);
    output_init(&e->output, e->result, e->save, NULL);
    e->options = g->l->options;
    e->options.checkpoint = e->output.checkpoint;
}

/* Lock it, and see what there is to do. */
static void
begin(struct group *g, struct entry *e)
{
    const struct feed *train = g->data.train;
    char hex[65];
    json_t *result;

    config_id(e->config, hex);
    output_lock(&e->output, g->l->no_wait);
    result = output_done(&e->output, hex);
    if (result) {
        output_clear(&e->output, hex);
        output_unlock(&e->output);
        print_result(e, json_text(result, false), result, NULL);
        json_decref(result);
        return;
    }
    e->model = model_build(e->config, e->where, feed_info(train), e->origins);
    run_open(&e->run, &e->options, e->config, &g->data, e->model);
    g->left[g->nleft++] = e;
}

/* Where they were, if they have begun before. */
static void
resume(struct group *g)
{
    for (int i = 0; i < g->nleft; i++) {
        struct entry *e = g->left[i];

        if (!e->options.quiet)
            describe_line(&e->run);
        if (run_resume(&e->run) && !e->options.quiet)
            warn("going on from %s after %lld updates", e->output.checkpoint,
                 (long long)e->run.s.n.update);
    }
}

static void
end(struct group *g)
{
    for (int i = 0; i < g->nleft; i++) {
        run_close(&g->left[i]->run);
        model_free(g->left[i]->model);
    }
    for (int i = 0; i < g->n; i++) {
        output_release(&g->member[i]->output);
        json_decref(g->member[i]->config);
    }
    data_close(&g->data);
    free(g->member);
    free(g->left);
}

/* A stored set's order comes from the seed, except where it continues. */
static bool
is_ordered(const struct data *d)
{
    return feed_set(d->train) && !feed_info(d->train)->continues;
}

/* The first that is left, and those that can go with it. */
static void
gather(struct group *g, struct list *list, struct entry *first)
{
    const struct fleet_list *l = g->l;
    const char *where = first->where, *differs = NULL;
    json_t *opened = data_open(&g->data, &l->data, first->given, where);
    struct model *model;
    bool fits;

    g->member[g->n++] = first;
    first->taken = true;
    complete(g, first, opened);
    model = model_build(opened, where, feed_info(g->data.train),
                        first->origins);
    fits = l->options.backend->fits(model->net, 2);
    model_free(model);
    for (struct entry *e = first + 1; e < list->at + list->n; e++) {
        const char *key;

        if (e->taken || g->n == l->options.backend->most_nets)
            continue;
        key = fits ? fleet_differs(first->given, e->given,
                                   is_ordered(&g->data)) : "dropout";
        if (key) {
            differs = differs ? differs : key;
            continue;
        }
        g->member[g->n++] = e;
        e->taken = true;
        complete(g, e, data_config(&l->data, opened, e->given, e->where));
    }
    if (g->n == 1 && differs && !l->options.quiet)
        warn("%s: trained alone: %s %s", where, differs,
             fits ? "differs from the others'" : "goes with no fleet");
}

static void
train_group(const struct fleet_list *l, struct list *list, struct entry *first)
{
    size_t most = (size_t)l->options.backend->most_nets;
    struct group g = { .l = l, .member = xcalloc(most, sizeof *g.member),
                       .left = xcalloc(most, sizeof *g.left) };
    struct run **run = xcalloc(most, sizeof *run);

    gather(&g, list, first);
    for (int i = 0; i < g.n; i++)
        begin(&g, g.member[i]);
    for (int i = 0; i < g.nleft; i++)
        run[i] = &g.left[i]->run;
    if (g.nleft) {
        fleet_start(run, g.nleft);
        resume(&g);
        fleet_train(run, g.nleft, finish, &g);
    }
    free(run);
    stop_release();
    end(&g);
}

void
fleet_list_train(const struct fleet_list *l)
{
    struct list list = { .l = l };
    bool once = !l->data.source && !strcmp(l->data.stream, "-");
    int groups = 0;

    read_list(&list, l);
    for (int i = 0; i < list.n; i++) {
        if (list.at[i].taken)
            continue;
        if (groups++ && once)
            die(RC_DATA, "%s: more than one fleet, but standard input can be "
                "read once: name the stream's file, or --source", list_name(l));
        train_group(l, &list, &list.at[i]);
    }
    for (int i = 0; i < list.n; i++) {
        free(list.at[i].where);
        free(list.at[i].result);
        free(list.at[i].save);
        json_decref(list.at[i].given);
        json_decref(list.at[i].origins);
    }
    free(list.at);
}

/* gentask - the sequences of a task, as a tensor stream. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clash.h"
#include "base/cli.h"
#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/memfile.h"
#include "base/stop.h"
#include "task/entropy.h"
#include "task/write.h"

enum { MAX_BATCH = 1 << 20 };

struct args {
    const char *config, *split, *output, *vocabulary;
    char **files;
    long batch, count, first, pass, entropy;
    int json, text, dot, serve, list, markdown;
};

/* What the first word or --config names, known before the flags are read. */
struct subject {
    const struct task *task;     /* NULL: none named */
    json_t *object;
    json_t *differs[3];          /* settings that differ, by split, or NULL */
    long batch;                  /* 0: the config does not say */
};

static const char about[] =
    "The task's sequences as a tensor stream on stdout, ready for train.";

static const char details[] =
    "A sequence depends on the task's settings, its seed, the split, the pass "
    "and the sequence's number, on nothing else: --first goes on where a cut "
    "stream stopped.\n\n"
    "With --serve, request lines on stdin such as "
    "{\"split\":\"val\",\"first\":0,\"count\":5} are answered with that many "
    "batches each (docs/tasks.md).\n\n"
    "The corpus of the text task is found by --file, else in the environment "
    "variable UNROLL_CORPUS.";

static void
list(FILE *out, const char *indent)
{
    const struct task *const *t = task_list();

    for (; *t; t++)
        fprintf(out, "%s%-10s %s\n", indent, (*t)->name, (*t)->about);
}

/* The task object of a run's config, or the bare task object. */
static void
read_config(struct subject *u, const char *path)
{
    json_t *v = json_read_file(path), *task, *rows;
    const char *name;

    if (!json_is_object(v))
        die_at(path, 0, "not an object");
    task = json_object_get(v, "task");
    rows = json_object_get(v, "batch");
    u->object = json_deep_copy(task ? task : v);
    name = json_string_value(json_object_get(u->object, "name"));
    if (!name)
        die_at(path, 0, "no \"task\" with a \"name\" in it");
    u->task = task_find(name, path);
    for (int i = 0; task && i < 3; i++) {
        char key[16];

        snprintf(key, sizeof key, "%s_task", split_name((enum split)i));
        u->differs[i] = json_incref(json_object_get(v, key));
        if (u->differs[i] && !json_is_object(u->differs[i]))
            die_at(path, 0, "\"%s\" is not an object", key);
    }
    if (task && rows) {
        u->batch = (long)json_integer_value(rows);
        if (!json_is_integer(rows) || u->batch < 0 || u->batch > MAX_BATCH)
            die_at(path, 0, "\"batch\" is not a whole number in 0..%d",
                   MAX_BATCH);
    }
    json_decref(v);
}

static const char *
find_config(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
        if (strncmp(argv[i], "--config=", 9) == 0)
            return argv[i] + 9;
        if (strcmp(argv[i], "--config") == 0)
            return argv[i + 1];
    }
    return NULL;
}

static void
find_subject(struct subject *u, int argc, char **argv)
{
    const char *config = find_config(argc, argv);

    memset(u, 0, sizeof *u);
    if (config) {
        read_config(u, config);
    } else if (argc > 1 && argv[1][0] != '-') {
        u->task = task_find(argv[1], NULL);
        u->object = json_pack("{s:s}", "name", argv[1]);
    }
}

/* With a task its own flags and its one line; without, the list of tasks. */
static int
parse(struct args *a, const struct subject *u, int argc, char **argv,
      json_t **set)
{
    const struct opt opts[] = {
        OPT_STR(0, "config", "FILE", &a->config,
                "take task and batch from a run's config"),
        OPT_INT(0, "batch", "ROWS", &a->batch, 1, MAX_BATCH,
                "sequences in a batch"),
        OPT_INT('n', "count", "N", &a->count, 0, 4e9,
                "batches to write; -1: endless"),
        OPT_INT(0, "first", "N", &a->first, 0, 4e9, "number of the first"),
        OPT_STR(0, "split", "SPLIT", &a->split, "train, val or test"),
        OPT_INT(0, "pass", "N", &a->pass, 0, (1 << 30) - 1,
                "which fresh draw of the split"),
        OPT_FLAG(0, "json", &a->json, "a line of JSON a sequence"),
        OPT_FLAG(0, "text", &a->text, "plain text"),
        OPT_FLAG(0, "dot", &a->dot, "the machines of fsm, for Graphviz"),
        OPT_FLAG(0, "serve", &a->serve, "answer request lines from stdin"),
        OPT_LIST('f', "file", "PATH", &a->files,
                 "read a text (may be repeated), a grammar or a table"),
        OPT_STR(0, "vocabulary", "FILE", &a->vocabulary,
                "byte pairs of text --bpe; made if missing"),
        OPT_INT(0, "entropy", "K", &a->entropy, 0, ENTROPY_ORDERS - 1,
                "of a text instead: entropies given 0 .. K symbols before"),
        OPT_STR('o', "output", "FILE", &a->output,
                "write there; .gz is compressed"),
        OPT_FLAG(0, "list", &a->list, "list the tasks"),
        OPT_FLAG(0, "markdown", &a->markdown,
                 "print the task's settings as a table"),
        OPT_END,
    };
    struct memfile *page = memfile_open();
    FILE *out = memfile_stream(page);
    char *text;
    struct tool tool = {
        "gentask", "TASK", about, NULL,
        "gentask copy --len 1000 | head -1 | jq .", opts,
        u->task ? u->task->keys : NULL,
    };
    int i;

    if (u->task)
        fprintf(out, "%s: %s.\n", u->task->name, u->task->about);
    else
        list(out, "  ");
    fprintf(out, "\n%s", details);
    text = memfile_close(page, NULL);
    tool.details = text;
    i = cli_parse(&tool, argc, argv, u->task ? set : NULL);
    free(text);
    return i;
}

static void
check(const struct args *a, const struct subject *u, int operands)
{
    if (!u->task)
        die(RC_USAGE, "name a task first, as in 'gentask copy'; "
            "try 'gentask --list'");
    if (operands != !a->config)
        die(RC_USAGE, a->config ? "--config names the task already; "
            "try 'gentask --help'" : "one task at a time; "
            "try 'gentask --help'");
    if (a->json + a->text + a->dot > 1)
        die(RC_USAGE, "only one of --json, --text and --dot; "
            "try 'gentask --help'");
    if (a->files && !u->task->reads)
        die(RC_USAGE, "%s reads no --file; try 'gentask --help'",
            u->task->name);
    if (a->vocabulary && strcmp(u->task->name, "text"))
        die(RC_USAGE, "%s has no --vocabulary; try 'gentask --help'",
            u->task->name);
}

static void
print_entropies(const struct args *a, const struct source *s)
{
    json_t *all = text_entropies(s, (int)a->entropy);
    struct outfile *out = outfile_open(a->output);

    for (size_t i = 0; i < json_array_size(all); i++) {
        char *line = json_text(json_array_get(all, i), false);

        fprintf(outfile_stream(out), "%s\n", line);
        free(line);
    }
    outfile_commit(out);
    json_decref(all);
}

static void
run(const struct args *a, struct source *s)
{
    enum split split = split_find(a->split);
    int64_t count = source_count(s, split, a->first, a->count, NULL);
    struct writer *w;

    if (a->text && s->info.target == VALUE_VECTOR)
        die(RC_USAGE, "%s's targets are vectors: --json shows them",
            s->task->name);
    if (a->text && s->info.continues && !s->task->batches)
        s->info.batch = 1;        /* only the first row is shown */
    strcpy(s->info.split, split_name(split));
    s->info.count = count < 0 ? -1 : a->first + count;
    w = writer_open(a->output, a->json ? FORM_JSON : a->text ? FORM_TEXT
                    : a->dot ? FORM_DOT : FORM_TENSORS, s);
    if (a->serve)
        writer_serve(w);
    else
        writer_batches(w, split, (uint32_t)a->pass, a->first, a->count, NULL);
    writer_close(w);
}

/* The output is none of the inputs; settings whose names have a slash are
 * files. */
static void
check_files(const struct args *a, const json_t *task)
{
    static const char *const named[] = { "group", "image" };
    struct clash c = { .where = NULL };

    for (int i = 0; i < 2; i++) {
        const char *s = json_string_value(json_object_get(task, named[i]));

        if (s && strchr(s, '/'))
            clash_in(&c, named[i], s);
    }

    clash_in(&c, "--config", a->config);
    for (char **f = a->files; f && *f; f++)
        clash_in(&c, "--file", *f);
    clash_out(&c, "--vocabulary", a->vocabulary);
    clash_out(&c, "--output", a->output);
    clash_release(&c);
}

int
main(int argc, char **argv)
{
    struct args a = { .split = "train", .output = "-", .count = -1,
                      .batch = 64, .entropy = -1 };
    struct task_files files;
    struct subject u;
    json_t *set = NULL;
    struct source s;
    int i;

    stop_init();
    prog = "gentask";
    find_subject(&u, argc, argv);
    if (u.batch)
        a.batch = u.batch;
    i = parse(&a, &u, argc, argv, &set);
    if (a.list) {
        list(stdout, "");
        close_stdout();
        return RC_OK;
    }
    check(&a, &u, argc - i);
    if (a.markdown) {
        char *table = keys_markdown(u.task->keys);

        fputs(table, stdout);
        free(table);
        close_stdout();
        return RC_OK;
    }
    json_object_update(u.object, u.differs[split_find(a.split)]);
    json_object_update(u.object, set);
    check_files(&a, u.object);
    files = (struct task_files){ (const char *const *)a.files,
                                 a.vocabulary };
    source_open(&s, u.object, (int)a.batch, a.config, &files);
    if (a.entropy >= 0)
        print_entropies(&a, &s);
    else
        run(&a, &s);
    source_close(&s);
    json_decref(set);
    json_decref(u.object);
    for (i = 0; i < 3; i++)
        json_decref(u.differs[i]);
    return RC_OK;
}

/* genconfigs - a sweep's description in, one config a run out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clash.h"
#include "base/cli.h"
#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/name.h"
#include "base/stop.h"
#include "stats/records.h"
#include "train/sweep.h"

struct args {
    const char *merge, *dir, *out;
    int names;
    long seeds;
};

/* The ids of a list's configs, each of which must have one of its own. */
static json_t *
ids_of(const struct records *old)
{
    json_t *seen = json_object();

    for (long i = 0; i < old->n; i++) {
        const char *id = json_string_value(json_object_get(old->at[i].value,
                                                           "id"));

        if (!id)
            die_at(old->at[i].file, old->at[i].line, "a config without 'id'");
        if (json_object_get(seen, id))
            die_at(old->at[i].file, old->at[i].line, "config %.8s is there "
                   "twice", id);
        json_object_set_new(seen, id, json_true());
    }
    return seen;
}

static void
print_line(const json_t *v, FILE *out)
{
    char *text = json_text(v, true);

    fprintf(out, "%s\n", text);
    free(text);
}

/* What was in the list stays as it is; only new ids are added. */
static void
print_lines(const struct sweep *s, const struct args *a, FILE *out)
{
    struct records old = { 0 };
    json_t *seen;

    if (a->merge)
        records_read(&old, a->merge);
    seen = ids_of(&old);
    for (long i = 0; i < old.n; i++)
        print_line(old.at[i].value, out);
    for (int i = 0; i < s->n; i++) {
        const json_t *c = s->runs[i].config;

        if (!json_object_get(seen,
                             json_string_value(json_object_get(c, "id"))))
            print_line(c, out);
    }
    records_release(&old);
    json_decref(seen);
}

/* DIR/NAME.json, only if it is not there with these bytes: an unchanged file
 * keeps its time, and make reruns nothing. */
static void
write_config(const struct sweep_run *run, const char *dir)
{
    char *path = xasprintf("%s/%s.json", dir, run->name);
    char *pretty = json_pretty(run->config), *old = NULL;
    char *text = xasprintf("%s\n", pretty);
    struct stat st;
    size_t size = 0;

    if (!stat(path, &st) && S_ISREG(st.st_mode))
        old = file_read(path, (size_t)1 << 28, &size);
    if (!old || size != strlen(text) || memcmp(old, text, size)) {
        struct outfile *o = outfile_open(path);

        fputs(text, outfile_stream(o));
        outfile_commit(o);
    }
    free(path);
    free(pretty);
    free(text);
    free(old);
}

/* A value that can stand in make text and in commands as one word; NULL for
 * others, which no recipe sees. */
static char *
make_word(const json_t *v)
{
    const char *s = json_string_value(v);

    if (s ? !name_is_path(s) : !json_is_number(v) && !json_is_boolean(v))
        return NULL;
    return value_text(v);
}

/* Make text: the list of runs, and what varies, as NAME.key. */
static void
print_make(const struct sweep *s, FILE *out)
{
    for (int i = 0; i < s->n; i++) {
        const struct sweep_run *run = &s->runs[i];

        fprintf(out, "runs.%s += %s\n", s->name, run->name);
        for (int k = 0; k < s->nkeys; k++) {
            const json_t *v = json_at(run->given, s->keys[k]);
            char *word = v ? make_word(v) : NULL;

            if (word)
                fprintf(out, "%s.%s := %s\n", run->name, s->keys[k], word);
            free(word);
        }
    }
}

int
main(int argc, char **argv)
{
    struct args a = { .out = "-" };
    const struct opt opts[] = {
        OPT_STR('m', "merge", "LIST", &a.merge,
                "print the configs of LIST first, then those it lacks"),
        OPT_STR('d', "dir", "DIR", &a.dir,
                "write each config to DIR/NAME.json if it differs, and print "
                "the list of runs as make text"),
        OPT_INT('s', "seeds", "N", &a.seeds, 0, 1000000,
                "seeds a configuration; 0: as the description says"),
        OPT_FLAG('n', "names", &a.names, "print the runs' names"),
        OPT_STR('o', "output", "FILE", &a.out, "write here, whole or not"),
        OPT_END,
    };
    const struct tool tool = {
        .name = "genconfigs",
        .args = "[SPEC.json]",
        .about = "Expand a sweep's description into configs, a line each.",
        .details = "A run's name is the description's template filled in, "
                   "and the first eight digits of its id.",
        .example = "genconfigs configs/copy.json | jq -r .id",
        .opts = opts,
    };
    struct clash c = { .where = NULL };
    struct outfile *out;
    struct sweep s;
    int i;

    stop_init();
    i = cli_parse(&tool, argc, argv, NULL);
    if (argc - i > 1)
        die(RC_USAGE, "one description at a time; "
            "try 'genconfigs --help'");
    if (!!a.merge + !!a.dir + a.names > 1)
        die(RC_USAGE, "--merge, --dir and --names exclude each other; "
            "try 'genconfigs --help'");
    clash_in(&c, "the description", i < argc ? argv[i] : "-");
    clash_out(&c, "--output", a.out);     /* --merge may take its place */
    clash_release(&c);
    sweep_read(&s, i < argc ? argv[i] : "-", a.seeds);
    if (a.dir)
        make_folders(a.dir);
    for (int k = 0; a.dir && k < s.n; k++)
        write_config(&s.runs[k], a.dir);
    out = outfile_open(a.out);
    if (a.dir)
        print_make(&s, outfile_stream(out));
    for (int k = 0; a.names && k < s.n; k++)
        fprintf(outfile_stream(out), "%s\n", s.runs[k].name);
    if (!a.dir && !a.names)
        print_lines(&s, &a, outfile_stream(out));
    outfile_commit(out);
    sweep_release(&s);
    return RC_OK;
}

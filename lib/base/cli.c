/* cli.c - the command line: rows of the tables become argp's options. */
#include "base/cli.h"

#include <argp.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli_help.h"
#include "base/die.h"
#include "base/json.h"
#include "base/keys_text.h"
#include "base/near.h"

/* argp's numbers of options without a letter. */
enum {
    KEY_HELP = 'h', KEY_VERSION = 'V', KEY_USAGE = 1000, KEY_SET,
    KEY_OPTS = 2000, KEY_KEYS = 4000, KEY_NO = 6000, KEY_LAST = 8000,
};

struct parse {
    const struct tool *tool;
    json_t *set;
    struct argp_option *options;
    int n;
    const struct argp *argp;
};

_Noreturn static void
usage(const char *fmt, ...)
{
    va_list ap;
    char text[2048];

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    die(RC_USAGE, "%s; try '%s --help'", text, prog);
}

static void
add(struct parse *p, const char *name, int key, const char *arg, int flags)
{
    p->options = xrealloc(p->options, (size_t)p->n + 2, sizeof *p->options);
    memset(p->options + p->n, 0, 2 * sizeof *p->options);
    p->options[p->n++] = (struct argp_option){
        .name = name, .key = key, .arg = arg, .flags = flags, .doc = "",
    };
}

static int
opt_key(const struct tool *t, int i)
{
    return t->opts[i].letter ? t->opts[i].letter : KEY_OPTS + i;
}

static void
add_all(struct parse *p)
{
    const struct tool *t = p->tool;

    for (int i = 0; t->opts && t->opts[i].kind != CLI_END; i++)
        add(p, t->opts[i].name, opt_key(t, i),
            t->opts[i].kind == CLI_FLAG ? NULL
            : t->opts[i].arg ? t->opts[i].arg : "VALUE", 0);
    for (int i = 0; t->keys && t->keys[i].path; i++) {
        const struct key *k = &t->keys[i];
        char *flag = keys_flag(k->path) + 2;      /* kept: argp points at it */

        add(p, flag, KEY_KEYS + i, key_argument(k),
            k->type == KEY_BOOL ? OPTION_ARG_OPTIONAL : 0);
        if (k->type == KEY_BOOL)
            add(p, xasprintf("no-%s", flag), KEY_NO + i, NULL, OPTION_HIDDEN);
    }
    if (t->keys)
        add(p, "set", KEY_SET, "KEY=VALUE", 0);
    add(p, "help", KEY_HELP, NULL, 0);
    add(p, "usage", KEY_USAGE, NULL, 0);
    add(p, "version", KEY_VERSION, NULL, 0);
}

static void
set_number(const struct opt *o, const char *text)
{
    bool whole = o->kind == CLI_INT;
    char lo[40], hi[40];
    double x;

    if (!number_parse(text, &x) || x < o->lo || x > o->hi ||
        (whole && x != floor(x))) {
        json_format_number(o->lo, lo);
        json_format_number(o->hi, hi);
        usage("--%s: '%s' is not a %snumber in %s..%s", o->name, text,
              whole ? "whole " : "", lo, hi);
    }
    if (whole)
        *(long *)o->where = (long)x;
    else
        *(double *)o->where = x;
}

static void
add_to_list(char ***list, const char *text)
{
    size_t n = 0;

    while (*list && (*list)[n])
        n++;
    *list = xrealloc(*list, n + 2, sizeof **list);
    (*list)[n] = xstrdup(text);
    (*list)[n + 1] = NULL;
}

static void
set_option(const struct opt *o, char *text)
{
    switch (o->kind) {
    case CLI_FLAG:
        *(int *)o->where = 1;
        break;
    case CLI_INT:
    case CLI_REAL:
        set_number(o, text);
        break;
    case CLI_STR:
        *(const char **)o->where = text;
        break;
    case CLI_LIST:
        add_to_list(o->where, text);
        break;
    case CLI_END:
        break;
    }
}

/* JSON if it is JSON, else the text itself. */
static json_t *
loose_value(const char *text)
{
    char *trouble;
    long line;
    json_t *v = json_try_text(text, strlen(text), &trouble, &line);

    free(trouble);
    if (!v)
        v = json_string(text);
    if (!v)
        usage("--set: '%s' is not UTF-8", text);
    return v;
}

/* A key whose row is an object, on the way to `path`. */
static bool
inside_object(const struct key *table, const char *path)
{
    for (; table->path; table++) {
        size_t n = strlen(table->path);

        if (table->type == KEY_OBJECT &&
            strncmp(table->path, path, n) == 0 && path[n] == '.')
            return true;
    }
    return false;
}

static void
set_key_value(struct parse *p, const char *text)
{
    const char *eq = strchr(text, '=');
    char *path = eq ? xasprintf("%.*s", (int)(eq - text), text) : NULL;
    const struct key *k;
    json_t *v;

    if (!path || !*path || *path == '.' || eq[-1] == '.' ||
        strstr(path, ".."))
        usage("--set: '%s' is not KEY=VALUE", text);
    for (const char *s = path; *s; s++)
        if (!isgraph((unsigned char)*s))
            usage("--set: the key of '%s' is not plain text", text);
    k = keys_find(p->tool->keys, path);
    if (!k && !inside_object(p->tool->keys, path))
        usage("--set: unknown key '%s'%s", path,
              keys_near(p->tool->keys, path));
    v = loose_value(eq + 1);
    if (k && !keys_accepts(k, v) && (k->type == KEY_TEXT ||
                                     k->type == KEY_CHOICE)) {
        json_decref(v);               /* --set name=5: five is text here */
        v = json_string(eq + 1);
    }
    if (k && !keys_accepts(k, v))
        usage("--set: %s: '%s' is not %s", path, eq + 1, keys_wanted(k));
    json_set_at(p->set, path, v);
    free(path);
}

static void
set_key(struct parse *p, const struct key *k, const char *text)
{
    json_set_at(p->set, k->path, keys_parse(k, text ? text : "true"));
}

static error_t
take(int key, char *arg, struct argp_state *state)
{
    struct parse *p = state->input;
    const struct tool *t = p->tool;

    if (key == KEY_HELP) {
        cli_help(t, stdout);
    } else if (key == KEY_USAGE) {
        argp_help(p->argp, stdout, ARGP_HELP_USAGE, (char *)prog);
    } else if (key == KEY_VERSION) {
        cli_version(t, stdout);
    } else if (key == KEY_SET) {
        set_key_value(p, arg);
        return 0;
    } else if (key >= KEY_NO && key < KEY_LAST) {
        set_key(p, &t->keys[key - KEY_NO], "false");
        return 0;
    } else if (key >= KEY_KEYS && key < KEY_NO) {
        set_key(p, &t->keys[key - KEY_KEYS], arg);
        return 0;
    } else {
        for (int i = 0; t->opts && t->opts[i].kind != CLI_END; i++) {
            if (opt_key(t, i) == key) {
                set_option(&t->opts[i], arg);
                return 0;
            }
        }
        return ARGP_ERR_UNKNOWN;
    }
    close_stdout();
    leave(RC_OK);
}

static bool
takes_value(const struct argp_option *o)
{
    return o->arg && !(o->flags & OPTION_ARG_OPTIONAL);
}

static _Noreturn void
unknown_option(const struct parse *p, const char *name)
{
    const char **names = xcalloc((size_t)p->n, sizeof *names), *near;
    const char *ours = NULL;

    for (int i = 0; i < p->n; i++)
        names[i] = p->options[i].name;
    ours = field_word(name, names, p->n);
    if (ours)
        usage("unknown option '--%s': here it is '--%s'", name, ours);
    near = near_names(name, names, p->n);
    if (*near)
        usage("unknown option '--%s' (did you mean %s?)", name, near);
    usage("unknown option '--%s'", name);
}

/* The long option that `name` is, or is short for. */
static const struct argp_option *
match_long(const struct parse *p, const char *name)
{
    const struct argp_option *found = NULL, *other = NULL;

    for (int i = 0; i < p->n; i++) {
        const struct argp_option *o = &p->options[i];

        if (strcmp(o->name, name) == 0)
            return o;
        if (strncmp(o->name, name, strlen(name)))
            continue;
        other = found;
        found = o;
    }
    if (!found)
        unknown_option(p, name);
    if (other)
        usage("option '--%s' could be '--%s' or '--%s'", name, other->name,
              found->name);
    return found;
}

/* One word "-abc"; returns true if the last letter takes the next word. */
static bool
check_letters(const struct parse *p, const char *s)
{
    for (; *s; s++) {
        int i = 0;

        while (i < p->n && p->options[i].key != *s)
            i++;
        if (i == p->n)
            usage("unknown option '-%c'", *s);
        if (takes_value(&p->options[i]))
            return !s[1];
    }
    return false;
}

/* argp said no, but not why: go through the words as it does. */
static _Noreturn void
explain(const struct parse *p, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++) {
        const char *word = argv[i], *eq;
        const struct argp_option *o;
        bool next;

        if (word[0] != '-' || !word[1])
            continue;
        if (word[1] == '-') {
            eq = strchr(word, '=');
            o = match_long(p, eq ? xasprintf("%.*s", (int)(eq - word) - 2,
                                           word + 2) : word + 2);
            if (eq && !o->arg)
                usage("option '--%s' takes no value", o->name);
            next = takes_value(o) && !eq;
        } else {
            next = check_letters(p, word + 1);
        }
        if (next && ++i == argc)
            usage("option '%s' needs a value", word);
    }
    usage("bad command line");
}

/* Rows below an object ("task.seed") when the object came as a whole. */
static void
check_inside(const struct parse *p)
{
    for (const struct key *k = p->tool->keys; k && k->path; k++) {
        const json_t *v = json_at(p->set, k->path);

        if (v && !keys_accepts(k, v))
            usage("%s: %s is not %s", k->path, json_text(v, false),
                  keys_wanted(k));
    }
}

int
cli_parse(const struct tool *t, int argc, char **argv, json_t **set)
{
    struct parse p = { .tool = t, .set = json_object() };
    struct argp argp = { .parser = take, .args_doc = t->args };
    const char *slash = argc > 0 ? strrchr(argv[0], '/') : NULL;
    int first = argc, rc;
    char **words = xcalloc((size_t)argc + 1, sizeof *words);

    if (argc > 0)
        prog = slash ? slash + 1 : argv[0];
    add_all(&p);
    argp.options = p.options;
    p.argp = &argp;
    memcpy(words, argv, (size_t)argc * sizeof *words);
    rc = argp_parse(&argp, argc, argv,
                    ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, &first, &p);
    if (rc == ENOMEM)
        die(RC_DATA, "out of memory for the command line");
    if (rc)
        explain(&p, argc, words);
    check_inside(&p);
    if (first < argc && !*t->args)
        usage("unexpected word '%s'", argv[first]);
    free(words);
    if (set)
        *set = p.set;
    else
        json_decref(p.set);
    return first;      /* argp keeps pointing at p.options' names, not them */
}

/* cli_help.c - usage text from the same rows that parse the options. */
#include "base/cli_help.h"

#include <stdlib.h>
#include <string.h>

#include "base/build.h"
#include "base/die.h"
#include "base/json.h"
#include "base/keys_text.h"

enum { COLUMN = 29, WIDTH = 79 };

static const char statuses[] =
    "exit status:\n"
    "  0 done; 1 bad input, or reading or writing failed; 2 wrong usage;\n"
    "  3 no such device or instruction set; 128 + n stopped by signal n";

const char *
key_argument(const struct key *k)
{
    if (k->arg)
        return k->arg;
    switch (k->type) {
    case KEY_INT:
        return "N";
    case KEY_REAL:
        return "X";
    case KEY_BOOL:
        return "true|false";
    case KEY_TEXT:
        return "TEXT";
    case KEY_CHOICE:
        return "NAME";
    case KEY_OBJECT:
        return "JSON";
    }
    return "VALUE";
}

/* Words of `text` from column `at`, indented by `indent` after a break. */
static void
print_words(FILE *out, const char *text, int at, int indent)
{
    int start = at;

    while (*text) {
        int n = (int)strcspn(text, " \n");

        if (at > start || start != indent || at > indent) {
            if (at + 1 + n > WIDTH) {
                fprintf(out, "\n%*s", indent, "");
                at = indent;
            } else if (at > indent) {
                putc(' ', out);
                at++;
            }
        }
        fprintf(out, "%.*s", n, text);
        at += n;
        text += n;
        text += strspn(text, " \n");
    }
    putc('\n', out);
}

/* Paragraphs, kept apart by an empty line; a line that starts with a blank
 * stands as it is. */
static void
print_paragraphs(FILE *out, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t n = end ? (size_t)(end - text) : strlen(text);
        char *part = strndup(text, n);

        while (n && part[n - 1] == '\n')
            part[--n] = 0;
        if (*part == ' ' || strstr(part, "\n "))
            fprintf(out, "%s\n", part);
        else
            print_words(out, part, 0, 0);
        free(part);
        text = end ? end + 2 : text + strlen(text);
        if (*text)
            putc('\n', out);
    }
}

static void
print_row(FILE *out, char letter, const char *name, const char *arg,
          const char *help, bool optional)
{
    char short_form[8] = "    ", *left;
    int at;

    if (letter)
        sprintf(short_form, "-%c, ", letter);
    left = arg ? xasprintf("  %s--%s%s%s%s", short_form, name,
                           optional ? "[=" : " ", arg, optional ? "]" : "")
               : xasprintf("  %s--%s", short_form, name);
    at = (int)strlen(left);
    fputs(left, out);
    if (at > COLUMN - 2) {
        putc('\n', out);
        at = 0;
    }
    fprintf(out, "%*s", COLUMN - at, "");
    print_words(out, help, COLUMN, COLUMN);
    free(left);
}

static void
print_option(FILE *out, const struct opt *o)
{
    char num[40] = "", *help = NULL;
    const char *s;

    switch (o->kind) {
    case CLI_INT:
        json_format_number((double)*(const long *)o->where, num);
        help = xasprintf("%s [%s]", o->help, num);
        break;
    case CLI_REAL:
        json_format_number(*(const double *)o->where, num);
        help = xasprintf("%s [%s]", o->help, num);
        break;
    case CLI_STR:
        s = *(const char *const *)o->where;
        help = s && *s ? xasprintf("%s [%s]", o->help, s) : NULL;
        break;
    default:
        break;
    }
    print_row(out, o->letter, o->name,
              o->kind == CLI_FLAG ? NULL : o->arg ? o->arg : "VALUE",
              help ? help : o->help, false);
    free(help);
}

/* The default as it would be typed: text without its quotes. */
static char *
default_text(const struct key *k)
{
    json_t *v = json_read_text(k->dflt, strlen(k->dflt), k->path, 0);
    char *s = json_is_string(v) ? xstrdup(json_string_value(v))
                                : json_text(v, false);

    json_decref(v);
    return s;
}

static void
print_key(FILE *out, const struct key *k)
{
    char *flag = keys_flag(k->path), *dflt = default_text(k), *help;
    char *wanted = k->type == KEY_CHOICE ? keys_wanted(k) : xstrdup("");

    help = xasprintf("%s%s%s%s%s%s", k->help, *wanted ? ": " : "", wanted,
                     *dflt ? " [" : "", dflt, *dflt ? "]" : "");
    print_row(out, 0, flag + 2, key_argument(k), help, k->type == KEY_BOOL);
    free(help);
    free(wanted);
    free(flag);
    free(dflt);
}

static void
print_example(FILE *out, const char *text)
{
    fputs("\nexample:\n", out);
    while (*text) {
        size_t n = strcspn(text, "\n");

        if (n)
            fprintf(out, "  %.*s", (int)n, text);
        putc('\n', out);
        text += n;
        text += *text == '\n';
    }
}

void
cli_help(const struct tool *t, FILE *out)
{
    fprintf(out, "usage: %s [options]%s%s\n", prog, *t->args ? " " : "",
            t->args);
    print_paragraphs(out, t->about);
    fputs("\noptions:\n", out);
    for (const struct opt *o = t->opts; o && o->kind != CLI_END; o++)
        print_option(out, o);
    if (t->keys)
        print_row(out, 0, "set", "KEY=VALUE",
                  "give any setting by its key; VALUE is JSON or text", false);
    print_row(out, 'h', "help", NULL, "print this and exit", false);
    print_row(out, 0, "usage", NULL, "print a short usage and exit", false);
    print_row(out, 'V', "version", NULL, "print the version and exit", false);
    if (t->keys && t->keys->path)
        fputs("\nsettings (each is a key of the config too):\n", out);
    for (const struct key *k = t->keys; k && k->path; k++)
        print_key(out, k);
    if (t->details && *t->details) {
        putc('\n', out);
        print_paragraphs(out, t->details);
    }
    fprintf(out, "\n%s\n", statuses);
    if (t->example && *t->example)
        print_example(out, t->example);
}

void
cli_version(const struct tool *t, FILE *out)
{
    fprintf(out, "%s 0.1 (%s)\n", t->name, build_version);
    fprintf(out, "compiler: %s\n", build_compiler);
    fprintf(out, "flags: %s\n", build_flags);
    fprintf(out, "instruction sets: %s\n", build_isas);
}

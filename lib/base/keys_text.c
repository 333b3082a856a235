/* keys_text.c - settings as people write them: flags and documentation. */
#include "base/keys_text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/json.h"

/* strtod takes hexadecimal, nan and leading blanks as well. */
bool
number_parse(const char *text, double *x)
{
    char *end;

    if (!*text || strspn(text, "+-.0123456789eE") != strlen(text) ||
        strchr("eE", *text))
        return false;
    *x = strtod(text, &end);
    if (json_vanishes(text, strlen(text)))
        return false;
    return !*end && isfinite(*x);
}

char *
keys_flag(const char *path)
{
    char *flag = xasprintf("--%s", path);

    for (char *s = flag; *s; s++)
        if (*s == '_' || *s == '.')
            *s = '-';
    return flag;
}

static json_t *
object_of(const struct key *k, const char *text)
{
    char *trouble;
    long line;
    json_t *v = json_try_text(text, strlen(text), &trouble, &line);

    if (!v)
        die(RC_USAGE, "%s: %s; try '%s --help'", keys_flag(k->path), trouble,
            prog);
    return v;
}

static json_t *
value_of(const struct key *k, const char *text)
{
    double x;

    switch (k->type) {
    case KEY_INT:
        if (number_parse(text, &x) && x == floor(x) && fabs(x) < 0x1p+53)
            return json_integer((json_int_t)x);
        break;
    case KEY_REAL:
        if (number_parse(text, &x))
            return json_real(x);
        break;
    case KEY_BOOL:
        if (strcmp(text, "true") == 0)
            return json_true();
        if (strcmp(text, "false") == 0)
            return json_false();
        break;
    case KEY_TEXT:
    case KEY_CHOICE:
        return json_string(text);      /* NULL if it is no UTF-8 */
    case KEY_OBJECT:
        return object_of(k, text);
    }
    return NULL;
}

json_t *
keys_parse(const struct key *k, const char *text)
{
    json_t *v = value_of(k, text);

    if (!v || !keys_accepts(k, v))
        die(RC_USAGE, "%s: '%s' is not %s; try '%s --help'",
            keys_flag(k->path), text, keys_wanted(k), prog);
    return v;
}

/* s followed by text with the table's own marks taken out. */
static char *
append_cell(char *s, const char *text)
{
    size_t n = strlen(s);

    s = xrealloc(s, n + 2 * strlen(text) + 4, 1);
    for (char *p = s + n; (*p = *text); p++, text++) {
        if (*text == '|') {
            *p++ = '\\';
            *p = '|';
        }
    }
    return s;
}

char *
keys_markdown(const struct key *table)
{
    char *s = xstrdup("| key | type | default | meaning |\n"
                      "|---|---|---|---|\n");

    for (; table->path; table++) {
        char *wanted = keys_wanted(table);
        const char *cells[] = { "| `", table->path, "` | ", wanted, " | `",
                                table->dflt, "` | ", table->help, " |\n" };

        for (int i = 0; i < 9; i++) {
            if (i % 2 == 0) {
                s = xrealloc(s, strlen(s) + strlen(cells[i]) + 1, 1);
                strcat(s, cells[i]);
            } else {
                s = append_cell(s, cells[i]);
            }
        }
        free(wanted);
    }
    return s;
}

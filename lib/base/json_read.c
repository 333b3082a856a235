/* json_read.c - JSON text checked before and while jansson reads it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limit.h"
#include "base/magic.h"

enum { LONGEST_NUMBER = 400 };

#define EXACT 9007199254740992.0      /* 2^53 */

/* A walk over the text for what jansson does not tell: whole numbers beyond
 * 2^53 and keys that are not ASCII.  Anything malformed is left to jansson. */
struct scan {
    const char *s, *end;
    long line;
    long keys;           /* walked over */
    char *trouble;       /* the first thing refused, or NULL */
    const char *from;    /* what is not yet in the copy starts here */
    char *copy;          /* the text handed on, if it is not the same */
    size_t n;
};

/* Hand on what was walked over, and `more`. */
static void
hand_on(struct scan *c, const char *more)
{
    size_t k = (size_t)(c->s - c->from), m = strlen(more);

    c->copy = xrealloc(c->copy, c->n + k + m, 1);
    memcpy(c->copy + c->n, c->from, k);
    memcpy(c->copy + c->n + k, more, m);
    c->n += k + m;
    c->from = c->s;
}

static bool
is_ascii_key(const char *s, const char *end)
{
    for (; s < end; s++) {
        if ((unsigned char)*s >= 0x80)
            return false;
        if (*s == '\\' && ++s < end && *s == 'u' && end - s > 4) {
            char hex[5] = { s[1], s[2], s[3], s[4], 0 };

            if (strtol(hex, NULL, 16) >= 0x80)
                return false;
        }
    }
    return true;
}

static void
scan_string(struct scan *c)
{
    const char *start = c->s++, *after;

    while (c->s < c->end && *c->s != '"' && *c->s != '\n')
        c->s += *c->s == '\\' && c->s + 1 < c->end ? 2 : 1;
    if (c->s < c->end && *c->s == '"')
        c->s++;
    after = c->s;
    while (after < c->end && memchr(" \t\r\n", *after, 4))
        after++;
    if (after == c->end || *after != ':')
        return;
    if (++c->keys > LIMIT_KEYS)
        c->trouble = xasprintf("more than %d keys", LIMIT_KEYS);
    else if (!is_ascii_key(start, c->s))
        c->trouble = xasprintf("the key %.*s is not plain ASCII",
                               (int)(c->s - start < 60 ? c->s - start : 60),
                               start);
}

bool
json_vanishes(const char *text, size_t n)
{
    size_t digits = 0;
    bool any = false, gone;
    char *copy;

    for (; digits < n && text[digits] != 'e' && text[digits] != 'E'; digits++)
        any = any || (text[digits] >= '1' && text[digits] <= '9');
    /* Most numbers are neither as long nor have an exponent like e-300. */
    if (!any || (n < 300 && n - digits < 5))
        return false;
    copy = xasprintf("%.*s", (int)n, text);
    gone = strtod(copy, NULL) == 0;
    free(copy);
    return gone;
}

/* A long whole number is read if it is the canonical form of a double (a sum
 * that grew beyond 2^53 is written so); any other would be rounded silently,
 * and is refused. */
static void
scan_number(struct scan *c)
{
    const char *start = c->s;
    char digits[LONGEST_NUMBER + 1], canonical[40];
    size_t n;
    bool whole = true;

    for (; c->s < c->end; c->s++) {
        if (*c->s == '.' || *c->s == 'e' || *c->s == 'E')
            whole = false;
        else if ((*c->s < '0' || *c->s > '9') && *c->s != '-' && *c->s != '+')
            break;
    }
    n = (size_t)(c->s - start);
    if (!whole && json_vanishes(start, n))
        c->trouble = xasprintf("the number %.*s is too small: it would be 0; "
                               "write 0, or 4.941e-324 or more",
                               n < 40 ? (int)n : 40, start);
    if (!whole || n < 16)
        return;
    if (n <= LONGEST_NUMBER) {
        memcpy(digits, start, n);
        digits[n] = 0;
        if (fabs(strtod(digits, NULL)) < EXACT)
            return;
        json_format_number(strtod(digits, NULL), canonical);
        if (strcmp(canonical, digits) == 0) {
            hand_on(c, ".0");
            return;
        }
    }
    c->trouble = xasprintf("the whole number %.*s%s is beyond 2^53 and would "
                           "lose digits", n < 40 ? (int)n : 40, start,
                           n < 40 ? "" : "...");
}

static void
scan_text(struct scan *c)
{
    while (c->s < c->end && !c->trouble) {
        if (*c->s == '"') {
            scan_string(c);
        } else if (*c->s == '-' || (*c->s >= '0' && *c->s <= '9')) {
            scan_number(c);
        } else {
            c->line += *c->s == '\n';
            c->s++;
        }
    }
}

/* jansson says "unexpected token near '}'"; most of its messages stand. */
static char *
reword(const char *t)
{
    static const char odd[] = "unexpected token near ";
    static const char twice[] = "duplicate object key near ";
    static const char deep[] = "maximum parsing depth reached";

    if (strncmp(t, odd, sizeof odd - 1) == 0)
        return xasprintf("not JSON: unexpected %s", t + sizeof odd - 1);
    if (strncmp(t, twice, sizeof twice - 1) == 0) {
        t += sizeof twice + 1;               /* it ends in '"lr"' */
        return xasprintf("the key '%.*s' appears twice", (int)strlen(t) - 2,
                         t);
    }
    if (strncmp(t, deep, sizeof deep - 1) == 0)
        return xasprintf("nested deeper than %d levels",
                         JSON_PARSER_MAX_DEPTH);
    return xasprintf("not JSON: %s", t);
}

json_t *
json_try_text(const char *text, size_t n, char **trouble, long *line)
{
    struct scan c = { .s = text, .end = text + n, .from = text, .line = 1 };
    json_error_t e;
    json_t *v = NULL;
    size_t blank = 0;

    *trouble = NULL;
    while (blank < n && memchr(" \t\r\n", text[blank], 4))
        blank++;
    if (blank == n) {
        *trouble = xstrdup("empty, where JSON was expected");
        *line = 0;
        return NULL;
    }
    scan_text(&c);
    *line = c.line;
    *trouble = c.trouble;
    if (!c.trouble) {
        if (c.copy)
            hand_on(&c, "");
        v = json_loadb(c.copy ? c.copy : text, c.copy ? c.n : n,
                       JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
        if (!v) {
            *trouble = reword(e.text);
            *line = e.line > 0 ? e.line : 0;
        }
    }
    free(c.copy);
    return v;
}

json_t *
json_read_text(const char *text, size_t n, const char *file, long line)
{
    char *trouble;
    long at;
    json_t *v = json_try_text(text, n, &trouble, &at);

    if (!v)
        die_at(file, line > 0 && at > 0 ? line + at - 1 : 0, "%s", trouble);
    return v;
}

json_t *
json_read_file(const char *path)
{
    const char *name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    size_t n;
    char *text = file_read(path, LIMIT_JSON, &n);
    json_t *v;

    magic_need_text(name, text, n);
    v = json_read_text(text, n, name, 1);
    free(text);
    return v;
}
